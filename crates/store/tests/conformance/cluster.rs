//! What a server does to its clients.

use std::time::Duration;

use counterfoil_store::{ChangeError, DatabaseClock, PostgresOptions, SchemaState, StoreError};
use counterfoil_testkit::postgres::{Cluster, ClusterOptions};

use crate::concurrency::poll_once;
use crate::server::{Way, open};
use crate::world::{Kind, World, audit_key, login, new_account};

#[tokio::test]
async fn a_commit_that_the_standby_never_confirmed_is_not_acknowledged_when_time_runs_out() {
    let world = World::new();
    let cluster = Cluster::start(ClusterOptions::default());
    cluster.create_database("alone");
    let mut options = PostgresOptions::parse(&cluster.url("alone")).unwrap();
    options.clock = DatabaseClock::Ignored;
    options.statement_timeout = Duration::from_millis(200);
    let store = open(options, "first", SchemaState::Require).unwrap();
    store.vouch_by(audit_key());
    let made = store
        .create_account(new_account("mona"), world.operator())
        .await;
    made.unwrap();
    // Commits wait from here on for a standby that does not exist.
    cluster.run(
        "postgres",
        "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
    );
    cluster.run("postgres", "SELECT pg_reload_conf()");
    cluster.wait_until("postgres", "SHOW synchronous_standby_names", "nobody");
    let made = store
        .create_account(new_account("lisa"), world.operator())
        .await;
    assert!(
        matches!(made, Err(ChangeError::Store(StoreError::NotCommitted(_)))),
        "{made:?}"
    );
    cluster.run("postgres", "ALTER SYSTEM RESET synchronous_standby_names");
    cluster.run("postgres", "SELECT pg_reload_conf()");
    cluster.wait_until("postgres", "SHOW synchronous_standby_names", "");
    let made = store
        .create_account(new_account("hubot"), world.operator())
        .await;
    made.unwrap();
}

#[tokio::test]
async fn readers_that_go_away_leave_connections_that_others_can_use() {
    for way in [Way::Direct, Way::Pooled] {
        let world = World::on(Kind::Postgres(way));
        let user = world.user("mona").await;
        // Far more than there are connections.
        for _ in 0..50 {
            let mut read = Box::pin(world.store.list_accounts());
            poll_once(read.as_mut()).await;
            tokio::task::yield_now().await;
            poll_once(read.as_mut()).await;
            drop(read);
            let mut read = Box::pin(world.store.account_by_id(user.id));
            poll_once(read.as_mut()).await;
            drop(read);
        }
        let found = world.store.find_account(&login("mona")).await.unwrap();
        assert_eq!(found.as_ref(), Some(&user));
        assert_eq!(world.store.list_accounts().await.unwrap(), [user]);
    }
}
