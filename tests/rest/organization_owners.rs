//! What who administers an organization sees of it besides (wire contract, section 28).

use std::time::Duration;

use counterfoil_domain::organization::Role;
use counterfoil_testkit::World;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn an_owner_sees_more_of_an_organization_in_the_recorded_order() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let acme = world.organization("Acme").await;
    world.join(&acme, &mona, Role::Admin).await;
    world.next_second();
    let shown = mona.get("/orgs/acme").await;
    assert_answer!(shown);
    let by_id = mona.get(&format!("/organizations/{}", acme.id)).await;
    assert_eq!(by_id.assert_status(200).body, shown.body);
    // What everybody sees comes first, as everybody sees it.
    let public = world.anonymous().get("/orgs/acme").await.text();
    let common = public.trim_end_matches('}');
    assert!(shown.text().starts_with(&format!("{common},")));
}

#[tokio::test]
async fn only_who_administers_it_by_a_proof_for_that_sees_all_of_an_organization() {
    let world = World::new().await;
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let root = world.administrator("root").await;
    let (acme, other) = (
        world.organization("acme").await,
        world.organization("other").await,
    );
    world.join(&acme, &mona, Role::Admin).await;
    world.join(&acme, &hubot, Role::Member).await;
    world.join(&other, &hubot, Role::Admin).await;
    for (user, scopes, sees_all) in [
        (&mona, &["admin:org"][..], true),
        (&mona, &["write:org", "user", "repo"], false),
        (&mona, &[], false),
        (&hubot, &["admin:org"], false),
        (&root, &["admin:org", "site_admin"], false),
    ] {
        let shown = world.get_with_scopes(user, scopes, "/orgs/acme").await;
        let shown = shown.assert_status(200).json();
        assert_eq!(shown.get("plan").is_some(), sees_all, "{scopes:?}");
    }
    assert_eq!(hubot.get("/orgs/acme").await.json().get("plan"), None);
}

#[tokio::test]
async fn who_administers_it_no_longer_is_not_told_that_nothing_changed() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let acme = world.organization("acme").await;
    world.join(&acme, &mona, Role::Admin).await;
    let made = mona.personal_token("desk", &["admin:org"]).await;
    let (token, id) = (made.token(), made.id());
    world.advance(Duration::from_mins(1));
    let asked = async |header: &str, value: &str| {
        let request = world.anonymous().with_token(&token);
        let request = request.request(Method::GET, "/orgs/acme");
        request.header(header, value).send().await
    };
    let full = asked("accept", "*/*").await;
    let tag = full.header("etag");
    // No time says when a role changed, so none is given.
    assert!(!full.has("last-modified"));
    asked("if-none-match", &tag).await.assert_status(304);
    world.join(&acme, &mona, Role::Member).await;
    let public = asked("if-none-match", &tag).await;
    assert_eq!(public.assert_status(200).json().get("plan"), None);

    // Without the scope the role does not matter, and the change of the scopes counts.
    let scopes = json!({ "scopes": [] });
    let authorization = format!("/authorizations/{id}");
    let before = asked("accept", "*/*").await.at;
    mona.patch(&authorization, scopes).await.assert_status(200);
    world.advance(Duration::from_mins(1));
    let dated = asked("accept", "*/*").await.header("last-modified");
    let unchanged = asked("if-modified-since", &dated).await;
    unchanged.assert_status(304);
    let earlier = counterfoil_wire::conditional::http_date(acme.updated_at);
    assert!(acme.updated_at < before);
    let earlier = earlier.to_str().expect("a date is text");
    asked("if-modified-since", earlier).await.assert_status(200);
}
