//! Floods of sign-ins: what strangers send keeps nobody from being served.

use counterfoil_domain::password::HashingCost;
use counterfoil_testkit::{UserActor, World, WorldOptions};
use futures_util::future::join_all;

/// A world in which one password is computed at a time, long enough that all of a flood arrives
/// meanwhile.
async fn slow_world() -> World {
    let mut options = WorldOptions::default();
    options.settings.hashing.cost = HashingCost::default();
    options.settings.hashing.threads = 1;
    options.settings.hashing.queue = 8;
    options.settings.password_memory = std::time::Duration::ZERO;
    World::with(options).await
}

/// Sends what strangers send from these addresses, all at once, and then somebody's right password.
/// Says how many of the strangers were told that the server is busy, and what the other one was
/// answered.
async fn flood(
    stranger: &UserActor<'_>,
    addresses: impl Iterator<Item = String>,
    bystander: &UserActor<'_>,
) -> (usize, u16) {
    let attempts = addresses.enumerate().map(|(number, address)| {
        let one = stranger.named(&format!("nobody{number}"));
        async move { one.from_address(&address).get("/user").await.status }
    });
    let (statuses, answer) = tokio::join!(join_all(attempts), bystander.get("/user"));
    let busy = statuses.iter().filter(|status| **status == 503).count();
    (busy, answer.status.as_u16())
}

#[tokio::test]
async fn a_flood_from_one_network_keeps_no_other_network_from_signing_in() {
    let world = slow_world().await;
    let mona = world.user("mona").await;
    let bystander = mona.from_address("203.0.113.7");
    let one_customer = (0..90).map(|number| format!("2001:db8:0:{number:x}::1"));
    let (busy, answer) = flood(&mona, one_customer, &bystander).await;
    assert!(busy > 45, "{busy} of the flood were turned away");
    assert_eq!(answer, 200);
}

#[tokio::test]
async fn a_flood_from_many_networks_keeps_no_known_address_from_signing_in() {
    let world = slow_world().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    mona.from_address("203.0.113.7")
        .get("/user")
        .await
        .assert_status(200);
    // Who signs in from there is known there: it is the address that counts.
    let bystander = hubot.from_address("203.0.113.7");
    let everywhere = (0..90).map(|number| format!("2001:db8:{number:x}::1"));
    let (busy, answer) = flood(&mona, everywhere, &bystander).await;
    assert!(busy > 45, "{busy} of the flood were turned away");
    assert_eq!(answer, 200);
}
