//! Which app asks, by its client id and secret.

use axum::extract::FromRequestParts;
use counterfoil_authority::ClientClaim;
use counterfoil_domain::app::{ClientId, ClientSecret};
use counterfoil_domain::password::Password;
use counterfoil_wire::credentials::Credentials;
use counterfoil_wire::problem::Problem;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::request::{admit, origin};
use crate::facts::RequestFacts;
use crate::limiter::Who;
use crate::problem::RestProblem;
use crate::state::ServerState;

/// The app that the path names, which proved itself with its client secret. Nobody is signed in
/// here, so no password is verified and no failed sign-in counted.
pub(crate) struct AppCaller(pub(crate) counterfoil_authority::AppCaller);

/// [`AppCaller`] where it is the recorded answer to strangers that there is nothing (wire contract,
/// section 17).
pub(crate) struct AppCallerInPath(pub(crate) counterfoil_authority::AppCaller);

impl AppCaller {
    pub(crate) async fn read(parts: &mut Parts, state: &ServerState) -> Result<Self, RestProblem> {
        let claim = match Credentials::read_pair(parts.headers.get_all(AUTHORIZATION)) {
            Credentials::None => return Err(Problem::RequiresAuthentication.into()),
            Credentials::Malformed | Credentials::Token(_) => {
                return Err(Problem::BadCredentials.into());
            }
            Credentials::Basic { login, password } => {
                claim(&login, &password).ok_or(Problem::BadCredentials)?
            }
        };
        let authority = state.authority();
        let app = authority.authenticate_app(&claim, origin(parts)?).await?;
        admit(parts, Who::App(app.id(), app.client_id()))?;
        let facts = RequestFacts::of(parts).ok_or(Problem::Internal)?;
        // A client id has nothing that would be encoded; whatever is encoded all the same is
        // another path.
        let named = facts.parameters.texts(parts).next();
        if named == Some(app.client_id().as_str()) {
            Ok(Self(app))
        } else {
            Err(Problem::NotFound.into())
        }
    }
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
pub(super) async fn app_in_pair(
    parts: &Parts,
    state: &ServerState,
) -> Result<Option<counterfoil_authority::AppCaller>, RestProblem> {
    let headers = parts.headers.get_all(AUTHORIZATION);
    let Credentials::Basic { login, password } = Credentials::read_pair(headers) else {
        return Ok(None);
    };
    let app = app_of(parts, state, &login, &password).await?;
    if let Some(app) = &app {
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
) -> Result<Option<counterfoil_authority::AppCaller>, RestProblem> {
    let authority = state.authority();
    let app = authority.authenticate_app_by_pair(name, secret, origin(parts)?);
    Ok(app.await?)
}

impl FromRequestParts<ServerState> for AppCaller {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        Self::read(parts, state).await
    }
}

impl FromRequestParts<ServerState> for AppCallerInPath {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        match AppCaller::read(parts, state).await {
            Ok(AppCaller(caller)) => Ok(Self(caller)),
            Err(refusal) if refusal.problem.status() == StatusCode::UNAUTHORIZED => {
                Err(Problem::NotFound.into())
            }
            Err(failure) => Err(failure),
        }
    }
}
