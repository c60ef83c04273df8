//! Seed files.

use counterfoil_domain::audit::Action;

use crate::world::{World, words};

on_each_engine! {
    a_seed_file_is_known_by_its_digest_once_it_was_applied,
}

async fn a_seed_file_is_known_by_its_digest_once_it_was_applied(world: World) {
    let other = world.another_process();
    assert!(!world.store.was_seeded("ab12").await.unwrap());
    world
        .store
        .record_seeding("ab12".to_owned(), world.operator())
        .await
        .unwrap();
    assert!(other.was_seeded("ab12").await.unwrap());
    assert!(!other.was_seeded("ab1").await.unwrap());
    other
        .record_seeding("ab12".to_owned(), world.operator())
        .await
        .unwrap();
    assert_eq!(
        world.actions_since(0).await,
        words(&[Action::Seeded, Action::Seeded])
    );
}
