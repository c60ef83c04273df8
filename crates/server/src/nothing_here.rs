//! What answers where no route does.

use axum::extract::{FromRequestParts as _, Request, State};
use counterfoil_wire::problem::Problem;

use crate::extract::{AppCaller, Caller, OptionalCaller, PasswordCaller};
use crate::facts::RequestFacts;
use crate::handler::{self, Handler};
use crate::problem::RestProblem;
use crate::route::Credential;
use crate::state::ServerState;

/// See the module.
pub(crate) const NOTHING_HERE: Handler =
    |request, state| handler::call(nothing_here, request, state);

/// A path that has operations, but none for this method. It asks who is there before it says that
/// there is nothing: some clients probe for a one-time code this way (wire contract, section 4). Of
/// a path that nobody knows nothing is asked.
async fn nothing_here(
    State(state): State<ServerState>,
    request: Request,
) -> Result<RestProblem, RestProblem> {
    let (mut parts, _) = request.into_parts();
    match RequestFacts::of(&parts).and_then(|facts| facts.credential) {
        Some(Credential::Password) => drop(PasswordCaller::read(&mut parts, &state).await?),
        Some(Credential::PasswordOrToken | Credential::Administrator) => {
            drop(Caller::read(&mut parts, &state).await?);
        }
        Some(Credential::Optional) => {
            drop(OptionalCaller::from_request_parts(&mut parts, &state).await?);
        }
        Some(Credential::App) => drop(AppCaller::read(&mut parts, &state).await?),
        // Strangers get the same answer as the app.
        Some(Credential::AppInPath) | None => {}
    }
    Ok(Problem::NotFound.into())
}
