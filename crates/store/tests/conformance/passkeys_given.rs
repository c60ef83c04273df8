//! Passkeys that are given, and what begins with them.

use counterfoil_domain::account::Account;
use counterfoil_domain::audit::{Action, Value};
use counterfoil_domain::id::PasskeyId;
use counterfoil_domain::mail::MailBounds;
use counterfoil_domain::passkey::Ceremony;
use counterfoil_domain::principal::Proof;
use counterfoil_domain::second_factor::LastFactor;
use counterfoil_domain::session::SessionLife;
use counterfoil_store::{ChangeError, UsedPasskey};

use crate::keys::initialised;
use crate::passkeys::{again, register, told};
use crate::sessions;
use crate::world::{World, account_proof, words};

on_each_engine! {
    a_count_that_does_not_grow_is_told_and_the_highest_is_kept,
    a_passkey_counts_for_the_credentials_as_they_are,
    a_session_says_that_a_passkey_began_it,
    a_user_is_told_by_mail_of_what_happens_to_passkeys,
}

async fn used(world: &World, account: &Account, id: PasskeyId, sign_count: u32) -> bool {
    let used = UsedPasskey {
        id,
        account: account.id,
        credential_version: account.credential_version,
        ceremony: Ceremony::SignIn,
        sign_count,
        is_backed_up: true,
    };
    let by = world.proven_by(Proof::SigningIn(account.id));
    let used = world.store.use_passkey(used, by).await;
    used.expect("the call succeeds")
}

async fn a_count_that_does_not_grow_is_told_and_the_highest_is_kept(world: World) {
    let mona = world.user("mona").await;
    let id = register(&world, &mona, "one").await.passkey.id;
    let mona = again(&world, &mona).await;
    let counts = "SELECT CAST(sign_count AS TEXT) FROM passkeys";
    for (given, kept, stalls) in [
        (0, "0", false),
        (0, "0", false),
        (5, "5", false),
        (6, "6", false),
        (6, "6", true),
        (2, "6", true),
        (0, "6", true),
        (7, "7", false),
    ] {
        let events = world.events().await.len();
        assert!(used(&world, &mona, id, given).await, "{given}");
        assert_eq!(world.look_up(counts), [kept], "{given}");
        let actions = if stalls {
            words(&[Action::PasskeyUsed, Action::PasskeyStalled])
        } else {
            words(&[Action::PasskeyUsed])
        };
        assert_eq!(world.actions_since(events).await, actions, "{given}");
    }
    let listed = world.store.passkeys_of(mona.id).await.unwrap();
    let passkey = listed.first().expect("it lives");
    assert_eq!(passkey.last_used_at, Some(world.now()));
    assert!(passkey.is_backed_up);
    let number = Value::Number(id.0.unsigned_abs());
    assert_eq!(
        told(&world, Action::PasskeyUsed).await,
        [
            ("passkey".to_owned(), number),
            ("purpose".to_owned(), Value::Text("sign_in".to_owned()))
        ]
    );
}

async fn a_passkey_counts_for_the_credentials_as_they_are(world: World) {
    let mona = world.user("mona").await;
    let id = register(&world, &mona, "one").await.passkey.id;
    let before = mona;
    let mona = again(&world, &before).await;
    assert!(!used(&world, &before, id, 1).await, "another version");
    let lisa = world.user("lisa").await;
    assert!(!used(&world, &lisa, id, 1).await, "another user's");
    assert!(used(&world, &mona, id, 1).await);
    let suspended = world.store.suspend_account(mona.id, world.operator());
    assert!(suspended.await.unwrap());
    let asleep = again(&world, &mona).await;
    assert!(!used(&world, &asleep, id, 2).await, "suspended");
    let awake = world.store.unsuspend_account(mona.id, world.operator());
    assert!(awake.await.unwrap());
    let removed = world
        .store
        .remove_passkey(mona.id, id, LastFactor::MayGo, world.operator());
    removed.await.unwrap();
    let mona = again(&world, &mona).await;
    let events = world.events().await.len();
    assert!(!used(&world, &mona, id, 3).await, "removed");
    assert_eq!(world.actions_since(events).await, [] as [String; 0]);
    let count = "SELECT CAST(sign_count AS TEXT) FROM passkeys";
    assert_eq!(world.look_up(count), ["1"]);
}

async fn a_session_says_that_a_passkey_began_it(world: World) {
    let mona = world.user("mona").await;
    let by = world.proven_by(Proof::Passkey(account_proof(&mona)));
    let new = sessions::new(&world, mona.id);
    let started = world
        .store
        .start_session(new, SessionLife::default(), by.clone());
    let id = started.await.expect("it begins").0.unsigned_abs();
    let proof = Value::Text("passkey".to_owned());
    assert_eq!(
        told(&world, Action::SessionStarted).await,
        [
            ("session".to_owned(), Value::Number(id)),
            ("proof".to_owned(), proof)
        ]
    );
    // What a passkey proved lapses like any other proof.
    register(&world, &mona, "one").await;
    let new = sessions::new(&world, mona.id);
    let started = world.store.start_session(new, SessionLife::default(), by);
    let lapsed = started.await.expect_err("the credentials are others");
    assert!(matches!(lapsed, ChangeError::Lapsed(_)), "{lapsed:?}");
}

async fn a_user_is_told_by_mail_of_what_happens_to_passkeys(world: World) {
    let world = initialised(world).await;
    world.store.send_mail_within(MailBounds::default());
    let mona = world.user("mona").await;
    let id = register(&world, &mona, "one").await.passkey.id;
    let mona = again(&world, &mona).await;
    for count in [7, 7] {
        assert!(used(&world, &mona, id, count).await);
    }
    let by = world.operator();
    let removed = world
        .store
        .remove_passkey(mona.id, id, LastFactor::MayGo, by);
    removed.await.unwrap();
    assert_eq!(
        world.look_up("SELECT kind FROM outbox ORDER BY id"),
        ["passkey_added", "passkey_stalled", "passkey_removed"]
    );
}
