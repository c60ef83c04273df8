//! Seeds that wait for their first code, and other recovery codes.

use std::time::Duration;

use counterfoil_domain::account::{
    Account, EnrolmentRefused, NoSecondFactor, NoSuchUser, RecoveryCodesRefused, TwoFactor,
};
use counterfoil_domain::audit::Action;
use counterfoil_domain::code::{CodeUse, EnrolmentHolder, Step};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, SessionId};
use counterfoil_domain::key::{KeyId, Sealed, SealedPlace};
use counterfoil_domain::link::{LinkKind, LinkRefused};
use counterfoil_store::{
    ChangeError, ConfirmedEnrolment, NewEnrolment, NewLink, Store, StoreError, WaitingSeed,
};

use crate::keys::initialised;
use crate::two_factor::{CODES, MOST_WRONG, matched, protected};
use crate::world::{World, refusal, words};

const WAITS: Duration = Duration::from_mins(15);
const NEW_CODES: [[u8; 32]; 2] = [[8; 32], [9; 32]];

on_each_engine! {
    a_seed_waits_for_the_session_that_it_was_shown_to_until_its_time_is_over,
    a_later_seed_takes_the_place_of_the_one_that_waits,
    a_confirmed_seed_turns_codes_on_and_its_code_is_spent,
    what_waits_is_confirmed_by_its_holder_alone_in_time_and_once,
    of_two_that_confirm_one_seed_at_the_same_time_one_finds_it_gone,
    a_link_that_allows_a_second_factor_is_used_up_with_it_and_by_its_owner_alone,
    a_second_factor_ends_the_links_for_one,
    seeds_that_nobody_confirmed_are_forgotten,
    a_rotation_of_keys_forgets_what_waits,
    what_waits_goes_with_its_user,
    other_recovery_codes_take_the_place_of_those_that_are_left,
    recovery_codes_are_replaced_for_who_has_a_second_factor_alone,
}

fn sealed(bytes: &[u8]) -> Sealed {
    Sealed {
        key: KeyId::parse("00000001").expect("eight digits"),
        bytes: bytes.to_vec(),
    }
}

fn session(number: i64) -> EnrolmentHolder {
    EnrolmentHolder::session(SessionId(number))
}

async fn with_user(world: World) -> (World, Account) {
    let world = initialised(world).await;
    let user = world.user("mona").await;
    (world, user)
}

async fn begin(world: &World, user: &Account, holder: i64, seed: &[u8]) {
    let new = NewEnrolment {
        account: user.id,
        holder: session(holder),
        seed: sealed(seed),
        expires_at: world.now().plus(WAITS),
    };
    let begun = world.store.begin_enrolment(new, world.by(user)).await;
    begun.expect("the user is there");
}

async fn waiting(world: &World, user: &Account, holder: i64) -> Option<WaitingSeed> {
    let found = world
        .store
        .waiting_seed(user.id, session(holder), world.now());
    found.await.expect("it can be read")
}

fn confirmed(user: &Account, holder: i64, seed: &[u8]) -> ConfirmedEnrolment {
    ConfirmedEnrolment {
        account: user.id,
        holder: session(holder),
        waiting: WaitingSeed(sealed(seed)),
        seed: sealed(b"for its place"),
        step: Step(100),
        address_key: "192.0.2.1".to_owned(),
        recovery_digests: NEW_CODES.to_vec(),
        link: None,
    }
}

/// A link of this user for a second factor, shown to an operator.
async fn link(world: &World, user: &Account) -> SecretDigest {
    let digest = world.secret().digest;
    let new = NewLink {
        kind: LinkKind::Enrolment,
        account: Some(user.id),
        digest,
        expires_at: world.now().plus(WAITS),
    };
    let made = world.store.issue_link(new, world.operator()).await;
    made.expect("the user has no second factor");
    digest
}

async fn works(world: &World, digest: SecretDigest) -> bool {
    let found = world.store.find_link(digest, world.now()).await;
    found.expect("it can be read").is_some()
}

