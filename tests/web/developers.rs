//! `/settings/developers`: the whole life of an app in a browser, and what is refused there.

use std::time::Duration;

use counterfoil_domain::app::ClientId;
use counterfoil_testkit::{Answer, AppActor, UserActor, Visitor, World, WorldOptions};
use http::header::{CACHE_CONTROL, LOCATION};
use serde_json::json;

use super::tokens::{Says as _, accepts, confirm, signed_in};

pub(super) const LIST: &str = "/settings/developers";
pub(super) const NEW: &str = "/settings/developers/new";
pub(super) const WEBSITE: &str = "https://board.example.org";
pub(super) const CALLBACK: &str = "https://board.example.org/callback";

/// Registers an app on the page, and gives what is answered.
pub(super) async fn register(visitor: &Visitor<'_>, name: &str) -> Answer {
    let page = visitor.get(NEW).await;
    let typed = [
        ("name", name),
        ("website", WEBSITE),
        ("callbacks", CALLBACK),
    ];
    visitor.submit(&page, NEW, &typed).await
}

/// The secret that an answer shows.
#[track_caller]
fn secret_in(answer: &Answer) -> String {
    let html = answer.assert_status(200).text();
    let after = html
        .split("readonly")
        .nth(1)
        .expect("a field with a secret");
    let after = after.split_once('>').expect("it has an end").1;
    let secret = after.split_once('<').expect("it has an end").0.trim();
    assert_eq!(secret.len(), 40, "{html}");
    secret.to_owned()
}

/// An app that was just made, as the answer shows it.
pub(super) async fn app_in(world: &World, answer: &Answer) -> AppActor {
    let client_secret = secret_in(answer);
    let html = answer.text();
    let after = html.split("<dd class=\"mono\">").nth(1);
    let client_id = after.expect("a client id")[..20].to_owned();
    let id = ClientId::parse(&client_id).expect("a client id");
    let app = world.store.find_app(&id).await.expect("it can be read");
    AppActor {
        client_id,
        client_secret,
        app: app.expect("it is there"),
    }
}

pub(super) fn page_of(app: &AppActor) -> String {
    format!("{LIST}/{}", app.client_id)
}

/// Whether the app proves itself by this secret, as get-or-create asks for one.
async fn proves(user: &UserActor<'_>, app: &AppActor, secret: &str) -> bool {
    let path = format!("/authorizations/clients/{}", app.client_id);
    let answer = user.put(&path, json!({ "client_secret": secret })).await;
    match answer.status.as_u16() {
        200 | 201 => true,
        404 | 422 => false,
        other => panic!("{other}"),
    }
}

/// Makes another secret on the page.
async fn another_secret(visitor: &Visitor<'_>, app: &AppActor) -> Answer {
    let secrets = format!("{}/secrets", page_of(app));
    let page = visitor.get(&secrets).await;
    visitor.submit(&page, &secrets, &[]).await
}

/// The paths that lead to the end of each secret that a page lists.
fn ends_in(answer: &Answer) -> Vec<String> {
    let html = answer.text();
    let links = html.split("href=\"").skip(1);
    let paths = links.filter_map(|link| link.split_once('"').map(|(path, _)| path));
    let ends = paths.filter(|path| path.contains("/secrets/") && path.ends_with("/revoke"));
    ends.map(str::to_owned).collect()
}

