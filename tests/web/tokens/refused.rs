//! What is refused, and what stays of it.

use std::time::Duration;

use counterfoil_domain::form::{FormCookie, FormPlace};
use counterfoil_domain::session::CookieSecret;
use counterfoil_testkit::{GivenToken, UserActor, Visitor, World, WorldOptions};
use http::Method;
use serde_json::json;

use super::{
    DAY, LIST, NEW, Says as _, accepts, confirm, is_ticked, make, offers, path_of, rows_of,
    scopes_of, signed_in, token_in, typed_in,
};

/// Fields that make a form one of ours for this path.
fn own_form(world: &World, visitor: &Visitor<'_>, action: &str) -> [(&'static str, String); 2] {
    let secret = visitor.cookie("session").expect("somebody is signed in");
    let secret = CookieSecret::parse(&secret).expect("a secret");
    let once = world.authority.once_value();
    let token = world.authority.form_token(&FormPlace {
        cookie: FormCookie::Session(secret.digest()),
        action,
        once: Some(once),
    });
    [("csrf", token), ("once", once.to_text())]
}

/// A token by which an administrator acts as a user; its id.
async fn impersonate(world: &World, admin: &UserActor<'_>, login: &str) -> i64 {
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(admin, given).await;
    let actor = world.anonymous().with_token(issued.token.expose());
    let path = format!("/admin/users/{login}/authorizations");
    let made = actor.post(&path, json!({ "scopes": ["repo"] })).await;
    made.assert_status(201).id()
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_form_is_said_and_what_was_typed_stays() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    token_in(&make(&visitor, "laptop", &[], "30").await);
    let long = "a".repeat(256);
    let wrong = [
        ("", "30", "", "Enter a name for the token"),
        ("  ", "30", "", "Enter a name for the token"),
        (&long, "30", "", "Enter a name of at most 255 characters"),
        (
            "a\u{202e}b",
            "30",
            "",
            "Enter a name without control characters",
        ),
        (
            "laptop",
            "30",
            "",
            "A live token has this name. Choose another, or regenerate that one",
        ),
        ("other", "date", "", "Choose a date from tomorrow to"),
        (
            "other",
            "date",
            "2001-01-01",
            "Choose a date from tomorrow to",
        ),
        (
            "other",
            "date",
            "tomorrow",
            "Choose a date from tomorrow to",
        ),
        ("other", "31", "", "Choose when the token expires"),
        ("other", "", "", "Choose when the token expires"),
    ];
    for (name, expires, day, said) in wrong {
        let form = visitor.get(NEW).await;
        let typed = [
            ("name", name),
            ("expires", expires),
            ("last-day", day),
            ("scope", "read:org"),
        ];
        let refused = visitor.submit(&form, NEW, &typed).await;
        refused.assert_status(422);
        refused.says("<title>Error: ");
        refused.says("There is a problem");
        // In the summary and beside the field.
        assert_eq!(
            refused.text().matches(said).count(),
            2,
            "{said}: {}",
            refused.text()
        );
        assert_eq!(typed_in(&refused, "name"), name);
        assert_eq!(typed_in(&refused, "last-day"), day);
        assert!(is_ticked(&refused, "read:org"), "{said}");
    }
}

#[tokio::test]
async fn a_form_that_was_refused_comes_again_and_may_be_sent() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    token_in(&make(&visitor, "laptop", &[], "30").await);
    let refused = make(&visitor, "", &[], "30").await;
    let typed = [("name", "phone"), ("expires", "30")];
    token_in(&visitor.submit(&refused, NEW, &typed).await);
    let path = path_of(&visitor, "laptop").await;
    let page = visitor.get(&path).await;
    let typed = [("name", "phone"), ("scope", "gist")];
    let refused = visitor.submit(&page, &path, &typed).await;
    refused.assert_status(422);
    refused.says("A live token has this name.");
    assert!(is_ticked(&refused, "gist"));
    let regenerate = format!("{path}/regenerate");
    let page = visitor.get(&regenerate).await;
    let refused = visitor.submit(&page, &regenerate, &[("expires", "")]).await;
    refused.assert_status(422);
    refused.says("Choose when the token expires");
    assert_eq!(rows_of(&visitor.get(LIST).await), 2);
}

#[tokio::test]
async fn an_expiry_keeps_within_what_the_settings_allow() {
    let mut options = WorldOptions::for_browsers();
    options.settings.token_life.maximum = Some(DAY * 30);
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let form = visitor.get(NEW).await;
    for (value, is_offered) in [("7", true), ("30", true), ("60", false), ("none", false)] {
        assert_eq!(offers(&form, "expires", value), is_offered, "{value}");
    }
    for expires in ["60", "none"] {
        make(&visitor, "laptop", &[], expires)
            .await
            .assert_status(422);
    }
    token_in(&make(&visitor, "laptop", &[], "30").await);
}

