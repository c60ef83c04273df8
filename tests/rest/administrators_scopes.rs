//! Scopes for administrators count only while a token's owner is one, and only if they were given
//! while the owner was one.

use counterfoil_domain::scope::Standing;
use counterfoil_testkit::{GivenToken, TokenActor, World};
use http::Method;
use serde_json::json;

/// What a token may, wherever that is asked: the API, the gateway by scope and by what it says, and
/// GraphQL's scopes.
async fn acts_as_administrator(world: &World, token: &str) -> bool {
    let actor = world.anonymous().with_token(token);
    let api = actor.get("/admin/tokens").await.status.as_u16() == 200;
    let verify = async |query: &str| {
        let target = format!("/gateway/verify{query}");
        let request = world
            .anonymous()
            .request_anywhere(Method::GET, &target)
            .header("authorization", &format!("Bearer {token}"));
        request.send_unchecked().await
    };
    let gateway = verify("?scopes=site_admin").await.status.as_u16() == 200;
    let told = verify("").await.header("x-auth-scopes");
    assert_eq!((gateway, told.contains("site_admin")), (api, api));
    api
}

async fn administrator(world: &World) -> TokenActor<'_> {
    let admin = world.administrator("admin").await;
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(&admin, given).await;
    world.anonymous().with_token(issued.token.expose())
}

#[tokio::test]
async fn a_promotion_wakes_no_scopes_that_were_given_before_it() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let kate = world.user("kate").await;
    let app = world.app(&kate, "An app").await;
    let personal = kate.personal_token("before", &["site_admin"]).await;
    let of_app = kate.app_token(&app, &["site_admin"]).await;
    let got = kate
        .get_or_create(
            &app,
            json!({ "scopes": ["site_admin"], "fingerprint": "f" }),
        )
        .await;
    let tokens = [personal.token(), of_app.token(), got.token()];
    for round in ["made one at the API", "made one by a command"] {
        for token in &tokens {
            assert!(
                !acts_as_administrator(&world, token).await,
                "before: {round}"
            );
        }
        if round.ends_with("API") {
            let promoted = admin.put("/users/kate/site_admin").await;
            promoted.assert_status(204);
        } else {
            world.set_standing(&kate, Standing::SiteAdministrator).await;
        }
        for token in &tokens {
            assert!(!acts_as_administrator(&world, token).await, "{round}");
        }
        world.set_standing(&kate, Standing::Ordinary).await;
    }
    let listed = kate
        .get(&format!("/authorizations/{}", personal.id()))
        .await;
    assert_eq!(
        listed.json()["scopes"],
        json!(["site_admin"]),
        "they are listed"
    );
}

#[tokio::test]
async fn what_an_administrator_was_given_counts_until_the_rights_are_taken_and_no_longer_when_they_come_back()
 {
    let world = World::new().await;
    let kate = world.administrator("kate").await;
    let token = kate.personal_token("mine", &["site_admin"]).await.token();
    assert!(acts_as_administrator(&world, &token).await);
    world.set_standing(&kate, Standing::Ordinary).await;
    assert!(!acts_as_administrator(&world, &token).await);
    world.set_standing(&kate, Standing::SiteAdministrator).await;
    assert!(
        !acts_as_administrator(&world, &token).await,
        "a second promotion wakes nothing"
    );
}

#[tokio::test]
async fn an_administrator_gives_a_personal_token_its_scopes_anew() {
    let world = World::new().await;
    let kate = world.user("kate").await;
    let made = kate.personal_token("before", &["site_admin"]).await;
    let (token, path) = (made.token(), format!("/authorizations/{}", made.id()));
    world.set_standing(&kate, Standing::SiteAdministrator).await;
    // What does not name them leaves them asleep.
    for body in [
        json!({ "note": "another" }),
        json!({ "add_scopes": ["gist"] }),
        json!({ "remove_scopes": ["gist"] }),
    ] {
        kate.patch(&path, body).await.assert_status(200);
        assert!(!acts_as_administrator(&world, &token).await);
    }
    let given = kate.patch(&path, json!({ "scopes": ["site_admin"] })).await;
    given.assert_status(200);
    assert!(acts_as_administrator(&world, &token).await);
}

#[tokio::test]
async fn no_password_gives_an_app_what_is_for_administrators() {
    let world = World::new().await;
    let kate = world.administrator("kate").await;
    let app = world.app(&kate, "An app").await;
    let made = kate.app_token(&app, &["site_admin", "repo"]).await;
    let got = kate
        .get_or_create(
            &app,
            json!({ "scopes": ["site_admin"], "fingerprint": "f" }),
        )
        .await;
    let path = format!("/authorizations/{}", made.id());
    let changed = kate.patch(&path, json!({ "scopes": ["site_admin"] })).await;
    assert_eq!(
        changed.assert_status(200).json()["scopes"],
        json!(["site_admin"])
    );
    for token in [made.token(), got.token()] {
        assert!(!acts_as_administrator(&world, &token).await);
    }
    // An operator, who sees what the app is, does.
    let given = GivenToken {
        app: Some(&app),
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(&kate, given).await;
    assert!(acts_as_administrator(&world, issued.token.expose()).await);
}

#[tokio::test]
async fn the_event_of_a_promotion_names_the_tokens_that_stay_asleep() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let kate = world.user("kate").await;
    let asleep = kate
        .personal_token("before", &["admin:enterprise", "repo"])
        .await;
    kate.personal_token("harmless", &["repo"]).await;
    let promoted = admin.put("/users/kate/site_admin").await;
    promoted.assert_status(204);
    let events = world.events().await;
    let event = events.last().expect("there are some");
    assert_eq!(event.action, "user.standing_changed");
    let text = String::from_utf8_lossy(&event.bytes);
    let id = asleep.id().to_string();
    assert!(
        text.contains(&format!("list.token_ids {} {id}\n", id.len())),
        "{text}"
    );
    assert!(text.contains("number.count 1 1\n"), "{text}");
}
