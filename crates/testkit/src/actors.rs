//! Actors: who holds a credential, and what they do with it.

use counterfoil_domain::account::Account;
use counterfoil_domain::app::App;
use counterfoil_domain::network::ClientAddress;
use http::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::request::{RequestBuilder, local};
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

/// Somebody with a token.
#[derive(Clone)]
pub struct TokenActor<'w> {
    world: &'w World,
    token: String,
}

impl<'w> AnonymousActor<'w> {
    /// The same somebody with this token.
    pub fn with_token(&self, token: &str) -> TokenActor<'w> {
        TokenActor {
            world: self.world,
            token: token.to_owned(),
        }
    }

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
        let request = RequestBuilder::new(self.world, Method::GET, path.to_owned());
        request.on_the_operators_port().send().await
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
        let request = RequestBuilder::new(self.world, method, format!("/api/v3{path}"));
        let request = request.from(self.address).basic(&self.name, &self.password);
        match &self.otp {
            Some(code) => request.header("x-github-otp", code),
            None => request,
        }
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

    /// Makes a personal access token, and demands that it is made.
    pub async fn personal_token(&self, note: &str, scopes: &[&str]) -> Answer {
        let body = json!({ "note": note, "scopes": scopes });
        let answer = self.post("/authorizations", body).await;
        answer.assert_status(201);
        answer
    }

    /// Makes a token for an app, and demands that it is made.
    pub async fn app_token(&self, app: &AppActor, scopes: &[&str]) -> Answer {
        let body = app.with_pair(json!({ "scopes": scopes }));
        let answer = self.post("/authorizations", body).await;
        answer.assert_status(201);
        answer
    }

    /// Asks for a token for an app with these members beside the secret.
    pub async fn get_or_create(&self, app: &AppActor, members: Value) -> Answer {
        self.put(&app.path(), app.with_secret(members)).await
    }

    /// The ids in a list, in its order.
    pub async fn ids(&self, path: &str) -> Vec<i64> {
        let list = self.get(path).await.assert_status(200).json();
        let items = list.as_array().expect("a list").iter();
        items
            .map(|item| item["id"].as_i64().expect("an id"))
            .collect()
    }
}

impl<'w> TokenActor<'w> {
    /// A request with the token to a path under the API's root.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'w> {
        let request = RequestBuilder::new(self.world, method, format!("/api/v3{path}"));
        request.header("authorization", &format!("token {}", self.token))
    }

    /// `GET`
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// `DELETE`
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// `PUT` without a body.
    pub async fn put(&self, path: &str) -> Answer {
        self.request(Method::PUT, path).send().await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PATCH, path).json(&body).send().await
    }
}

impl AppActor {
    /// A request as the app to a path under `/applications/{client_id}`, its own.
    pub fn request<'w>(&self, world: &'w World, method: Method, path: &str) -> RequestBuilder<'w> {
        let target = format!("/api/v3/applications/{}{path}", self.client_id);
        let request = RequestBuilder::new(world, method, target);
        request.basic(&self.client_id, &self.client_secret)
    }

    /// A request about a token, which stands in the body.
    pub async fn about(&self, world: &World, method: Method, path: &str, token: &str) -> Answer {
        let body = json!({ "access_token": token });
        self.request(world, method, path).json(&body).send().await
    }

    /// Checks a token.
    pub async fn check(&self, world: &World, token: &str) -> Answer {
        self.about(world, Method::POST, "/token", token).await
    }

    /// Replaces a token.
    pub async fn reset(&self, world: &World, token: &str) -> Answer {
        self.about(world, Method::PATCH, "/token", token).await
    }

    /// Revokes a token.
    pub async fn revoke(&self, world: &World, token: &str) -> Answer {
        self.about(world, Method::DELETE, "/token", token).await
    }

    /// Revokes all that the owner of a token gave the app.
    pub async fn revoke_grant(&self, world: &World, token: &str) -> Answer {
        self.about(world, Method::DELETE, "/grant", token).await
    }

    /// Where its tokens are asked for.
    pub fn path(&self) -> String {
        format!("/authorizations/clients/{}", self.client_id)
    }

    /// A body with the client id and secret beside these members.
    #[must_use]
    pub fn with_pair(&self, mut members: Value) -> Value {
        members["client_id"] = self.client_id.as_str().into();
        self.with_secret(members)
    }

    /// A body with the client secret beside these members.
    #[must_use]
    pub fn with_secret(&self, mut members: Value) -> Value {
        members["client_secret"] = self.client_secret.as_str().into();
        members
    }
}
