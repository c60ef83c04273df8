//! Who is in an organization: `/members`, `/memberships` and `/public_members` below its login and
//! below its id (wire contract, section 28).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use counterfoil_authority::AccessError;
use counterfoil_domain::access::AccessRefused;
use counterfoil_domain::account::Account;
use counterfoil_domain::page::Paged;
use counterfoil_wire::filters;
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::{MembershipView, SimpleUser};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::extract::{Caller, List, OptionalCaller, PathMember, PathOrganization};
use super::organizations::place;
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// `GET …/members`
pub(super) async fn list(
    Caller(caller): Caller,
    PathOrganization(wanted): PathOrganization,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let organization = state.authority().look_up_organization(&wanted).await?;
    let filter = filters::members(&list.query)?;
    let viewer = caller.viewer();
    let members = state
        .authority()
        .list_visible_members(&viewer, &organization, filter, list.page);
    let found = members.await?;
    let path = place(&wanted, &organization) + "/members";
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, &path, &found, |member| {
        SimpleUser::new(&member.account, state.base())
    }))
}

/// `GET …/members/{username}`: 204 for a member and 404 for anybody else; whoever asks
/// from outside is sent on to the public members, of whom there are none.
pub(super) async fn check(
    Caller(caller): Caller,
    PathMember(organization, wanted): PathMember,
    State(state): State<ServerState>,
) -> Result<Response, ApiProblem> {
    let organization = state
        .authority()
        .look_up_organization(&organization)
        .await?;
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

/// `GET …/memberships/{username}`
pub(super) async fn find(
    Caller(caller): Caller,
    PathMember(organization, wanted): PathMember,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let organization = state
        .authority()
        .look_up_organization(&organization)
        .await?;
    let viewer = caller.viewer();
    let found = state
        .authority()
        .find_visible_member(&viewer, &organization, &wanted);
    let member = found.await?.ok_or(Problem::NotFound)?;
    let view = MembershipView::new(&organization, &member.account, member.role, state.base());
    Ok(Answer::ok(viewer.account(), &view))
}

/// `GET …/public_members`: no membership is public.
pub(super) async fn list_public(
    caller: OptionalCaller,
    PathOrganization(wanted): PathOrganization,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let organization = state.authority().look_up_organization(&wanted).await?;
    let path = place(&wanted, &organization) + "/public_members";
    let nobody = Paged::<Account>::empty();
    Ok(
        list.public_answer((&state, &caller), &path, &nobody, |account| {
            SimpleUser::new(account, state.base())
        }),
    )
}

/// `GET …/public_members/{username}`: whoever it is, and whatever the organization, the answer is
/// that there is no such public member.
pub(super) async fn check_public(_caller: OptionalCaller, _path: PathMember) -> ApiProblem {
    Problem::NotFound.into()
}
