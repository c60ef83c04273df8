//! Failures, locks and known addresses.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::audit::{Action, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::sign_in::{
    FailureKind, LockedFor, LockoutDecision, LockoutPolicy, LockoutState, SignInSubject,
};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{CountedFailure, CountedRequests, FailedSignIn};

use crate::world::{World, words};

pub(crate) const SUBJECT: SignInSubject = SignInSubject([1; 32]);
pub(crate) const HERE: &str = "192.0.2.1";
pub(crate) const THERE: &str = "198.51.100.0";

pub(crate) fn policy() -> LockoutPolicy {
    LockoutPolicy {
        per_login_and_address: 3,
        per_address: 5,
        per_login: 7,
        per_login_slowed: 9,
        ..LockoutPolicy::default()
    }
}

/// Counts a failure of a login that nobody has, and says until when it is locked.
async fn fail(
    world: &World,
    subject: SignInSubject,
    address: &str,
    kind: FailureKind,
) -> Option<Timestamp> {
    count(world, subject, None, address, kind)
        .await
        .locked_until
}

pub(crate) async fn count(
    world: &World,
    subject: SignInSubject,
    account: Option<AccountId>,
    address: &str,
    kind: FailureKind,
) -> CountedFailure {
    let failed = FailedSignIn {
        subject,
        account,
        address_key: address.to_owned(),
        kind,
    };
    let counted = world
        .store
        .record_failure(failed, policy(), world.operator());
    counted.await.expect("the call succeeds")
}

pub(crate) async fn state(
    world: &World,
    subject: SignInSubject,
    account: Option<&Account>,
    address: &str,
) -> LockoutState {
    let account = account.map(|account| account.id);
    world
        .store
        .lockout_state(subject, account, address, &policy(), world.now())
        .await
        .expect("the call succeeds")
}

on_each_engine! {
    what_never_failed_is_open,
    too_many_failures_of_a_login_from_an_address_lock_that_pair_alone,
    failures_that_were_under_way_when_the_lock_came_do_not_lengthen_it,
    each_lock_after_wrong_codes_is_twice_as_long_from_whatever_address,
    the_longest_lock_is_reached_and_kept,
    a_wrong_password_at_last_does_not_hide_wrong_codes,
    failures_stop_counting_when_their_window_is_over,
    an_address_is_counted_over_all_logins_and_a_login_over_all_addresses,
    what_is_too_old_to_count_is_deleted_in_passing,
    a_lock_made_in_another_process_holds_here,
    refused_attempts_are_told_with_their_count_and_address,
    a_flood_of_failures_takes_no_more_than_its_share_of_the_disk,
    refused_passkeys_from_an_address_that_is_refused_already_take_no_room,
}

async fn what_never_failed_is_open(world: World) {
    assert_eq!(
        state(&world, SUBJECT, None, HERE).await,
        LockoutState::default()
    );
}

async fn too_many_failures_of_a_login_from_an_address_lock_that_pair_alone(world: World) {
    assert_eq!(
        fail(&world, SUBJECT, HERE, FailureKind::Password).await,
        None
    );
    assert_eq!(
        fail(&world, SUBJECT, HERE, FailureKind::Password).await,
        None
    );
    let until = world.now().plus(policy().lock);
    assert_eq!(
        fail(&world, SUBJECT, HERE, FailureKind::Password).await,
        Some(until)
    );
    assert_eq!(
        state(&world, SUBJECT, None, HERE).await.pair_locked_until,
        Some(until)
    );
    assert_eq!(
        state(&world, SUBJECT, None, THERE).await.pair_locked_until,
        None
    );
    assert_eq!(
        state(&world, SignInSubject([2; 32]), None, HERE)
            .await
            .pair_locked_until,
        None
    );
    world.pass(policy().lock);
    assert_eq!(
        state(&world, SUBJECT, None, HERE).await.pair_locked_until,
        None
    );
    let told = [
        Action::SignInFailed,
        Action::SignInFailed,
        Action::SignInLocked,
    ];
    assert_eq!(world.actions_since(0).await, words(&told));
}

