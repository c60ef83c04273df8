//! Tokens that are over, and what is removed long after.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, NewAuthorization, NoSuchToken, TokenLimits,
};
use counterfoil_domain::code::CodeUse;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::{Lapsed, Proof, TokenProof};
use counterfoil_domain::scope::Scope;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token_life::{LAST_USED_SLACK, TokenLife};
use counterfoil_store::{ChangeError, GotOrCreated, IdleSweep, Removed, RemovedTraces, Whose};

use crate::two_factor::{CODES, MOST_WRONG, matched, protected};
use crate::world::{World, account_proof, refusal, words};

const DAY: Duration = Duration::from_hours(24);
const ALL: u32 = 1_000;

/// Judges tokens by this idle lifetime and by a clock that the test sets, which begins with the
/// world's.
fn judge(world: &World, idle: Option<Duration>) -> Arc<AtomicI64> {
    let clock = Arc::new(AtomicI64::new(world.now().microseconds()));
    let read = Arc::clone(&clock);
    let life = TokenLife {
        idle,
        ..TokenLife::default()
    };
    world.store.judge_by(
        life,
        Arc::new(move || Timestamp::from_microseconds(read.load(Ordering::Relaxed))),
    );
    clock
}

fn lasting(new: NewAuthorization, world: &World, life: Duration) -> NewAuthorization {
    NewAuthorization {
        expires_at: Some(world.now().plus(life)),
        ..new
    }
}

async fn idle(world: &World, after: i64, limit: u32) -> IdleSweep {
    let after = AuthorizationId(after);
    let swept = world.store.end_idle(after, limit, world.operator()).await;
    swept.expect("records can be read")
}

async fn remove(world: &World, limit: u32) -> Removed {
    let before = world.now().minus(DAY * 90);
    let removed = world.store.remove_ended(before, limit, world.operator());
    removed.await.expect("what ended can be removed")
}

fn reasons(world: &World) -> Vec<String> {
    world.look_up("SELECT end_reason FROM authorizations ORDER BY id")
}

async fn make_many(world: &World, user: &Account, count: usize) -> Vec<Authorization> {
    let limits = TokenLimits {
        live_per_user: 1_000_000,
        ..TokenLimits::default()
    };
    let mut made = Vec::new();
    // Some more at a time than there are connections, and not so many that the last waits too long.
    for first in (0..count).step_by(20) {
        let some = (first..count.min(first + 20)).map(|number| {
            let new = world.personal(user, &format!("number {number}"), "repo");
            world
                .store
                .create_authorization(new, limits, world.operator())
        });
        let some = futures_util::future::join_all(some).await;
        made.extend(some.into_iter().map(Result::unwrap));
    }
    made
}

on_each_engine! {
    used_codes_and_old_addresses_are_removed_and_others_stay,
    what_has_expired_ends_in_pieces_with_one_event_each,
    a_token_that_was_replaced_ends_at_a_time_of_its_own,
    an_idle_token_is_not_there_before_anybody_ends_it,
    idle_tokens_end_a_piece_at_a_time_once_their_last_use_is_surely_written,
    without_an_idle_lifetime_nobody_looks_for_idle_tokens,
    a_write_that_waited_is_judged_by_the_clock_of_its_turn,
    what_ended_long_ago_goes_and_its_ids_are_never_given_again,
    the_feed_keeps_what_is_young,
    the_beginning_of_the_trail_goes_and_no_gap_is_left,
}

async fn what_has_expired_ends_in_pieces_with_one_event_each(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    for number in 0..3 {
        let new = world.for_app(&user, &app, None, "repo");
        let life = Duration::from_hours(1 + number);
        world.make(lasting(new, &world, life)).await;
    }
    world.make(world.for_app(&user, &app, None, "gist")).await;
    let before = world.events().await.len();
    let end = async |limit| {
        world
            .store
            .end_expired(limit, world.operator())
            .await
            .unwrap()
    };
    assert_eq!(end(ALL).await, 0);
    assert_eq!(world.actions_since(before).await, [] as [String; 0]);

    world.pass(Duration::from_hours(3));
    assert_eq!(end(2).await, 2);
    assert_eq!(reasons(&world), ["expired", "expired", "null", "null"]);
    assert_eq!(end(2).await, 1);
    assert_eq!(end(2).await, 0);
    let told = [
        Action::AuthorizationsLapsed,
        Action::TokenEnded,
        Action::TokenEnded,
        Action::AuthorizationsLapsed,
        Action::TokenEnded,
    ];
    assert_eq!(world.actions_since(before).await, words(&told));
    // What they gave the grant went with them, in the table too.
    assert_eq!(world.look_up("SELECT scopes FROM grants"), ["gist"]);
}

