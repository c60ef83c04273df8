//! Challenges that wait for an answer of a browser.

use std::time::Duration;

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, SessionId};
use counterfoil_domain::passkey::{
    CHALLENGE_LIFE, CHALLENGES_COUNTED, CHALLENGES_PER_ADDRESS, CHALLENGES_PER_USER, Ceremony,
    ChallengeHolder, OPEN_CHALLENGES, UserHandle,
};
use counterfoil_store::{NewChallenge, TakenChallenge};

use crate::world::World;

on_each_engine! {
    a_challenge_counts_once_for_its_ceremony_and_its_holder,
    who_is_signed_in_has_as_many_challenges_as_anybody_whatever_others_ask_for,
    a_challenge_is_over_after_its_time_and_is_removed_later,
    of_too_many_open_challenges_the_eldest_ends,
    of_challenges_of_the_same_moment_the_last_one_stays,
    an_address_has_so_many_challenges_in_an_hour_and_another_one_has_its_own,
}

const HERE: &str = "192.0.2.1";

fn visitor() -> ChallengeHolder {
    ChallengeHolder::visitor(SecretDigest::of("visitor"))
}

async fn make(world: &World, challenge: &str, holder: ChallengeHolder, address: &str) -> bool {
    let new = NewChallenge {
        digest: SecretDigest::of(challenge),
        ceremony: Ceremony::SignIn,
        holder,
        account: None,
        user_handle: None,
        address_key: address.to_owned(),
    };
    let made = world.store.make_challenge(new, world.now()).await;
    made.expect("the call succeeds")
}

async fn take(
    world: &World,
    challenge: &str,
    ceremony: Ceremony,
    holder: ChallengeHolder,
) -> Option<TakenChallenge> {
    let digest = SecretDigest::of(challenge);
    let taken = world
        .store
        .take_challenge(digest, ceremony, holder, world.now());
    taken.await.expect("the call succeeds")
}

async fn a_challenge_counts_once_for_its_ceremony_and_its_holder(world: World) {
    let mona = world.user("mona").await;
    let session = || ChallengeHolder::session(SessionId(1));
    let user_handle = UserHandle::from_bytes(&[9; 64]);
    let new = NewChallenge {
        digest: SecretDigest::of("one"),
        ceremony: Ceremony::Registration,
        holder: session(),
        account: Some(mona.id),
        user_handle: user_handle.clone(),
        address_key: HERE.to_owned(),
    };
    assert!(world.store.make_challenge(new, world.now()).await.unwrap());
    for (challenge, ceremony, holder) in [
        ("two", Ceremony::Registration, session()),
        ("one", Ceremony::SignIn, session()),
        ("one", Ceremony::SecondFactor, session()),
        ("one", Ceremony::Confirmation, session()),
        ("one", Ceremony::Registration, visitor()),
        (
            "one",
            Ceremony::Registration,
            ChallengeHolder::session(SessionId(2)),
        ),
    ] {
        let taken = take(&world, challenge, ceremony, holder).await;
        assert_eq!(taken, None, "{challenge} {ceremony:?}");
    }
    let taken = take(&world, "one", Ceremony::Registration, session()).await;
    let expected = TakenChallenge {
        account: Some(mona.id),
        user_handle,
    };
    assert_eq!(taken, Some(expected));
    let taken = take(&world, "one", Ceremony::Registration, session()).await;
    assert_eq!(taken, None, "it was answered");
}

/// So many challenges that were made here and are over.
fn have_made(world: &World, most: u32, ceremony: &str, account: Option<AccountId>) {
    let now = world.now().microseconds();
    let account = account.map_or_else(|| "NULL".to_owned(), |id| id.0.to_string());
    // Another ceremony has digests of its own.
    let tag = ceremony.len();
    let digest = if world.is_on_a_server() {
        format!("decode(lpad(to_hex(n), 62, '0') || lpad('{tag}', 2, '0'), 'hex')")
    } else {
        format!("CAST(printf('%030d%02d', n, {tag}) AS BLOB)")
    };
    world.run(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})
        INSERT INTO passkey_challenges (digest, ceremony, holder, account_id, address_key, created_at, ended_at)
        SELECT {digest}, '{ceremony}', 'holder:1', {account}, '{HERE}', {now}, {now} FROM numbers"
    ));
}

