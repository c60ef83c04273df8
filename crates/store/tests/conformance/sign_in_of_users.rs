//! What is known of a user who signs in, by whichever name and from wherever.

use std::time::Duration;

use counterfoil_domain::audit::Action;
use counterfoil_domain::sign_in::{
    FailureKind, LockedFor, LockoutDecision, LockoutState, SignInSubject,
};
use counterfoil_store::CountedFailure;

use crate::sign_in::{HERE, SUBJECT, THERE, count, policy, state};
use crate::world::{World, words};

on_each_engine! {
    an_address_that_signed_in_is_known_and_told_once_a_day,
    a_sign_in_that_another_node_notes_is_told_once,
    what_holds_for_a_user_holds_for_all_names_together,
    a_suspended_user_counts_for_the_address_alone,
    unlocking_lifts_locks_and_forgets_failures_of_all_its_names,
}

async fn an_address_that_signed_in_is_known_and_told_once_a_day(world: World) {
    let user = world.user("mona").await;
    let note = |address: &str| {
        world
            .store
            .note_signed_in(user.id, address.to_owned(), world.operator())
    };
    let events = world.events().await.len();
    note(HERE).await.unwrap();
    let first = Some(world.now());
    let signed_in = async |account, address| {
        let state = state(&world, SUBJECT, account, address).await;
        (
            state.login_signed_in_here_at,
            state.anybody_signed_in_here_at,
        )
    };
    assert_eq!(signed_in(Some(&user), HERE).await, (first, first));
    assert_eq!(signed_in(Some(&user), THERE).await, (None, None));
    assert_eq!(signed_in(None, HERE).await, (None, first));
    let writes = world.store.stats().writes;
    world.pass(Duration::from_hours(23));
    note(HERE).await.unwrap();
    assert_eq!(world.store.stats().writes, writes);
    world.pass(Duration::from_hours(1));
    note(HERE).await.unwrap();
    let now = Some(world.now());
    assert_eq!(signed_in(Some(&user), HERE).await, (now, now));
    world.pass(Duration::from_hours(24 * 401));
    note(THERE).await.unwrap();
    assert_eq!(
        world.look_up("SELECT address_key FROM sign_in_addresses"),
        [THERE]
    );
    let told = [Action::SignedIn; 3];
    assert_eq!(world.actions_since(events).await, words(&told));
}

/// Attempts at the same time find that nobody has noted it yet, and one of them tells.
async fn a_sign_in_that_another_node_notes_is_told_once(world: World) {
    let user = world.user("mona").await;
    let other = world.another_process();
    let events = world.events().await.len();
    let (here, there) = tokio::join!(
        world
            .store
            .note_signed_in(user.id, HERE.to_owned(), world.operator()),
        other.note_signed_in(user.id, HERE.to_owned(), world.operator()),
    );
    here.unwrap();
    there.unwrap();
    let told = [Action::SignedIn];
    assert_eq!(world.actions_since(events).await, words(&told));
}

async fn what_holds_for_a_user_holds_for_all_names_together(world: World) {
    let user = world.user("mona").await;
    let id = Some(user.id);
    let (login, address) = (SUBJECT, SignInSubject([2; 32]));
    let events = world.events().await.len();
    for (number, subject) in [login, address].into_iter().cycle().take(6).enumerate() {
        let from = format!("10.0.0.{number}");
        let counted = count(&world, subject, id, &from, FailureKind::Password).await;
        assert!(!counted.begins_attack);
    }
    // Its own events aside, one that nobody has under the same text would count apart.
    assert_eq!(state(&world, login, None, THERE).await.login_failures, 0);
    let counted = count(&world, address, id, HERE, FailureKind::Password).await;
    assert!(counted.begins_attack, "the seventh of the user");
    let counted = count(&world, login, id, THERE, FailureKind::Password).await;
    assert!(!counted.begins_attack, "it was told");
    let by_login = state(&world, login, Some(&user), HERE).await;
    let now = Some(world.now());
    assert_eq!(
        (by_login.login_failures, by_login.login_failed_here_at),
        (8, now)
    );
    assert_eq!(
        world.store.locks_of(user.id, world.now()).await.unwrap(),
        []
    );
    let told = world.actions_since(events).await;
    let attacked = told.iter().filter(|action| *action == "sign_in.attacked");
    assert_eq!((told.len(), attacked.count()), (9, 1));
    world.pass(policy().slow_wait);
    let later = state(&world, login, Some(&user), HERE).await;
    assert_eq!(later.login_failed_here_at, None);
}

async fn a_suspended_user_counts_for_the_address_alone(world: World) {
    let user = world.user("mona").await;
    let events = world.events().await.len();
    for number in 1..=8 {
        let counted = count(&world, SUBJECT, Some(user.id), HERE, FailureKind::Suspended).await;
        let expected = CountedFailure {
            address_failures: number.min(policy().per_address),
            ..CountedFailure::default()
        };
        assert_eq!(counted, expected);
    }
    let state = state(&world, SUBJECT, Some(&user), HERE).await;
    assert_eq!(state.login_failures, 0);
    let closed = policy().decide(&state, world.now());
    assert_eq!(closed, LockoutDecision::Closed(LockedFor::Address));
    let told = [Action::SignInSuspended; 8];
    assert_eq!(world.actions_since(events).await, words(&told));
}

async fn unlocking_lifts_locks_and_forgets_failures_of_all_its_names(world: World) {
    let user = world.user("mona").await;
    let id = Some(user.id);
    let (by_address, before) = (SignInSubject([2; 32]), SignInSubject([3; 32]));
    for address in [HERE, THERE] {
        for _ in 0..3 {
            count(&world, SUBJECT, id, address, FailureKind::Code).await;
        }
    }
    for _ in 0..3 {
        count(&world, by_address, id, HERE, FailureKind::Password).await;
        // From when there was no such user.
        count(&world, before, None, THERE, FailureKind::Password).await;
    }
    let locks = world.store.locks_of(user.id, world.now()).await.unwrap();
    let locked: Vec<_> = locks.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(locked, [HERE, THERE]);
    let events = world.events().await.len();
    let unlock = || {
        world
            .store
            .unlock(user.id, vec![SUBJECT, before], world.operator())
    };
    assert_eq!(unlock().await.unwrap(), 4);
    assert_eq!(unlock().await.unwrap(), 0);
    for subject in [SUBJECT, by_address, before] {
        for address in [HERE, THERE] {
            let state = state(&world, subject, Some(&user), address).await;
            assert_eq!(state, LockoutState::default());
        }
    }
    let told = [Action::UserUnlocked, Action::UserUnlocked];
    assert_eq!(world.actions_since(events).await, words(&told));
    // The lock after the next wrong codes is a first one again.
    let mut until = None;
    for _ in 0..3 {
        until = count(&world, SUBJECT, id, HERE, FailureKind::Code)
            .await
            .locked_until;
    }
    assert_eq!(until, Some(world.now().plus(policy().lock)));
}
