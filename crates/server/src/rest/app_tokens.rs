//! `/applications/{client_id}/token` and `/applications/{client_id}/grant`: what apps do with the
//! tokens that users gave them (wire contract, section 16).

use axum::extract::State;
use counterfoil_authority::ResetToken;
use counterfoil_domain::account::Account;
use counterfoil_domain::authorization::Authorization;
use counterfoil_wire::input::{ScopedToken, TokenOfApp};
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::{AuthorizationView, CheckedView};
use http::StatusCode;

use super::extract::{AppCaller, JsonObject};
use crate::answer::{Answer, Ready};
use crate::fragments::{ScopeTexts, app_fragment, owner_fragment};
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// `POST /applications/{client_id}/token`
pub(super) async fn check(
    AppCaller(caller): AppCaller,
    State(state): State<ServerState>,
    JsonObject(body): JsonObject,
) -> Result<Ready, ApiProblem> {
    let TokenOfApp { access_token } = TokenOfApp::parse(body)?;
    checked(&state, &caller, &access_token).await
}

/// `PATCH /applications/{client_id}/token`
pub(super) async fn reset(
    AppCaller(caller): AppCaller,
    State(state): State<ServerState>,
    JsonObject(body): JsonObject,
) -> Result<Answer, ApiProblem> {
    let TokenOfApp { access_token } = TokenOfApp::parse(body)?;
    let reset = state
        .authority()
        .reset_token_of_app(&caller, &access_token)
        .await?;
    Ok(replaced(&state, &reset))
}

/// `DELETE /applications/{client_id}/token`
pub(super) async fn revoke(
    AppCaller(caller): AppCaller,
    State(state): State<ServerState>,
    JsonObject(body): JsonObject,
) -> Result<StatusCode, ApiProblem> {
    let TokenOfApp { access_token } = TokenOfApp::parse(body)?;
    state
        .authority()
        .revoke_token_of_app(&caller, &access_token)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /applications/{client_id}/grant`
pub(super) async fn revoke_grant(
    AppCaller(caller): AppCaller,
    State(state): State<ServerState>,
    JsonObject(body): JsonObject,
) -> Result<StatusCode, ApiProblem> {
    let TokenOfApp { access_token } = TokenOfApp::parse(body)?;
    state
        .authority()
        .revoke_grant_of_app(&caller, &access_token)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /applications/{client_id}/token/scoped`. Only user tokens of GitHub Apps can be scoped to
/// repositories, and there are none here: whatever token is named, it is not one that could be
/// found for this.
pub(super) async fn scope(
    AppCaller(_): AppCaller,
    JsonObject(body): JsonObject,
) -> Result<StatusCode, ApiProblem> {
    ScopedToken::parse(body)?;
    Err(Problem::NotFound.into())
}

/// The answer to a check: the token comes back as it was given.
pub(super) async fn checked(
    state: &ServerState,
    caller: &counterfoil_authority::AppCaller,
    text: &str,
) -> Result<Ready, ApiProblem> {
    let token = state.authority().check_token_of_app(caller, text).await?;
    let base = state.base();
    let view = CheckedView {
        token: text,
        id: token.id(),
        digest: token.digest(),
        last_eight: token.last_eight(),
        note: token.note(),
        note_url: token.note_url(),
        fingerprint: token.fingerprint(),
        created_at: token.created_at(),
        updated_at: token.updated_at(),
        expires_at: token.expires_at(),
        // It was found as a token of the app that asks.
        app: app_fragment(&token).ok_or(Problem::NotFound)?,
        scopes: ScopeTexts::of(&token).fragment(),
        owner: owner_fragment(&token, state),
    };
    let reader = token.account().id;
    Ok(Ready::secret(
        state,
        reader,
        view.body(base),
        view.tag(reader),
    ))
}

/// The answer to a reset: the new token, the only time that it is shown unasked.
pub(super) fn replaced(state: &ServerState, reset: &ResetToken) -> Answer {
    shown(
        state,
        &reset.authorization,
        &reset.owner,
        reset.token.expose(),
    )
}

fn shown(state: &ServerState, record: &Authorization, owner: &Account, token: &str) -> Answer {
    let view = AuthorizationView::of_app(record, token, owner, state.base());
    Answer::secret(owner.id, &view)
}
