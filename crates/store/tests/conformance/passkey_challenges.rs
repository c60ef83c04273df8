//! Challenges that wait for an answer of a browser.

use std::time::Duration;

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::SessionId;
use counterfoil_domain::passkey::{
    CHALLENGE_LIFE, CHALLENGES_COUNTED, CHALLENGES_PER_ADDRESS, Ceremony, ChallengeHolder,
    OPEN_CHALLENGES, UserHandle,
};
use counterfoil_store::{NewChallenge, TakenChallenge};

use crate::world::World;

on_each_engine! {
    a_challenge_counts_once_for_its_ceremony_and_its_holder,
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

async fn a_challenge_is_over_after_its_time_and_is_removed_later(world: World) {
    let holder = visitor;
    for challenge in ["one", "two"] {
        assert!(make(&world, challenge, holder(), HERE).await);
    }
    world.pass(CHALLENGE_LIFE - Duration::from_secs(1));
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
    let now = world.now().microseconds();
    let most = CHALLENGES_PER_ADDRESS - 1;
    let digest = if world.is_on_a_server() {
        "decode(lpad(to_hex(n), 64, '0'), 'hex')"
    } else {
        "CAST(printf('%032d', n) AS BLOB)"
    };
    world.run(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})
        INSERT INTO passkey_challenges (digest, ceremony, holder, address_key, created_at, ended_at)
        SELECT {digest}, 'sign_in', 'visitor:1', '{HERE}', {now}, {now} FROM numbers"
    ));
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
