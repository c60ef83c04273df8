//! Authenticators' seeds, steps and recovery codes.

use std::time::Duration;

use counterfoil_domain::account::{Account, NoSuchUser, TwoFactor};
use counterfoil_domain::audit::Action;
use counterfoil_domain::code::{CodeUse, Step};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::{KeyId, Sealed};
use counterfoil_store::{ChangeError, MatchedStep, RecoveryCodeUse, Store, StoreError, StoredTotp};

use crate::keys::initialised;
use crate::world::{World, refusal, words};

const NOBODY: AccountId = AccountId(4711);
/// More wrong codes than most tests give.
pub(crate) const MOST_WRONG: u32 = 100;
pub(crate) const CODES: [[u8; 32]; 3] = [[1; 32], [2; 32], [3; 32]];

fn sealed(key: &str, bytes: &[u8]) -> Sealed {
    Sealed {
        key: KeyId::parse(key).expect("eight digits"),
        bytes: bytes.to_vec(),
    }
}

/// A user with one-time codes.
pub(crate) async fn protected(world: World) -> (World, Account) {
    let world = initialised(world).await;
    let user = world.user("mona").await;
    let seed = sealed("00000001", b"seed");
    world
        .store
        .enable_totp(user.id, seed, CODES.to_vec(), world.operator())
        .await
        .expect("the call succeeds");
    (world, user)
}

/// A step whose code was compared with the seed that is in use now.
pub(crate) async fn matched(store: &Store, id: AccountId, step: i64) -> MatchedStep {
    let held = store.find_totp(id).await.expect("it can be read");
    MatchedStep {
        step: Step(step),
        credential_version: held.expect("it is on").credential_version,
    }
}

fn use_step(
    world: &World,
    user: &Account,
    step: i64,
    code_use: CodeUse,
    address: &str,
) -> impl Future<Output = bool> + use<> {
    let (store, id, by, address) = (
        world.store.clone(),
        user.id,
        world.by(user),
        address.to_owned(),
    );
    async move {
        let matched = matched(&store, id, step).await;
        store
            .use_totp_step(id, matched, code_use, address, MOST_WRONG, by)
            .await
            .expect("the call succeeds")
    }
}

on_each_engine! {
    a_seed_is_found_while_two_factor_is_on_and_wiped_when_it_is_turned_off,
    enabling_again_replaces_seed_steps_and_recovery_codes,
    a_code_that_was_compared_with_a_seed_before_it_was_replaced_is_refused,
    a_seed_under_a_key_that_the_database_does_not_know_is_not_taken,
    two_factor_of_nobody_is_refused,
    a_code_serves_basic_again_from_the_same_address_without_a_write,
    a_step_used_in_one_process_is_used_in_all,
    of_many_pages_that_use_one_code_at_the_same_time_one_may,
    steps_of_more_than_a_day_ago_are_forgotten_in_passing,
    a_recovery_code_serves_its_owner_once,
    of_many_that_use_one_recovery_code_at_the_same_time_one_wins,
    a_deleted_users_seed_and_codes_end,
    after_so_many_wrong_codes_no_step_is_right_until_they_are_forgotten,
    of_wrong_codes_at_the_same_time_none_is_lost,
}

/// A user's wrong codes so far.
async fn wrong_codes(world: &World, user: &Account) -> u64 {
    world.store.wrong_codes(user.id).await.unwrap()
}

