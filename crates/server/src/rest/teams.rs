//! Teams: of the caller, of an organization, and by id, which older clients use
//! (wire contract, section 28).

use axum::extract::{RawQuery, State};
use counterfoil_domain::id::TeamId;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Role, Slug, Team};
use counterfoil_wire::filters;
use counterfoil_wire::pagination::{ListQuery, link_header};
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::{SimpleTeam, SimpleUser, TeamMembershipView, TeamView};
use http::StatusCode;

use super::members::member;
use super::organizations::{from_inside, looks_inside};
use crate::answer::Answer;
use crate::extract::{Caller, PathId, PathIdMember, PathLogin, PathTeam, PathTeamMember};
use crate::problem::RestProblem;
use crate::state::ServerState;

const OWN_PATH: &str = "/user/teams";

/// A team that the caller may see: all members of an organization see all its teams.
async fn by_slug(
    caller: &Caller,
    organization: &Login,
    slug: &Slug,
    state: &ServerState,
) -> Result<Team, RestProblem> {
    let organization = from_inside(caller, organization, Problem::NotFound, state).await?;
    let team = state.authority().find_team(&organization.login, slug);
    Ok(team.await?)
}

async fn by_id(caller: &Caller, id: i64, state: &ServerState) -> Result<Team, RestProblem> {
    let team = state.authority().team_by_id(TeamId(id)).await?;
    if looks_inside(caller, &team.organization, state).await? {
        Ok(team)
    } else {
        Err(Problem::NotFound.into())
    }
}

/// `GET /user/teams`
pub(crate) async fn list_own(
    caller: Caller,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    let may = ["read:org", "repo", "user"];
    if !may.into_iter().any(|scope| caller.may(scope)) {
        return Err(Problem::NotFound.into());
    }
    let query = query.unwrap_or_default();
    let page = ListQuery::parse(&query).page;
    let id = caller.account().id;
    let found = state.authority().teams_of(id, page).await?;
    let items = found.items.iter();
    let views: Vec<_> = items
        .map(|team| TeamView::new(team, state.base()))
        .collect();
    let link = link_header(state.base(), OWN_PATH, &query, page, found.total);
    Ok(Answer::ok(id, &views).with_link(link))
}

/// `GET /orgs/{org}/teams`
pub(crate) async fn list(
    caller: Caller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    let organization = from_inside(&caller, &login, Problem::MembersOnly, &state).await?;
    let query = query.unwrap_or_default();
    let page = ListQuery::parse(&query).page;
    let found = state.authority().list_teams(organization.id, page).await?;
    let items = found.items.iter();
    let views: Vec<_> = items
        .map(|team| SimpleTeam::new(team, state.base()))
        .collect();
    let path = format!("/orgs/{}/teams", organization.login);
    let link = link_header(state.base(), &path, &query, page, found.total);
    Ok(Answer::ok(caller.account().id, &views).with_link(link))
}

/// `GET /orgs/{org}/teams/{team_slug}`
pub(crate) async fn find(
    caller: Caller,
    PathTeam(login, slug): PathTeam,
    State(state): State<ServerState>,
) -> Result<Answer, RestProblem> {
    let team = by_slug(&caller, &login, &slug, &state).await?;
    Ok(show(&caller, &team, &state))
}

/// `GET /teams/{team_id}`
pub(crate) async fn find_by_id(
    caller: Caller,
    PathId(id): PathId,
    State(state): State<ServerState>,
) -> Result<Answer, RestProblem> {
    let team = by_id(&caller, id, &state).await?;
    Ok(show(&caller, &team, &state))
}

fn show(caller: &Caller, team: &Team, state: &ServerState) -> Answer {
    let view = TeamView::new(team, state.base());
    Answer::ok(caller.account().id, &view).last_modified(team.updated_at)
}

/// `GET /orgs/{org}/teams/{team_slug}/members`
pub(crate) async fn list_members(
    caller: Caller,
    PathTeam(login, slug): PathTeam,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    let team = by_slug(&caller, &login, &slug, &state).await?;
    let path = format!("/orgs/{}/teams/{}/members", team.organization.login, slug);
    members_of(&caller, &team, &path, query, &state).await
}

/// `GET /teams/{team_id}/members`
pub(crate) async fn list_members_by_id(
    caller: Caller,
    PathId(id): PathId,
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
) -> Result<Answer, RestProblem> {
    let team = by_id(&caller, id, &state).await?;
    let path = format!("/teams/{id}/members");
    members_of(&caller, &team, &path, query, &state).await
}

async fn members_of(
    caller: &Caller,
    team: &Team,
    path: &str,
    query: Option<String>,
    state: &ServerState,
) -> Result<Answer, RestProblem> {
    let query = query.unwrap_or_default();
    let role = filters::team_members(&query)?;
    let page = ListQuery::parse(&query).page;
    let members = state.authority().list_team_members(team.id, role, page);
    let found = members.await?;
    let items = found.items.iter();
    let views: Vec<_> = items
        .map(|account| SimpleUser::new(account, state.base()))
        .collect();
    let link = link_header(state.base(), path, &query, page, found.total);
    Ok(Answer::ok(caller.account().id, &views).with_link(link))
}

/// `GET /orgs/{org}/teams/{team_slug}/members/{username}`: an older path that clients still ask
/// for.
pub(crate) async fn check_member(
    caller: Caller,
    PathTeamMember(login, slug, wanted): PathTeamMember,
    State(state): State<ServerState>,
) -> Result<StatusCode, RestProblem> {
    let team = by_slug(&caller, &login, &slug, &state).await?;
    role_in(&team, &wanted, &state).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /teams/{team_id}/members/{username}`
pub(crate) async fn check_member_by_id(
    caller: Caller,
    PathIdMember(id, wanted): PathIdMember,
    State(state): State<ServerState>,
) -> Result<StatusCode, RestProblem> {
    let team = by_id(&caller, id, &state).await?;
    role_in(&team, &wanted, &state).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /orgs/{org}/teams/{team_slug}/memberships/{username}`
pub(crate) async fn find_membership(
    caller: Caller,
    PathTeamMember(login, slug, wanted): PathTeamMember,
    State(state): State<ServerState>,
) -> Result<Answer, RestProblem> {
    let team = by_slug(&caller, &login, &slug, &state).await?;
    let role = role_in(&team, &wanted, &state).await?;
    let view = TeamMembershipView::new(&team, &wanted, role, state.base());
    Ok(Answer::ok(caller.account().id, &view))
}

/// What somebody who is in a team is in its organization; nobody else is found.
async fn role_in(team: &Team, login: &Login, state: &ServerState) -> Result<Role, RestProblem> {
    let account = member(login, state).await?;
    let role = state.authority().role_in_team(team.id, account.id);
    role.await?.ok_or(Problem::NotFound.into())
}
