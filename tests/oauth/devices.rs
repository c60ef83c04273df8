//! The device flow: what a device asks, what its user answers, and its polls.

mod administrators;
mod endings;
mod floods;
mod pages;
mod polls;
mod refresh;
mod standard_errors;

use std::time::Duration;

use counterfoil_domain::app::{AppChange, DeviceFlow};
use counterfoil_testkit::{Answer, RequestBuilder, Visitor, World};
use http::Method;

use super::{Scene, encoded, error_in, token_in};

/// Where a device asks.
const CODE: &str = "/login/device/code";
/// Where its code is typed.
const ENTRY: &str = "/login/device";
/// Where the answer goes.
const CONFIRM: &str = "/login/device/confirm";
/// What a poll names.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How far apart polls are.
const INTERVAL: Duration = Duration::from_secs(5);

/// The codes of a device that waits.
struct Device {
    code: String,
    user_code: String,
}

impl<'w> Scene<'w> {
    /// A scene whose app may use the flow.
    async fn for_devices(world: &'w World) -> Self {
        let scene = Self::new(world).await;
        scene.set_device_flow(DeviceFlow::Enabled).await;
        scene
    }

    async fn set_device_flow(&self, flow: DeviceFlow) {
        self.change_app(AppChange {
            device_flow: Some(flow),
            ..AppChange::default()
        })
        .await;
    }

    /// The request of a device with these fields, which takes JSON.
    pub(super) fn device_request(&self, fields: &[(&str, &str)]) -> RequestBuilder<'w> {
        let body: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        self.world
            .anonymous()
            .request_anywhere(Method::POST, CODE)
            .bytes(body.join("&").as_bytes())
            .header("accept", "application/json")
            .header("user-agent", "a tool/1.2")
    }

    /// A device of the app that asks for these scopes.
    async fn device(&self, scope: &str) -> Device {
        self.device_from("192.0.2.1", scope).await
    }

    async fn device_from(&self, address: &str, scope: &str) -> Device {
        let fields = [("client_id", self.app.client_id.as_str()), ("scope", scope)];
        let asked = self.device_request(&fields).from_address(address);
        let answer = asked.send_unchecked().await;
        answer.assert_status(200);
        let json = answer.json();
        let text = |name: &str| json[name].as_str().expect("a text").to_owned();
        Device {
            code: text("device_code"),
            user_code: text("user_code"),
        }
    }

    /// A poll of a device with these fields besides.
    async fn poll_with(&self, device: &Device, more: &[(&str, &str)]) -> Answer {
        let own = [
            ("client_id", self.app.client_id.as_str()),
            ("device_code", device.code.as_str()),
            ("grant_type", GRANT),
        ];
        let fields = [&own[..], more].concat();
        self.exchange_of(&fields).send_unchecked().await
    }

    async fn poll(&self, device: &Device) -> Answer {
        self.poll_with(device, &[]).await
    }

    /// The error that a poll is answered with, once an interval has passed.
    async fn next_poll(&self, device: &Device) -> String {
        self.world.advance(INTERVAL);
        error_in(&self.poll(device).await)
    }

    /// The page that the user sees who types the code of a device.
    async fn types(&self, code: &str) -> Answer {
        types(&self.visitor, code).await
    }

    /// What the user is answered who types the code and answers.
    async fn answers(&self, device: &Device, answer: &str) -> Answer {
        let page = self.types(&device.user_code).await;
        page.assert_status(200);
        let answer = [("answer", answer)];
        self.visitor.submit(&page, CONFIRM, &answer).await
    }
}

async fn types(visitor: &Visitor<'_>, code: &str) -> Answer {
    let page = visitor.get(ENTRY).await;
    visitor.submit(&page, ENTRY, &[("code", code)]).await
}

#[tokio::test]
async fn a_device_is_let_in_and_gets_its_token_once() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("repo gist").await;
    assert_eq!(
        error_in(&scene.poll(&device).await),
        "authorization_pending"
    );
    let answer = scene.answers(&device, "allow").await;
    answer.assert_status(303);
    let done = scene.visitor.follow(&answer).await;
    assert!(done.text().contains("Device connected"), "{}", done.text());
    world.advance(INTERVAL);
    let polled = scene.poll(&device).await;
    let token = token_in(&polled);
    let json = polled.json();
    assert_eq!(json["token_type"], "bearer");
    assert_eq!(json["scope"], "repo,gist");
    assert!(scene.accepts(&token).await);
    assert_eq!(scene.next_poll(&device).await, "incorrect_device_code");
    let made = scene.mona.get("/authorizations").await.json();
    assert_eq!(made.as_array().map(Vec::len), Some(1));
    let actions = world.audit_actions().await;
    for action in ["device.approved", "authorization.created"] {
        let left = actions.iter().filter(|left| *left == action).count();
        assert_eq!(left, 1, "{action}");
    }
}

