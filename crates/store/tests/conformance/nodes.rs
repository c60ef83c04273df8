//! Which processes serve from a database.

use std::time::Duration;

use counterfoil_domain::app::{
    App, AppChange, AppSwitch, ExpiringTokens, SeenTokens, SwitchChange,
};
use counterfoil_store::{ChangeError, StoreError};

use crate::world::World;

const HOUR: Duration = Duration::from_hours(1);

on_each_engine! {
    each_process_that_serves_is_listed_once_with_its_level_and_its_last_time,
    a_process_that_was_not_seen_for_a_day_is_forgotten,
    an_app_is_suspended_only_when_no_older_program_was_seen_for_a_minute,
    nothing_that_an_older_program_would_let_in_is_kept_out_while_one_serves,
}

fn nodes(world: &World) -> Vec<String> {
    let nodes = "SELECT id || ' ' || CAST(level AS TEXT) || ' ' || CAST(seen_at / 1000000 AS TEXT) FROM nodes ORDER BY id";
    world.look_up(nodes)
}

async fn each_process_that_serves_is_listed_once_with_its_level_and_its_last_time(world: World) {
    let other = world.another_process();
    other.note_node(world.now()).await.unwrap();
    let earlier = world.now();
    world.pass(HOUR);
    world.store.note_node(world.now()).await.unwrap();
    // A clock that was set back takes nothing back.
    world.store.note_node(earlier).await.unwrap();
    let listed = [
        format!("first 2 {}", world.now().seconds()),
        format!("second 2 {}", earlier.seconds()),
    ];
    assert_eq!(nodes(&world), listed);
    assert_eq!(world.events().await, []);
}

async fn a_process_that_was_not_seen_for_a_day_is_forgotten(world: World) {
    let other = world.another_process();
    other.note_node(world.now()).await.unwrap();
    world.pass(Duration::from_secs(86_399));
    world.store.note_node(world.now()).await.unwrap();
    assert_eq!(nodes(&world).len(), 2);
    world.pass(Duration::from_secs(1));
    world.store.note_node(world.now()).await.unwrap();
    let left = [format!("first 2 {}", world.now().seconds())];
    assert_eq!(nodes(&world), left);
}

/// A program from before the second level says that it is there.
fn older_program_is_seen(world: &World) {
    let now = world.now().microseconds();
    world.run(&format!(
        "INSERT INTO nodes (id, level, seen_at) VALUES ('older', 1, {now})"
    ));
}

/// What program the schema needs.
fn needed_program(world: &World) -> Vec<String> {
    world.look_up("SELECT max(oldest_program) FROM schema_migrations")
}

/// Whether something was done, or refused since an older program serves.
#[track_caller]
fn is_done<T, R: std::fmt::Debug>(outcome: Result<T, ChangeError<R>>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(ChangeError::Store(StoreError::OlderProgram)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

async fn an_app_is_suspended_only_when_no_older_program_was_seen_for_a_minute(world: World) {
    let owner = world.user("owner").await;
    let id = world.app(&owner, "Travis").await.summary.id;
    let events = world.events().await.len();
    world.store.note_node(world.now()).await.unwrap();
    older_program_is_seen(&world);
    let suspend = || world.store.suspend_app(id, world.operator());
    assert!(!is_done(suspend().await));
    world.pass(Duration::from_secs(59));
    assert!(!is_done(suspend().await));
    // Nothing was done, nor is anything else needed of programs.
    let suspended = "SELECT count(*) FROM apps WHERE suspended_at IS NOT NULL";
    assert_eq!(world.look_up(suspended), ["0"]);
    assert_eq!(needed_program(&world), ["0.1.0"]);
    assert_eq!(world.events().await.len(), events);

    world.pass(Duration::from_secs(1));
    assert!(is_done(suspend().await));
    assert_eq!(needed_program(&world), ["0.1.0.2"]);
    // Whoever knows it opens it as before.
    drop(world.another_process());
    // One that came back is not obeyed, though the schema says already that it must not serve.
    assert!(is_done(
        world.store.unsuspend_app(id, world.operator()).await
    ));
    world.run("DELETE FROM nodes WHERE id = 'older'");
    older_program_is_seen(&world);
    assert!(!is_done(suspend().await));
    assert_eq!(needed_program(&world), ["0.1.0.2"]);
}

async fn nothing_that_an_older_program_would_let_in_is_kept_out_while_one_serves(world: World) {
    let owner = world.user("owner").await;
    let made = world.app(&owner, "Travis").await;
    older_program_is_seen(&world);
    let turning = |switch| SwitchChange::default().turning(switch, true);
    for switch in AppSwitch::ALL {
        let change = AppChange {
            switches: turning(switch),
            ..AppChange::default()
        };
        // What goes back to an app is an older program's own way of saying it, and keeps nobody
        // out.
        let expected = matches!(switch, AppSwitch::SendIss | AppSwitch::StandardErrors);
        assert_eq!(changes(&world, &made, change).await, expected, "{switch:?}");
        let mut new = world.new_app(&owner, switch.name());
        new.switches = new.switches.with(switch, true);
        let new = world.store.create_app(new, 100, world.operator()).await;
        assert_eq!(is_done(new), expected, "{switch:?}");
    }
    let expiring = || AppChange {
        expiring_tokens: Some(ExpiringTokens::Enabled),
        ..AppChange::default()
    };
    let marked = AppChange {
        seen_tokens: Some(SeenTokens::All),
        ..AppChange::default()
    };
    assert!(!changes(&world, &made, expiring()).await);
    assert!(!changes(&world, &made, marked).await);
    let secrets = world.store.list_app_secrets(made.summary.id).await;
    let secret = secrets.unwrap()[0].id;
    let publish = || {
        let by = world.operator();
        world.store.publish_app_secret(made.summary.id, secret, by)
    };
    assert!(!is_done(publish().await));
    assert!(!is_done(
        world.store.make_built_in_apps(world.operator()).await
    ));
    assert_eq!(needed_program(&world), ["0.1.0"]);

    world.pass(Duration::from_mins(1));
    assert!(changes(&world, &made, expiring()).await);
    assert_eq!(needed_program(&world), ["0.1.0.2"]);
    assert!(is_done(publish().await));
    assert!(is_done(
        world.store.make_built_in_apps(world.operator()).await
    ));
    // What is off already, or goes on as it was, needs nothing of anybody.
    world.run("UPDATE nodes SET seen_at = seen_at + 60000000");
    let still = AppChange {
        switches: SwitchChange::default().turning(AppSwitch::ExactMatch, false),
        ..expiring()
    };
    assert!(changes(&world, &made, still).await);
}

async fn changes(world: &World, app: &App, change: AppChange) -> bool {
    let id = app.summary.id;
    is_done(world.store.change_app(id, change, world.operator()).await)
}
