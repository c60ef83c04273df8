//! `/applications/{client_id}/tokens/{access_token}` and
//! `/applications/{client_id}/grants/{access_token}`: what older clients call, served behind a
//! setting (wire contract, section 17). A token stands in the path, which is why newer ones send it
//! in the body; here no path is ever logged.

use axum::extract::State;
use http::StatusCode;

use super::app_tokens::{checked, replaced};
use super::extract::{AppCallerInPath, PathTexts};
use crate::answer::{Answer, Ready};
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// `GET /applications/{client_id}/tokens/{access_token}`
pub(super) async fn check(
    AppCallerInPath(caller): AppCallerInPath,
    State(state): State<ServerState>,
    PathTexts(_, token): PathTexts,
) -> Result<Ready, ApiProblem> {
    checked(&state, &caller, &token).await
}

/// `POST /applications/{client_id}/tokens/{access_token}`
pub(super) async fn reset(
    AppCallerInPath(caller): AppCallerInPath,
    State(state): State<ServerState>,
    PathTexts(_, token): PathTexts,
) -> Result<Answer, ApiProblem> {
    let reset = state
        .authority()
        .reset_token_of_app(&caller, &token)
        .await?;
    Ok(replaced(&state, &reset))
}

/// `DELETE /applications/{client_id}/tokens/{access_token}`
pub(super) async fn revoke(
    AppCallerInPath(caller): AppCallerInPath,
    State(state): State<ServerState>,
    PathTexts(_, token): PathTexts,
) -> Result<StatusCode, ApiProblem> {
    state
        .authority()
        .revoke_token_of_app(&caller, &token)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /applications/{client_id}/grants/{access_token}`
pub(super) async fn revoke_grant(
    AppCallerInPath(caller): AppCallerInPath,
    State(state): State<ServerState>,
    PathTexts(_, token): PathTexts,
) -> Result<StatusCode, ApiProblem> {
    state
        .authority()
        .revoke_grant_of_app(&caller, &token)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