async fn after_so_many_wrong_codes_no_step_is_right_until_they_are_forgotten(world: World) {
    let (world, user) = protected(world).await;
    let guess = async |most| {
        let counted = world.store.count_wrong_code(user.id, most, world.by(&user));
        counted.await.unwrap();
    };
    let code = async |step| {
        let matched = matched(&world.store, user.id, step).await;
        let here = "10.0.0.1".to_owned();
        let used =
            world
                .store
                .use_totp_step(user.id, matched, CodeUse::Basic, here, 3, world.by(&user));
        used.await.unwrap()
    };
    guess(3).await;
    guess(3).await;
    // A right code clears the count, and so does one that is sent again.
    assert!(code(100).await);
    assert_eq!(wrong_codes(&world, &user).await, 0);
    guess(3).await;
    assert!(code(100).await);
    assert_eq!(wrong_codes(&world, &user).await, 0);
    let events = world.events().await.len();
    for _ in 0..5 {
        guess(3).await;
    }
    // Nothing is counted beyond the bound, and it is told once.
    assert_eq!(wrong_codes(&world, &user).await, 3);
    assert_eq!(
        world.actions_since(events).await,
        [Action::OtpExhausted.as_str()]
    );
    // Neither a code that was used nor a new one is right; nothing is noted of either.
    assert!(!code(100).await);
    assert!(!code(101).await);
    assert_eq!(world.look_up("SELECT step FROM totp_steps"), ["100"]);
    let recovered = world
        .store
        .use_recovery_code(user.id, CODES[0], world.by(&user));
    assert!(recovered.await.unwrap().is_some());
    assert!(code(101).await);
    for _ in 0..3 {
        guess(3).await;
    }
    assert!(!code(102).await);
    let unlocked = world.store.unlock(user.id, Vec::new(), world.operator());
    assert_eq!(unlocked.await.unwrap(), 0);
    assert!(code(102).await);
    for _ in 0..3 {
        guess(3).await;
    }
    let seed = sealed("00000001", b"another");
    let again = world
        .store
        .enable_totp(user.id, seed, Vec::new(), world.operator());
    again.await.unwrap();
    assert_eq!(wrong_codes(&world, &user).await, 0);
}

async fn of_wrong_codes_at_the_same_time_none_is_lost(world: World) {
    let (world, user) = protected(world).await;
    let events = world.events().await.len();
    let guesses = (0..20).map(|_| {
        let (store, id, by) = (world.store.clone(), user.id, world.by(&user));
        tokio::spawn(async move { store.count_wrong_code(id, 20, by).await.unwrap() })
    });
    for guess in guesses.collect::<Vec<_>>() {
        guess.await.unwrap();
    }
    assert_eq!(wrong_codes(&world, &user).await, 20);
    assert_eq!(
        world.actions_since(events).await,
        [Action::OtpExhausted.as_str()]
    );
}

async fn a_seed_is_found_while_two_factor_is_on_and_wiped_when_it_is_turned_off(world: World) {
    let (world, user) = protected(world).await;
    let on = world.store.account_by_id(user.id).await.unwrap().unwrap();
    let stored = StoredTotp {
        sealed: sealed("00000001", b"seed"),
        credential_version: on.credential_version,
    };
    assert_eq!(world.store.find_totp(user.id).await.unwrap(), Some(stored));
    assert_eq!(on.two_factor, TwoFactor::On);
    assert!(on.credential_version > user.credential_version);
    assert!(
        world
            .store
            .disable_totp(user.id, world.operator())
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .disable_totp(user.id, world.operator())
            .await
            .unwrap()
    );
    let off = world.store.account_by_id(user.id).await.unwrap().unwrap();
    assert_eq!(off.two_factor, TwoFactor::Off);
    assert!(off.credential_version > on.credential_version);
    assert_eq!(world.store.find_totp(user.id).await.unwrap(), None);
    assert_eq!(
        world.look_up("SELECT sealed_seed FROM totp_seeds"),
        ["null"]
    );
    assert_eq!(
        world
            .store
            .use_recovery_code(user.id, CODES[0], world.by(&user))
            .await
            .unwrap(),
        None
    );
}

