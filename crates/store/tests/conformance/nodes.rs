//! Which processes serve from a database.

use std::time::Duration;

use crate::world::World;

const HOUR: Duration = Duration::from_hours(1);

on_each_engine! {
    each_process_that_serves_is_listed_once_with_its_level_and_its_last_time,
    a_process_that_was_not_seen_for_a_day_is_forgotten,
}

fn nodes(world: &World) -> Vec<String> {
    let nodes = "SELECT id || ' ' || CAST(level AS TEXT) || ' ' || CAST(seen_at / 1000000 AS TEXT) FROM nodes ORDER BY id";
    world.look_up(nodes)
}

async fn each_process_that_serves_is_listed_once_with_its_level_and_its_last_time(world: World) {
    let other = world.another_process();
    other.note_node(world.now()).await.unwrap();
    let earlier = world.now();
    world.pass(HOUR);
    world.store.note_node(world.now()).await.unwrap();
    // A clock that was set back takes nothing back.
    world.store.note_node(earlier).await.unwrap();
    let listed = [
        format!("first 1 {}", world.now().seconds()),
        format!("second 1 {}", earlier.seconds()),
    ];
    assert_eq!(nodes(&world), listed);
    assert_eq!(world.events().await, []);
}

async fn a_process_that_was_not_seen_for_a_day_is_forgotten(world: World) {
    let other = world.another_process();
    other.note_node(world.now()).await.unwrap();
    world.pass(Duration::from_secs(86_399));
    world.store.note_node(world.now()).await.unwrap();
    assert_eq!(nodes(&world).len(), 2);
    world.pass(Duration::from_secs(1));
    world.store.note_node(world.now()).await.unwrap();
    let left = [format!("first 1 {}", world.now().seconds())];
    assert_eq!(nodes(&world), left);
}
