//! `/admin`, and what administrators do under `/users` (wire contract, section 18).

use axum::extract::State;
use counterfoil_authority::InitialState;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_wire::input::{CreateUser, Impersonation, RenameUser, SuspensionReason};
use counterfoil_wire::view::{AuthorizationView, RenameQueued, SimpleUser};
use http::StatusCode;

use super::extract::{Administrator, JsonObject, List, NullableObject, PathId, PathLogin};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

const TOKENS_PATH: &str = "/admin/tokens";

/// `GET /admin/tokens`
pub(super) async fn list_tokens(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let tokens = state.authority().list_personal_tokens(&caller, list.page);
    let found = tokens.await?;
    let reader = (&state, caller.account().id);
    Ok(list.answer(reader, TOKENS_PATH, &found, |authorization| {
        AuthorizationView::new(authorization, None, state.base())
    }))
}

/// `DELETE /admin/tokens/{token_id}`
pub(super) async fn revoke_token(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<StatusCode, ApiProblem> {
    state
        .authority()
        .revoke_personal_token(&caller, AuthorizationId(id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /admin/users/{username}/authorizations`
pub(super) async fn impersonate(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathLogin(login): PathLogin,
    JsonObject(body): JsonObject,
) -> Result<Answer, ApiProblem> {
    let Impersonation { scopes } = Impersonation::parse(body)?;
    let got = state
        .authority()
        .impersonate(&caller, &login, scopes)
        .await?;
    let view = AuthorizationView::impersonation(
        &got.authorization,
        Some(&got.token),
        &got.client_id,
        state.base(),
    );
    let reader = caller.account().id;
    Ok(if got.is_new {
        let location = state.base().authorization(got.authorization.id);
        Answer::created_secret(reader, &view, &location)
    } else {
        Answer::secret(reader, &view)
    })
}

/// `DELETE /admin/users/{username}/authorizations`
pub(super) async fn end_impersonation(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathLogin(login): PathLogin,
) -> Result<StatusCode, ApiProblem> {
    state.authority().end_impersonation(&caller, &login).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /admin/users`
pub(super) async fn create_user(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    JsonObject(body): JsonObject,
) -> Result<Answer, ApiProblem> {
    let wanted = CreateUser::parse(body)?;
    let request = counterfoil_authority::CreateUser {
        login: wanted.login,
        email: wanted.email,
        state: if wanted.suspended {
            InitialState::Suspended
        } else {
            InitialState::Active
        },
    };
    let user = state.authority().create_user(&caller, request).await?;
    let view = SimpleUser::new(&user, state.base());
    let location = state.base().user(&user.login);
    Ok(Answer::created(caller.account().id, &view, &location))
}

/// `PATCH /admin/users/{username}`, and `POST` for clients that cannot send it. It is done at once,
/// and answered as documented for a server that queues it.
pub(super) async fn rename_user(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathLogin(login): PathLogin,
    JsonObject(body): JsonObject,
) -> Result<Answer, ApiProblem> {
    let wanted = RenameUser::parse(body)?;
    let user = state
        .authority()
        .rename_user(&caller, &login, wanted.login)
        .await?;
    let view = RenameQueued::new(user.id, state.base());
    Ok(Answer::ok(caller.account().id, &view).with_status(StatusCode::ACCEPTED))
}

/// `DELETE /admin/users/{username}`
pub(super) async fn delete_user(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathLogin(login): PathLogin,
) -> Result<StatusCode, ApiProblem> {
    state.authority().delete_user(&caller, &login).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /users/{username}/suspended`
pub(super) async fn suspend_user(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathLogin(login): PathLogin,
    NullableObject(body): NullableObject,
) -> Result<StatusCode, ApiProblem> {
    SuspensionReason::parse(body)?;
    state.authority().suspend_user(&caller, &login).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /users/{username}/suspended`
pub(super) async fn unsuspend_user(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathLogin(login): PathLogin,
    NullableObject(body): NullableObject,
) -> Result<StatusCode, ApiProblem> {
    SuspensionReason::parse(body)?;
    state.authority().unsuspend_user(&caller, &login).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /users/{username}/site_admin`
pub(super) async fn promote_user(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathLogin(login): PathLogin,
) -> Result<StatusCode, ApiProblem> {
    state.authority().promote_user(&caller, &login).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /users/{username}/site_admin`
pub(super) async fn demote_user(
    Administrator(caller): Administrator,
    State(state): State<ServerState>,
    PathLogin(login): PathLogin,
) -> Result<StatusCode, ApiProblem> {
    state.authority().demote_user(&caller, &login).await?;
    Ok(StatusCode::NO_CONTENT)
}
