//! `/orgs/{org}/members` and `/orgs/{org}/memberships` (wire contract, section 28)

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use counterfoil_authority::AccessError;
use counterfoil_domain::access::AccessRefused;
use counterfoil_wire::filters;
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::{MembershipView, SimpleUser};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::extract::{Caller, List, PathLogin, PathMember};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// `GET /orgs/{org}/members`
pub(super) async fn list(
    Caller(caller): Caller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let organization = state.authority().find_organization(&login).await?;
    let filter = filters::members(&list.query)?;
    let viewer = caller.viewer();
    let members = state
        .authority()
        .list_visible_members(&viewer, &organization, filter, list.page);
    let found = members.await?;
    let path = format!("/orgs/{}/members", organization.login);
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, &path, &found, |member| {
        SimpleUser::new(&member.account, state.base())
    }))
}

/// `GET /orgs/{org}/members/{username}`: 204 for a member and 404 for anybody else; whoever asks
/// from outside is sent on to the public members, of whom there are none.
pub(super) async fn check(
    Caller(caller): Caller,
    PathMember(login, wanted): PathMember,
    State(state): State<ServerState>,
) -> Result<Response, ApiProblem> {
    let organization = state.authority().find_organization(&login).await?;
    let viewer = caller.viewer();
    let found = state
        .authority()
        .find_visible_member(&viewer, &organization, &wanted);
    match found.await {
        Ok(Some(_)) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(None) => Err(Problem::NotAMember.into()),
        Err(AccessError::Refused(AccessRefused::MembersOnly)) => {
            let base = state.base().organization(&organization.login);
            let public = HeaderValue::from_str(&format!("{base}/public_members/{wanted}"))
                .expect("an address is made of an origin and two logins");
            Ok((StatusCode::FOUND, [(LOCATION, public)]).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /orgs/{org}/memberships/{username}`
pub(super) async fn find(
    Caller(caller): Caller,
    PathMember(login, wanted): PathMember,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let organization = state.authority().find_organization(&login).await?;
    let viewer = caller.viewer();
    let found = state
        .authority()
        .find_visible_member(&viewer, &organization, &wanted);
    let member = found.await?.ok_or(Problem::NotFound)?;
    let view = MembershipView::new(&organization, &member.account, member.role, state.base());
    Ok(Answer::ok(viewer.account(), &view))
}
