//! `/applications/grants` (wire contract, section 14)

use axum::extract::{RawQuery, State};
use counterfoil_domain::id::GrantId;
use counterfoil_domain::page::Paged;
use counterfoil_wire::pagination::{ClientFilter, ListQuery, link_header};
use counterfoil_wire::view::GrantView;
use http::StatusCode;

use crate::answer::Answer;
use crate::extract::{PasswordCaller, PathId};
use crate::problem::RestProblem;
use crate::state::ServerState;

const LIST_PATH: &str = "/applications/grants";

/// `GET /applications/grants`
pub(crate) async fn list(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    let query = query.unwrap_or_default();
    let ListQuery { page, client } = ListQuery::parse(&query);
    let found = match client {
        ClientFilter::Nothing => Paged::empty(),
        ClientFilter::All => state.authority().list_grants(&caller, None, page).await?,
        ClientFilter::Only(app) => {
            state
                .authority()
                .list_grants(&caller, Some(app), page)
                .await?
        }
    };
    let views: Vec<_> = found
        .items
        .iter()
        .map(|grant| GrantView::new(grant, state.base()))
        .collect();
    let link = link_header(state.base(), LIST_PATH, &query, page, found.total);
    Ok(Answer::ok(caller.account.id, &views).with_link(link))
}

/// `GET /applications/grants/{grant_id}`
pub(crate) async fn find(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<Answer, RestProblem> {
    let grant = state.authority().find_grant(&caller, GrantId(id)).await?;
    let view = GrantView::new(&grant, state.base());
    Ok(Answer::ok(caller.account.id, &view).last_modified(grant.shown_changed_at()))
}

/// `DELETE /applications/grants/{grant_id}`
pub(crate) async fn revoke(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<StatusCode, RestProblem> {
    state.authority().revoke_grant(&caller, GrantId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