#[tokio::test]
async fn an_app_lives_its_whole_life_on_the_pages() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let none = visitor.get(LIST).await;
    none.says("Register an app to let it sign people in.");
    let made = register(&visitor, "Board").await;
    made.says("Copy the client secret now");
    let app = app_in(&world, &made).await;
    assert!(proves(&mona, &app, &app.client_secret).await);
    visitor.get(LIST).await.says("1 person uses it");
    // Edited.
    let page = visitor.get(&page_of(&app)).await;
    page.says(CALLBACK);
    let callbacks = format!("{CALLBACK}\r\nhttp://127.0.0.1:8000/cb\r\n");
    let typed = [
        ("name", "Dashboard"),
        ("website", WEBSITE),
        ("callbacks", callbacks.as_str()),
    ];
    let done = visitor.submit(&page, &page_of(&app), &typed).await;
    visitor.follow(&done).await.says("“Dashboard” was saved.");
    let page = visitor.get(&page_of(&app)).await;
    page.says(&format!("{CALLBACK}\nhttp://127.0.0.1:8000/cb"));
    let token = mona.app_token(&app, &["repo"]).await.token();
    // All its tokens end, and people have to allow it again.
    let revoke = format!("{}/revoke-all", page_of(&app));
    let asked = visitor.get(&revoke).await;
    asked.says("1 person must allow <bdi>Dashboard</bdi> again.");
    let wrong = visitor.submit(&asked, &revoke, &[("name", "Board")]).await;
    wrong.assert_status(422);
    wrong.says("the name of the app");
    assert!(accepts(&world, &token).await);
    let done = visitor
        .submit(&asked, &revoke, &[("name", "Dashboard")])
        .await;
    visitor
        .follow(&done)
        .await
        .says("2 tokens of “Dashboard” were revoked.");
    assert!(!accepts(&world, &token).await);
    assert!(proves(&mona, &app, &app.client_secret).await);
    // Deleted.
    let delete = format!("{}/delete", page_of(&app));
    let asked = visitor.get(&delete).await;
    asked.says("its client ID is never given again");
    let wrong = visitor.submit(&asked, &delete, &[("name", "")]).await;
    wrong.assert_status(422);
    let done = visitor
        .submit(&asked, &delete, &[("name", "Dashboard")])
        .await;
    let list = visitor.follow(&done).await;
    list.says("“Dashboard” was deleted.");
    list.says("Register an app to let it sign people in.");
    assert!(!proves(&mona, &app, &app.client_secret).await);
    let told = world.audit_actions().await;
    for action in ["app.created", "app.changed", "app.deleted"] {
        assert!(told.iter().any(|told| told == action), "{action}");
    }
}

#[tokio::test]
async fn one_secret_takes_over_from_another_without_a_gap() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let app = app_in(&world, &register(&visitor, "Board").await).await;
    let first = app.client_secret.clone();
    let second = secret_in(&another_secret(&visitor, &app).await);
    for secret in [&first, &second] {
        assert!(proves(&mona, &app, secret).await);
    }
    // Two are the most: the page offers no third, and a form from before makes none.
    let secrets = format!("{}/secrets", page_of(&app));
    let list = visitor.get(&secrets).await;
    list.says("It has two secrets, the most that an app may have.");
    assert!(list.forms().iter().all(|form| form.action != secrets));
    // When each was last used is written down twice a minute.
    list.says_not("Last used");
    world.authority.flush_secret_uses().await.expect("written");
    let list = visitor.get(&secrets).await;
    assert_eq!(list.text().matches("Last used").count(), 2);
    let ends = ends_in(&list);
    let asked = visitor.get(&ends[0]).await;
    asked.says(&format!(
        "Revoke the secret that ends with {}?",
        &first[32..]
    ));
    asked.says("It has one.");
    let done = visitor.submit(&asked, &ends[0], &[]).await;
    let list = visitor.follow(&done).await;
    list.says(&format!(
        "The secret that ended with {} was revoked.",
        &first[32..]
    ));
    list.says_not(&second);
    assert!(!proves(&mona, &app, &first).await);
    assert!(proves(&mona, &app, &second).await);
    visitor
        .submit(&asked, &ends[0], &[])
        .await
        .assert_status(404);
    // The last one may end too.
    let asked = visitor.get(&ends[1]).await;
    asked.says("It has none.");
    let done = visitor.submit(&asked, &ends[1], &[]).await;
    let list = visitor.follow(&done).await;
    list.says("The app has no secret, so it cannot prove itself.");
    assert!(!proves(&mona, &app, &second).await);
}