async fn a_link_that_allows_a_second_factor_is_used_up_with_it_and_by_its_owner_alone(
    world: World,
) {
    let (world, user) = with_user(world).await;
    let other = world.user("lisa").await;
    let (own, theirs) = (link(&world, &user).await, link(&world, &other).await);
    let unknown = world.secret().digest;
    begin(&world, &user, 1, b"seed").await;
    for link in [theirs, unknown] {
        let confirmed = ConfirmedEnrolment {
            link: Some(link),
            ..confirmed(&user, 1, b"seed")
        };
        let done = world.store.confirm_enrolment(confirmed, world.by(&user));
        assert_eq!(refusal(done.await), EnrolmentRefused::DeadLink);
    }
    assert!(works(&world, theirs).await);
    // A seed that does not wait uses no link up.
    let not_waiting = ConfirmedEnrolment {
        link: Some(own),
        ..confirmed(&user, 2, b"seed")
    };
    let done = world.store.confirm_enrolment(not_waiting, world.by(&user));
    assert_eq!(refusal(done.await), EnrolmentRefused::Gone);
    assert!(works(&world, own).await);
    let events = world.events().await.len();
    let waiting = ConfirmedEnrolment {
        link: Some(own),
        ..confirmed(&user, 1, b"seed")
    };
    let done = world.store.confirm_enrolment(waiting, world.by(&user));
    done.await.expect("it waits");
    assert!(!works(&world, own).await);
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::OtpEnabled, Action::LinkUsed])
    );
    assert!(works(&world, theirs).await);
}

async fn a_second_factor_ends_the_links_for_one(world: World) {
    let (world, user) = with_user(world).await;
    let own = link(&world, &user).await;
    let on = world
        .store
        .enable_totp(user.id, sealed(b"seed"), CODES.to_vec(), world.operator());
    on.await.expect("the user is there");
    assert!(!works(&world, own).await);
    let again = NewLink {
        kind: LinkKind::Enrolment,
        account: Some(user.id),
        digest: world.secret().digest,
        expires_at: world.now().plus(WAITS),
    };
    let made = world.store.issue_link(again, world.operator());
    assert_eq!(refusal(made.await), LinkRefused::HasSecondFactor);
}

async fn account(store: &Store, id: AccountId) -> Account {
    let found = store.account_by_id(id).await.expect("it can be read");
    found.expect("it is there")
}

async fn a_seed_waits_for_the_session_that_it_was_shown_to_until_its_time_is_over(world: World) {
    let (world, user) = with_user(world).await;
    begin(&world, &user, 1, b"seed").await;
    let seed = Some(WaitingSeed(sealed(b"seed")));
    assert_eq!(waiting(&world, &user, 1).await, seed);
    assert_eq!(waiting(&world, &user, 2).await, None);
    // Nothing about the account changed.
    assert_eq!(account(&world.store, user.id).await, user);
    let nearly = WAITS.saturating_sub(Duration::from_secs(1));
    world.pass(nearly);
    assert_eq!(waiting(&world, &user, 1).await, seed);
    world.pass(Duration::from_secs(1));
    assert_eq!(waiting(&world, &user, 1).await, None);
}

async fn a_later_seed_takes_the_place_of_the_one_that_waits(world: World) {
    let (world, user) = with_user(world).await;
    begin(&world, &user, 1, b"first").await;
    begin(&world, &user, 2, b"second").await;
    assert_eq!(waiting(&world, &user, 1).await, None);
    let second = Some(WaitingSeed(sealed(b"second")));
    assert_eq!(waiting(&world, &user, 2).await, second);
    assert_eq!(world.look_up("SELECT count(*) FROM totp_enrolments"), ["1"]);
}