async fn who_is_signed_in_has_as_many_challenges_as_anybody_whatever_others_ask_for(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let asks = async |challenge: &str, ceremony: Ceremony, account: Option<AccountId>| {
        let new = NewChallenge {
            digest: SecretDigest::of(challenge),
            ceremony,
            holder: ChallengeHolder::session(SessionId(1)),
            account,
            user_handle: None,
            address_key: HERE.to_owned(),
        };
        let made = world.store.make_challenge(new, world.now()).await;
        made.expect("the call succeeds")
    };
    let signed_in = [Ceremony::Registration, Ceremony::Confirmation];
    // Strangers use up what their address may have.
    have_made(&world, CHALLENGES_PER_ADDRESS, "sign_in", None);
    assert!(!asks("stranger", Ceremony::SignIn, None).await);
    assert!(asks("half", Ceremony::SecondFactor, Some(mona.id)).await);
    for ceremony in signed_in {
        assert!(asks(ceremony.as_str(), ceremony, Some(mona.id)).await);
    }
    // So does a user, wherever they are, and for one purpose.
    have_made(&world, CHALLENGES_PER_USER, "confirmation", Some(mona.id));
    assert!(!asks("proof", Ceremony::Confirmation, Some(mona.id)).await);
    assert!(asks("another", Ceremony::Registration, Some(mona.id)).await);
    assert!(asks("of another", Ceremony::Confirmation, Some(lisa.id)).await);
    have_made(
        &world,
        CHALLENGES_PER_ADDRESS,
        "second_factor",
        Some(lisa.id),
    );
    assert!(!asks("half again", Ceremony::SecondFactor, Some(mona.id)).await);
    assert!(asks("after", Ceremony::Confirmation, Some(lisa.id)).await);
}

async fn a_challenge_is_over_after_its_time_and_is_removed_later(world: World) {
    let holder = visitor;
    for challenge in ["one", "two"] {
        assert!(make(&world, challenge, holder(), HERE).await);
    }
    world.pass(CHALLENGE_LIFE.saturating_sub(Duration::from_secs(1)));
    assert!(
        take(&world, "one", Ceremony::SignIn, holder())
            .await
            .is_some()
    );
    world.pass(Duration::from_secs(1));
    assert_eq!(take(&world, "two", Ceremony::SignIn, holder()).await, None);
    assert!(make(&world, "three", holder(), HERE).await);
    let before = world.now().minus(CHALLENGE_LIFE);
    let removed = world.store.remove_old_challenges(before, 1).await.unwrap();
    assert_eq!(removed, 1, "a portion");
    let removed = world.store.remove_old_challenges(before, 10).await.unwrap();
    assert_eq!(removed, 1);
    assert!(
        take(&world, "three", Ceremony::SignIn, holder())
            .await
            .is_some()
    );
}

async fn of_too_many_open_challenges_the_eldest_ends(world: World) {
    let bystander = || ChallengeHolder::visitor(SecretDigest::of("bystander"));
    assert!(make(&world, "bystander", bystander(), HERE).await);
    for number in 0..=OPEN_CHALLENGES {
        world.pass(Duration::from_secs(1));
        assert!(make(&world, &format!("{number}"), visitor(), HERE).await);
    }
    assert_eq!(take(&world, "0", Ceremony::SignIn, visitor()).await, None);
    for number in 1..=OPEN_CHALLENGES {
        let taken = take(&world, &format!("{number}"), Ceremony::SignIn, visitor()).await;
        assert!(taken.is_some(), "{number}");
    }
    let theirs = take(&world, "bystander", Ceremony::SignIn, bystander()).await;
    assert!(theirs.is_some());
}

async fn of_challenges_of_the_same_moment_the_last_one_stays(world: World) {
    let bystander = || ChallengeHolder::visitor(SecretDigest::of("bystander"));
    assert!(make(&world, "bystander", bystander(), HERE).await);
    // Whatever order their digests have.
    let made = 4 * OPEN_CHALLENGES;
    for number in 0..made {
        assert!(make(&world, &format!("{number}"), visitor(), HERE).await);
        let open = world.look_up("SELECT count(*) FROM passkey_challenges WHERE ended_at IS NULL");
        let most = (number + 1).min(OPEN_CHALLENGES) + 1;
        assert_eq!(open, [most.to_string()], "and the bystander's");
    }
    let last = format!("{}", made - 1);
    let taken = take(&world, &last, Ceremony::SignIn, visitor()).await;
    assert!(taken.is_some());
    let theirs = take(&world, "bystander", Ceremony::SignIn, bystander()).await;
    assert!(theirs.is_some());
}

async fn an_address_has_so_many_challenges_in_an_hour_and_another_one_has_its_own(world: World) {
    have_made(&world, CHALLENGES_PER_ADDRESS - 1, "sign_in", None);
    assert!(make(&world, "last", visitor(), HERE).await);
    assert!(!make(&world, "one more", visitor(), HERE).await);
    assert!(make(&world, "bystander", visitor(), "192.0.2.9").await);
    assert_eq!(
        take(&world, "one more", Ceremony::SignIn, visitor()).await,
        None
    );
    world.pass(CHALLENGES_COUNTED);
    assert!(make(&world, "later", visitor(), HERE).await);
}
