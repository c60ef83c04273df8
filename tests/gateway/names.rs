//! What the names in rules stand for, and go on standing for.

use std::time::Duration;

use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{NewOrganization, Role};
use counterfoil_server::GatewaySettings;
use counterfoil_testkit::{TestFolder, World, WorldOptions};

use super::{of_apps, of_people, options_with, verify, world_with};

fn login(text: &str) -> Login {
    Login::parse(text).expect("a login")
}

/// Deletes a user and lets the login be given again.
async fn delete_and_release(world: &World, name: &str) {
    let (login, operator) = (login(name), World::operator());
    let authority = &world.authority;
    let deleted = authority.delete_account(&login, &operator).await;
    deleted.expect("the user lives");
    let released = authority.release_login(&login, &operator).await;
    released.expect("the login is taken");
}

#[tokio::test]
async fn a_user_who_is_made_later_is_admitted_within_a_second() {
    let world = world_with(vec![("site", of_people(&["mona"], &[], &[]))]).await;
    let hubot = world.user("hubot").await;
    let other = hubot.personal_token("laptop", &[]).await.token();
    verify(&world, "/site", &other).await.assert_status(403);
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    // The name was looked for a moment ago. Refusals do not make the database look for it again and
    // again.
    verify(&world, "/site", &token).await.assert_status(403);
    world.advance(Duration::from_secs(1));
    verify(&world, "/site", &token).await.assert_status(200);
    verify(&world, "/site", &other).await.assert_status(403);
}

#[tokio::test]
async fn who_gets_a_released_login_does_not_inherit_what_it_opened() {
    let world = world_with(vec![("site", of_people(&["mona"], &[], &[]))]).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    verify(&world, "/site", &token).await.assert_status(200);
    delete_and_release(&world, "mona").await;
    verify(&world, "/site", &token).await.assert_status(401);
    let heir = world.user("mona").await;
    let token = heir.personal_token("laptop", &[]).await.token();
    verify(&world, "/site", &token).await.assert_status(403);
}

#[tokio::test]
async fn nor_does_the_heir_where_the_rule_was_not_used_before_or_the_server_started_anew() {
    let by_id = |id: i64| format!("mona#{id}");
    // Made once to learn the ids, which are given in order.
    let ids = World::new().await;
    let first = ids.user("mona").await.account.id;
    delete_and_release(&ids, "mona").await;
    let second = ids.user("mona").await.account.id;

    let (first_id, second_id) = (by_id(first.0), by_id(second.0));
    let world = world_with(vec![
        ("name", of_people(&["mona"], &[], &[])),
        ("first", of_people(&[&first_id], &[], &[])),
        ("second", of_people(&[&second_id], &[], &[])),
    ])
    .await;
    world.user("mona").await;
    delete_and_release(&world, "mona").await;
    let heir = world.user("mona").await;
    assert_eq!(heir.account.id, second);
    let token = heir.personal_token("laptop", &[]).await.token();
    verify(&world, "/name", &token).await.assert_status(403);
    verify(&world, "/first", &token).await.assert_status(403);
    verify(&world, "/second", &token).await.assert_status(200);
}

#[tokio::test]
async fn an_organization_that_gets_a_released_login_does_not_inherit_either() {
    let rules = vec![
        ("organization", of_people(&[], &["acme"], &[])),
        ("team", of_people(&[], &[], &["acme/core"])),
    ];
    let world = world_with(rules).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    let acme = world.organization("acme").await;
    world.join(&acme, &mona, Role::Member).await;
    world.team(&acme, "core", &[&mona]).await;
    let statuses = async || {
        [
            verify(&world, "/organization", &token)
                .await
                .status
                .as_u16(),
            verify(&world, "/team", &token).await.status.as_u16(),
        ]
    };
    assert_eq!(statuses().await, [200, 200]);
    let operator = World::operator();
    let authority = &world.authority;
    authority
        .delete_organization(&acme.login, &operator)
        .await
        .unwrap();
    assert_eq!(statuses().await, [403, 403]);
    authority
        .release_login(&acme.login, &operator)
        .await
        .unwrap();
    let new = NewOrganization {
        login: login("acme"),
        name: None,
    };
    let heir = authority.create_organization(new, &operator).await.unwrap();
    world.join(&heir, &mona, Role::Admin).await;
    world.team(&heir, "core", &[&mona]).await;
    assert_eq!(statuses().await, [403, 403]);
}

#[tokio::test]
async fn a_user_is_no_organization_and_an_organization_no_user() {
    let rules = vec![
        ("users", of_people(&["acme"], &[], &[])),
        ("organizations", of_people(&[], &["mona"], &[])),
        ("teams", of_people(&[], &[], &["mona/core"])),
    ];
    let world = world_with(rules).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    let acme = world.organization("acme").await;
    world.join(&acme, &mona, Role::Admin).await;
    for target in ["/users", "/organizations", "/teams"] {
        verify(&world, target, &token).await.assert_status(403);
    }
}

#[tokio::test]
async fn only_tokens_of_the_apps_that_a_rule_names_are_admitted() {
    let folder = TestFolder::in_memory();
    // An app's id is made by chance, which is the same in each world.
    let known = {
        let world = World::new().await;
        let mona = world.user("mona").await;
        world.app(&mona, "Deployer").await
    };
    let world = World::with(WorldOptions {
        folder,
        ..options_with(vec![("site", of_apps(&[&known]))])
    })
    .await;
    let mona = world.user("mona").await;
    let named = world.app(&mona, "Deployer").await;
    assert_eq!(named.client_id, known.client_id);
    let other = world.app(&mona, "Other").await;
    let tokens = [
        (mona.app_token(&named, &[]).await.token(), 200),
        (mona.app_token(&other, &[]).await.token(), 403),
        (mona.personal_token("laptop", &[]).await.token(), 403),
    ];
    for (token, status) in tokens {
        let answer = verify(&world, "/site", &token).await;
        answer.assert_status(status);
        if status == 403 {
            assert_eq!(answer.text(), "Tokens of this app are not admitted.");
        }
    }
}

#[tokio::test]
async fn without_rules_there_is_none_to_ask_for() {
    let world = World::with(WorldOptions {
        gateway: GatewaySettings::default(),
        ..WorldOptions::default()
    })
    .await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    verify(&world, "/site", &token).await.assert_status(404);
}