async fn a_confirmed_seed_turns_codes_on_and_its_code_is_spent(world: World) {
    let (world, user) = with_user(world).await;
    begin(&world, &user, 1, b"seed").await;
    let events = world.events().await.len();
    let confirmed = confirmed(&user, 1, b"seed");
    let done = world.store.confirm_enrolment(confirmed, world.by(&user));
    done.await.expect("it waits");
    let on = account(&world.store, user.id).await;
    assert_eq!(on.two_factor, TwoFactor::On);
    assert!(on.credential_version > user.credential_version);
    let stored = world.store.find_totp(user.id).await.unwrap().unwrap();
    assert_eq!(stored.sealed, sealed(b"for its place"));
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::OtpEnabled])
    );
    assert_eq!(waiting(&world, &user, 1).await, None);
    for digest in NEW_CODES {
        let used = world
            .store
            .use_recovery_code(user.id, digest, world.by(&on));
        assert!(used.await.unwrap().is_some());
    }
    // The code that confirmed it serves nobody again, be it on a page or with Basic.
    for (step, accepted) in [(100, false), (101, true)] {
        let matched = matched(&world.store, user.id, step).await;
        let here = "192.0.2.1".to_owned();
        let used = world.store.use_totp_step(
            user.id,
            matched,
            CodeUse::Basic,
            here,
            MOST_WRONG,
            world.by(&on),
        );
        assert_eq!(used.await.unwrap(), accepted, "{step}");
    }
}

async fn what_waits_is_confirmed_by_its_holder_alone_in_time_and_once(world: World) {
    let (world, user) = with_user(world).await;
    begin(&world, &user, 1, b"seed").await;
    let confirm = async |confirmed| {
        let done = world.store.confirm_enrolment(confirmed, world.by(&user));
        refusal(done.await)
    };
    for other in [confirmed(&user, 2, b"seed"), confirmed(&user, 1, b"other")] {
        assert_eq!(confirm(other).await, EnrolmentRefused::Gone);
    }
    world.pass(WAITS);
    let late = confirmed(&user, 1, b"seed");
    assert_eq!(confirm(late).await, EnrolmentRefused::Gone);
    let off = account(&world.store, user.id).await;
    assert_eq!(off.two_factor, TwoFactor::Off);
    begin(&world, &user, 1, b"seed").await;
    let first = confirmed(&user, 1, b"seed");
    let done = world
        .store
        .confirm_enrolment(first.clone(), world.by(&user));
    done.await.expect("it waits");
    let on = account(&world.store, user.id).await;
    let again = world.store.confirm_enrolment(first, world.by(&on));
    assert_eq!(refusal(again.await), EnrolmentRefused::Gone);
}

async fn of_two_that_confirm_one_seed_at_the_same_time_one_finds_it_gone(world: World) {
    let (world, user) = with_user(world).await;
    begin(&world, &user, 1, b"seed").await;
    // The operator's proof is not one that the first of them takes away.
    let confirm = || {
        let (store, by) = (world.store.clone(), world.operator());
        let confirmed = confirmed(&user, 1, b"seed");
        tokio::spawn(async move { store.confirm_enrolment(confirmed, by).await.is_ok() })
    };
    let (one, other) = (confirm(), confirm());
    let done = [one.await.unwrap(), other.await.unwrap()];
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    let codes = "SELECT count(*) FROM recovery_codes WHERE ended_at IS NULL";
    assert_eq!(world.look_up(codes), [NEW_CODES.len().to_string()]);
}

async fn seeds_that_nobody_confirmed_are_forgotten(world: World) {
    let (world, user) = with_user(world).await;
    let bert = world.user("bert").await;
    begin(&world, &user, 1, b"seed").await;
    world.pass(Duration::from_mins(10));
    begin(&world, &bert, 2, b"other").await;
    let forget = async || {
        world
            .store
            .forget_unconfirmed(10, world.now())
            .await
            .unwrap()
    };
    assert_eq!(forget().await, 0);
    world.pass(Duration::from_mins(5));
    assert_eq!(forget().await, 1);
    let left = world.look_up("SELECT account_id FROM totp_enrolments");
    assert_eq!(left, [bert.id.to_string()]);
}

