//! The web application flow and the device flow: an app leads a browser here, or a device shows a
//! code, and each exchanges what comes of it.

mod answers;
mod authorize;
mod built_in;
mod consent;
mod devices;
mod endings;
mod exchange;
mod meanwhile;
mod oauth2_crate;
mod oddities;
mod programs;
mod published;
mod redirects;
mod refresh;
mod refreshed;
mod repeats;
mod resource_servers;
mod schemes;
mod standard;
mod standard_errors;
mod suspended;
mod switches;
mod transfers;

use counterfoil_domain::app::{AppChange, AppSwitch, AppUrl, SwitchChange};
use counterfoil_testkit::{Answer, AppActor, RequestBuilder, UserActor, Visitor, World};
use http::Method;
use http::header::LOCATION;

/// Where a browser is led to, and the form that is answered there.
const AUTHORIZE: &str = "/login/oauth/authorize";
/// Where a code is exchanged.
const ACCESS_TOKEN: &str = "/login/oauth/access_token";
/// The callback of an app of the tests.
const CALLBACK: &str = "https://app.example.com/callback";

/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A user who is signed in, and an app that the user has not let in yet.
struct Scene<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    /// Whose the app is.
    hubot: UserActor<'w>,
    app: AppActor,
    visitor: Visitor<'w>,
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let mona = world.user("mona").await;
        let hubot = world.user("hubot").await;
        let app = world.app(&hubot, "Deployer").await;
        let visitor = world.visitor();
        visitor.sign_in(&mona).await;
        Self {
            world,
            mona,
            hubot,
            app,
            visitor,
        }
    }

    /// The address that the app leads to, with these parameters as they stand.
    fn address(&self, more: &str) -> String {
        format!("{AUTHORIZE}?client_id={}{more}", self.app.client_id)
    }

    /// What the user sees who is led there.
    async fn asks(&self, more: &str) -> Answer {
        self.visitor.get(&self.address(more)).await
    }

    /// What the user is answered who allows what the app asks for on a page.
    async fn allowed(&self, more: &str) -> Answer {
        let page = self.asks(more).await;
        page.assert_status(200);
        let allow = [("answer", "allow")];
        self.visitor.submit(&page, AUTHORIZE, &allow).await
    }

    /// Where the browser of the user, who allows what is asked at this address, is led back to.
    async fn led_back(&self, address: &str) -> String {
        let page = self.visitor.get(address).await;
        page.assert_status(200);
        let allow = [("answer", "allow")];
        location(&self.visitor.submit(&page, AUTHORIZE, &allow).await)
    }

    /// A code that the user allows on a page.
    async fn code(&self, more: &str) -> String {
        let answer = self.allowed(more).await;
        answer.assert_status(303);
        parameter(&location(&answer), "code").expect("a code")
    }

    /// The request that exchanges a code, with these fields besides.
    fn exchange(&self, code: &str, more: &[(&str, &str)]) -> RequestBuilder<'w> {
        let pair = [
            ("client_id", self.app.client_id.as_str()),
            ("client_secret", self.app.client_secret.as_str()),
        ];
        let fields = [&pair[..], &[("code", code)], more].concat();
        self.exchange_of(&fields)
    }

    /// The request that sends these fields to the token endpoint, and takes JSON.
    fn exchange_of(&self, fields: &[(&str, &str)]) -> RequestBuilder<'w> {
        let fields = fields.iter();
        let fields = fields.map(|(name, value)| format!("{name}={}", encoded(value)));
        let body: Vec<_> = fields.collect();
        self.post(body.join("&").as_bytes())
            .header("accept", "application/json")
    }

    /// A request to the token endpoint.
    fn post(&self, body: &[u8]) -> RequestBuilder<'w> {
        let request = self.world.anonymous();
        request
            .request_anywhere(Method::POST, ACCESS_TOKEN)
            .bytes(body)
    }

    /// The token that a code is exchanged for.
    async fn token(&self, code: &str, more: &[(&str, &str)]) -> String {
        let answer = self.exchange(code, more).send_unchecked().await;
        token_in(&answer)
    }

    /// The error that a code is answered with.
    async fn error(&self, code: &str, more: &[(&str, &str)]) -> String {
        error_in(&self.exchange(code, more).send_unchecked().await)
    }

    /// How many tokens of the user live.
    async fn live(&self) -> usize {
        self.mona.ids("/authorizations").await.len()
    }

    async fn change_callbacks(&self, callbacks: &[&str]) {
        let urls = callbacks
            .iter()
            .map(|url| AppUrl::parse_callback(url).expect("a URL"));
        self.change_app(AppChange {
            callback_urls: Some(urls.collect()),
            ..AppChange::default()
        })
        .await;
    }

    async fn change_app(&self, change: AppChange) {
        let client_id = &self.app.app.summary.client_id;
        let operator = World::operator();
        let changed = self
            .world
            .authority
            .change_app(client_id, change, &operator);
        changed.await.expect("the app is there");
    }

    /// Turns a switch of the app on or off.
    async fn turn(&self, switch: AppSwitch, is_on: bool) {
        self.change_app(AppChange {
            switches: SwitchChange::default().turning(switch, is_on),
            ..AppChange::default()
        })
        .await;
    }

    async fn accepts(&self, token: &str) -> bool {
        let answer = self.world.anonymous().get_with_token(token, "/user").await;
        answer.status == 200
    }
}

#[track_caller]
fn location(answer: &Answer) -> String {
    let location = answer.headers.get(LOCATION);
    let location = location.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text()));
    String::from_utf8_lossy(location.as_bytes()).into_owned()
}

/// The value of a parameter in an address, as it is written.
fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let mut pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

#[track_caller]
fn token_in(answer: &Answer) -> String {
    answer.assert_status(200);
    let json = answer.json();
    let token = json["access_token"].as_str();
    token.unwrap_or_else(|| panic!("{json}")).to_owned()
}

#[track_caller]
fn error_in(answer: &Answer) -> String {
    let json = answer.json();
    let error = json["error"].as_str();
    error
        .unwrap_or_else(|| panic!("{}", answer.status))
        .to_owned()
}

/// The error that an app is told as RFC 6749 has it, with this status.
#[track_caller]
fn standard_error(answer: &Answer, status: u16) -> String {
    let text = answer.assert_status(status).text();
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
    ] {
        assert_eq!(answer.header(name), value, "{text}");
    }
    assert_eq!(answer.has("www-authenticate"), status == 401, "{text}");
    error_in(answer)
}

fn encoded(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    bytes.collect()
}
