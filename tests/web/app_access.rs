//! `/settings/applications`: which apps have access to somebody's account, and how it ends.

use std::time::Duration;

use counterfoil_domain::network::ClientAddress;
use counterfoil_store::TokenUse;
use counterfoil_testkit::{Answer, AppActor, Visitor, World};
use http::Method;
use serde_json::json;

use super::tokens::{Says as _, accepts, signed_in};

const LIST: &str = "/settings/applications";

fn page_of(app: &AppActor) -> String {
    format!("/settings/connections/applications/{}", app.client_id)
}

/// The paths that lead to the end of each token that a page lists.
fn ends_in(answer: &Answer) -> Vec<String> {
    let html = answer.text();
    let links = html.split("href=\"").skip(1);
    let paths = links.filter_map(|link| link.split_once('"').map(|(path, _)| path));
    let ends = paths.filter(|path| path.contains("/tokens/") && path.ends_with("/revoke"));
    ends.map(str::to_owned).collect()
}

async fn end_of_access(visitor: &Visitor<'_>, app: &AppActor) -> Answer {
    let revoke = format!("{}/revoke", page_of(app));
    let page = visitor.get(&revoke).await;
    page.assert_status(200);
    visitor.submit(&page, &revoke, &[]).await
}

#[tokio::test]
async fn a_person_sees_which_apps_have_access_and_ends_it() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    visitor
        .get(LIST)
        .await
        .says("No app has access to your account.");
    let developer = world.user("developer").await;
    let app = world.app(&developer, "Deployer").await;
    let other = world.app(&developer, "Wiki").await;
    let token = mona.app_token(&app, &["repo", "read:org"]).await.token();
    let second = mona.app_token(&app, &["gist"]).await.token();
    let of_other = mona.app_token(&other, &["read:user"]).await.token();
    let personal = mona.personal_token("laptop", &[]).await.token();
    let list = visitor.get(LIST).await;
    for said in [
        "Deployer",
        "By developer",
        "2 tokens",
        "1 token",
        "Administer",
        "Read",
    ] {
        list.says(said);
    }
    // The page of one app: what the API hands out.
    let page = visitor.get(&page_of(&app)).await;
    page.says("Fully control all your repositories, private ones included");
    page.says("Create and change your gists");
    page.says("See your organizations, teams and memberships");
    page.says_not("Read your profile, private parts included");
    page.says(&app.client_id);
    for token in [&token, &second] {
        page.says(&token[token.len() - 8..]);
        page.says_not(token);
    }
    page.says_not(&of_other[of_other.len() - 8..]);
    // Before the click it says what stops, after it what has changed.
    let asked = visitor.get(&format!("{}/revoke", page_of(&app))).await;
    asked.says("Revoke the access of <bdi>Deployer</bdi>?");
    asked.says("2 tokens stop working at once, on every node.");
    asked.says("Never used.");
    asked.says("may ask you again; nothing happens then without your yes.");
    let done = end_of_access(&visitor, &app).await;
    let list = visitor.follow(&done).await;
    list.says("Deployer has no access any more. 2 tokens were revoked.");
    list.says("Wiki");
    for (token, expected) in [
        (&token, false),
        (&second, false),
        (&of_other, true),
        (&personal, true),
    ] {
        assert_eq!(accepts(&world, token).await, expected);
    }
    visitor.get(&page_of(&app)).await.assert_status(404);
    assert!(mona.ids("/applications/grants").await.len() == 1);
    let told = world.audit_actions().await;
    assert!(told.iter().any(|action| action == "grant.revoked"));
    // The form that is sent again finds nothing to end.
    let revoke = format!("{}/revoke", page_of(&app));
    let again = visitor.submit(&asked, &revoke, &[]).await;
    again.assert_status(404);
}