#[tokio::test]
async fn a_secret_is_in_the_one_answer_that_shows_it_and_nowhere_else() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let form = visitor.get(NEW).await;
    let typed = [
        ("name", "Board"),
        ("website", WEBSITE),
        ("callbacks", CALLBACK),
    ];
    let made = visitor.submit(&form, NEW, &typed).await;
    let app = app_in(&world, &made).await;
    assert_eq!(made.text().matches(&app.client_secret).count(), 1);
    assert_eq!(made.headers[CACHE_CONTROL], "no-store");
    assert!(!made.headers.contains_key(LOCATION));
    // Sent again, as by loading the answer anew: nothing is made, and nothing shown.
    let again = visitor.submit(&form, NEW, &typed).await;
    again.assert_status(409);
    again.says("This secret was shown before and cannot be shown again.");
    again.says_not(&app.client_secret);
    let secrets = format!("{}/secrets", page_of(&app));
    let form = visitor.get(&secrets).await;
    let second = secret_in(&visitor.submit(&form, &secrets, &[]).await);
    visitor
        .submit(&form, &secrets, &[])
        .await
        .assert_status(409);
    for page in [LIST, &page_of(&app), &secrets] {
        let shown = visitor.get(page).await;
        shown.says_not(&app.client_secret);
        shown.says_not(&second);
    }
    for table in ["apps", "client_secrets", "audit_events", "sessions"] {
        let rows = world.database().rows(&format!("SELECT * FROM {table}"));
        let text = format!("{rows:?}");
        assert!(text.len() > 10, "{table} is empty");
        assert!(!text.contains(&app.client_secret) && !text.contains(&second));
    }
    assert_eq!(
        visitor.get(LIST).await.text().matches("<li><div").count(),
        1
    );
}

/// Name, website and callback, of which one is wrong, and what is said of it.
const WRONG: [(&str, &str, &str, &str); 8] = [
    ("", WEBSITE, CALLBACK, "Enter a name for the app"),
    (
        "a\u{202e}b",
        WEBSITE,
        CALLBACK,
        "Enter a name without control characters",
    ),
    (
        "Wiki",
        "board.example.org",
        CALLBACK,
        "Enter a full URL, such as https://app.example.org<",
    ),
    (
        "Wiki",
        WEBSITE,
        "",
        "Enter a full URL, such as https://app.example.org/callback",
    ),
    (
        "Wiki",
        WEBSITE,
        "javascript:alert(1)",
        "Enter a full URL, such as",
    ),
    (
        "Wiki",
        WEBSITE,
        "https://a.example/#x",
        "A callback URL must not contain a fragment, user name or ..",
    ),
    (
        "Wiki",
        WEBSITE,
        "https://a.example/x/../y",
        "A callback URL must not contain",
    ),
    (
        "Wiki",
        WEBSITE,
        "http://a.example/",
        "Enter a callback URL with https",
    ),
];

#[tokio::test]
async fn everything_that_is_wrong_with_the_form_of_an_app_is_said() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let app = app_in(&world, &register(&visitor, "Board").await).await;
    let long = "a".repeat(256);
    let too_long = [(
        long.as_str(),
        WEBSITE,
        CALLBACK,
        "Enter a name of at most 255 characters",
    )];
    for (name, website, callbacks, said) in WRONG.iter().chain(&too_long).copied() {
        let typed = [
            ("name", name),
            ("website", website),
            ("callbacks", callbacks),
        ];
        for path in [NEW.to_owned(), page_of(&app)] {
            let page = visitor.get(&path).await;
            let refused = visitor.submit(&page, &path, &typed).await;
            refused.assert_status(422);
            refused.says("There is a problem");
            refused.says(said);
        }
    }
    let kept = visitor.get(&page_of(&app)).await;
    kept.says("Board");
    kept.says(CALLBACK);
}

