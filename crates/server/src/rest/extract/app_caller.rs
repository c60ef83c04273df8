//! Which app asks, by its client id and secret.

use axum::extract::FromRequestParts;
use counterfoil_wire::problem::Problem;
use http::StatusCode;
use http::request::Parts;

use crate::auth;
use crate::facts::RequestFacts;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// The app that the path names, which proved itself with its client secret.
pub(crate) struct AppCaller(pub(crate) counterfoil_authority::AppCaller);

/// [`AppCaller`] where it is the recorded answer to strangers that there is nothing (wire contract,
/// section 17).
pub(crate) struct AppCallerInPath(pub(crate) counterfoil_authority::AppCaller);

impl AppCaller {
    pub(crate) async fn read(parts: &Parts, state: &ServerState) -> Result<Self, ApiProblem> {
        let caller = auth::app(parts, state).await?;
        let facts = RequestFacts::of(parts).ok_or(Problem::Internal)?;
        // A client id has nothing that would be encoded; whatever is encoded all the same is
        // another path.
        let named = facts.parameters.texts(parts).next();
        if named == Some(caller.client_id().as_str()) {
            Ok(Self(caller))
        } else {
            Err(Problem::NotFound.into())
        }
    }
}

impl FromRequestParts<ServerState> for AppCaller {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, ApiProblem> {
        Self::read(parts, state).await
    }
}

impl FromRequestParts<ServerState> for AppCallerInPath {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, ApiProblem> {
        match AppCaller::read(parts, state).await {
            Ok(AppCaller(caller)) => Ok(Self(caller)),
            Err(refusal) if refusal.problem.status() == StatusCode::UNAUTHORIZED => {
                Err(Problem::NotFound.into())
            }
            Err(failure) => Err(failure),
        }
    }
}
