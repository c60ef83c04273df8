//! What becomes of a call that waits for somebody else's transaction on a PostgreSQL server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use counterfoil_domain::account::NewAccount;
use counterfoil_domain::authorization::{CreationRefused, NewAuthorization, TokenLimits};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_store::SchemaState;
use counterfoil_testkit::StopAtEnd;

use crate::older_programs::{BACK_TO_SCHEMA_7, Older};
use crate::server::{Way, open};
use crate::world::{Kind, World, new_account, refusal, verified};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_migration_is_applied_while_a_program_of_the_schema_before_serves() {
    let world = World::on(Kind::Postgres(Way::Direct));
    let user = world.user("mona").await;
    world.server().run(BACK_TO_SCHEMA_7);
    let is_migrated = AtomicBool::new(false);
    let older = Older(&world);
    let served = std::thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let mut events = 0;
            loop {
                let last = is_migrated.load(Ordering::Acquire);
                events += 1;
                let token = SecretDigest::of(&events.to_string());
                older.make(&user, &format!("number {events}"), token);
                older.record(events, &user, &[]);
                if last {
                    return events;
                }
            }
        });
        let migrated = StopAtEnd(&is_migrated);
        let next = open(world.server().options(), "next", SchemaState::Migrate);
        next.expect("it can be migrated");
        drop(migrated);
        serving.join().expect("the database serves")
    });
    let served = [served.to_string()];
    let tokens = "SELECT count(*)::text FROM token_digests WHERE expires_at IS NULL";
    assert_eq!(world.look_up(tokens), served);
    let events =
        "SELECT count(*)::text FROM audit_events WHERE writer_id = 'older' AND mac IS NULL";
    assert_eq!(world.look_up(events), served);
    assert_eq!(
        world.look_up("SELECT max(number)::text FROM schema_migrations"),
        ["20"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_no_longer_verified_when_the_turn_comes_is_no_verified_one() {
    let world = World::on(Kind::Postgres(Way::Direct));
    let new = NewAccount {
        email: Some(verified("mona@example.com")),
        ..new_account("mona")
    };
    let user = world.store.create_account(new, world.operator()).await;
    let user = user.expect("the user can be made");
    let other = world.server().begin(&format!(
        "SELECT 1 FROM accounts WHERE id = {0} FOR NO KEY UPDATE;
        UPDATE emails SET verified_at = NULL WHERE account_id = {0}",
        user.id
    ));
    let making = tokio::spawn({
        let (store, new, by) = (
            world.store.clone(),
            world.personal(&user, "note", "repo"),
            world.operator(),
        );
        async move {
            store
                .create_authorization(new, TokenLimits::default(), by)
                .await
        }
    });
    world.server().wait_for_waiting(1).await;
    other.commit();
    assert_eq!(
        refusal(making.await.unwrap()),
        CreationRefused::EmailUnverified
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_app_refreshes_while_the_clean_up_waits_for_it_lives_on() {
    let world = World::on(Kind::Postgres(Way::Direct));
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let lasting = |print: &str| NewAuthorization {
        expires_at: Some(world.now().plus(Duration::from_secs(1))),
        ..world.for_app(&user, &app, Some(print), "repo")
    };
    let refreshed = world.make(lasting("refreshed")).await;
    let over = world.make(lasting("over")).await;
    world.pass(Duration::from_secs(1));
    let until = world.now().plus(Duration::from_hours(8));
    let other = world.server().begin(&format!(
        "UPDATE authorizations SET expires_at = {} WHERE id = {}",
        until.microseconds(),
        refreshed.id
    ));
    let cleaning = tokio::spawn({
        let (store, by) = (world.store.clone(), world.operator());
        async move { store.end_expired(100, by).await }
    });
    // It found both to be over.
    world.server().wait_for_waiting(1).await;
    other.commit();
    assert_eq!(cleaning.await.unwrap().unwrap(), 1);
    let reasons = "SELECT fingerprint || ' ' || coalesce(end_reason, 'lives') FROM authorizations ORDER BY id";
    assert_eq!(world.look_up(reasons), ["refreshed lives", "over expired"]);
    let now = world.now();
    let found = world.store.find_token(refreshed.token.digest, now).await;
    assert_eq!(
        found.unwrap().map(|found| found.expires_at),
        Some(Some(until))
    );
    let found = world.store.find_token(over.token.digest, now).await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_makes_a_token_holds_no_grant_while_it_waits_for_a_token_that_is_to_end() {
    let world = World::on(Kind::Postgres(Way::Direct));
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let oldest = world.make(world.for_app(&user, &app, None, "repo")).await;
    let lapsing = NewAuthorization {
        expires_at: Some(world.now().plus(Duration::from_secs(1))),
        ..world.for_app(&user, &app, Some("laptop"), "gist")
    };
    world.make(lapsing).await;
    world.pass(Duration::from_secs(2));
    let other = world.server().begin(&format!(
        "SELECT 1 FROM authorizations WHERE id = {} FOR NO KEY UPDATE",
        oldest.id
    ));
    let making = tokio::spawn({
        let (store, new, by) = (
            world.store.clone(),
            world.for_app(&user, &app, Some("desk"), "repo"),
            world.operator(),
        );
        let limits = TokenLimits {
            live_per_scope_set: 1,
            ..TokenLimits::default()
        };
        async move { store.create_authorization(new, limits, by).await }
    });
    world.server().wait_for_waiting(1).await;
    let free = "SELECT id::text FROM grants FOR NO KEY UPDATE SKIP LOCKED";
    assert_eq!(world.look_up(free).len(), 1);
    other.commit();
    let made = making.await.unwrap().expect("the oldest makes room");
    assert_eq!(world.list(&user).await, [made]);
}
