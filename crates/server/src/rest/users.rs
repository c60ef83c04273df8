//! `/users` (wire contract, section 19)

use axum::extract::State;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::access::Profile;
use counterfoil_domain::account::NoSuchUser;
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::PublicUser;

use super::extract::{OptionalCaller, PathLogin};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// `GET /users/{username}`: a user or an organization, as everybody sees it.
pub(super) async fn find(
    caller: OptionalCaller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    match state.authority().find_account(&login).await {
        Ok(account) => {
            let Profile { email, .. } = Profile::OF_ANYBODY;
            let view = PublicUser::new(&account, email, state.base());
            Ok(caller
                .answer(&view)
                .last_modified(account.shown_changed_at()))
        }
        Err(UseCaseError::CallerGone(_)) => Err(Problem::BadCredentials.into()),
        Err(UseCaseError::Store(error)) => Err(error.into()),
        Err(UseCaseError::Refused(NoSuchUser)) => {
            let organization = state.authority().find_organization(&login).await?;
            let view = PublicUser::of_organization(&organization, state.base());
            Ok(caller.answer(&view).last_modified(organization.updated_at))
        }
    }
}