/// Gives the only token a successor, and this end to the one before.
fn replace_until(world: &World, end: Timestamp, id: i64, new: SecretDigest) {
    let bytes = data_encoding::HEXLOWER.encode(new.as_bytes());
    let bytes = if world.is_on_a_server() {
        format!("decode('{bytes}', 'hex')")
    } else {
        format!("x'{bytes}'")
    };
    let (head, now) = (new.head(), world.now().microseconds());
    world.run(&format!(
        "UPDATE token_digests SET expires_at = {};
        INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at)
            VALUES ({id}, {head}, {bytes}, '01234567', {now})",
        end.microseconds()
    ));
}

async fn a_token_that_was_replaced_ends_at_a_time_of_its_own(world: World) {
    let user = world.user("mona").await;
    let token = world.make(world.personal(&user, "one", "repo")).await;
    let (old, new) = (token.token.digest, SecretDigest::of("the new one"));
    let (id, end) = (token.id, world.now().plus(DAY));
    replace_until(&world, end, id.0, new);
    let found = async |digest| {
        let found = world.store.find_token(digest, world.now()).await;
        found.unwrap().map(|found| found.expires_at)
    };
    assert_eq!(found(old).await, Some(Some(end)));
    assert_eq!(found(new).await, Some(None));
    let scope = Scope::find("repo").expect("it is known");
    let change = async || {
        let token = TokenProof { digest: old, scope };
        let by = world.proven_by(Proof::Token(account_proof(&user), token));
        world.store.suspend_account(user.id, by).await
    };
    world.pass(Duration::from_secs(86_399));
    let events = world.events().await.len();
    let clean = async || {
        let ended = world.store.end_expired_digests(ALL, world.operator());
        ended.await.unwrap()
    };
    assert_eq!(clean().await, 0);
    world.pass(Duration::from_secs(1));
    assert_eq!(found(old).await, None);
    assert_eq!(found(new).await, Some(None));
    assert!(matches!(
        change().await,
        Err(ChangeError::Lapsed(Lapsed::Token))
    ));
    let over = async || {
        let record = world.store.inspect_token(old, world.now()).await;
        record.unwrap().expect("it is known").over
    };
    let expired = Some((end, EndReason::Expired));
    assert_eq!(over().await, expired);
    assert_eq!(clean().await, 1);
    assert_eq!(clean().await, 0);
    assert_eq!(over().await, expired);
    assert_eq!(found(new).await, Some(None));
    let told = [Action::AuthorizationsLapsed, Action::TokenEnded];
    assert_eq!(world.actions_since(events).await, words(&told));
    assert_eq!(world.tokens_whose_end_is_not_told_once(), ["0"]);
    assert_eq!(reasons(&world), ["null"]);
}

async fn an_idle_token_is_not_there_before_anybody_ends_it(world: World) {
    judge(&world, Some(DAY));
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let personal = world.make(world.personal(&user, "one", "repo")).await;
    world
        .make(world.for_app(&user, &app, Some("here"), "repo"))
        .await;
    let last_second = Duration::from_secs(LAST_USED_SLACK.as_secs() - 1);
    world.pass(DAY + last_second);
    assert_eq!(world.list(&user).await.len(), 2);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.list(&user).await, []);
    let digest = personal.token.digest;
    let found = world.store.find_by_digest(digest, world.now()).await;
    assert!(found.unwrap().is_none());
    // Nor is it in the way of another one.
    world.make(world.personal(&user, "one", "repo")).await;
    let wanted = world.surely_for_app(&user, &app, Some("here"), "repo");
    let limits = TokenLimits::default();
    let got = world
        .store
        .get_or_create_authorization(wanted, limits, world.operator())
        .await;
    assert!(matches!(got.unwrap(), GotOrCreated::Created(_)));
    assert_eq!(reasons(&world), ["idle", "idle", "null", "null"]);
}

