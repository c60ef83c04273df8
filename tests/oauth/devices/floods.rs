//! What many addresses, or one, can do to those who have nothing to do with it.

use std::time::Duration;

use counterfoil_domain::oauth::DeviceCode;
use counterfoil_domain::principal::Origin;
use counterfoil_testkit::World;
use serde_json::json;

use super::super::{Scene, error_in, token_in};
use super::{CONFIRM, Device, INTERVAL, types};

/// What an address may poll in a minute.
const POLLS: usize = 1_200;

#[tokio::test]
async fn guesses_from_a_hundred_addresses_stop_after_ten_of_a_person_and_a_bystander_goes_on() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    let mut looked_at = 0;
    for person in 0..2 {
        let user = world.user(&format!("guesser{person}")).await;
        let guesser = world.visitor();
        guesser.sign_in(&user).await;
        for place in 0..50 {
            let address = format!("198.51.100.{}", 50 * person + place + 1);
            let guesser = guesser.copied().from_address(&address);
            match types(&guesser, "BBBB-BBBB").await.status.as_u16() {
                422 => looked_at += 1,
                other => assert_eq!(other, 403),
            }
        }
        // Not even the right one is looked at, wherever it comes from.
        let guesser = guesser.copied().from_address("203.0.113.1");
        types(&guesser, &device.user_code).await.assert_status(403);
    }
    assert_eq!(looked_at, 20);
    // The user, at an address that guesses came from.
    let bystander = scene.visitor.copied().from_address("198.51.100.7");
    let page = types(&bystander, &device.user_code).await;
    page.assert_status(200);
    let allow = [("answer", "allow"), ("mine", "on")];
    let answer = bystander.submit(&page, CONFIRM, &allow).await;
    answer.assert_status(303);
    token_in(&scene.poll(&device).await);
}

#[tokio::test]
async fn a_hundred_thousand_requests_from_one_address_leave_thirty_devices_and_others_ask_on() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let client = ("client_id", scene.app.client_id.as_str());
    let ask = async |address: &str| {
        let request = scene.device_request(&[client]).from_address(address);
        request.send_unchecked().await.status.as_u16()
    };
    for _ in 0..30 {
        assert_eq!(ask("203.0.113.9").await, 200);
    }
    // What every request meets first, before its body is read.
    let origin = Origin::new("203.0.113.9".parse().expect("an address"), None);
    let admitted = (0..100_000).filter(|_| world.authority.admit_device_request(&origin));
    assert_eq!(admitted.count(), 0);
    for _ in 0..100 {
        assert_eq!(ask("203.0.113.9").await, 429);
    }
    let rows = "SELECT count(*) FROM device_codes";
    assert_eq!(world.database().look_up(rows).expect("a count"), "30");
    let device = scene.device_from("203.0.113.10", "").await;
    scene.types(&device.user_code).await.assert_status(200);
}

#[tokio::test]
async fn polls_are_bounded_by_address_and_a_bystander_at_another_one_goes_on() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let (one, other) = (scene.device("").await, scene.device("").await);
    for device in [&one, &other] {
        scene.answers(device, "allow").await.assert_status(303);
    }
    let poll = async |device: &Device, address: &str| {
        let fields = [
            ("client_id", scene.app.client_id.as_str()),
            ("device_code", device.code.as_str()),
            ("grant_type", super::GRANT),
        ];
        let request = scene.exchange_of(&fields).from_address(address);
        request.send_unchecked().await
    };
    let guess = Device {
        code: "0".repeat(40),
        user_code: String::new(),
    };
    // A device that was too early twice, and is told that it is to wait longer than others.
    let hasty = scene.device("").await;
    let elsewhere = "198.51.100.9";
    for interval in [10, 15] {
        let waits = poll(&hasty, elsewhere).await;
        assert_eq!(error_in(&waits), "authorization_pending");
        assert_eq!(poll(&hasty, elsewhere).await.json()["interval"], interval);
        world.advance(Duration::from_secs(interval));
    }
    for number in 0..POLLS {
        // One customer, whichever address of a /64.
        let answer = poll(&guess, &format!("2001:db8::{number:x}")).await;
        assert_eq!(error_in(&answer), "incorrect_device_code", "{number}");
    }
    let slowed = poll(&guess, "2001:db8::ffff").await;
    slowed.assert_status(200);
    assert_eq!(slowed.json()["error"], "slow_down");
    assert_eq!(slowed.json()["interval"], 10);
    // What it is told at this address is no less than what it is held to.
    let told = poll(&hasty, "2001:db8::ffff").await.json();
    assert_eq!(
        (&told["error"], &told["interval"]),
        (&json!("slow_down"), &json!(15))
    );
    let origin = Origin::new("2001:db8::ffff".parse().expect("an address"), None);
    let code = DeviceCode::claimed(&hasty.code);
    let mut longer = 0;
    for _ in 0..2 * POLLS {
        let pause = world.authority.pause_of_polls(&origin, Some(&code)).await;
        longer += usize::from(pause == Some(Duration::from_secs(15)));
    }
    // It is looked up for as many polls again, and no more.
    assert_eq!(longer, POLLS - 2);
    // A device there waits for a minute at most, and loses nothing by it.
    assert_eq!(error_in(&poll(&one, "2001:db8::1").await), "slow_down");
    token_in(&poll(&other, "2001:db8:0:1::1").await);
    world.advance(Duration::from_secs(55));
    assert_eq!(error_in(&poll(&one, "2001:db8::1").await), "slow_down");
    world.advance(INTERVAL);
    token_in(&poll(&one, "2001:db8::1").await);
}
