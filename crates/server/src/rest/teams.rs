//! Teams: of the caller, of an organization, and by id, which older clients use
//! (wire contract, section 28).

use axum::extract::State;
use counterfoil_authority::{AccessError, VisibleTeam};
use counterfoil_domain::access::Viewer;
use counterfoil_domain::id::TeamId;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Slug, Team};
use counterfoil_wire::filters;
use counterfoil_wire::view::{SimpleTeam, SimpleUser, TeamMembershipView, TeamView};
use http::StatusCode;

use super::extract::{Caller, List, PathId, PathIdMember, PathLogin, PathTeam, PathTeamMember};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

const OWN_PATH: &str = "/user/teams";

/// `GET /user/teams`
pub(super) async fn list_own(
    Caller(caller): Caller,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let found = state.authority().own_teams(&viewer, list.page).await?;
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, OWN_PATH, &found, |team| {
        TeamView::new(team, state.base())
    }))
}

/// `GET /orgs/{org}/teams`
pub(super) async fn list(
    Caller(caller): Caller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let organization = state.authority().find_organization(&login).await?;
    let viewer = caller.viewer();
    let teams = state
        .authority()
        .list_visible_teams(&viewer, &organization, list.page);
    let found = teams.await?;
    let path = format!("/orgs/{}/teams", organization.login);
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, &path, &found, |team| {
        SimpleTeam::new(team, state.base())
    }))
}

/// `GET /orgs/{org}/teams/{team_slug}`
pub(super) async fn find(
    Caller(caller): Caller,
    PathTeam(login, slug): PathTeam,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let team = by_slug(&viewer, &login, &slug, &state).await?;
    Ok(show(&viewer, team.team(), &state))
}

/// `GET /teams/{team_id}`
pub(super) async fn find_by_id(
    Caller(caller): Caller,
    PathId(id): PathId,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let team = by_id(&viewer, id, &state).await?;
    Ok(show(&viewer, team.team(), &state))
}

fn show(viewer: &Viewer<'_>, team: &Team, state: &ServerState) -> Answer {
    let view = TeamView::new(team, state.base());
    Answer::ok(viewer.account(), &view).last_modified(team.updated_at)
}

async fn by_slug(
    viewer: &Viewer<'_>,
    organization: &Login,
    slug: &Slug,
    state: &ServerState,
) -> Result<VisibleTeam, AccessError> {
    let authority = state.authority();
    authority
        .find_visible_team(viewer, organization, slug)
        .await
}

async fn by_id(
    viewer: &Viewer<'_>,
    id: i64,
    state: &ServerState,
) -> Result<VisibleTeam, AccessError> {
    state
        .authority()
        .visible_team_by_id(viewer, TeamId(id))
        .await
}

/// `GET /orgs/{org}/teams/{team_slug}/members`
pub(super) async fn list_members(
    Caller(caller): Caller,
    PathTeam(login, slug): PathTeam,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let team = by_slug(&viewer, &login, &slug, &state).await?;
    let organization = &team.team().organization.login;
    let path = format!("/orgs/{organization}/teams/{slug}/members");
    members_of(&viewer, &team, &path, &list, &state).await
}

/// `GET /teams/{team_id}/members`
pub(super) async fn list_members_by_id(
    Caller(caller): Caller,
    PathId(id): PathId,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let team = by_id(&viewer, id, &state).await?;
    let path = format!("/teams/{id}/members");
    members_of(&viewer, &team, &path, &list, &state).await
}

async fn members_of(
    viewer: &Viewer<'_>,
    team: &VisibleTeam,
    path: &str,
    list: &List,
    state: &ServerState,
) -> Result<Answer, ApiProblem> {
    let role = filters::team_members(&list.query)?;
    let members = state
        .authority()
        .list_members_of_visible_team(team, role, list.page);
    let found = members.await?;
    let reader = (state, viewer.account());
    Ok(list.answer(reader, path, &found, |account| {
        SimpleUser::new(account, state.base())
    }))
}

/// `GET /orgs/{org}/teams/{team_slug}/members/{username}`: an older path that clients still ask
/// for.
pub(super) async fn check_member(
    Caller(caller): Caller,
    PathTeamMember(login, slug, wanted): PathTeamMember,
    State(state): State<ServerState>,
) -> Result<StatusCode, ApiProblem> {
    let team = by_slug(&caller.viewer(), &login, &slug, &state).await?;
    let found = state.authority().role_in_visible_team(&team, &wanted);
    found.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /teams/{team_id}/members/{username}`
pub(super) async fn check_member_by_id(
    Caller(caller): Caller,
    PathIdMember(id, wanted): PathIdMember,
    State(state): State<ServerState>,
) -> Result<StatusCode, ApiProblem> {
    let team = by_id(&caller.viewer(), id, &state).await?;
    let found = state.authority().role_in_visible_team(&team, &wanted);
    found.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /orgs/{org}/teams/{team_slug}/memberships/{username}`
pub(super) async fn find_membership(
    Caller(caller): Caller,
    PathTeamMember(login, slug, wanted): PathTeamMember,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let team = by_slug(&viewer, &login, &slug, &state).await?;
    let found = state.authority().role_in_visible_team(&team, &wanted);
    let role = found.await?;
    let view = TeamMembershipView::new(team.team(), &wanted, role, state.base());
    Ok(Answer::ok(viewer.account(), &view))
}
