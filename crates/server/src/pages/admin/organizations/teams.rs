//! The teams of an organization: listed, made, deleted.

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::organization::{
    Organization, OrganizationRefused, Team, TeamName, TeamNameRefused,
};
use counterfoil_domain::text::TextRefused;
use counterfoil_html::admin::organizations::{DeleteTeam, Done, TeamList, TeamProblem};
use http::StatusCode;

use super::place::{OfOrganization, OfTeam};
use super::{found, found_team, path_of, path_of_team};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there, page_of};
use crate::pages::problems;
use crate::pages::sent::Sent;

/// `GET /admin/organizations/{org}/teams`
pub(in crate::pages) async fn list(
    administrator: Administrator,
    OfOrganization(login): OfOrganization,
) -> Response {
    match found(&administrator, &login).await {
        Ok((organization, _)) => show(&administrator, &organization, "", None).await,
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/organizations/{org}/teams`
pub(in crate::pages) async fn create(
    OfOrganization(login): OfOrganization,
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let organization = match found(&administrator, &login).await {
        Ok((organization, _)) => organization,
        Err(page) => return page.into_response(),
    };
    let typed = fields.text("name");
    let name = match TeamName::parse(typed.trim()) {
        Ok(name) => name,
        Err(refused) => {
            let problem = match refused {
                TeamNameRefused::NoSlug => TeamProblem::NoName,
                TeamNameRefused::Text(TextRefused::TooLong) => TeamProblem::LongName,
                TeamNameRefused::Text(TextRefused::Control) => TeamProblem::ControlInName,
            };
            return show(&administrator, &organization, typed, Some(problem)).await;
        }
    };
    let made =
        administrator
            .authority()
            .create_team(&organization.login, name, administrator.operator());
    match made.await {
        Ok(team) => {
            let status = Done::TeamCreated(team.name.as_str()).said(administrator.language());
            administrator
                .go_and_tell(&path_of_team(&team), status)
                .await
        }
        Err(UseCaseError::Refused(OrganizationRefused::SlugTaken)) => {
            let problem = Some(TeamProblem::Taken);
            show(&administrator, &organization, typed, problem).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

/// `GET /admin/organizations/{org}/teams/{team}/delete`
pub(in crate::pages) async fn ask_to_delete(
    administrator: Administrator,
    OfTeam(organization, slug): OfTeam,
) -> Response {
    match found_team(&administrator, &organization, &slug).await {
        Ok(team) => {
            let view = DeleteTeam {
                csrf: &administrator.csrf(&format!("{}/delete", path_of_team(&team))),
                team: &team,
            };
            administrator.page(StatusCode::OK, &view).await
        }
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/organizations/{org}/teams/{team}/delete`
pub(in crate::pages) async fn delete(
    OfTeam(organization, slug): OfTeam,
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let team: Team = match found_team(&administrator, &organization, &slug).await {
        Ok(team) => team,
        Err(page) => return page.into_response(),
    };
    let deleted =
        administrator
            .authority()
            .delete_team(&organization, &slug, administrator.operator());
    match deleted.await {
        Ok(_) => {
            let status = Done::TeamDeleted(team.name.as_str()).said(administrator.language());
            let path = format!("{}/teams", path_of(&team.organization.login));
            administrator.go_and_tell(&path, status).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

async fn show(
    administrator: &Administrator,
    organization: &Organization,
    name: &str,
    problem: Option<TeamProblem>,
) -> Response {
    let page = page_of(administrator);
    let teams =
        administrator
            .authority()
            .list_teams(organization.id, page, administrator.operator());
    let teams = match teams.await {
        Ok(teams) => teams,
        Err(error) => return problems::show(administrator, error.into()),
    };
    let view = TeamList {
        csrf: &administrator.csrf(&format!("{}/teams", path_of(&organization.login))),
        organization,
        teams: &teams,
        page,
        name,
        problem,
    };
    let status = problem.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    administrator.page(status, &view).await
}