async fn enabling_again_replaces_seed_steps_and_recovery_codes(world: World) {
    let (world, user) = protected(world).await;
    assert!(use_step(&world, &user, 100, CodeUse::Page, "10.0.0.1").await);
    let fresh = sealed("00000001", b"fresh");
    world
        .store
        .enable_totp(user.id, fresh.clone(), vec![[9; 32]], world.operator())
        .await
        .unwrap();
    let held = world.store.find_totp(user.id).await.unwrap();
    assert_eq!(held.unwrap().sealed, fresh);
    assert_eq!(
        world
            .store
            .use_recovery_code(user.id, CODES[0], world.by(&user))
            .await
            .unwrap(),
        None
    );
    let accepted = world
        .store
        .use_recovery_code(user.id, [9; 32], world.by(&user))
        .await
        .unwrap();
    assert_eq!(accepted, Some(RecoveryCodeUse { remaining: 0 }));
    // Another seed's code for the same step is another code.
    assert!(use_step(&world, &user, 100, CodeUse::Page, "10.0.0.1").await);
}

async fn a_code_that_was_compared_with_a_seed_before_it_was_replaced_is_refused(world: World) {
    let (world, user) = protected(world).await;
    let old = matched(&world.store, user.id, 100).await;
    let fresh = sealed("00000001", b"fresh");
    let enabled = world
        .store
        .enable_totp(user.id, fresh, Vec::new(), world.operator());
    enabled.await.unwrap();
    let new = matched(&world.store, user.id, 100).await;
    let use_code = async |matched| {
        let (here, by) = ("10.0.0.1".to_owned(), world.by(&user));
        let used =
            world
                .store
                .use_totp_step(user.id, matched, CodeUse::Basic, here, MOST_WRONG, by);
        used.await.unwrap()
    };
    let events = world.events().await.len();
    assert!(!use_code(old).await);
    assert_eq!(
        world.look_up("SELECT step FROM totp_steps"),
        [] as [String; 0]
    );
    assert_eq!(world.actions_since(events).await, [] as [String; 0]);
    // The step of the new seed is free, and its use vouches for no code of the old one.
    assert!(use_code(new).await);
    assert!(!use_code(old).await);
    assert!(use_code(new).await);
    let disabled = world.store.disable_totp(user.id, world.operator()).await;
    assert!(disabled.unwrap());
    assert!(!use_code(new).await);
}

async fn a_seed_under_a_key_that_the_database_does_not_know_is_not_taken(world: World) {
    let world = initialised(world).await;
    let user = world.user("mona").await;
    let enabled = world
        .store
        .enable_totp(
            user.id,
            sealed("0000000f", b"seed"),
            Vec::new(),
            world.operator(),
        )
        .await;
    assert!(
        matches!(enabled, Err(ChangeError::Store(StoreError::KeyGone { key })) if key == "0000000f")
    );
    assert_eq!(
        world.store.account_by_id(user.id).await.unwrap(),
        Some(user)
    );
}

async fn two_factor_of_nobody_is_refused(world: World) {
    let world = initialised(world).await;
    let enabled = world
        .store
        .enable_totp(
            NOBODY,
            sealed("00000001", b"seed"),
            Vec::new(),
            world.operator(),
        )
        .await;
    assert_eq!(refusal(enabled), NoSuchUser);
    assert_eq!(
        refusal(world.store.disable_totp(NOBODY, world.operator()).await),
        NoSuchUser
    );
    assert_eq!(world.store.find_totp(NOBODY).await.unwrap(), None);
}

async fn a_code_serves_basic_again_from_the_same_address_without_a_write(world: World) {
    let (world, user) = protected(world).await;
    assert!(use_step(&world, &user, 100, CodeUse::Basic, "10.0.0.1").await);
    let writes = world.store.stats().writes;
    assert!(use_step(&world, &user, 100, CodeUse::Basic, "10.0.0.1").await);
    assert!(!use_step(&world, &user, 100, CodeUse::Basic, "10.0.0.2").await);
    assert!(!use_step(&world, &user, 100, CodeUse::Page, "10.0.0.1").await);
    assert_eq!(world.store.stats().writes, writes);
    assert!(use_step(&world, &user, 101, CodeUse::Page, "10.0.0.1").await);
    assert!(!use_step(&world, &user, 101, CodeUse::Basic, "10.0.0.1").await);
}

