//! What becomes of a call that waits for somebody else's transaction on a PostgreSQL server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use counterfoil_domain::account::NewAccount;
use counterfoil_domain::authorization::{AuthorizationRefused, NewAuthorization, TokenLimits};
use counterfoil_store::SchemaState;

use crate::server::{Way, open};
use crate::two_factor::protected;
use crate::world::{Kind, World, new_account, refusal, verified};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_migration_is_applied_while_a_program_of_the_schema_before_serves() {
    let (world, user) = protected(World::on(Kind::Postgres(Way::Direct))).await;
    world.server().run(
        "ALTER TABLE accounts DROP COLUMN administrator_epoch; ALTER TABLE authorizations DROP COLUMN administrator_epoch;
        ALTER TABLE installation DROP COLUMN administrator_scopes_told;
        DROP INDEX sign_in_failures_by_account, sign_in_locks_by_account, sign_in_addresses_by_address;
        ALTER TABLE sign_in_failures DROP COLUMN account_id; ALTER TABLE sign_in_locks DROP COLUMN account_id;
        ALTER TABLE accounts DROP COLUMN profile_updated_at; ALTER TABLE accounts DROP COLUMN suspension_changed_at;
        DELETE FROM schema_migrations WHERE number >= 5",
    );
    let is_migrated = Arc::new(AtomicBool::new(false));
    let serving = tokio::spawn({
        let (store, by, over) = (
            world.store.clone(),
            world.by(&user),
            Arc::clone(&is_migrated),
        );
        async move {
            for address in 1_u32.. {
                let last = over.load(Ordering::Acquire);
                // What that program does with the table, and a write beside it.
                let seed = store.find_totp(user.id).await;
                assert!(seed.expect("the database serves").is_some());
                let noted = store.note_signed_in(user.id, address.to_string(), by.clone());
                noted.await.expect("the database serves");
                if last {
                    return address;
                }
            }
            unreachable!("there are more numbers than a test has time for");
        }
    });
    let options = world.server().options();
    let next = tokio::task::spawn_blocking(|| open(options, "next", SchemaState::Migrate));
    next.await.unwrap().expect("it can be migrated");
    is_migrated.store(true, Ordering::Release);
    assert!(serving.await.unwrap() >= 1);
    assert_eq!(
        world.look_up("SELECT max(number)::text FROM schema_migrations"),
        ["7"]
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
        AuthorizationRefused::EmailUnverified
    );
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
