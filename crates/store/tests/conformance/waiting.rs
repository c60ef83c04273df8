//! What becomes of a call that waits for somebody else's transaction on a PostgreSQL server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_domain::code::CodeUse;
use counterfoil_store::SchemaState;

use crate::server::{Way, open};
use crate::two_factor::{matched, protected};
use crate::world::{Kind, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_migration_is_applied_while_a_program_of_the_schema_before_serves() {
    let (world, user) = protected(World::on(Kind::Postgres(Way::Direct))).await;
    world.server().run(
        "DROP INDEX recovery_codes_by_end; DROP INDEX totp_steps_by_use; DROP INDEX sign_in_addresses_by_time;
        DELETE FROM schema_migrations WHERE number >= 3",
    );
    let is_migrated = Arc::new(AtomicBool::new(false));
    let serving = tokio::spawn({
        let (store, by, over) = (
            world.store.clone(),
            world.by(&user),
            Arc::clone(&is_migrated),
        );
        async move {
            for step in 1.. {
                let last = over.load(Ordering::Acquire);
                let matched = matched(&store, user.id, step).await;
                let here = "192.0.2.1".to_owned();
                let used = store.use_totp_step(user.id, matched, CodeUse::Basic, here, by.clone());
                assert!(used.await.expect("the database serves"));
                if last {
                    return step;
                }
            }
            unreachable!("there are more steps than a test has time for");
        }
    });
    let options = world.server().options();
    let next = tokio::task::spawn_blocking(|| open(options, "next", SchemaState::Migrate));
    next.await.unwrap().expect("it can be migrated");
    is_migrated.store(true, Ordering::Release);
    assert!(serving.await.unwrap() >= 1);
    assert_eq!(
        world.look_up("SELECT max(number)::text FROM schema_migrations"),
        ["3"]
    );
}