async fn idle_tokens_end_a_piece_at_a_time_once_their_last_use_is_surely_written(world: World) {
    judge(&world, Some(DAY));
    let user = world.user("mona").await;
    make_many(&world, &user, 3).await;
    world.pass(DAY + LAST_USED_SLACK);
    let young = world.make(world.personal(&user, "young", "repo")).await;
    assert_eq!(
        idle(&world, 0, ALL).await,
        IdleSweep {
            ended: 0,
            next: None
        }
    );
    world.pass(LAST_USED_SLACK);
    let next = Some(AuthorizationId(2));
    assert_eq!(idle(&world, 0, 2).await, IdleSweep { ended: 2, next });
    let next = Some(young.id);
    assert_eq!(idle(&world, 2, 2).await, IdleSweep { ended: 1, next });
    let done = IdleSweep {
        ended: 0,
        next: None,
    };
    assert_eq!(idle(&world, young.id.0, 2).await, done);
    assert_eq!(reasons(&world), ["idle", "idle", "idle", "null"]);
    let digests = world.look_up("SELECT count(*) FROM token_digests WHERE end_reason = 'idle'");
    assert_eq!(digests, ["3"]);
}

async fn without_an_idle_lifetime_nobody_looks_for_idle_tokens(world: World) {
    let user = world.user("mona").await;
    make_many(&world, &user, 1).await;
    world.pass(DAY * 10_000);
    assert_eq!(
        idle(&world, 0, ALL).await,
        IdleSweep {
            ended: 0,
            next: None
        }
    );
    assert_eq!(world.list(&user).await.len(), 1);
}

async fn a_write_that_waited_is_judged_by_the_clock_of_its_turn(world: World) {
    let clock = judge(&world, None);
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let life = Duration::from_secs(2);
    let new = world.for_app(&user, &app, None, "repo");
    let expiring = world.make(lasting(new, &world, life)).await;
    // The caller asked a moment before the end, and its turn comes a moment after.
    let asked = world.operator();
    clock.store(world.now().plus(life).microseconds(), Ordering::Relaxed);
    let revoked = world.store.revoke_authorization(
        None,
        expiring.id,
        EndReason::RevokedByOperator,
        asked.clone(),
    );
    assert_eq!(refusal(revoked.await), NoSuchToken);
    let change = AuthorizationChange::default();
    let changed = world
        .store
        .change_authorization(user.id, expiring.id, change, asked.clone());
    assert_eq!(refusal(changed.await), NoSuchToken.into());
    // What is made is as old as its turn, and so is its event.
    let made = world
        .store
        .create_authorization(
            world.personal(&user, "later", "repo"),
            TokenLimits::default(),
            asked,
        )
        .await
        .unwrap();
    assert_eq!(made.created_at, world.now().plus(life));
    assert_eq!(world.events().await.last().unwrap().at, made.created_at);
}

async fn what_ended_long_ago_goes_and_its_ids_are_never_given_again(world: World) {
    let user = world.user("mona").await;
    let made = make_many(&world, &user, 2_000).await;
    let last = made.iter().map(|token| token.id).max().unwrap();
    let ended = world
        .store
        .revoke_all(Whose::Account(user.id), world.operator())
        .await;
    assert_eq!(ended.unwrap(), 2_000);
    world.pass(DAY * 45);
    let kept = world.make(world.personal(&user, "number 1", "repo")).await;
    world.pass(DAY * 44);
    assert_eq!(remove(&world, ALL).await, Removed::default());
    world.pass(DAY);
    let (mut gone, mut digests) = (0, 0);
    loop {
        let removed = remove(&world, 100).await;
        gone += removed.authorizations;
        digests += removed.digests;
        match removed.authorizations {
            0 => break,
            piece => assert_eq!(piece, 100),
        }
    }
    assert_eq!((gone, digests), (2_000, 2_000));
    let action = Action::EndedRemoved.as_str();
    let events = format!("SELECT count(*) FROM audit_events WHERE action = '{action}'");
    assert_eq!(world.look_up(&events), ["20"]);
    assert_eq!(world.list(&user).await, std::slice::from_ref(&kept));
    assert_eq!(
        world.store.check_integrity().await.unwrap(),
        [] as [String; 0]
    );
    let next = world.make(world.personal(&user, "number 2", "repo")).await;
    assert_eq!((kept.id.0, next.id.0), (last.0 + 1, last.0 + 2));
}

