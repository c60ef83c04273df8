//! `/applications/grants` (wire contract, section 14)

use axum::extract::State;
use counterfoil_domain::id::GrantId;
use counterfoil_domain::page::Paged;
use counterfoil_wire::pagination::ClientFilter;
use counterfoil_wire::view::GrantView;
use http::StatusCode;

use super::extract::{List, PasswordCaller, PathId};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

const LIST_PATH: &str = "/applications/grants";

/// `GET /applications/grants`
pub(super) async fn list(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let (authority, page) = (state.authority(), list.page);
    let found = match &list.client {
        ClientFilter::Nothing => Paged::empty(),
        ClientFilter::All => authority.list_grants(&caller, None, page).await?,
        ClientFilter::Only(app) => {
            let of_app = authority.list_grants(&caller, Some(app.clone()), page);
            of_app.await?
        }
    };
    let reader = (&state, caller.account().id);
    Ok(list.answer(reader, LIST_PATH, &found, |grant| {
        GrantView::new(grant, state.base())
    }))
}

/// `GET /applications/grants/{grant_id}`
pub(super) async fn find(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<Answer, ApiProblem> {
    let grant = state.authority().find_grant(&caller, GrantId(id)).await?;
    let view = GrantView::new(&grant, state.base());
    Ok(Answer::ok(caller.account().id, &view).last_modified(grant.shown_changed_at()))
}

/// `DELETE /applications/grants/{grant_id}`
pub(super) async fn revoke(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<StatusCode, ApiProblem> {
    state.authority().revoke_grant(&caller, GrantId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
