//! `/admin/organizations`: organizations, who is in them, and their teams.

pub(in crate::pages) mod end;
pub(in crate::pages) mod list;
pub(in crate::pages) mod members;
mod place;
pub(in crate::pages) mod team_members;
pub(in crate::pages) mod teams;

use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Organization, OrganizationUse, Slug, Team};

use super::{Administrator, not_there};
use crate::pages::visit::Turned;

/// The list, to which a page leads on that is done.
const LIST: &str = "/admin/organizations";

/// Where the pages of an organization are.
fn path_of(login: &Login) -> String {
    format!("{LIST}/{login}")
}

/// Where the pages of a team are.
fn path_of_team(team: &Team) -> String {
    let organization = path_of(&team.organization.login);
    format!("{organization}/teams/{}", team.name.slug())
}

/// An organization with what hangs on it, or the page that says that there is none.
async fn found(
    administrator: &Administrator,
    login: &Login,
) -> Result<(Organization, OrganizationUse), Turned> {
    let found = administrator
        .authority()
        .organization_in_use(login, administrator.operator());
    found
        .await
        .map_err(|error| not_there(administrator, error).into())
}

/// A team of an organization, or the page that says that there is none.
async fn found_team(
    administrator: &Administrator,
    organization: &Login,
    slug: &Slug,
) -> Result<Team, Turned> {
    let found = administrator
        .authority()
        .find_team(organization, slug, administrator.operator());
    found
        .await
        .map_err(|error| not_there(administrator, error).into())
}
