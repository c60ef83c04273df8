//! A second factor that the settings require: what Basic authentication says before and after the
//! grace, and what becomes of tokens (wire contract, section 4).

use std::time::Duration;

use counterfoil_authority::{Authority, Clock};
use counterfoil_domain::account::AccountChange;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::second_factor::{RequiredOf, SecondFactor, SecondFactorPolicy};
use counterfoil_testkit::{Answer, GivenToken, World, WorldOptions};
use serde_json::json;

const DAY: Duration = Duration::from_hours(24);
const MESSAGE: &str = "Two-factor authentication is required for this account. Ask an administrator how to turn it on.";

fn policy(required_of: RequiredOf) -> SecondFactorPolicy {
    SecondFactorPolicy {
        required_of,
        grace: DAY * 14,
        ends_tokens: false,
    }
}

fn options(policy: SecondFactorPolicy) -> WorldOptions {
    let mut options = WorldOptions::default();
    options.settings.second_factor = policy;
    options
}

async fn requiring(required_of: RequiredOf) -> World {
    World::with(options(policy(required_of))).await
}

#[track_caller]
fn assert_overdue(answer: &Answer) {
    assert_eq!(answer.assert_status(403).message(), MESSAGE);
    assert!(!answer.has("x-github-otp"));
}

#[tokio::test]
async fn a_password_alone_opens_until_the_grace_is_over() {
    let world = requiring(RequiredOf::Everyone).await;
    let mona = world.user("mona").await;
    let nearly = (DAY * 14).saturating_sub(Duration::from_secs(1));
    world.advance(nearly);
    // The password is remembered from here on, which changes nothing.
    mona.get("/user").await.assert_status(200);
    world.advance(Duration::from_secs(1));
    assert_overdue(&mona.get("/user").await);
    assert_overdue(
        &mona
            .post("/authorizations", json!({ "note": "laptop" }))
            .await,
    );
    assert_overdue(&mona.named("mona@example.com").get("/authorizations").await);
    // Nobody learns of it without the password, and it is no failed sign-in.
    for _ in 0..20 {
        assert_overdue(&mona.get("/user").await);
    }
    let wrong = mona.with_password("wrong").get("/user").await;
    assert_eq!(wrong.assert_status(401).message(), "Bad credentials");
}

#[tokio::test]
async fn whoever_has_a_second_factor_goes_on_with_it() {
    let world = requiring(RequiredOf::Everyone).await;
    let mona = world.user("mona").await;
    world.advance(DAY * 100);
    assert_overdue(&mona.get("/user").await);
    // An operator turns it on for who is too late.
    let codes = world.enable_two_factor(&mona).await;
    let code = codes.code(&world);
    mona.with_otp(&code).get("/user").await.assert_status(200);
    mona.get("/user").await.assert_status(401);
    // Turned off again, it is missing at once.
    let login = &mona.account.login;
    let operator = World::operator();
    let off = world.authority.disable_two_factor(login, &operator).await;
    off.expect("it is on");
    assert_overdue(&mona.get("/user").await);
}

#[tokio::test]
async fn tokens_live_on_when_the_grace_is_over() {
    let world = requiring(RequiredOf::Everyone).await;
    let mona = world.user("mona").await;
    let token = mona
        .post(
            "/authorizations",
            json!({ "note": "laptop", "scopes": ["user"] }),
        )
        .await
        .token();
    world.advance(DAY * 100);
    assert_overdue(&mona.get("/user").await);
    world.authority.clean_up().await.expect("it can clean up");
    let answer = world.anonymous().get_with_token(&token, "/user").await;
    answer.assert_status(200);
}

#[tokio::test]
async fn a_setting_ends_the_tokens_of_who_is_too_late() {
    let policy = SecondFactorPolicy {
        ends_tokens: true,
        ..policy(RequiredOf::Everyone)
    };
    let world = World::with(options(policy)).await;
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let mut tokens = Vec::new();
    for user in [&mona, &bert] {
        let issued = world.issue_token(user, GivenToken::default()).await;
        tokens.push(issued.token.expose().to_owned());
    }
    world.enable_two_factor(&bert).await;
    let statuses = async || {
        let mut statuses = Vec::new();
        for token in &tokens {
            let answer = world.anonymous().get_with_token(token, "/user").await;
            statuses.push(answer.status.as_u16());
        }
        statuses
    };
    world.authority.clean_up().await.expect("it can clean up");
    assert_eq!(statuses().await, [200, 200]);
    world.advance(DAY * 14);
    world.authority.clean_up().await.expect("it can clean up");
    assert_eq!(statuses().await, [401, 200]);
    let told = world.events().await;
    let ended = told
        .iter()
        .rev()
        .find(|event| event.action == "authorization.revoked");
    assert_eq!(ended.expect("it is told").account, Some(mona.account.id.0));
}

#[tokio::test]
async fn administrators_alone_may_have_to_have_one() {
    let world = requiring(RequiredOf::Administrators).await;
    let mona = world.user("mona").await;
    let admin = world.administrator("admin").await;
    world.advance(DAY * 20);
    assert_overdue(&admin.get("/user").await);
    mona.get("/user").await.assert_status(200);
    // A new administrator has a grace of their own.
    let promotion = AccountChange {
        standing: Some(Standing::SiteAdministrator),
        ..AccountChange::default()
    };
    let login = &mona.account.login;
    let operator = World::operator();
    let promoted = world
        .authority
        .change_account(login, promotion, &operator)
        .await;
    promoted.expect("the user is there");
    mona.get("/user").await.assert_status(200);
    world.advance(DAY * 14);
    assert_overdue(&mona.get("/user").await);
}

/// Another process over the same database, at its start.
async fn another_node(world: &World, required_of: RequiredOf) -> Authority {
    let node = Authority::start(
        world.store.clone(),
        world.keys.clone(),
        world.clock.clone(),
        world.entropy.clone(),
        options(policy(required_of)).settings,
    );
    let node = node.await.expect("it has the keys");
    let begun = node.begin_requiring_second_factor().await;
    begun.expect("it can be written down");
    node
}

#[tokio::test]
async fn the_grace_is_one_for_all_nodes_and_goes_on_over_restarts() {
    let world = requiring(RequiredOf::Everyone).await;
    let mona = world.user("mona").await;
    let due = world.clock.now().plus(DAY * 14);
    world.advance(DAY * 10);
    let node = another_node(&world, RequiredOf::Everyone).await;
    let judged = node.second_factor_of(&mona.account);
    assert_eq!(judged, SecondFactor::DueAt(due));
    world.advance(DAY * 4);
    let judged = node.second_factor_of(&mona.account);
    assert_eq!(judged, SecondFactor::OverdueSince(due));
    assert_overdue(&mona.get("/user").await);
    let required = "installation.second_factor_required";
    let told = world.audit_actions().await;
    assert_eq!(told.iter().filter(|action| *action == required).count(), 1);
}

#[tokio::test]
async fn a_requirement_that_is_made_again_begins_with_a_new_grace() {
    let world = requiring(RequiredOf::Everyone).await;
    let mona = world.user("mona").await;
    world.advance(DAY * 20);
    let node = another_node(&world, RequiredOf::Nobody).await;
    let judged = node.second_factor_of(&mona.account);
    assert_eq!(judged, SecondFactor::Optional);
    let node = another_node(&world, RequiredOf::Everyone).await;
    let due = world.clock.now().plus(DAY * 14);
    let judged = node.second_factor_of(&mona.account);
    assert_eq!(judged, SecondFactor::DueAt(due));
}