#[tokio::test]
async fn one_token_of_an_app_ends_and_the_others_stay() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let old = mona.app_token(&app, &["repo"]).await.token();
    let new = mona.app_token(&app, &["gist"]).await.token();
    let visitor = signed_in(&world, &mona).await;
    let page = visitor.get(&page_of(&app)).await;
    // The newest comes first.
    let ends = ends_in(&page);
    assert_eq!(ends.len(), 2);
    let asked = visitor.get(&ends[1]).await;
    let end = &old[old.len() - 8..];
    asked.says(&format!("Revoke the token that ends with {end}?"));
    asked.says("stops working at once, on every node.");
    let done = visitor.submit(&asked, &ends[1], &[]).await;
    let page = visitor.follow(&done).await;
    page.says(&format!("The token that ended with {end} was revoked."));
    page.says("Create and change your gists");
    // What the app can do is what its live tokens can.
    page.says_not("Fully control all your repositories");
    assert!(!accepts(&world, &old).await);
    assert!(accepts(&world, &new).await);
    let told = world.audit_actions().await;
    assert!(told.iter().any(|action| action == "authorization.revoked"));
    // Without any token the app may still come back to what it was given.
    let asked = visitor.get(&ends[0]).await;
    let done = visitor.submit(&asked, &ends[0], &[]).await;
    let page = visitor.follow(&done).await;
    page.says("The app holds no token at the moment.");
    visitor.get(LIST).await.says("0 tokens");
}

#[tokio::test]
async fn the_last_use_of_an_app_is_told_with_its_address() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let first = mona.app_token(&app, &["repo"]).await.id();
    let second = mona.app_token(&app, &["gist"]).await.id();
    let address = |text: &str| -> ClientAddress { text.parse().expect("an address") };
    for (id, from) in [(first, "192.0.2.14"), (second, "2001:db8::7")] {
        world.advance(Duration::from_mins(10));
        let used = TokenUse {
            id: counterfoil_domain::id::AuthorizationId(id),
            at: world.authority.now(),
            address: address(from),
        };
        world.store.note_uses(vec![used]).await.expect("noted");
    }
    let visitor = signed_in(&world, &mona).await;
    let list = visitor.get(LIST).await;
    list.says("from 2001:db8::7");
    list.says_not("192.0.2.14");
    let page = visitor.get(&page_of(&app)).await;
    page.says("from 2001:db8::7");
    page.says("from 192.0.2.14");
    // When that token is over, when it was is still known, and from where is not.
    let ends = ends_in(&page);
    let asked = visitor.get(&ends[0]).await;
    asked.says("from 2001:db8::7");
    visitor.submit(&asked, &ends[0], &[]).await;
    let list = visitor.get(LIST).await;
    list.says("Last used");
    list.says_not("192.0.2.14");
    list.says_not("2001:db8::7");
}

#[tokio::test]
async fn nobody_reaches_what_somebody_else_gave_an_app() {
    let world = World::for_browsers().await;
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let app = world.app(&mona, "Deployer").await;
    let other = world.app(&mona, "Wiki").await;
    let made = mona.app_token(&app, &["repo"]).await;
    let (id, token) = (made.id(), made.token());
    let personal = mona.personal_token("laptop", &[]).await.id();
    hubot.app_token(&other, &["gist"]).await.assert_status(201);
    let mine = signed_in(&world, &mona).await;
    let theirs = signed_in(&world, &hubot).await;
    let own = format!("{}/tokens/{id}/revoke", page_of(&app));
    mine.get(&own).await.assert_status(200);
    let paths = [
        page_of(&app),
        format!("{}/revoke", page_of(&app)),
        own.clone(),
        // A token of another app than the path says.
        format!("{}/tokens/{id}/revoke", page_of(&other)),
    ];
    for path in &paths {
        theirs.get(path).await.assert_status(404);
    }
    for path in [
        format!("{}/tokens/{id}/revoke", page_of(&other)),
        // A personal token is none of an app.
        format!("{}/tokens/{personal}/revoke", page_of(&app)),
        format!("{}/tokens/0/revoke", page_of(&app)),
        format!("{}/tokens/x/revoke", page_of(&app)),
        page_of(&other),
        "/settings/connections/applications/00000000000000000000".to_owned(),
        "/settings/connections/applications/x".to_owned(),
    ] {
        mine.get(&path).await.assert_status(404);
    }
    // The form of somebody else's session does nothing either, whatever the path says.
    let page = theirs.get(&page_of(&other)).await;
    let form = theirs.get(&format!("{}/revoke", page_of(&other))).await;
    page.assert_status(200);
    let refused = theirs.form(&own, &[("csrf", &form.hidden("csrf"))]);
    refused.send_unchecked().await.assert_status(403);
    assert!(accepts(&world, &token).await);
}

