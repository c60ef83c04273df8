//! Requests, put together and sent.

use axum::Router;
use axum::body::{Body, HttpBody as _};
use counterfoil_authority::Clock;
use counterfoil_domain::network::ClientAddress;
use counterfoil_server::listen::Peer;
use data_encoding::BASE64;
use http::header::{CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::answer::Answer;
use crate::description::{self, Found};
use crate::own_description;
use crate::world::World;

/// A request that is being put together.
#[must_use = "a request is sent by `send`"]
pub struct RequestBuilder<'w> {
    world: &'w World,
    method: Method,
    /// The path after the origin, with its query. Bytes, since clients may send any.
    target: Vec<u8>,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
    address: ClientAddress,
    tls: bool,
    ops: bool,
}

impl<'w> RequestBuilder<'w> {
    pub(crate) fn new(world: &'w World, method: Method, target: impl Into<Vec<u8>>) -> Self {
        let agent = (USER_AGENT, HeaderValue::from_static("testkit/1"));
        Self {
            world,
            method,
            target: target.into(),
            headers: vec![(HOST, HeaderValue::from_static("counterfoil.test")), agent],
            body: None,
            address: local(),
            tls: false,
            ops: false,
        }
    }

    /// With a login and password, in place of other credentials.
    pub fn basic(self, login: &str, password: &str) -> Self {
        let pair = BASE64.encode(format!("{login}:{password}").as_bytes());
        self.header("authorization", &format!("Basic {pair}"))
    }

    /// With one more header. One that is there already is replaced.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("the name of a header");
        self.headers.retain(|(held, _)| *held != name);
        self.headers.push((
            name,
            HeaderValue::from_bytes(value.as_bytes()).expect("the value of a header"),
        ));
        self
    }

    /// With one more header of any bytes, beside others of that name.
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        let value = HeaderValue::from_bytes(value).expect("the value of a header");
        self.headers
            .push((name.parse().expect("the name of a header"), value));
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        let body = body.to_string();
        self.bytes(body.as_bytes())
    }

    /// With a body of any bytes.
    pub fn bytes(mut self, body: &[u8]) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    /// To another path: any bytes after the origin.
    pub fn to(self, target: impl Into<Vec<u8>>) -> Self {
        let target = target.into();
        Self { target, ..self }
    }

    /// From this address.
    pub fn from_address(self, address: &str) -> Self {
        self.from(address.parse().expect("an address"))
    }

    pub(crate) fn from(self, address: ClientAddress) -> Self {
        Self { address, ..self }
    }

    /// Sends it to the port of operators.
    pub fn on_the_operators_port(self) -> Self {
        Self { ops: true, ..self }
    }

    /// As it comes over TLS.
    pub fn over_tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The request as the router gets it.
    pub fn build(&self) -> Request<Body> {
        let mut request = Request::builder()
            .method(&self.method)
            .uri(self.target.as_slice());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = self.body.clone().map_or_else(Body::empty, Body::from);
        let mut request = request.body(body).expect("a request");
        let mut peer = Peer::plain(self.address);
        peer.tls = self.tls;
        request.extensions_mut().insert(peer);
        request
    }

    /// The router that it goes to.
    pub fn router(&self) -> Router {
        if self.ops {
            self.world.ops_router()
        } else {
            self.world.router.clone()
        }
    }

    /// Sends it, and holds the answer against the official description and against ours.
    pub async fn send(self) -> Answer {
        let answer = self.send_unchecked().await;
        self.hold_against_ours(&answer);
        let unlisted: Vec<_> = self.deviations(&answer);
        let unlisted: Vec<_> = unlisted.iter().filter(|found| !found.is_listed()).collect();
        assert!(
            unlisted.is_empty(),
            "{} {} departs from the official description: {unlisted:#?}\n{}",
            self.method,
            self.target(),
            answer.text(),
        );
        answer
    }

    /// Sends it and says how the answer departs from the official description, whether a row allows
    /// that or not.
    pub async fn send_for_deviations(self) -> Vec<Found> {
        let answer = self.send_unchecked().await;
        self.hold_against_ours(&answer);
        self.deviations(&answer)
    }

    fn hold_against_ours(&self, answer: &Answer) {
        let departures = own_description::departures(&self.method, &self.target(), answer);
        assert!(
            departures.is_empty(),
            "{} {} departs from our description: {departures:#?}\n{}",
            self.method,
            self.target(),
            answer.text(),
        );
    }

    fn deviations(&self, answer: &Answer) -> Vec<Found> {
        description::deviations(&self.method, &self.target(), answer)
    }

    fn target(&self) -> String {
        String::from_utf8_lossy(&self.target).into_owned()
    }

    /// Sends it and takes the answer as it is.
    pub async fn send_unchecked(&self) -> Answer {
        let response = self
            .router()
            .oneshot(self.build())
            .await
            .expect("the router answers");
        let (mut parts, body) = response.into_parts();
        // As the connection does it.
        if [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&parts.status) {
            parts.headers.remove(CONTENT_LENGTH);
        } else if let Some(length) = body.size_hint().exact() {
            let length = HeaderValue::from(length);
            parts.headers.entry(CONTENT_LENGTH).or_insert(length);
        }
        let body = body
            .collect()
            .await
            .expect("the body of an answer can be read")
            .to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.to_vec(),
            at: self.world.clock.now(),
        }
    }
}

pub(crate) fn local() -> ClientAddress {
    "192.0.2.1".parse().expect("an address")
}