#[tokio::test]
async fn nobody_reaches_a_token_that_is_not_their_own_personal_one() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let bert = world.user("bert").await;
    let admin = world.administrator("admin").await;
    let app = world.app(&mona, "Deployer").await;
    let of_app = mona
        .app_token(&app, &["repo"])
        .await
        .assert_status(201)
        .id();
    let of_bert = bert
        .personal_token("laptop", &[])
        .await
        .assert_status(201)
        .id();
    let made_for = impersonate(&world, &admin, "mona").await;
    let visitor = signed_in(&world, &mona).await;
    let ids = [of_app, of_bert, made_for].map(|id| id.to_string());
    let none = ["0", "-1", "01", "x", "99999999999999999999"].map(str::to_owned);
    for id in ids.into_iter().chain(none) {
        for more in ["", "/regenerate", "/delete"] {
            let path = format!("{LIST}/{id}{more}");
            visitor.get(&path).await.assert_status(404);
            // Also with what makes it a form of ours.
            let own = own_form(&world, &visitor, &path);
            let own = own.iter().map(|(name, value)| (*name, value.as_str()));
            let typed = [("name", "taken"), ("expires", "30")];
            let fields: Vec<_> = own.chain(typed).collect();
            visitor.post(&path, &fields).await.assert_status(404);
        }
    }
    let changed = "SELECT id FROM authorizations WHERE ended_at IS NOT NULL OR note = 'taken'";
    assert_eq!(world.database().rows(changed).len(), 0);
    // It is listed with who made it, and cannot be opened.
    let list = visitor.get(LIST).await;
    list.says("Made by admin to act as you");
    list.says_not(&format!("{LIST}/{made_for}"));
    list.says_not("Delete all tokens…");
    assert_eq!(rows_of(&list), 1);
}

#[tokio::test]
async fn scopes_for_administrators_want_an_administrator_and_a_proof_of_five_minutes() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let form = visitor.get(NEW).await;
    assert!(!offers(&form, "scope", "site_admin"));
    assert!(offers(&form, "scope", "read:audit_log"));
    let refused = make(&visitor, "laptop", &["site_admin"], "30").await;
    refused.assert_status(422);
    refused.says("Leave out what only a site administrator's token may have: site_admin");
    let admin = world.administrator("admin").await;
    let visitor = signed_in(&world, &admin).await;
    let token = token_in(&make(&visitor, "at once", &["site_admin"], "7").await);
    assert_eq!(scopes_of(&world, &token).await, "site_admin");
    world.advance(Duration::from_mins(6));
    // Without such scopes a quarter of an hour is good enough.
    token_in(&make(&visitor, "ordinary", &["gist"], "7").await);
    let asked = make(&visitor, "later", &["site_admin"], "7").await;
    asked.says("Confirm that it is you");
    let made = confirm(&visitor, &asked, &admin).await;
    assert_eq!(scopes_of(&world, &token_in(&made)).await, "site_admin");
    // The same for one that gets them later.
    world.advance(Duration::from_mins(6));
    let path = path_of(&visitor, "ordinary").await;
    let page = visitor.get(&path).await;
    let typed = [
        ("name", "ordinary"),
        ("scope", "gist"),
        ("scope", "site_admin"),
    ];
    let asked = visitor.submit(&page, &path, &typed).await;
    asked.says("Confirm that it is you");
    let done = confirm(&visitor, &asked, &admin).await;
    done.assert_status(303);
    // A name alone needs no such proof.
    world.advance(Duration::from_mins(6));
    let page = visitor.get(&path).await;
    assert!(is_ticked(&page, "site_admin"));
    let typed = [
        ("name", "renamed"),
        ("scope", "gist"),
        ("scope", "site_admin"),
    ];
    visitor
        .submit(&page, &path, &typed)
        .await
        .assert_status(303);
}

#[tokio::test]
async fn a_user_makes_no_more_tokens_on_pages_than_the_settings_allow() {
    let mut options = WorldOptions::for_browsers();
    options.settings.token_limits.on_pages_per_hour = 2;
    options.settings.token_limits.live_per_user = 3;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let bert = world.user("bert").await;
    let visitor = signed_in(&world, &mona).await;
    for name in ["one", "two"] {
        token_in(&make(&visitor, name, &[], "30").await);
    }
    let refused = make(&visitor, "three", &[], "30").await;
    refused.assert_status(422);
    refused.says("You made 2 tokens on pages within an hour, the most allowed.");
    assert_eq!(typed_in(&refused, "name"), "three");
    let regenerate = format!("{}/regenerate", path_of(&visitor, "one").await);
    let page = visitor.get(&regenerate).await;
    let refused = visitor
        .submit(&page, &regenerate, &[("expires", "30")])
        .await;
    refused.assert_status(422);
    refused.says("within an hour");
    // Nobody else is kept from anything.
    let other = signed_in(&world, &bert).await;
    token_in(&make(&other, "one", &[], "30").await);
    world.advance(Duration::from_hours(1));
    let visitor = signed_in(&world, &mona).await;
    token_in(&make(&visitor, "three", &[], "30").await);
    let refused = make(&visitor, "four", &[], "30").await;
    refused.assert_status(422);
    refused.says("You have 3 live tokens, the most allowed. Delete some");
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_there_and_back() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let made = mona.personal_token("laptop", &[]).await;
    let id = made.assert_status(201).id();
    let stranger = world.visitor();
    for path in [
        "",
        "/new",
        "/delete-all",
        &format!("/{id}"),
        &format!("/{id}/delete"),
    ] {
        let led = stranger.get(&format!("{LIST}{path}")).await;
        let to = led.assert_status(303).header("location");
        assert!(to.starts_with("/login?return_to="), "{path}: {to}");
    }
    let delete = stranger.request(Method::POST, &format!("{LIST}/{id}/delete"));
    delete.send_unchecked().await.assert_status(403);
    assert!(accepts(&world, &made.token()).await);
}
