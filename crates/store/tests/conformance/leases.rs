//! What one process does for all, by a lease.

use std::time::Duration;

use counterfoil_store::{Lease, LeaseName, Store};

use crate::world::World;

const LIFE: Duration = Duration::from_secs(30);

on_each_engine! {
    a_lease_is_one_processs_until_it_ends_and_its_fence_rises_with_the_holder,
    a_lease_that_is_given_up_is_free_at_once,
    of_two_processes_that_take_a_free_lease_at_the_same_time_one_has_it,
}

async fn take(world: &World, store: &Store) -> Option<Lease> {
    store
        .take_lease(LeaseName::Mail, LIFE, world.now())
        .await
        .unwrap()
}

fn fence(world: &World) -> Vec<String> {
    world.look_up("SELECT fence FROM leases WHERE name = 'mail'")
}

async fn a_lease_is_one_processs_until_it_ends_and_its_fence_rises_with_the_holder(world: World) {
    let other = world.another_process();
    let first = take(&world, &world.store).await.expect("it is free");
    assert_eq!(take(&world, &other).await, None);
    world.pass(Duration::from_secs(29));
    assert_eq!(take(&world, &other).await, None);
    // Its holder keeps it, under the same fence.
    assert_eq!(take(&world, &world.store).await, Some(first));
    assert_eq!(fence(&world), ["1"]);
    world.pass(LIFE);
    let second = take(&world, &other).await.expect("it is over");
    assert_ne!(second, first);
    assert_eq!(fence(&world), ["2"]);
    assert_eq!(take(&world, &world.store).await, None);
    // Whoever had it again after a break is another holder, too.
    world.pass(LIFE);
    let third = take(&world, &other).await.expect("nobody has it");
    assert_ne!(third, second);
    assert_eq!(fence(&world), ["3"]);
}

async fn a_lease_that_is_given_up_is_free_at_once(world: World) {
    let other = world.another_process();
    let lease = take(&world, &world.store).await.expect("it is free");
    let given = world.store.give_up_lease(lease, world.now());
    given.await.unwrap();
    assert!(take(&world, &other).await.is_some());
    // What somebody else has cannot be given up.
    world.store.give_up_lease(lease, world.now()).await.unwrap();
    assert_eq!(take(&world, &world.store).await, None);
}

async fn of_two_processes_that_take_a_free_lease_at_the_same_time_one_has_it(world: World) {
    let other = world.another_process();
    let (one, two) = tokio::join!(take(&world, &world.store), take(&world, &other));
    assert_eq!([one, two].iter().flatten().count(), 1);
}
