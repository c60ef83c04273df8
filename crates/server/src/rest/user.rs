//! `/user` (wire contract, section 19)

use axum::extract::{RawQuery, State};
use counterfoil_authority::CheckedToken;
use counterfoil_wire::pagination::{ListQuery, link_header};
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::{EmailView, PrivateUser, PublicUser, ShownEmail};

use crate::answer::Answer;
use crate::extract::Caller;
use crate::problem::RestProblem;
use crate::state::ServerState;

const EMAILS_PATH: &str = "/user/emails";

/// `GET /user`: what it shows depends on the scopes of the token too.
pub(crate) async fn find(caller: Caller, State(state): State<ServerState>) -> Answer {
    let account = caller.account();
    let email = if caller.may("user:email") {
        ShownEmail::Primary
    } else {
        ShownEmail::Hidden
    };
    let answer = if caller.may("read:user") {
        Answer::ok(account.id, &PrivateUser::new(account, email, state.base()))
    } else {
        Answer::ok(account.id, &PublicUser::new(account, email, state.base()))
    };
    let token = caller.token.as_ref().map(CheckedToken::updated_at);
    answer.last_modified(token.map_or(account.updated_at, |token| account.updated_at.max(token)))
}

/// `GET /user/emails`
pub(crate) async fn emails(
    caller: Caller,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    if !caller.may("user:email") {
        return Err(Problem::NotFound.into());
    }
    let query = query.unwrap_or_default();
    let page = ListQuery::parse(&query).page;
    let id = caller.account().id;
    let found = state.authority().list_emails(id, page).await?;
    let views: Vec<_> = found.items.iter().map(EmailView::from).collect();
    let link = link_header(state.base(), EMAILS_PATH, &query, page, found.total);
    Ok(Answer::ok(id, &views).with_link(link))
}
