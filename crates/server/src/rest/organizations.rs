//! `/orgs`, and the caller's own organizations (wire contract, section 28).

use axum::extract::{RawQuery, State};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Organization, Role};
use counterfoil_domain::page::Paged;
use counterfoil_wire::filters::{self, MembershipState};
use counterfoil_wire::pagination::{ListQuery, link_header};
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::{MembershipView, OrganizationView, SimpleOrganization};

use crate::answer::Answer;
use crate::extract::{Caller, OptionalCaller, PathLogin};
use crate::problem::RestProblem;
use crate::state::ServerState;

const OWN_PATH: &str = "/user/orgs";
const MEMBERSHIPS_PATH: &str = "/user/memberships/orgs";

/// An organization whose members, teams and their like the caller may see.
///
/// Nobody looks into an organization from outside: they get `outside`, and so does a member whose
/// token lacks the scope.
pub(super) async fn from_inside(
    caller: &Caller,
    organization: &Login,
    outside: Problem,
    state: &ServerState,
) -> Result<Organization, RestProblem> {
    let organization = state.authority().find_organization(organization).await?;
    if looks_inside(caller, &organization, state).await? {
        Ok(organization)
    } else {
        Err(outside.into())
    }
}

/// Whether the caller is a member of an organization and may know who else is.
pub(super) async fn looks_inside(
    caller: &Caller,
    organization: &Organization,
    state: &ServerState,
) -> Result<bool, RestProblem> {
    Ok(seen_as(caller, organization, state).await?.is_some())
}

/// As what the caller is a member of an organization, if it is one who may know who else is.
pub(super) async fn seen_as(
    caller: &Caller,
    organization: &Organization,
    state: &ServerState,
) -> Result<Option<Role>, RestProblem> {
    if !caller.may("read:org") {
        return Ok(None);
    }
    let role = state
        .authority()
        .role_in(organization.id, caller.account().id);
    Ok(role.await?)
}

/// `GET /orgs/{org}`
pub(crate) async fn find(
    caller: OptionalCaller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
) -> Result<Answer, RestProblem> {
    let organization = state.authority().find_organization(&login).await?;
    let view = OrganizationView::new(&organization, state.base());
    Ok(caller.answer(&view).last_modified(organization.updated_at))
}

/// `GET /user/orgs`
pub(crate) async fn list_own(
    caller: Caller,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    if !caller.may("read:org") && !caller.may("user") {
        return Err(Problem::OrganizationsNeedScope.into());
    }
    let query = query.unwrap_or_default();
    let page = ListQuery::parse(&query).page;
    let id = caller.account().id;
    let found = state.authority().organizations_of(id, page).await?;
    let items = found.items.iter();
    let views: Vec<_> = items
        .map(|held| SimpleOrganization::new(&held.organization, state.base()))
        .collect();
    let link = link_header(state.base(), OWN_PATH, &query, page, found.total);
    Ok(Answer::ok(id, &views).with_link(link))
}

/// `GET /user/memberships/orgs`
pub(crate) async fn list_memberships(
    caller: Caller,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    if !caller.may("read:org") {
        return Err(Problem::ScopeMissing("read:org").into());
    }
    let query = query.unwrap_or_default();
    let page = ListQuery::parse(&query).page;
    let account = caller.account();
    let found = match filters::memberships(&query)? {
        MembershipState::Any | MembershipState::Active => {
            state.authority().organizations_of(account.id, page).await?
        }
        // Operators make members; nobody is invited.
        MembershipState::Pending => Paged::empty(),
    };
    let items = found.items.iter();
    let views: Vec<_> = items
        .map(|held| MembershipView::of(account, held, state.base()))
        .collect();
    let link = link_header(state.base(), MEMBERSHIPS_PATH, &query, page, found.total);
    Ok(Answer::ok(account.id, &views).with_link(link))
}

/// `GET /user/memberships/orgs/{org}`
pub(crate) async fn find_membership(
    caller: Caller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
) -> Result<Answer, RestProblem> {
    if !caller.may("read:org") {
        return Err(Problem::ScopeMissing("read:org").into());
    }
    let account = caller.account();
    let organization = state.authority().find_organization(&login).await?;
    let role = state.authority().role_in(organization.id, account.id);
    let role = role.await?.ok_or(Problem::NotFound)?;
    let view = MembershipView::new(&organization, account, role, state.base());
    Ok(Answer::ok(account.id, &view))
}
