//! One team, and who is in it: added, removed.

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{OrganizationRefused, Team};
use counterfoil_html::admin::LOGIN_FIELD;
use counterfoil_html::admin::organizations::{
    AddTeamMember, Done, RemoveTeamMember, TeamMemberProblem, TeamPage,
};
use http::StatusCode;

use super::place::{OfTeam, OfTeamMember};
use super::{found_team, path_of_team};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there, page_of};
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;

/// `GET /admin/organizations/{org}/teams/{team}`
pub(in crate::pages) async fn show(
    administrator: Administrator,
    OfTeam(organization, slug): OfTeam,
) -> Response {
    let team = match found_team(&administrator, &organization, &slug).await {
        Ok(team) => team,
        Err(page) => return page.into_response(),
    };
    let page = page_of(&administrator);
    let members = administrator.authority().list_team_members_with_roles(
        team.id,
        page,
        administrator.operator(),
    );
    match members.await {
        Ok(members) => {
            let view = TeamPage {
                team: &team,
                members: &members,
                page,
            };
            administrator.page(StatusCode::OK, &view).await
        }
        Err(error) => problems::show(&administrator, error.into()),
    }
}

/// `GET /admin/organizations/{org}/teams/{team}/members`
pub(in crate::pages) async fn ask_to_add(
    administrator: Administrator,
    OfTeam(organization, slug): OfTeam,
) -> Response {
    match found_team(&administrator, &organization, &slug).await {
        Ok(team) => add_page(&administrator, &team, "", None).await,
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/organizations/{org}/teams/{team}/members`
pub(in crate::pages) async fn add(
    OfTeam(organization, slug): OfTeam,
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let team = match found_team(&administrator, &organization, &slug).await {
        Ok(team) => team,
        Err(page) => return page.into_response(),
    };
    let typed = fields.text(LOGIN_FIELD).trim();
    let Ok(login) = Login::parse(typed) else {
        let problem = if typed.is_empty() {
            TeamMemberProblem::NoLogin
        } else {
            TeamMemberProblem::NoSuchUser
        };
        return add_page(&administrator, &team, typed, Some(problem)).await;
    };
    let added = administrator.authority().add_team_member(
        &organization,
        &slug,
        &login,
        administrator.operator(),
    );
    let problem = match added.await {
        Ok(_) => {
            let done = Done::InTeam(&login, team.name.as_str());
            let status = done.said(administrator.language());
            let path = path_of_team(&team);
            return administrator.go_and_tell(&path, status).await;
        }
        Err(UseCaseError::Refused(OrganizationRefused::NoSuchUser)) => {
            TeamMemberProblem::NoSuchUser
        }
        Err(UseCaseError::Refused(OrganizationRefused::NotInOrganization)) => {
            TeamMemberProblem::NotInOrganization
        }
        Err(error) => return not_there(&administrator, error),
    };
    add_page(&administrator, &team, typed, Some(problem)).await
}

/// `GET /admin/organizations/{org}/teams/{team}/members/{login}/remove`
pub(in crate::pages) async fn ask_to_remove(
    administrator: Administrator,
    OfTeamMember(organization, slug, login): OfTeamMember,
) -> Response {
    let team = match found_team(&administrator, &organization, &slug).await {
        Ok(team) => team,
        Err(page) => return page.into_response(),
    };
    let account = match administrator.authority().find_account(&login).await {
        Ok(account) => account,
        Err(error) => return not_there(&administrator, error),
    };
    let role =
        administrator
            .authority()
            .role_in_team(team.id, account.id, administrator.operator());
    match role.await {
        Ok(Some(_)) => {
            let path = path_of_team(&team);
            let action = format!("{path}/members/{}/remove", account.login);
            let view = RemoveTeamMember {
                csrf: &administrator.csrf(&action),
                team: &team,
                login: &account.login,
            };
            administrator.page(StatusCode::OK, &view).await
        }
        Ok(None) => problems::show(&administrator, PageProblem::NotFound),
        Err(error) => problems::show(&administrator, error.into()),
    }
}

/// `POST /admin/organizations/{org}/teams/{team}/members/{login}/remove`
pub(in crate::pages) async fn remove(
    OfTeamMember(organization, slug, login): OfTeamMember,
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let team = match found_team(&administrator, &organization, &slug).await {
        Ok(team) => team,
        Err(page) => return page.into_response(),
    };
    let removed = administrator.authority().remove_team_member(
        &organization,
        &slug,
        &login,
        administrator.operator(),
    );
    match removed.await {
        Ok(()) => {
            let done = Done::OutOfTeam(&login, team.name.as_str());
            let status = done.said(administrator.language());
            let path = path_of_team(&team);
            administrator.go_and_tell(&path, status).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

async fn add_page(
    administrator: &Administrator,
    team: &Team,
    login: &str,
    problem: Option<TeamMemberProblem>,
) -> Response {
    let view = AddTeamMember {
        csrf: &administrator.csrf(&format!("{}/members", path_of_team(team))),
        team,
        login,
        problem,
    };
    let status = problem.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    administrator.page(status, &view).await
}
