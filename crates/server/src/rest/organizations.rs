//! Organizations by login and by id, and the caller's own (wire contract, section 28).

use axum::extract::State;
use counterfoil_authority::CheckedToken;
use counterfoil_domain::access::OrganizationForm;
use counterfoil_domain::account::AccountRef;
use counterfoil_domain::organization::Organization;
use counterfoil_domain::page::Paged;
use counterfoil_wire::filters::{self, MembershipState};
use counterfoil_wire::view::{
    FullOrganization, MembershipView, OrganizationView, SimpleOrganization,
};

use super::extract::{Caller, List, OptionalCaller, PathLogin, PathOrganization};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

const OWN_PATH: &str = "/user/orgs";
const MEMBERSHIPS_PATH: &str = "/user/memberships/orgs";

/// `GET /orgs/{org}` and `GET /organizations/{org_id}`: more of it for who administers it.
pub(super) async fn find(
    caller: OptionalCaller,
    PathOrganization(wanted): PathOrganization,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let authority = state.authority();
    let organization = authority.look_up_organization(&wanted).await?;
    let mut last_modified = Some(organization.updated_at);
    let mut form = OrganizationForm::Public;
    if let OptionalCaller::User(caller) = &caller {
        let viewer = caller.viewer();
        form = authority
            .organization_form(&viewer, organization.id)
            .await?;
        // What is shown depends on the scopes of the token, and with some of them on the role, of
        // which no time is kept.
        let token = caller.token().map(CheckedToken::updated_at);
        last_modified = last_modified
            .max(token)
            .filter(|_| !viewer.sees_all_by_role());
    }
    let answer = match form {
        OrganizationForm::Public => {
            caller.answer(&OrganizationView::new(&organization, state.base()))
        }
        OrganizationForm::Full => {
            caller.answer(&FullOrganization::new(&organization, state.base()))
        }
    };
    Ok(match last_modified {
        Some(at) => answer.last_modified(at),
        None => answer,
    })
}

/// Where what belongs to an organization is, in the form in which it was asked for.
pub(super) fn place(wanted: &AccountRef, organization: &Organization) -> String {
    match wanted {
        AccountRef::Login(_) => format!("/orgs/{}", organization.login),
        AccountRef::Id(id) => format!("/organizations/{id}"),
    }
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