#[tokio::test]
async fn the_address_that_the_api_hands_out_leads_there() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    mona.app_token(&app, &["repo"]).await.assert_status(201);
    let root = mona.get("/").await.json();
    let template = root["current_user_authorizations_html_url"].as_str();
    let (origin, path) = template
        .and_then(|template| template.split_once("/settings"))
        .expect("a template below the settings");
    assert!(origin.starts_with("http"), "{origin}");
    let (list, rest) = path.split_once("{/client_id}").expect("a parameter");
    assert_eq!(rest, "");
    let visitor = signed_in(&world, &mona).await;
    let led = visitor.get(&format!("/settings{list}")).await;
    assert_eq!(led.assert_status(303).header("location"), LIST);
    let page = visitor
        .get(&format!("/settings{list}/{}", app.client_id))
        .await;
    page.assert_status(200);
    page.says("Deployer");
    // Who is not signed in comes back to it after the sign-in.
    let stranger = world.visitor().get(&page_of(&app)).await;
    let to = stranger.assert_status(303).header("location");
    assert!(
        to.starts_with("/login?return_to=%2Fsettings%2Fconnections"),
        "{to}"
    );
}

#[tokio::test]
async fn a_list_of_many_apps_has_pages_and_so_have_the_tokens_of_one() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    // Ten of one scope set may live at the same time.
    for (number, scope) in (1..=31).zip(["repo", "gist", "user", "notifications"].iter().cycle()) {
        let fingerprint = format!("desk {number}");
        let made = json!({ "fingerprint": fingerprint, "note": "desk", "scopes": [scope] });
        let put = mona.get_or_create(&app, made).await;
        put.assert_status(201);
    }
    let visitor = signed_in(&world, &mona).await;
    for (page, rows) in [(1, 30), (2, 1), (3, 0)] {
        let shown = visitor.get(&format!("{}?page={page}", page_of(&app))).await;
        shown.says(&format!("Page {page} of 2"));
        assert_eq!(ends_in(&shown).len(), rows);
        assert!(shown.body.len() < 60_000, "{}", shown.body.len());
    }
    visitor.get(LIST).await.says_not("Page 1");
    let head = visitor.request(Method::HEAD, LIST).send_unchecked().await;
    assert!(head.assert_status(200).body.is_empty());
}

#[tokio::test]
async fn the_pages_of_apps_speak_korean() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "배포").await;
    mona.app_token(&app, &["repo"]).await.assert_status(201);
    let visitor = world.visitor().speaking("ko");
    visitor.sign_in(&mona).await;
    visitor.get(LIST).await.says("승인한 앱");
    let page = visitor.get(&page_of(&app)).await;
    page.says("비공개를 포함한 모든 저장소를 완전히 제어합니다");
    let asked = visitor.get(&format!("{}/revoke", page_of(&app))).await;
    asked.says("‘<bdi>배포</bdi>’ 앱의 접근 권한을 철회할까요?");
    let done = end_of_access(&visitor, &app).await;
    let list = visitor.follow(&done).await;
    list.says("‘배포’ 앱은 더는 접근할 수 없습니다. 토큰 1개를 폐기했습니다.");
}
