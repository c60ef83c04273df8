//! Which app asks, by its client id and secret in the body, by Basic, or by both alike.

use counterfoil_authority::{AppCaller, ClientClaim, ClientError, Outage, SecretUse, StoreError};
use counterfoil_domain::app::{ClientId, ClientSecret};
use counterfoil_wire::credentials::Credentials;
use counterfoil_wire::oauth::{ClientOf, TokenError};
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::auth;
use crate::middleware::access_log::ProvenClient;
use crate::state::ServerState;

/// The client id and secret in a header. One of another kind says nothing of an app.
pub(super) fn client_in_header(parts: &Parts) -> ClientOf {
    match Credentials::read_pair(parts.headers.get_all(AUTHORIZATION)) {
        Credentials::Basic { login, password } => ClientOf {
            id: Some(login),
            secret: str::from_utf8(password.expose_bytes())
                .ok()
                .filter(|secret| !secret.is_empty())
                .map(str::to_owned),
        },
        Credentials::None | Credentials::Malformed | Credentials::Token(_) => ClientOf::default(),
    }
}

/// The app that proves so for this use who it is.
pub(super) async fn app(
    parts: &Parts,
    state: &ServerState,
    client: ClientOf,
    wanted: SecretUse,
) -> Result<AppCaller, TokenError> {
    let id = client.id.and_then(|id| ClientId::parse(&id).ok());
    let claim = ClientClaim {
        client_id: id.ok_or(TokenError::NotFound)?,
        secret: ClientSecret::claimed(client.secret.as_deref().unwrap_or_default()),
    };
    let origin = auth::origin(parts).map_err(|_| no_origin())?;
    let found = state
        .authority()
        .authenticate_known_app(&claim, wanted, origin);
    let app = found.await.map_err(client_refused)?;
    let app = app.ok_or(TokenError::NotFound)?;
    auth::told(parts, || ProvenClient {
        app: Some(app.client_id().clone()),
        ..ProvenClient::default()
    });
    Ok(app)
}

/// The app that is named without a secret, if it keeps none.
pub(super) async fn public_app(
    parts: &Parts,
    state: &ServerState,
    client: ClientOf,
) -> Result<AppCaller, TokenError> {
    let id = client.id.and_then(|id| ClientId::parse(&id).ok());
    let id = id.ok_or(TokenError::NotFound)?;
    let origin = auth::origin(parts).map_err(|_| no_origin())?;
    let app = state.authority().public_app(&id, origin).await;
    let app = app.map_err(client_refused)?;
    app.ok_or(TokenError::IncorrectClientCredentials)
}

/// Why an app is not believed.
pub(super) fn client_refused(error: ClientError) -> TokenError {
    match error {
        ClientError::WrongClient => TokenError::IncorrectClientCredentials,
        ClientError::TooManyWrongSecrets => TokenError::TooManyRequests,
        ClientError::Busy => TokenError::TemporarilyUnavailable,
        ClientError::Store(error) => failed(&error),
    }
}

/// Nobody knows from where the request came.
pub(super) fn no_origin() -> TokenError {
    TokenError::TemporarilyUnavailable
}

/// The database failed, or cannot be reached.
pub(super) fn failed(error: &StoreError) -> TokenError {
    if error.outage() == Outage::Other {
        tracing::error!(cause = %error.causes(), "an app could not be answered");
    }
    TokenError::TemporarilyUnavailable
}