async fn a_rotation_of_keys_forgets_what_waits(world: World) {
    let (world, user) = with_user(world).await;
    begin(&world, &user, 1, b"seed").await;
    let new = KeyId::parse("00000002").expect("eight digits");
    let added = world.store.add_key(new.clone(), [8; 32], world.operator());
    added.await.expect("it is a new one");
    let key = new.clone();
    let reseal = move |_: SealedPlace<'_>, sealed: &Sealed| {
        Ok(Sealed {
            key: key.clone(),
            bytes: sealed.bytes.clone(),
        })
    };
    let rotated = world
        .store
        .rotate_keys(new.clone(), reseal, world.operator());
    rotated.await.expect("it can be rotated to");
    assert_eq!(waiting(&world, &user, 1).await, None);
    // What a process sealed under the earlier key meanwhile is forgotten when that is retired.
    begin(&world, &user, 1, b"late").await;
    let old = KeyId::parse("00000001").expect("eight digits");
    let retired = world.store.retire_key(old, world.operator()).await;
    retired.expect("it seals nothing that counts");
    assert_eq!(waiting(&world, &user, 1).await, None);
    let gone = NewEnrolment {
        account: user.id,
        holder: session(1),
        seed: sealed(b"too late"),
        expires_at: world.now().plus(WAITS),
    };
    let refused = world.store.begin_enrolment(gone, world.by(&user)).await;
    assert!(matches!(
        refused.expect_err("nothing could open it"),
        ChangeError::Store(StoreError::KeyGone { .. })
    ));
}

async fn what_waits_goes_with_its_user(world: World) {
    let (world, user) = with_user(world).await;
    begin(&world, &user, 1, b"seed").await;
    let deleted = world.store.delete_account(user.id, world.operator()).await;
    deleted.expect("the user is there");
    assert_eq!(world.look_up("SELECT count(*) FROM totp_enrolments"), ["0"]);
    let new = NewEnrolment {
        account: user.id,
        holder: session(1),
        seed: sealed(b"seed"),
        expires_at: world.now().plus(WAITS),
    };
    let begun = world.store.begin_enrolment(new, world.operator()).await;
    assert_eq!(refusal(begun), EnrolmentRefused::NotFound(NoSuchUser));
}

async fn other_recovery_codes_take_the_place_of_those_that_are_left(world: World) {
    let (world, user) = protected(world).await;
    let user = account(&world.store, user.id).await;
    let used = world
        .store
        .use_recovery_code(user.id, CODES[0], world.by(&user));
    assert_eq!(used.await.unwrap().unwrap().remaining, 2);
    let events = world.events().await.len();
    let replaced = world
        .store
        .replace_recovery_codes(user.id, NEW_CODES.to_vec(), world.by(&user));
    replaced.await.expect("there is a second factor");
    let are = async |digests: &[[u8; 32]]| {
        let are = world.store.are_recovery_codes(user.id, digests.to_vec());
        are.await.unwrap()
    };
    assert!(are(&NEW_CODES).await);
    assert!(!are(&CODES[1..]).await);
    assert!(!are(&[NEW_CODES[0], CODES[1]]).await);
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::RecoveryCodesReplaced])
    );
    // They are a part of what proves who somebody is.
    let now = account(&world.store, user.id).await;
    assert!(now.credential_version > user.credential_version);
    let old = world
        .store
        .use_recovery_code(user.id, CODES[1], world.by(&now));
    assert!(old.await.unwrap().is_none());
}

async fn recovery_codes_are_replaced_for_who_has_a_second_factor_alone(world: World) {
    let (world, user) = with_user(world).await;
    let replace = async |id| {
        let codes = NEW_CODES.to_vec();
        let replaced = world
            .store
            .replace_recovery_codes(id, codes, world.operator());
        refusal(replaced.await)
    };
    let off = RecoveryCodesRefused::NoSecondFactor(NoSecondFactor);
    assert_eq!(replace(user.id).await, off);
    let nobody = RecoveryCodesRefused::NotFound(NoSuchUser);
    assert_eq!(replace(AccountId(4711)).await, nobody);
    let codes = "SELECT count(*) FROM recovery_codes";
    assert_eq!(world.look_up(codes), ["0"]);
}
