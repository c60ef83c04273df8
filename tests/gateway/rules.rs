//! Rules of the settings, by name.

use std::time::Duration;

use counterfoil_domain::gateway::Rule;
use counterfoil_domain::organization::Role;
use counterfoil_testkit::{UserActor, World};
use http::Method;

use super::{all_of, any_of, any_token, ask, challenge, of_people, verify, world_with};

async fn token_of(user: &UserActor<'_>) -> String {
    user.personal_token("laptop", &[]).await.token()
}

#[tokio::test]
async fn scopes_of_a_rule_are_all_needed_or_any_of_them() {
    let with = |scopes| Rule {
        scopes,
        ..any_token()
    };
    let world = world_with(vec![
        ("open", any_token()),
        ("all", with(all_of(&["public_repo", "read:org"]))),
        ("any", with(any_of(&["public_repo", "read:org"]))),
    ])
    .await;
    let mona = world.user("mona").await;
    for (scopes, all, any) in [
        (vec!["repo", "admin:org"], 200, 200),
        (vec!["repo"], 403, 200),
        (vec!["read:org"], 403, 200),
        (vec!["gist"], 403, 403),
        (vec![], 403, 403),
    ] {
        let token = mona
            .personal_token(&format!("{scopes:?}"), &scopes)
            .await
            .token();
        verify(&world, "/open", &token).await.assert_status(200);
        verify(&world, "/all", &token).await.assert_status(all);
        let answer = verify(&world, "/any", &token).await;
        answer.assert_status(any);
        if any == 403 {
            assert_eq!(
                challenge(&answer),
                "Bearer realm=\"Counterfoil\", error=\"insufficient_scope\", scope=\"public_repo read:org\""
            );
        }
    }
}

#[tokio::test]
async fn a_rule_of_people_admits_whoever_is_in_one_of_its_lists() {
    let rule = of_people(&["MONA"], &["acme"], &["other/core"]);
    let world = world_with(vec![("site", rule)]).await;
    let [mona, member, teammate, stranger] = [
        world.user("mona").await,
        world.user("member").await,
        world.user("teammate").await,
        world.user("stranger").await,
    ];
    let acme = world.organization("acme").await;
    let other = world.organization("other").await;
    world.join(&acme, &member, Role::Member).await;
    world.join(&other, &teammate, Role::Admin).await;
    world.join(&other, &stranger, Role::Member).await;
    world.team(&other, "Core", &[&teammate]).await;
    for (user, status) in [
        (&mona, 200),
        (&member, 200),
        (&teammate, 200),
        (&stranger, 403),
    ] {
        let answer = verify(&world, "/site", &token_of(user).await).await;
        answer.assert_status(status);
        if status == 403 {
            assert_eq!(answer.text(), "The owner of this token is not admitted.");
        }
    }
}

#[tokio::test]
async fn who_leaves_an_organization_or_team_is_refused_at_once() {
    let rules = vec![
        ("organization", of_people(&[], &["acme"], &[])),
        ("team", of_people(&[], &[], &["acme/core"])),
    ];
    let world = world_with(rules).await;
    let mona = world.user("mona").await;
    let token = token_of(&mona).await;
    let acme = world.organization("acme").await;
    let operator = World::operator();
    let login = &mona.account.login;
    let statuses = async || {
        [
            verify(&world, "/organization", &token)
                .await
                .status
                .as_u16(),
            verify(&world, "/team", &token).await.status.as_u16(),
        ]
    };
    assert_eq!(statuses().await, [403, 403]);
    world.join(&acme, &mona, Role::Member).await;
    assert_eq!(statuses().await, [200, 403]);
    let core = world.team(&acme, "core", &[&mona]).await;
    // A name that is missing is looked for once a second at most.
    world.advance(Duration::from_secs(1));
    assert_eq!(statuses().await, [200, 200]);
    world
        .authority
        .remove_team_member(&acme.login, core.name.slug(), login, &operator)
        .await
        .unwrap();
    assert_eq!(statuses().await, [200, 403]);
    world
        .authority
        .remove_organization_member(&acme.login, login, &operator)
        .await
        .unwrap();
    assert_eq!(statuses().await, [403, 403]);
}

#[tokio::test]
async fn every_condition_of_a_rule_must_be_met() {
    let rule = Rule {
        scopes: all_of(&["repo"]),
        ..of_people(&["mona"], &[], &[])
    };
    let world = world_with(vec![("site", rule)]).await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    for (user, scopes, status) in [
        (&mona, vec!["repo"], 200),
        (&mona, vec![], 403),
        (&hubot, vec!["repo"], 403),
    ] {
        let token = user.personal_token(&format!("{scopes:?}"), &scopes).await;
        let answer = verify(&world, "/site", &token.token()).await;
        answer.assert_status(status);
    }
}

#[tokio::test]
async fn a_rule_that_is_not_there_admits_nobody() {
    let world = world_with(vec![("site", any_token())]).await;
    let mona = world.user("mona").await;
    let token = token_of(&mona).await;
    for target in [
        "/other",
        "/Site",
        "/",
        "/site/",
        "/site/other",
        "/s%69te",
        "/%FF",
        "/site/forx",
    ] {
        let answer = verify(&world, target, &token).await;
        answer.assert_status(404);
        ask(&world, target, &[]).await.assert_status(404);
    }
}

#[tokio::test]
async fn a_rule_takes_no_query() {
    let world = world_with(vec![("site", any_token())]).await;
    let mona = world.user("mona").await;
    let token = token_of(&mona).await;
    for target in ["/site?scopes=repo", "/site?x", "/site?&"] {
        verify(&world, target, &token).await.assert_status(400);
    }
    verify(&world, "/site?", &token).await.assert_status(200);
}

#[tokio::test]
async fn a_proxy_may_append_the_address_of_its_client() {
    let rule = of_people(&["mona"], &[], &[]);
    let world = world_with(vec![("site", rule)]).await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    for (user, status) in [(&mona, 200), (&hubot, 403)] {
        let token = token_of(user).await;
        for address in [
            "",
            "/",
            "/a/b.html?scopes=repo&scopes=x",
            "//a",
            "/../../other",
            "/%2e%2e/%FF?%FF",
            "/gateway/verify/other",
        ] {
            let target = format!("/site/for{address}");
            verify(&world, &target, &token).await.assert_status(status);
            ask(&world, &target, &[]).await.assert_status(401);
            let other = format!("/other/for{address}");
            verify(&world, &other, &token).await.assert_status(404);
        }
    }
}

#[tokio::test]
async fn requests_of_a_rule_may_have_any_method() {
    let world = world_with(vec![("site", any_token())]).await;
    let mona = world.user("mona").await;
    let token = token_of(&mona).await;
    for method in [Method::HEAD, Method::POST, Method::DELETE, Method::OPTIONS] {
        let request = world
            .anonymous()
            .request_anywhere(method, "/gateway/verify/site");
        let admitted = request
            .header("authorization", &format!("token {token}"))
            .send()
            .await;
        assert_eq!(admitted.assert_status(200).header("x-auth-login"), "mona");
    }
}
