//! What the user of a device sees, and what is refused there.

use std::time::Duration;

use counterfoil_testkit::World;

use super::super::{Scene, error_in};
use super::{CONFIRM, ENTRY, types};

#[tokio::test]
async fn the_question_says_who_asks_from_where_and_for_what() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device_from("198.51.100.27", "repo site_admin").await;
    let page = scene.types(&device.user_code.to_lowercase()).await;
    page.assert_status(200);
    let text = page.text();
    for said in [
        "Did you start this sign-in?",
        "Refuse if somebody sent you this code",
        device.user_code.as_str(),
        "198.51.100.27",
        "not your network",
        "a tool/1.2",
        "as it says itself",
        "Deployer",
        "Not given, since no device gets what only site administrators may do:",
        "Connect",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let place = |word: &str| text.find(word).expect("it is there");
    assert!(place("value=\"refuse\"") < place("value=\"allow\""));
}

#[tokio::test]
async fn from_another_network_a_box_must_be_ticked() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device_from("198.51.100.27", "repo").await;
    let page = scene.types(&device.user_code).await;
    let unticked = scene.visitor.submit(&page, CONFIRM, &[("answer", "allow")]);
    let unticked = unticked.await;
    unticked.assert_status(422);
    assert!(unticked.text().contains("Tick the box, or refuse"));
    assert_eq!(scene.next_poll(&device).await, "authorization_pending");
    let ticked = [("answer", "allow"), ("mine", "on")];
    let answer = scene.visitor.submit(&unticked, CONFIRM, &ticked).await;
    answer.assert_status(303);
    world.advance(super::INTERVAL);
    super::token_in(&scene.poll(&device).await);
    // To refuse needs no tick.
    let device = scene.device_from("198.51.100.27", "repo").await;
    scene.answers(&device, "refuse").await.assert_status(303);
}

#[tokio::test]
async fn nobody_types_a_code_who_is_not_signed_in_and_no_address_fills_it_in() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    let stranger = world.visitor();
    let answer = stranger.get(ENTRY).await;
    answer.assert_status(303);
    assert!(super::super::location(&answer).starts_with("/login?return_to="));
    for address in [
        format!("{ENTRY}?user_code={}", device.user_code),
        format!("{ENTRY}?code={}", device.user_code),
    ] {
        let text = scene.visitor.get(&address).await.text();
        let form = text.split("<form").nth(1).expect("there is one");
        let (form, _) = form.split_once("</form>").expect("it ends");
        assert!(!form.contains(&device.user_code), "{form}");
    }
    let back = scene.visitor.get(CONFIRM).await;
    back.assert_status(303);
    assert_eq!(super::super::location(&back), ENTRY);
    let done = scene.visitor.get("/login/device/done").await;
    assert_eq!(super::super::location(&done), ENTRY);
}

#[tokio::test]
async fn a_code_belongs_to_the_session_that_it_was_typed_in() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    let page = scene.types(&device.user_code).await;
    page.assert_status(200);
    // Neither another person, nor the same one in another session.
    let (hubot, again) = (world.visitor(), world.visitor());
    hubot.sign_in(&scene.hubot).await;
    again.sign_in(&scene.mona).await;
    for other in [&hubot, &again] {
        types(other, &device.user_code).await.assert_status(422);
        let own = scene.device("").await;
        let own = types(other, &own.user_code).await;
        own.assert_status(200);
        let stolen = page.hidden("device");
        let fields = [
            ("csrf", own.hidden("csrf")),
            ("device", stolen),
            ("code", device.user_code.clone()),
            ("answer", "allow".to_owned()),
        ];
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = other.post(CONFIRM, &fields).await;
        answer.assert_status(422);
    }
    assert_eq!(
        error_in(&scene.poll(&device).await),
        "authorization_pending"
    );
    // Whom it belongs to may type it again, and answers.
    scene.answers(&device, "allow").await.assert_status(303);
    let second = scene
        .visitor
        .submit(&page, CONFIRM, &[("answer", "refuse")]);
    let second = second.await;
    second.assert_status(303);
    let done = scene.visitor.follow(&second).await;
    assert!(
        done.text().contains("Device connected"),
        "the first answer stands"
    );
}

#[tokio::test]
async fn wrong_codes_are_bounded_by_person_and_by_address_and_a_bystander_goes_on() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    for text in ["", "1234-5678", "WDJB-MJH"] {
        let page = scene.types(text).await;
        page.assert_status(422);
        let said = "Enter the eight letters that your device shows";
        assert!(page.text().contains(said), "{text}");
    }
    for number in 0..10 {
        let page = scene.types("BBBB-BBBB").await;
        page.assert_status(422);
        let said = "The code is wrong or has expired. Start again on your device";
        assert!(page.text().contains(said), "{number}");
    }
    let page = scene.types(&device.user_code).await;
    page.assert_status(403);
    assert!(page.text().contains("Too many tries. Wait 10 minutes"));
    // Somebody else at the same address, whose share is their own.
    let bystander = world.visitor();
    bystander.sign_in(&scene.hubot).await;
    let other = scene.device("").await;
    types(&bystander, &other.user_code).await.assert_status(200);
    world.advance(Duration::from_mins(10));
    scene.types(&device.user_code).await.assert_status(200);
}

#[tokio::test]
async fn an_address_may_send_thirty_wrong_codes_whoever_sends_them() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    for number in 0..3 {
        let user = world.user(&format!("guesser{number}")).await;
        let visitor = world.visitor().from_address("192.0.2.66");
        visitor.sign_in(&user).await;
        for _ in 0..10 {
            types(&visitor, "BBBB-BBBB").await.assert_status(422);
        }
    }
    let user = world.user("another").await;
    let visitor = world.visitor().from_address("192.0.2.66");
    visitor.sign_in(&user).await;
    types(&visitor, "BBBB-BBBB").await.assert_status(403);
    let device = scene.device("").await;
    scene.types(&device.user_code).await.assert_status(200);
}
