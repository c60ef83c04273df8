//! What a path names.

use axum::extract::FromRequestParts;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::id::{AuthorizationId, ClientSecretId, PasskeyId};
use counterfoil_domain::login::Login;
use counterfoil_html::admin::users::UserAct;
use http::request::Parts;

use super::problems::{self, PageProblem};
use super::visit::{Turned, Visit};
use crate::facts::RequestFacts;
use crate::state::ServerState;

/// A token by its id. What cannot be one is nobody's.
pub(super) struct TokenId(pub(super) AuthorizationId);

/// An app by its client id. What cannot be one is no app's.
pub(super) struct AppId(pub(super) ClientId);

/// A token of an app.
pub(super) struct AppTokenId(pub(super) ClientId, pub(super) AuthorizationId);

/// A user by the login. What cannot be one is nobody's.
pub(super) struct UserLogin(pub(super) Login);

/// What is to be done to a user.
pub(super) struct UserActOf(pub(super) Login, pub(super) UserAct);

/// A secret of an app.
pub(super) struct SecretId(pub(super) ClientId, pub(super) ClientSecretId);

/// A passkey by its id. What cannot be one is nobody's.
pub(super) struct OwnPasskey(pub(super) PasskeyId);

impl FromRequestParts<ServerState> for OwnPasskey {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            texts.next().and_then(id).map(PasskeyId).map(Self)
        })
    }
}

impl FromRequestParts<ServerState> for TokenId {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            texts.next().and_then(id).map(AuthorizationId).map(Self)
        })
    }
}

impl FromRequestParts<ServerState> for AppId {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            texts.next().and_then(client_id).map(Self)
        })
    }
}

impl FromRequestParts<ServerState> for AppTokenId {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            let app = texts.next().and_then(client_id)?;
            Some(Self(app, AuthorizationId(texts.next().and_then(id)?)))
        })
    }
}

impl FromRequestParts<ServerState> for UserLogin {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| texts.next().and_then(login).map(Self))
    }
}

impl FromRequestParts<ServerState> for UserActOf {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            let login = texts.next().and_then(login)?;
            Some(Self(login, texts.next().and_then(UserAct::of_word)?))
        })
    }
}

impl FromRequestParts<ServerState> for SecretId {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            let app = texts.next().and_then(client_id)?;
            Some(Self(app, ClientSecretId(texts.next().and_then(id)?)))
        })
    }
}

/// What the parameters of the path say, or the page for what is not there.
pub(super) fn read<T>(
    parts: &Parts,
    state: &ServerState,
    read: impl FnOnce(&mut dyn Iterator<Item = &str>) -> Option<T>,
) -> Result<T, Turned> {
    let facts = RequestFacts::of(parts);
    let found = facts.and_then(|facts| read(&mut facts.parameters.texts(parts)));
    if let Some(found) = found {
        return Ok(found);
    }
    let visit = Visit::read(parts, state)?;
    Err(problems::show(&visit, PageProblem::NotFound).into())
}

fn id(text: &str) -> Option<i64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_plain)
}

fn login(text: &str) -> Option<Login> {
    Login::parse(text).ok()
}

fn client_id(text: &str) -> Option<ClientId> {
    ClientId::parse(text).ok()
}