#[tokio::test]
async fn who_proved_too_long_ago_who_they_are_is_asked_before_an_app_changes() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let app = app_in(&world, &register(&visitor, "Board").await).await;
    world.advance(Duration::from_mins(16));
    let asked = register(&visitor, "Wiki").await;
    asked.says("Confirm that it is you");
    visitor.get(LIST).await.says_not("Wiki");
    let made = confirm(&visitor, &asked, &mona).await;
    assert_ne!(app_in(&world, &made).await.client_id, app.client_id);
    world.advance(Duration::from_mins(16));
    for (path, typed) in [
        (page_of(&app), ("name", "Other")),
        (format!("{}/secrets", page_of(&app)), ("", "")),
        (format!("{}/delete", page_of(&app)), ("name", "Board")),
        (format!("{}/revoke-all", page_of(&app)), ("name", "Board")),
    ] {
        let page = visitor.get(&path).await;
        let asked = visitor.submit(&page, &path, &[typed]).await;
        asked.says("Confirm that it is you");
    }
    assert!(proves(&mona, &app, &app.client_secret).await);
}

#[tokio::test]
async fn nobody_reaches_an_app_of_somebody_else() {
    let world = World::for_browsers().await;
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let mine = signed_in(&world, &mona).await;
    let app = app_in(&world, &register(&mine, "Board").await).await;
    let theirs = signed_in(&world, &hubot).await;
    let other = app_in(&world, &register(&theirs, "Wiki").await).await;
    let ends = ends_in(&mine.get(&format!("{}/secrets", page_of(&app))).await);
    let paths =
        ["", "/secrets", "/revoke-all", "/transfer", "/delete"].map(|rest| page_of(&app) + rest);
    for path in paths.iter().chain(&ends) {
        mine.get(path).await.assert_status(200);
        theirs.get(path).await.assert_status(404);
    }
    theirs.get(LIST).await.says_not("Board");
    // A secret under the path of another app is not there either.
    let id = ends[0].rsplit('/').nth(1).expect("an id");
    let under = format!("{}/secrets/{id}/revoke", page_of(&other));
    theirs.get(&under).await.assert_status(404);
    for path in ["x", "00000000000000000000", "ffffffffffffffffffff"] {
        mine.get(&format!("{LIST}/{path}")).await.assert_status(404);
    }
    assert!(proves(&mona, &app, &app.client_secret).await);
}

#[tokio::test]
async fn a_user_registers_no_more_apps_than_the_settings_allow() {
    let mut options = WorldOptions::for_browsers();
    options.settings.app_limits.on_pages_per_hour = 2;
    options.settings.app_limits.per_user = 3;
    let world = World::with(options).await;
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let visitor = signed_in(&world, &mona).await;
    for name in ["one", "two"] {
        app_in(&world, &register(&visitor, name).await).await;
    }
    let refused = register(&visitor, "three").await;
    refused.assert_status(422);
    refused.says("2 apps were registered within an hour, the most allowed. Try again later");
    // The bound is of one user, and of one hour.
    let other = signed_in(&world, &hubot).await;
    app_in(&world, &register(&other, "three").await).await;
    world.advance(Duration::from_mins(61));
    let visitor = signed_in(&world, &mona).await;
    app_in(&world, &register(&visitor, "three").await).await;
    let refused = register(&visitor, "four").await;
    refused.assert_status(422);
    refused.says("You have 3 apps, the most allowed. Delete some");
}

#[tokio::test]
async fn the_pages_of_ones_own_apps_speak_korean() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor().speaking("ko");
    visitor.sign_in(&mona).await;
    visitor.get(LIST).await.says("내 앱");
    let made = register(&visitor, "게시판").await;
    made.says("지금 클라이언트 시크릿을 복사하세요. 다시 표시되지 않습니다");
    let app = app_in(&world, &made).await;
    let delete = format!("{}/delete", page_of(&app));
    let page = visitor.get(&delete).await;
    let done = visitor.submit(&page, &delete, &[("name", "게시판")]).await;
    visitor
        .follow(&done)
        .await
        .says("‘게시판’ 앱을 삭제했습니다.");
}
