//! Which app asks, by its client id and secret. Nobody is signed in here, so no password is
//! verified and no failed sign-in counted.

use counterfoil_authority::{AppCaller, ClientClaim};
use counterfoil_domain::app::{ClientId, ClientSecret};
use counterfoil_domain::password::Password;
use counterfoil_wire::credentials::Credentials;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::error::AuthError;
use super::request::{admit, origin, told};
use crate::limiter::Who;
use crate::middleware::access_log::ProvenClient;
use crate::state::ServerState;

/// The app whose client id and secret a request carries.
pub(crate) async fn app(parts: &Parts, state: &ServerState) -> Result<AppCaller, AuthError> {
    let claim = match Credentials::read_pair(parts.headers.get_all(AUTHORIZATION)) {
        Credentials::None => return Err(AuthError::Missing),
        Credentials::Malformed | Credentials::Token(_) => return Err(AuthError::Wrong),
        Credentials::Basic { login, password } => {
            claim(&login, &password).ok_or(AuthError::Wrong)?
        }
    };
    let authority = state.authority();
    let app = authority.authenticate_app(&claim, origin(parts)?).await?;
    told(parts, || client_of(&app));
    admit(parts, Who::App(app.id(), app.client_id()))?;
    Ok(app)
}

/// A client id that no app can have is one that no app has.
fn claim(client_id: &str, secret: &Password) -> Option<ClientClaim> {
    Some(ClientClaim {
        client_id: ClientId::parse(client_id).ok()?,
        secret: ClientSecret::claimed(str::from_utf8(secret.expose_bytes()).ok()?),
    })
}

/// The app that a request's Basic pair speaks for, if its name is the client id of a live app. It
/// is looked at before anything else that the pair might be: a client secret may have the form of a
/// token that was moved here.
pub(crate) async fn app_in_pair(
    parts: &Parts,
    state: &ServerState,
) -> Result<Option<AppCaller>, AuthError> {
    let headers = parts.headers.get_all(AUTHORIZATION);
    let Credentials::Basic { login, password } = Credentials::read_pair(headers) else {
        return Ok(None);
    };
    let app = app_of(parts, state, &login, &password).await?;
    if let Some(app) = &app {
        told(parts, || client_of(app));
        admit(parts, Who::App(app.id(), app.client_id()))?;
    }
    Ok(app)
}

/// The app that a pair speaks for; none where the name is a login.
pub(super) async fn app_of(
    parts: &Parts,
    state: &ServerState,
    name: &str,
    secret: &Password,
) -> Result<Option<AppCaller>, AuthError> {
    let authority = state.authority();
    let app = authority.authenticate_app_by_pair(name, secret, origin(parts)?);
    Ok(app.await?)
}

/// Which app it is, for the log.
fn client_of(app: &AppCaller) -> ProvenClient {
    ProvenClient {
        app: Some(app.client_id().clone()),
        ..ProvenClient::default()
    }
}