async fn a_step_used_in_one_process_is_used_in_all(world: World) {
    let (world, user) = protected(world).await;
    let other = world.another_process();
    assert!(
        other
            .use_totp_step(
                user.id,
                matched(&other, user.id, 100).await,
                CodeUse::Page,
                "10.0.0.1".to_owned(),
                MOST_WRONG,
                world.by(&user)
            )
            .await
            .unwrap()
    );
    assert!(!use_step(&world, &user, 100, CodeUse::Page, "10.0.0.1").await);
}

async fn of_many_pages_that_use_one_code_at_the_same_time_one_may(world: World) {
    let (world, user) = protected(world).await;
    let events = world.events().await.len();
    let tries =
        (0..16).map(|_| tokio::spawn(use_step(&world, &user, 100, CodeUse::Page, "10.0.0.1")));
    let mut accepted = 0;
    for one in tries.collect::<Vec<_>>() {
        accepted += u32::from(one.await.unwrap());
    }
    assert_eq!(accepted, 1);
    assert_eq!(world.actions_since(events).await, words(&[Action::OtpUsed]));
}

async fn steps_of_more_than_a_day_ago_are_forgotten_in_passing(world: World) {
    let (world, user) = protected(world).await;
    let day = 24 * 60 * 2;
    for step in [100, 101, 101 + day] {
        assert!(use_step(&world, &user, step, CodeUse::Basic, "10.0.0.1").await);
    }
    assert_eq!(
        world.look_up("SELECT step FROM totp_steps ORDER BY step"),
        ["101", "2981"]
    );
}

async fn a_recovery_code_serves_its_owner_once(world: World) {
    let (world, user) = protected(world).await;
    let other = world.user("lisa").await;
    let use_code = |user: &Account, digest| {
        world
            .store
            .use_recovery_code(user.id, digest, world.by(user))
    };
    assert_eq!(use_code(&other, CODES[0]).await.unwrap(), None);
    assert_eq!(use_code(&user, [8; 32]).await.unwrap(), None);
    assert_eq!(
        use_code(&user, CODES[0]).await.unwrap(),
        Some(RecoveryCodeUse { remaining: 2 })
    );
    assert_eq!(use_code(&user, CODES[0]).await.unwrap(), None);
    assert_eq!(
        use_code(&user, CODES[2]).await.unwrap(),
        Some(RecoveryCodeUse { remaining: 1 })
    );
    assert_eq!(
        world.look_up("SELECT end_reason FROM recovery_codes ORDER BY id"),
        ["used", "null", "used"]
    );
}

async fn of_many_that_use_one_recovery_code_at_the_same_time_one_wins(world: World) {
    let (world, user) = protected(world).await;
    let other = world.another_process();
    let tries = (0..32).map(|number| {
        let store = if number % 2 == 0 {
            world.store.clone()
        } else {
            other.clone()
        };
        let (id, by) = (user.id, world.by(&user));
        tokio::spawn(async move { store.use_recovery_code(id, CODES[1], by).await.unwrap() })
    });
    let mut winners = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        winners.extend(one.await.unwrap());
    }
    assert_eq!(winners, [RecoveryCodeUse { remaining: 2 }]);
}

async fn a_deleted_users_seed_and_codes_end(world: World) {
    let (world, user) = protected(world).await;
    world.pass(Duration::from_secs(1));
    world
        .store
        .delete_account(user.id, world.operator())
        .await
        .unwrap();
    assert_eq!(world.store.find_totp(user.id).await.unwrap(), None);
    assert_eq!(
        world
            .store
            .use_recovery_code(user.id, CODES[0], world.operator())
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        world.look_up("SELECT end_reason FROM totp_seeds"),
        ["account_deleted"]
    );
}