#[tokio::test]
async fn what_a_device_is_answered_is_as_documented() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let client = ("client_id", scene.app.client_id.as_str());
    let answer = scene.device_request(&[client]).send_unchecked().await;
    answer.assert_status(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let json = answer.json();
    let names: Vec<_> = json.as_object().expect("an object").keys().collect();
    let expected = [
        "device_code",
        "user_code",
        "verification_uri",
        "expires_in",
        "interval",
    ];
    assert_eq!(names, expected);
    assert_eq!(json["expires_in"], 900);
    assert_eq!(json["interval"], 5);
    assert_eq!(json["device_code"].as_str().map(str::len), Some(40));
    let address = json["verification_uri"].as_str().expect("an address");
    assert!(address.ends_with("/login/device"), "{address}");
    let shown = json["user_code"].as_str().expect("a code").as_bytes();
    assert!(shown.len() == 9 && shown[4] == b'-', "{json}");
    // As gh sends it, which reads a form alone.
    let form = scene
        .device_request(&[client, ("scope", "repo read:org gist")])
        .header("accept", "");
    let text = form.send_unchecked().await.text();
    assert!(text.starts_with("device_code="), "{text}");
    assert!(
        text.contains("&expires_in=900&interval=5&user_code="),
        "{text}"
    );
}

#[tokio::test]
async fn a_request_that_is_wrong_is_told_why() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let client = ("client_id", scene.app.client_id.as_str());
    for (fields, status, error) in [
        (
            &[("client_id", "0123456789abcdef0123")][..],
            404,
            "Not Found",
        ),
        (&[], 404, "Not Found"),
        (&[client, ("scope", "repo user:read")], 400, "invalid_scope"),
        (
            &[client, ("scope", "repo"), ("scope", "gist")],
            400,
            "invalid_request",
        ),
        (
            &[client, ("client_secret", "wrong")],
            200,
            "incorrect_client_credentials",
        ),
    ] {
        let answer = scene.device_request(fields).send_unchecked().await;
        answer.assert_status(status);
        assert_eq!(error_in(&answer), error, "{fields:?}");
    }
    let named = scene.device_request(&[client, ("scope", "repo user:read")]);
    let said = named.send_unchecked().await.json();
    let expected = "The scopes requested are invalid: user:read.";
    assert_eq!(said["error_description"], expected);
    scene.set_device_flow(DeviceFlow::Disabled).await;
    let answer = scene.device_request(&[client]).send_unchecked().await;
    answer.assert_status(400);
    let json = answer.json();
    assert_eq!(json["error"], "device_flow_disabled");
    let expected = "Device Flow must be explicitly enabled for this App";
    assert_eq!(json["error_description"], expected);
    let secret = ("client_secret", scene.app.client_secret.as_str());
    scene.set_device_flow(DeviceFlow::Enabled).await;
    let proven = scene.device_request(&[client, secret]);
    proven.send_unchecked().await.assert_status(200);
}

#[tokio::test]
async fn requests_are_bounded_by_address_and_told_by_their_count() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let client = ("client_id", scene.app.client_id.as_str());
    let ask = async |address: &str| {
        let request = scene.device_request(&[client]).from_address(address);
        request.send_unchecked().await
    };
    for number in 0..30 {
        // One customer, whichever address of a /64.
        let answer = ask(&format!("2001:db8::{number}")).await;
        answer.assert_status(200);
    }
    let refused = ask("2001:db8::ffff").await;
    refused.assert_status(429);
    assert_eq!(refused.header("retry-after"), "5");
    ask("2001:db8:0:1::1").await.assert_status(200);
    world.advance(Duration::from_mins(10));
    ask("2001:db8::1").await.assert_status(200);
    let flushed = world.authority.flush_counted_requests(true).await;
    flushed.expect("the database takes it");
    let actions = world.audit_actions().await;
    let told = actions
        .iter()
        .filter(|action| *action == "device.requested");
    assert_eq!(told.count(), 2, "one for each address");
}
