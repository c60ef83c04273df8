//! What happens when many ask at the same time, in one process or in two.

use std::collections::HashSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use counterfoil_domain::account::LoginTaken;
use counterfoil_domain::authorization::{ForApp, NameTaken, NewAuthorization, TokenLimits};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_store::{ChangeError, GotOrCreated, Store, StoreError};

use crate::world::{World, login, new_account, refusal};

const CALLERS: usize = 64;
/// How long what nobody waits for may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a get-or-create that runs on its own.
fn put(
    store: &Store,
    world: &World,
    new: NewAuthorization<ForApp>,
) -> tokio::task::JoinHandle<GotOrCreated> {
    let (store, by) = (store.clone(), world.operator());
    tokio::spawn(async move {
        let got = store
            .get_or_create_authorization(new, TokenLimits::default(), by)
            .await;
        got.expect("nothing is in the way")
    })
}

/// Runs a call up to where it waits, as a client that goes away leaves it.
pub(crate) async fn poll_once(mut call: Pin<&mut impl Future>) {
    poll_fn(|context| {
        drop(call.as_mut().poll(context));
        Poll::Ready(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_come_together_share_commits_of_sqlite() {
    let world = World::new();
    let user = world.user("mona").await;
    let before = world.store.stats();
    let made = (0..512).map(|number| {
        let new = world.personal(&user, &number.to_string(), "repo");
        let (store, by) = (world.store.clone(), world.operator());
        tokio::spawn(async move {
            store
                .create_authorization(new, TokenLimits::default(), by)
                .await
        })
    });
    let mut ids = HashSet::new();
    for one in made.collect::<Vec<_>>() {
        ids.insert(one.await.unwrap().unwrap().id);
    }
    assert_eq!(ids.len(), 512);
    let after = world.store.stats();
    assert_eq!(after.writes - before.writes, 512);
    assert!(after.commits - before.commits < 512, "{after:?}");
    assert!(after.largest_group > 1, "{after:?}");
    assert_eq!((after.queued, after.failed_commits), (0, 0));
}

on_each_engine! {
    a_closed_store_refuses_and_has_kept_what_it_answered,
    dropping_the_last_handle_finishes_what_waits,
    of_many_that_get_or_create_one_creates_and_all_get_the_same,
    of_many_that_use_one_note_one_creates_and_its_neighbours_are_refused,
    an_id_is_never_given_twice,
    another_process_sees_and_makes_changes_at_once,
    what_a_caller_who_went_away_asked_for_is_done_to_its_end,
}

async fn of_many_that_get_or_create_one_creates_and_all_get_the_same(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let other = world.another_process();
    for round in 0..20 {
        let fingerprint = (round % 2 == 0).then(|| round.to_string());
        let app = if round % 2 == 0 {
            app.clone()
        } else {
            world.app(&user, &round.to_string()).await
        };
        let calls = (0..CALLERS).map(|number| {
            let store = if number % 2 == 0 {
                &world.store
            } else {
                &other
            };
            put(
                store,
                &world,
                world.surely_for_app(&user, &app, fingerprint.as_deref(), "repo"),
            )
        });
        let mut created = 0;
        let mut ids = HashSet::new();
        for call in calls.collect::<Vec<_>>() {
            match call.await.unwrap() {
                GotOrCreated::Created(token) => {
                    created += 1;
                    ids.insert(token.id);
                }
                GotOrCreated::Existing(token) => {
                    ids.insert(token.id);
                }
            }
        }
        assert_eq!((created, ids.len()), (1, 1), "round {round}");
    }
}

async fn of_many_that_use_one_note_one_creates_and_its_neighbours_are_refused(world: World) {
    let user = world.user("mona").await;
    let calls = (0..CALLERS).map(|_| {
        let new = world.personal(&user, "note", "repo");
        let (store, by) = (world.store.clone(), world.operator());
        tokio::spawn(async move {
            store
                .create_authorization(new, TokenLimits::default(), by)
                .await
        })
    });
    let mut created = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(_) => created += 1,
            Err(ChangeError::Refused(reason)) => {
                assert_eq!(reason, NameTaken::Note.into());
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(created, 1);
    assert_eq!(world.list(&user).await.len(), 1);
}

async fn an_id_is_never_given_twice(world: World) {
    let user = world.user("mona").await;
    let mut last = None;
    for _ in 0..3 {
        let token = world.make(world.personal(&user, "note", "repo")).await;
        assert!(last < Some(token.id));
        last = Some(token.id);
        world
            .store
            .revoke_authorization(None, token.id, EndReason::DeletedByOwner, world.operator())
            .await
            .unwrap();
        // A call that is refused after it inserted gives its number back unused; a number that was
        // told is never told again.
        world.import_again(&user, &token, 1).await;
    }
}

async fn another_process_sees_and_makes_changes_at_once(world: World) {
    let other = world.another_process();
    let user = world.user("mona").await;
    assert_eq!(
        other.find_account(&login("mona")).await.unwrap(),
        Some(user.clone())
    );
    let token = world.make(world.personal(&user, "note", "repo")).await;
    other
        .revoke_authorization(
            Some(user.id),
            token.id,
            EndReason::RevokedByOperator,
            world.operator(),
        )
        .await
        .unwrap();
    assert!(
        world
            .store
            .find_by_digest(token.token.digest, world.now())
            .await
            .unwrap()
            .is_none()
    );
    other
        .suspend_account(user.id, world.operator())
        .await
        .unwrap();
    assert!(
        world
            .store
            .account_by_id(user.id)
            .await
            .unwrap()
            .unwrap()
            .is_suspended()
    );
    let second = other
        .create_account(new_account("mona"), world.operator())
        .await;
    assert_eq!(refusal(second), LoginTaken.into());
}

async fn what_a_caller_who_went_away_asked_for_is_done_to_its_end(world: World) {
    let call = world
        .store
        .create_account(new_account("mona"), world.operator());
    // Polled once, which hands the work over, and then dropped.
    let mut call = Box::pin(call);
    poll_once(call.as_mut()).await;
    drop(call);
    // Nobody waits for it, so nobody is told when it is done.
    let begun = Instant::now();
    while world
        .store
        .find_account(&login("mona"))
        .await
        .unwrap()
        .is_none()
    {
        assert!(begun.elapsed() < PATIENCE, "it was never done");
    }
}

async fn a_closed_store_refuses_and_has_kept_what_it_answered(world: World) {
    let user = world.user("mona").await;
    world.store.close().await;
    world.store.close().await;
    let write = world.store.suspend_account(user.id, world.operator()).await;
    assert!(matches!(write, Err(ChangeError::Store(StoreError::Closed))));
    assert!(matches!(
        world.store.list_accounts().await,
        Err(StoreError::Closed)
    ));
    assert_eq!(
        world
            .another_process()
            .account_by_id(user.id)
            .await
            .unwrap(),
        Some(user)
    );
}

async fn dropping_the_last_handle_finishes_what_waits(mut world: World) {
    let by = world.operator();
    let another = world.another_process();
    let store = std::mem::replace(&mut world.store, another);
    let mut call = Box::pin(store.create_account(new_account("mona"), by));
    poll_once(call.as_mut()).await;
    drop(call);
    drop(store);
    assert!(
        world
            .another_process()
            .find_account(&login("mona"))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_file_of_sqlite_that_was_closed_in_order_is_one_file() {
    let world = World::new();
    world.user("mona").await;
    let log = world.folder.file("counterfoil.db-wal");
    assert!(log.exists());
    world.store.close().await;
    assert!(!log.exists());
}