async fn failures_that_were_under_way_when_the_lock_came_do_not_lengthen_it(world: World) {
    for _ in 0..3 {
        fail(&world, SUBJECT, HERE, FailureKind::Code).await;
    }
    let until = world.now().plus(policy().lock);
    assert_eq!(
        fail(&world, SUBJECT, HERE, FailureKind::Code).await,
        Some(until)
    );
    assert_eq!(
        state(&world, SUBJECT, None, HERE).await.pair_locked_until,
        Some(until)
    );
}

async fn each_lock_after_wrong_codes_is_twice_as_long_from_whatever_address(world: World) {
    for (address, minutes) in [(HERE, 10), (THERE, 20), (HERE, 40)] {
        let mut until = None;
        for _ in 0..3 {
            until = fail(&world, SUBJECT, address, FailureKind::Code).await;
        }
        let lock = Duration::from_mins(minutes);
        assert_eq!(until, Some(world.now().plus(lock)), "{address}");
        world.pass(lock);
    }
    world.pass(policy().longest_lock);
    for _ in 0..2 {
        fail(&world, SUBJECT, HERE, FailureKind::Code).await;
    }
    let forgotten = fail(&world, SUBJECT, HERE, FailureKind::Code).await;
    assert_eq!(forgotten, Some(world.now().plus(policy().lock)));
}

async fn the_longest_lock_is_reached_and_kept(world: World) {
    let mut minutes = 10;
    for _ in 0..10 {
        let mut until = None;
        for _ in 0..3 {
            until = fail(&world, SUBJECT, HERE, FailureKind::Code).await;
        }
        let lock = Duration::from_mins(minutes).min(policy().longest_lock);
        assert_eq!(until, Some(world.now().plus(lock)), "{minutes}");
        world.pass(lock);
        minutes *= 2;
    }
}

async fn a_wrong_password_at_last_does_not_hide_wrong_codes(world: World) {
    for minutes in [10, 20, 40] {
        fail(&world, SUBJECT, HERE, FailureKind::Password).await;
        fail(&world, SUBJECT, HERE, FailureKind::Code).await;
        let until = fail(&world, SUBJECT, HERE, FailureKind::Password).await;
        let lock = Duration::from_mins(minutes);
        assert_eq!(until, Some(world.now().plus(lock)));
        world.pass(lock);
    }
}

async fn failures_stop_counting_when_their_window_is_over(world: World) {
    for _ in 0..2 {
        fail(&world, SUBJECT, HERE, FailureKind::Password).await;
    }
    world.pass(policy().window);
    assert_eq!(
        fail(&world, SUBJECT, HERE, FailureKind::Password).await,
        None
    );
    let later = state(&world, SUBJECT, None, HERE).await;
    assert_eq!((later.address_failures, later.login_failures), (1, 3));
    world.pass(policy().login_window);
    assert_eq!(
        state(&world, SUBJECT, None, HERE).await,
        LockoutState::default()
    );
}

async fn an_address_is_counted_over_all_logins_and_a_login_over_all_addresses(world: World) {
    for number in 0..6 {
        fail(
            &world,
            SignInSubject([number; 32]),
            HERE,
            FailureKind::Password,
        )
        .await;
    }
    let of_address = state(&world, SignInSubject([99; 32]), None, HERE).await;
    assert_eq!(
        (of_address.address_failures, of_address.login_failures),
        (5, 0)
    );
    assert!(matches!(
        policy().decide(&of_address, world.now()),
        LockoutDecision::Closed(_)
    ));
    for number in 0..8 {
        fail(
            &world,
            SignInSubject([77; 32]),
            &format!("10.0.0.{number}"),
            FailureKind::Password,
        )
        .await;
    }
    let of_login = state(&world, SignInSubject([77; 32]), None, THERE).await;
    assert_eq!((of_login.address_failures, of_login.login_failures), (0, 8));
    assert_eq!(
        policy().decide(&of_login, world.now()),
        LockoutDecision::Open
    );
    for _ in 0..2 {
        fail(
            &world,
            SignInSubject([77; 32]),
            THERE,
            FailureKind::Password,
        )
        .await;
    }
    let of_login = state(&world, SignInSubject([77; 32]), None, "10.0.1.0").await;
    assert_eq!(of_login.login_failures, policy().per_login_slowed);
    let closed = policy().decide(&of_login, world.now());
    assert_eq!(closed, LockoutDecision::Closed(LockedFor::Login));
}