async fn the_feed_keeps_what_is_young(world: World) {
    let user = world.user("mona").await;
    let tokens = make_many(&world, &user, 5).await;
    let hour = Duration::from_hours(1);
    for token in tokens {
        let reason = EndReason::RevokedByOperator;
        let by = world.operator();
        world
            .store
            .revoke_authorization(None, token.id, reason, by)
            .await
            .unwrap();
        world.pass(hour);
    }
    let entries = || world.look_up("SELECT count(*) FROM changes");
    let all: u64 = entries()[0].parse().unwrap();
    let remove = async |limit| {
        let before = world.now().minus(hour * 2);
        world.store.remove_changes(before, limit).await.unwrap()
    };
    assert_eq!(remove(2).await, 2);
    assert_eq!(remove(ALL).await, all - 2 - 1);
    assert_eq!(remove(ALL).await, 0);
    assert_eq!(entries(), ["1"]);
}

async fn the_beginning_of_the_trail_goes_and_no_gap_is_left(world: World) {
    let user = world.user("mona").await;
    make_many(&world, &user, 9).await;
    world.pass(DAY);
    let another = world.another_process();
    for _ in 0..3 {
        let unlocked = another.unlock(user.id, Vec::new(), world.operator());
        unlocked.await.unwrap();
    }
    let remove = async |days: u32, limit| {
        let before = world.now().minus(DAY * days);
        let removed = world.store.remove_events(before, limit, world.operator());
        removed.await.unwrap()
    };
    assert_eq!(remove(2, ALL).await, 0);
    assert_eq!(remove(1, 4).await, 4);
    assert_eq!(remove(1, ALL).await, 6);
    assert_eq!(remove(1, ALL).await, 0);
    let sound = async || world.store.check_integrity().await.unwrap();
    assert_eq!(sound().await, [] as [String; 0]);
    let left = words(&[
        Action::UserUnlocked,
        Action::UserUnlocked,
        Action::UserUnlocked,
        Action::EndedRemoved,
        Action::EndedRemoved,
    ]);
    assert_eq!(world.actions_since(0).await, left);
    world.pass(DAY);
    assert_eq!(remove(1, ALL).await, 5);
    assert_eq!(sound().await, [] as [String; 0]);
    // A gap that nobody made on purpose is still one.
    for number in 10..12 {
        let new = world.personal(&user, &format!("number {number}"), "repo");
        world.make(new).await;
    }
    world.look_up(
        "DELETE FROM audit_events WHERE id = (SELECT min(id) FROM audit_events) RETURNING id",
    );
    assert_eq!(sound().await.len(), 1);
}

async fn used_codes_and_old_addresses_are_removed_and_others_stay(world: World) {
    let (world, user) = protected(world).await;
    let by = || world.by(&user);
    let used = world.store.use_recovery_code(user.id, CODES[0], by()).await;
    assert!(used.unwrap().is_some());
    let note = async |address: &str| {
        let address = address.to_owned();
        let noted = world.store.note_signed_in(user.id, address, by());
        noted.await.unwrap();
    };
    let step = async |step: i64| {
        let here = "192.0.2.1".to_owned();
        let matched = matched(&world.store, user.id, step).await;
        let used =
            world
                .store
                .use_totp_step(user.id, matched, CodeUse::Basic, here, MOST_WRONG, by());
        assert!(used.await.unwrap());
    };
    note("old").await;
    step(1_000).await;
    world.pass(DAY * 91);
    note("new").await;
    let second = world.store.use_recovery_code(user.id, CODES[1], by()).await;
    assert!(second.unwrap().is_some());
    let remove = async |limit| {
        let before = world.now().minus(DAY * 90);
        world.store.remove_traces(before, limit).await.unwrap()
    };
    let removed = remove(ALL).await;
    // A code and a step; whoever signs in forgets old addresses in passing already.
    assert_eq!(removed.codes, 2);
    assert_eq!(remove(ALL).await, RemovedTraces::default());
    assert_eq!(
        world.look_up("SELECT address_key FROM sign_in_addresses"),
        ["new"]
    );
    // One of three codes is used lately and one is not used yet.
    assert_eq!(
        world.look_up("SELECT CAST(count(*) AS TEXT) FROM recovery_codes"),
        ["2"]
    );
}
