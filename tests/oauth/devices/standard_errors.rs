//! Errors of polls for an app that is not made for GitHub (RFC 8628, section 3.5).

use std::time::Duration;

use counterfoil_domain::app::{AppSwitch, DeviceFlow};
use counterfoil_testkit::World;

use super::super::{Scene, standard_error, token_in};
use super::{Device, GRANT};

impl Scene<'_> {
    /// The error that a poll is told, once any interval has passed.
    async fn standard_poll(&self, device: &Device) -> String {
        self.world.advance(Duration::from_secs(20));
        standard_error(&self.poll(device).await, 400)
    }
}

#[tokio::test]
async fn each_error_of_a_poll_has_the_status_400_where_the_app_wants_the_standard() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    scene.turn(AppSwitch::StandardErrors, true).await;
    let device = scene.device("repo").await;
    assert_eq!(scene.standard_poll(&device).await, "authorization_pending");
    let early = scene.poll(&device).await;
    assert_eq!(standard_error(&early, 400), "slow_down");
    scene.answers(&device, "allow").await.assert_status(303);
    world.advance(Duration::from_secs(20));
    token_in(&scene.poll(&device).await);
    assert_eq!(scene.standard_poll(&device).await, "invalid_grant");

    let denied = scene.device("repo").await;
    scene.answers(&denied, "refuse").await.assert_status(303);
    assert_eq!(scene.standard_poll(&denied).await, "access_denied");

    let old = scene.device("repo").await;
    world.advance(Duration::from_mins(15));
    assert_eq!(scene.standard_poll(&old).await, "expired_token");

    let unknown = Device {
        code: "0".repeat(40),
        user_code: String::new(),
    };
    assert_eq!(scene.standard_poll(&unknown).await, "invalid_grant");
    let missing = [
        ("client_id", scene.app.client_id.as_str()),
        ("grant_type", GRANT),
    ];
    let missing = scene.exchange_of(&missing).send_unchecked().await;
    assert_eq!(standard_error(&missing, 400), "invalid_request");

    let closed = scene.device("repo").await;
    scene.set_device_flow(DeviceFlow::Disabled).await;
    assert_eq!(scene.standard_poll(&closed).await, "unauthorized_client");
}
