//! `/admin`: each part good, or what to do.

use std::time::Duration;

use counterfoil_authority::KeySource as _;
use counterfoil_domain::second_factor::{RequiredOf, SecondFactorPolicy};
use counterfoil_testkit::{Authenticator, UserActor, Visitor, World, WorldOptions};

const DAY: Duration = Duration::from_hours(24);
const GOOD: &str = "Everything is good";

/// A node says again and again that it is there; a world says it when it is asked to.
async fn note_node(world: &World) {
    let noted = world.store.note_node(world.authority.now()).await;
    noted.expect("it can be written down");
}

async fn signed_in<'w>(world: &'w World, user: &UserActor<'_>) -> Visitor<'w> {
    let browser = world.visitor();
    browser.sign_in(user).await;
    browser
}

async fn signed_in_with_code<'w>(
    world: &'w World,
    user: &UserActor<'_>,
    app: &Authenticator,
) -> Visitor<'w> {
    // No code is taken twice.
    world.advance(Duration::from_secs(31));
    note_node(world).await;
    let browser = signed_in(world, user).await;
    let page = browser.get("/login/code").await;
    let code = app.code(world);
    let typed = [("code", code.as_str())];
    let done = browser.submit(&page, "/login/code", &typed).await;
    done.assert_status(303);
    browser
}

async fn health(browser: &Visitor<'_>) -> String {
    let page = browser.get("/admin").await;
    page.assert_status(200);
    page.text()
}

#[tokio::test]
async fn where_nothing_is_wrong_every_part_is_good() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let browser = signed_in(&world, &root).await;
    note_node(&world).await;
    let text = health(&browser).await;
    assert!(text.contains(GOOD), "{text}");
    assert_eq!(text.matches(">Good</span>").count(), 11, "{text}");
    for shown in [
        "It confirmed a write within the last second.",
        "Every change was committed with its event; the newest is from ",
        "One node serves from this database.",
        "The one key that the database needs is here.",
        "This server has none",
        "None waits to be verified.",
        "It is required of nobody.",
        "It is counted in the first minutes after the start.",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[tokio::test]
async fn a_look_writes_nothing_but_the_heartbeat_and_reads_a_bounded_number_of_rows() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let browser = signed_in(&world, &root).await;
    note_node(&world).await;
    health(&browser).await;
    let before = (world.audit_actions().await, world.store.stats().statements);
    health(&browser).await;
    let statements = world.store.stats().statements - before.1;
    assert!(statements < 40, "{statements}");
    assert_eq!(world.audit_actions().await, before.0);
}

#[tokio::test]
async fn a_node_that_is_not_seen_and_one_of_an_older_program_are_told() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let browser = signed_in(&world, &root).await;
    let text = health(&browser).await;
    assert!(text.contains("No node could write down"), "{text}");
    assert!(text.contains("One part needs somebody"), "{text}");
    note_node(&world).await;
    let older = format!(
        "INSERT INTO nodes (id, level, seen_at) VALUES ('older', 0, {})",
        world.authority.now().microseconds()
    );
    world.database().run(&older);
    let text = health(&browser).await;
    assert!(
        text.contains("1 of 2 nodes run an older program. Update them"),
        "{text}"
    );
    // One that is gone counts no more.
    world.advance(Duration::from_secs(61));
    note_node(&world).await;
    assert!(health(&browser).await.contains(GOOD));
}

#[tokio::test]
async fn mail_that_is_paused_after_a_restore_names_the_command_that_resumes() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let browser = signed_in(&world, &root).await;
    note_node(&world).await;
    let pause = "UPDATE installation SET sending_paused = 1 WHERE id = 1";
    world.database().run(pause);
    let text = health(&browser).await;
    assert!(
        text.contains("<code>counterfoil outbox resume</code>"),
        "{text}"
    );
    assert!(text.contains("One part needs somebody"), "{text}");
}

#[tokio::test]
async fn a_key_that_this_process_was_not_given_is_named() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let browser = signed_in(&world, &root).await;
    note_node(&world).await;
    let added = world.authority.add_key(None, &World::operator()).await;
    let id = added.expect("a key can be added");
    let text = health(&browser).await;
    assert!(
        text.contains("All 2 keys that the database needs are here."),
        "{text}"
    );
    let other = world.authority.add_key(None, &World::operator()).await;
    let other = other.expect("a key can be added");
    assert_ne!(id, other);
    // Another node has it, and nobody brought it here.
    world.keys.remove(&other).expect("it was kept in memory");
    let text = health(&browser).await;
    let said = format!("The database needs key {other}, and this process has none of that id");
    assert!(text.contains(&said), "{text}");
}

#[tokio::test]
async fn events_that_are_still_to_come_tell_of_a_clock_that_is_wrong() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let browser = signed_in(&world, &root).await;
    note_node(&world).await;
    let ahead = format!(
        "UPDATE audit_events SET happened_at = {}",
        world.authority.now().plus(DAY).microseconds()
    );
    world.database().run(&ahead);
    let text = health(&browser).await;
    assert!(
        text.contains("which is still to come. Set the clock."),
        "{text}"
    );
}

#[tokio::test]
async fn users_who_should_have_a_second_factor_by_now_are_counted_and_not_named() {
    let mut options = WorldOptions::for_browsers();
    options.settings.second_factor = SecondFactorPolicy {
        required_of: RequiredOf::Everyone,
        grace: DAY,
        ends_tokens: false,
    };
    let world = World::with(options).await;
    let root = world.administrator("root").await;
    world.user("mona").await;
    world.user("bert").await;
    let lisa = world.user("lisa").await;
    let app = world.enable_two_factor(&root).await;
    let text = health(&signed_in_with_code(&world, &root, &app).await).await;
    assert!(text.contains("Nobody is late"), "{text}");
    world.advance(DAY * 2);
    let text = health(&signed_in_with_code(&world, &root, &app).await).await;
    assert!(
        text.contains("3 users should have it by now, and are let in nowhere before."),
        "{text}"
    );
    assert!(!text.contains("mona"), "{text}");
    let (login, operator) = (&lisa.account.login, World::operator());
    let suspended = world.authority.suspend_account(login, &operator).await;
    suspended.expect("the user lives");
    let text = health(&signed_in_with_code(&world, &root, &app).await).await;
    assert!(text.contains("2 users should have it by now"), "{text}");
}
