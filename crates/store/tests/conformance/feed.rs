//! The feed of changes.

use std::sync::{Arc, Mutex};

use counterfoil_domain::account::AccountChange;
use counterfoil_domain::change::Change;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{CommitOutcome, FeedPosition, FeedRead, NumberedChange};

use crate::world::World;

/// Where a reader stands that knows everything up to now.
async fn newest(world: &World) -> FeedPosition {
    match world
        .store
        .changes_since(FeedPosition::default())
        .await
        .map(|reading| reading.read)
    {
        Ok(FeedRead::Lost(position)) => position,
        Ok(FeedRead::Changes(changes)) => FeedPosition {
            number: changes.last().map_or(0, |last| last.number),
            generation: Vec::new(),
        },
        Err(error) => panic!("{error}"),
    }
}

async fn since(world: &World, position: &FeedPosition) -> Vec<NumberedChange> {
    match world
        .store
        .changes_since(position.clone())
        .await
        .expect("the feed can be read")
        .read
    {
        FeedRead::Changes(changes) => changes,
        FeedRead::Lost(position) => panic!("the feed was lost at {position:?}"),
    }
}

on_each_engine! {
    a_revoked_token_is_announced_with_its_digest,
    the_listener_hears_what_the_feed_says_and_nothing_that_was_refused,
    who_is_too_far_behind_is_told_so,
}

async fn a_revoked_token_is_announced_with_its_digest(world: World) {
    let mona = world.user("mona").await;
    let made = world.make(world.personal(&mona, "one", "repo")).await;
    let before = newest(&world).await;
    world
        .store
        .revoke_authorization(
            Some(mona.id),
            made.id,
            EndReason::DeletedByOwner,
            world.by(&mona),
        )
        .await
        .unwrap();
    let announced: Vec<_> = since(&world, &before)
        .await
        .into_iter()
        .map(|numbered| numbered.change)
        .collect();
    let change = Change::Authorization {
        id: made.id,
        digest_head: made.token.digest.head(),
    };
    assert_eq!(announced, [change]);
}

async fn the_listener_hears_what_the_feed_says_and_nothing_that_was_refused(world: World) {
    let heard: Arc<Mutex<Vec<NumberedChange>>> = Arc::default();
    let ears = Arc::clone(&heard);
    world.store.listen(Arc::new(move |told| {
        let CommitOutcome::Committed(changes) = told else {
            panic!("no commit fails here");
        };
        ears.lock().unwrap().extend_from_slice(changes);
    }));
    let mona = world.user("mona").await;
    let before = newest(&world).await;
    let rename = |name: &str| AccountChange {
        name: Some(DisplayName::parse(name).unwrap()),
        ..AccountChange::default()
    };
    world
        .store
        .change_account(mona.id, rename("Mona"), world.by(&mona))
        .await
        .unwrap();
    let nobody = counterfoil_domain::id::AccountId(mona.id.0 + 1000);
    world
        .store
        .change_account(nobody, rename("Nobody"), world.by(&mona))
        .await
        .unwrap_err();
    let told = since(&world, &before).await;
    assert_eq!(*heard.lock().unwrap(), told);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].change, Change::Account(mona.id));
}

async fn who_is_too_far_behind_is_told_so(world: World) {
    let mona = world.user("mona").await;
    let start = newest(&world).await;
    for number in 0..1001 {
        let change = AccountChange {
            name: Some(DisplayName::parse(&format!("Mona {number}")).unwrap()),
            ..AccountChange::default()
        };
        world
            .store
            .change_account(mona.id, change, world.by(&mona))
            .await
            .unwrap();
    }
    let lost = world.store.changes_since(start.clone()).await.unwrap().read;
    let FeedRead::Lost(position) = lost else {
        panic!("more changes were told than are read at a time");
    };
    assert_eq!(position.number, start.number + 1001);
    assert_eq!(since(&world, &position).await, []);
}
