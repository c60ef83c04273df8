//! Actors: who holds a credential, and what they do with it.

use axum::Router;
use axum::body::Body;
use counterfoil_authority::Clock;
use counterfoil_domain::account::Account;
use counterfoil_domain::app::App;
use counterfoil_domain::network::ClientAddress;
use counterfoil_server::listen::Peer;
use data_encoding::BASE64;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::answer::Answer;
use crate::world::World;

/// Somebody without credentials.
#[derive(Clone, Copy)]
pub struct AnonymousActor<'w> {
    pub(crate) world: &'w World,
}

/// A user with a password.
#[derive(Clone)]
pub struct UserActor<'w> {
    world: &'w World,
    /// The account as it was made.
    pub account: Account,
    /// The password.
    pub password: String,
    name: String,
    otp: Option<String>,
    address: ClientAddress,
}

/// An app with its id and secret.
#[derive(Clone, Debug)]
pub struct AppActor {
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// The app as it was made.
    pub app: App,
}

/// A request that is being put together.
#[must_use = "a request is sent by `send`"]
pub struct RequestBuilder<'w> {
    world: &'w World,
    method: Method,
    /// The path after the origin, with its query.
    target: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
    address: ClientAddress,
    tls: bool,
    ops: bool,
}

impl<'w> AnonymousActor<'w> {
    /// A request to a path under the API's root.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'w> {
        RequestBuilder::new(self.world, method, format!("/api/v3{path}"))
    }

    /// A request to any path.
    pub fn request_anywhere(&self, method: Method, target: &str) -> RequestBuilder<'w> {
        RequestBuilder::new(self.world, method, target.to_owned())
    }

    /// `GET` without credentials.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// A request on the operators' port.
    pub async fn get_ops(&self, path: &str) -> Answer {
        let mut request = RequestBuilder::new(self.world, Method::GET, path.to_owned());
        request.ops = true;
        request.send().await
    }

    /// `GET` with a token.
    pub async fn get_with_token(&self, token: &str, path: &str) -> Answer {
        self.request(Method::GET, path)
            .header("authorization", &format!("token {token}"))
            .send()
            .await
    }
}

impl<'w> UserActor<'w> {
    pub(crate) fn new(world: &'w World, account: Account, password: String) -> Self {
        let name = account.login.as_str().to_owned();
        Self {
            world,
            account,
            password,
            name,
            otp: None,
            address: local(),
        }
    }

    /// The same user who types another name: the e-mail address, or other capitals.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..self.clone()
        }
    }

    /// The same user with another password.
    #[must_use]
    pub fn with_password(&self, password: &str) -> Self {
        Self {
            password: password.to_owned(),
            ..self.clone()
        }
    }

    /// The same user with a one-time code.
    #[must_use]
    pub fn with_otp(&self, code: &str) -> Self {
        Self {
            otp: Some(code.to_owned()),
            ..self.clone()
        }
    }

    /// The same user at another address.
    #[must_use]
    pub fn from_address(&self, address: &str) -> Self {
        Self {
            address: address.parse().expect("an address"),
            ..self.clone()
        }
    }

    /// A request with the user's credentials to a path under the API's root.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'w> {
        let mut request = RequestBuilder::new(self.world, method, format!("/api/v3{path}"));
        request.address = self.address;
        request
            .headers
            .push((AUTHORIZATION, basic(&self.name, &self.password)));
        if let Some(code) = &self.otp {
            request = request.header("x-github-otp", code);
        }
        request
    }

    /// `GET`
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// `DELETE`
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path).json(&body).send().await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PATCH, path).json(&body).send().await
    }
}

impl<'w> RequestBuilder<'w> {
    fn new(world: &'w World, method: Method, target: String) -> Self {
        let agent = (USER_AGENT, HeaderValue::from_static("testkit/1"));
        Self {
            world,
            method,
            target,
            headers: vec![agent],
            body: None,
            address: local(),
            tls: false,
            ops: false,
        }
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

    /// From this address.
    pub fn from_address(mut self, address: &str) -> Self {
        self.address = address.parse().expect("an address");
        self
    }

    /// As it comes over TLS.
    pub fn over_tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The request as the router gets it.
    pub fn build(&self) -> Request<Body> {
        let mut request = Request::builder().method(&self.method).uri(&self.target);
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

    /// Sends it, and holds the answer against the official description.
    pub async fn send(self) -> Answer {
        let answer = self.send_unchecked().await;
        answer.hold_against_description(&self.method, &self.target);
        answer
    }

    /// Sends it and takes the answer as it is.
    pub async fn send_unchecked(&self) -> Answer {
        let response = self
            .router()
            .oneshot(self.build())
            .await
            .expect("the router answers");
        let (parts, body) = response.into_parts();
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

/// The `Authorization` header of a login and password.
pub(crate) fn basic(login: &str, password: &str) -> HeaderValue {
    let pair = BASE64.encode(format!("{login}:{password}").as_bytes());
    HeaderValue::from_str(&format!("Basic {pair}")).expect("base 64 is plain")
}

fn local() -> ClientAddress {
    "192.0.2.1".parse().expect("an address")
}
