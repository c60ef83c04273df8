//! `/orgs/{org}/members` and `/orgs/{org}/memberships` (wire contract, section 28)

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use counterfoil_authority::AccountError;
use counterfoil_domain::account::Account;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Role, SecondFactorFilter};
use counterfoil_domain::page::Paged;
use counterfoil_wire::filters;
use counterfoil_wire::pagination::{ListQuery, link_header};
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::{MembershipView, SimpleUser};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::organizations::{from_inside, looks_inside, seen_as};
use crate::answer::Answer;
use crate::extract::{Caller, PathLogin, PathMember};
use crate::problem::RestProblem;
use crate::state::ServerState;

/// The user of a login. One that does not exist is in no organization and no team.
pub(super) async fn member(login: &Login, state: &ServerState) -> Result<Account, RestProblem> {
    match state.authority().find_account(login).await {
        Ok(account) => Ok(account),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(_) => Err(Problem::NotFound.into()),
    }
}

/// `GET /orgs/{org}/members`: from outside nobody is seen, since memberships are not public. About
/// second factors only those learn something who administer the organization.
pub(crate) async fn list(
    caller: Caller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    let organization = state.authority().find_organization(&login).await?;
    let query = query.unwrap_or_default();
    let page = ListQuery::parse(&query).page;
    let filter = filters::members(&query)?;
    let role = seen_as(&caller, &organization, &state).await?;
    if filter.second_factor != SecondFactorFilter::Any && role != Some(Role::Admin) {
        return Err(Problem::OwnersOnly.into());
    }
    let found = if role.is_some() {
        let members = state
            .authority()
            .list_organization_members(organization.id, filter, page);
        members.await?
    } else {
        Paged::empty()
    };
    let items = found.items.iter();
    let views: Vec<_> = items
        .map(|member| SimpleUser::new(&member.account, state.base()))
        .collect();
    let path = format!("/orgs/{}/members", organization.login);
    let link = link_header(state.base(), &path, &query, page, found.total);
    Ok(Answer::ok(caller.account().id, &views).with_link(link))
}

/// `GET /orgs/{org}/members/{username}`: 204 for a member and 404 for anybody else; whoever asks
/// from outside is sent on to the public members, of whom there are none.
pub(crate) async fn check(
    caller: Caller,
    PathMember(login, wanted): PathMember,
    State(state): State<ServerState>,
) -> Result<Response, RestProblem> {
    let organization = state.authority().find_organization(&login).await?;
    if !looks_inside(&caller, &organization, &state).await? {
        let base = state.base().organization(&organization.login);
        let public = HeaderValue::from_str(&format!("{base}/public_members/{wanted}"))
            .expect("an address is made of an origin and two logins");
        return Ok((StatusCode::FOUND, [(LOCATION, public)]).into_response());
    }
    let role = match state.authority().find_account(&wanted).await {
        Ok(wanted) => {
            let role = state.authority().role_in(organization.id, wanted.id);
            role.await?
        }
        Err(AccountError::Store(error)) => return Err(error.into()),
        Err(_) => None,
    };
    role.ok_or(Problem::NotAMember)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /orgs/{org}/memberships/{username}`
pub(crate) async fn find(
    caller: Caller,
    PathMember(login, wanted): PathMember,
    State(state): State<ServerState>,
) -> Result<Answer, RestProblem> {
    let organization = from_inside(&caller, &login, Problem::MembersOnly, &state).await?;
    let wanted = member(&wanted, &state).await?;
    let role = state
        .authority()
        .role_in(organization.id, wanted.id)
        .await?;
    let role = role.ok_or(Problem::NotFound)?;
    let view = MembershipView::new(&organization, &wanted, role, state.base());
    Ok(Answer::ok(caller.account().id, &view))
}
