//! What answers where no route does.

use axum::extract::{FromRequestParts as _, Request, State};
use counterfoil_wire::problem::Problem;

use super::extract::{AppCaller, OptionalCaller};
use crate::auth;
use crate::credential::Credential;
use crate::facts::RequestFacts;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// A path that has operations, but none for this method. It asks who is there before it says that
/// there is nothing: some clients probe for a one-time code this way (wire contract, section 4). Of
/// a path that nobody knows nothing is asked.
pub(super) async fn nothing_here(
    State(state): State<ServerState>,
    request: Request,
) -> Result<ApiProblem, ApiProblem> {
    let (mut parts, _) = request.into_parts();
    match RequestFacts::of(&parts).and_then(|facts| facts.credential) {
        Some(Credential::Password) => drop(auth::by_password(&parts, &state).await?),
        Some(Credential::Token) => drop(auth::by_token(&parts, &state).await?),
        Some(Credential::PasswordOrToken | Credential::Administrator) => {
            drop(auth::caller(&parts, &state).await?);
        }
        Some(Credential::Optional) => {
            drop(OptionalCaller::from_request_parts(&mut parts, &state).await?);
        }
        Some(Credential::App) => drop(AppCaller::read(&parts, &state).await?),
        // Strangers get the same answer as the app.
        Some(
            Credential::AppInBody
            | Credential::AppInPath
            | Credential::TokenInPlaces
            | Credential::Visitor
            | Credential::Session
            | Credential::FreshSession
            | Credential::AdministratorSession
            | Credential::FreshAdministratorSession
            | Credential::Nothing,
        )
        | None => {}
    }
    Ok(Problem::NotFound.into())
}