async fn what_is_too_old_to_count_is_deleted_in_passing(world: World) {
    for number in 0..100 {
        fail(
            &world,
            SignInSubject([number; 32]),
            HERE,
            FailureKind::Password,
        )
        .await;
    }
    world.pass(policy().login_window + Duration::from_secs(1));
    for left in [37, 2, 3] {
        fail(&world, SUBJECT, THERE, FailureKind::Password).await;
        let rows = world.look_up("SELECT count(*) FROM sign_in_failures");
        assert_eq!(rows, [left.to_string()]);
    }
}

async fn a_lock_made_in_another_process_holds_here(world: World) {
    let other = world.another_process();
    for _ in 0..3 {
        let failed = FailedSignIn {
            subject: SUBJECT,
            account: None,
            address_key: HERE.to_owned(),
            kind: FailureKind::Password,
        };
        let counted = other.record_failure(failed, policy(), world.operator());
        counted.await.unwrap();
    }
    let until = world.now().plus(policy().lock);
    assert_eq!(
        state(&world, SUBJECT, None, HERE).await.pair_locked_until,
        Some(until)
    );
}

fn refused(
    account: Option<AccountId>,
    address: Option<ClientAddress>,
    count: u64,
) -> CountedRequests {
    CountedRequests {
        action: Action::SignInRefused,
        subject: Subject {
            account,
            ..Subject::default()
        },
        address,
        count,
    }
}

async fn refused_attempts_are_told_with_their_count_and_address(world: World) {
    let user = world.user("mona").await;
    let refusals = vec![
        refused(Some(user.id), HERE.parse().ok(), 12),
        refused(None, None, 1),
    ];
    world
        .store
        .record_counted_requests(refusals, world.operator())
        .await
        .unwrap();
    let events = world.events().await;
    let told: Vec<_> = events[1..]
        .iter()
        .map(|event| {
            (
                event.action.as_str(),
                event.account,
                event.personal("address"),
            )
        })
        .collect();
    let refused = Action::SignInRefused.as_str();
    assert_eq!(
        told,
        [
            (refused, Some(user.id.0), Some(HERE)),
            (refused, None, None)
        ]
    );
    assert!(String::from_utf8_lossy(&events[1].bytes).contains("number.count 2 12"));
}

async fn a_flood_of_failures_takes_no_more_than_its_share_of_the_disk(world: World) {
    for _ in 0..3 {
        fail(&world, SUBJECT, HERE, FailureKind::Password).await;
    }
    // As if 200,000 had come meanwhile; numbers only ever rise.
    world.skip_ids("sign_in_failures", 200_001);
    fail(&world, SUBJECT, THERE, FailureKind::Password).await;
    let left = world.look_up("SELECT id FROM sign_in_failures ORDER BY id");
    assert_eq!(left, ["3", "200002"]);
}

async fn refused_passkeys_from_an_address_that_is_refused_already_take_no_room(world: World) {
    fail(&world, SUBJECT, THERE, FailureKind::Password).await;
    let events = world.events().await.len();
    for number in 1..=20 {
        let subject = SignInSubject([100 + number; 32]);
        let counted = count(&world, subject, None, HERE, FailureKind::Passkey).await;
        let expected = CountedFailure {
            address_failures: u32::from(number).min(policy().per_address),
            ..CountedFailure::default()
        };
        assert_eq!(counted, expected);
    }
    let kept = world.look_up("SELECT count(*) FROM sign_in_failures");
    assert_eq!(kept, [(policy().per_address + 1).to_string()]);
    assert_eq!(state(&world, SUBJECT, None, THERE).await.login_failures, 1);
    // Each is told all the same.
    let told = [Action::SignInFailed; 20];
    assert_eq!(world.actions_since(events).await, words(&told));
    // Wrong passwords are counted on.
    fail(&world, SUBJECT, HERE, FailureKind::Password).await;
    assert_eq!(state(&world, SUBJECT, None, THERE).await.login_failures, 2);
}
