//! `/orgs`, and the caller's own organizations (wire contract, section 28).

use axum::extract::State;
use counterfoil_domain::page::Paged;
use counterfoil_wire::filters::{self, MembershipState};
use counterfoil_wire::view::{MembershipView, OrganizationView, SimpleOrganization};

use super::extract::{Caller, List, OptionalCaller, PathLogin};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

const OWN_PATH: &str = "/user/orgs";
const MEMBERSHIPS_PATH: &str = "/user/memberships/orgs";

/// `GET /orgs/{org}`
pub(super) async fn find(
    caller: OptionalCaller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let organization = state.authority().find_organization(&login).await?;
    let view = OrganizationView::new(&organization, state.base());
    Ok(caller.answer(&view).last_modified(organization.updated_at))
}

/// `GET /user/orgs`
pub(super) async fn list_own(
    Caller(caller): Caller,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let found = state
        .authority()
        .own_organizations(&viewer, list.page)
        .await?;
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, OWN_PATH, &found, |held| {
        SimpleOrganization::new(&held.organization, state.base())
    }))
}

/// `GET /user/memberships/orgs`
pub(super) async fn list_memberships(
    Caller(caller): Caller,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    // Whoever may not see them is told so, whatever they ask for.
    let viewer = caller.viewer();
    let held = state
        .authority()
        .own_memberships(&viewer, list.page)
        .await?;
    let found = match filters::memberships(&list.query)? {
        MembershipState::Any | MembershipState::Active => held,
        // Operators make members; nobody is invited.
        MembershipState::Pending => Paged::empty(),
    };
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, MEMBERSHIPS_PATH, &found, |held| {
        MembershipView::of(caller.account(), held, state.base())
    }))
}

/// `GET /user/memberships/orgs/{org}`
pub(super) async fn find_membership(
    Caller(caller): Caller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let held = state.authority().own_membership(&viewer, &login).await?;
    let view = MembershipView::of(caller.account(), &held, state.base());
    Ok(Answer::ok(viewer.account(), &view))
}
