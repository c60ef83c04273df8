//! Teams: of the caller, of an organization, and each by its organization and slug, by its id,
//! which older clients use, or by the ids of both, which some build (wire contract, section 28).

use axum::extract::State;
use counterfoil_domain::organization::{Team, TeamRef};
use counterfoil_wire::filters;
use counterfoil_wire::view::{SimpleTeam, SimpleUser, TeamMembershipView, TeamView};
use http::StatusCode;

use super::extract::{Caller, List, PathOrganization, PathTeam, PathTeamMember};
use super::organizations;
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

/// `GET /orgs/{org}/teams` and `GET /organizations/{org_id}/teams`
pub(super) async fn list(
    Caller(caller): Caller,
    PathOrganization(wanted): PathOrganization,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let organization = state.authority().look_up_organization(&wanted).await?;
    let viewer = caller.viewer();
    let teams = state
        .authority()
        .list_visible_teams(&viewer, &organization, list.page);
    let found = teams.await?;
    let path = organizations::place(&wanted, &organization) + "/teams";
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, &path, &found, |team| {
        SimpleTeam::new(team, state.base())
    }))
}

/// A team itself.
pub(super) async fn find(
    Caller(caller): Caller,
    PathTeam(wanted): PathTeam,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let found = state.authority().find_visible_team(&viewer, &wanted);
    let team = found.await?;
    let view = TeamView::new(team.team(), state.base());
    let answer = Answer::ok(viewer.account(), &view);
    Ok(answer.last_modified(team.team().updated_at))
}

/// `GET …/members`
pub(super) async fn list_members(
    Caller(caller): Caller,
    PathTeam(wanted): PathTeam,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let authority = state.authority();
    let team = authority.find_visible_team(&viewer, &wanted).await?;
    let role = filters::team_members(&list.query)?;
    let members = authority.list_members_of_visible_team(&team, role, list.page);
    let found = members.await?;
    let path = place(&wanted, team.team()) + "/members";
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, &path, &found, |account| {
        SimpleUser::new(account, state.base())
    }))
}

/// `GET …/members/{username}`: an older path that clients still ask for.
pub(super) async fn check_member(
    Caller(caller): Caller,
    PathTeamMember(wanted, member): PathTeamMember,
    State(state): State<ServerState>,
) -> Result<StatusCode, ApiProblem> {
    let viewer = caller.viewer();
    let team = state.authority().find_visible_team(&viewer, &wanted);
    let team = team.await?;
    let found = state.authority().role_in_visible_team(&team, &member);
    found.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET …/memberships/{username}`
pub(super) async fn find_membership(
    Caller(caller): Caller,
    PathTeamMember(wanted, member): PathTeamMember,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let team = state.authority().find_visible_team(&viewer, &wanted);
    let team = team.await?;
    let found = state.authority().role_in_visible_team(&team, &member);
    let role = found.await?;
    let view = TeamMembershipView::new(team.team(), &member, role, state.base());
    Ok(Answer::ok(viewer.account(), &view))
}

/// Where what belongs to a team is, in the form in which it was asked for.
fn place(wanted: &TeamRef, team: &Team) -> String {
    match wanted {
        TeamRef::Slug(..) => {
            let (organization, slug) = (&team.organization.login, team.name.slug());
            format!("/orgs/{organization}/teams/{slug}")
        }
        TeamRef::Id(id) => format!("/teams/{id}"),
        TeamRef::Ids(organization, id) => format!("/organizations/{organization}/team/{id}"),
    }
}
