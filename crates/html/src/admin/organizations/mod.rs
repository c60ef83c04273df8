//! Organizations, their members and their teams.

mod end;
mod list;
mod members;
mod one;
#[cfg(test)]
mod samples;
mod team_members;
mod teams;

use counterfoil_domain::language::Language;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Organization, Role, Team};

pub use end::DeleteOrganization;
pub use list::{NewOrganizationForm, NewOrganizationProblem, OrganizationList};
pub use members::{AddMember, ChangeRole, MemberProblem, RemoveMember};
pub use one::OrganizationPage;
#[cfg(test)]
pub(crate) use samples::samples;
pub use team_members::{AddTeamMember, RemoveTeamMember, TeamMemberProblem, TeamPage};
pub use teams::{DeleteTeam, TeamList, TeamProblem};

use crate::stranger::Stranger;
use crate::words;

/// What a change of an organization did, as the next page says it.
#[derive(Clone, Copy, Debug)]
pub enum Done<'a> {
    /// The organization was made.
    Created(&'a Login),
    /// The organization was deleted.
    Deleted(&'a Login),
    /// A user has this role in an organization.
    IsMember {
        /// The user.
        login: &'a Login,
        /// The organization.
        organization: &'a Login,
        /// The role.
        role: Role,
    },
    /// A user is in the organization no more.
    Removed {
        /// The user.
        login: &'a Login,
        /// The organization.
        organization: &'a Login,
    },
    /// The team of this name was made.
    TeamCreated(&'a str),
    /// The team of this name was deleted.
    TeamDeleted(&'a str),
    /// A user is in the team of this name.
    InTeam(&'a Login, &'a str),
    /// A user is in the team of this name no more.
    OutOfTeam(&'a Login, &'a str),
}

impl Done<'_> {
    /// The sentence, as plain text.
    pub fn said(self, language: Language) -> String {
        let words = words::AdminOrganizations(language);
        let text = match self {
            Self::Created(login) => words.was_created(login.as_str()),
            Self::Deleted(login) => words.was_deleted(login.as_str()),
            Self::IsMember {
                login,
                organization,
                role: Role::Admin,
            } => words.was_owner(login.as_str(), organization.as_str()),
            Self::IsMember {
                login,
                organization,
                role: Role::Member,
            } => words.was_member(login.as_str(), organization.as_str()),
            Self::Removed {
                login,
                organization,
            } => words.was_removed(login.as_str(), organization.as_str()),
            Self::TeamCreated(team) => words.was_team_created(Stranger(team)),
            Self::TeamDeleted(team) => words.was_team_deleted(Stranger(team)),
            Self::InTeam(login, team) => words.was_added_to_team(login.as_str(), Stranger(team)),
            Self::OutOfTeam(login, team) => {
                words.was_removed_from_team(login.as_str(), Stranger(team))
            }
        };
        text.plain()
    }
}

/// The list, from which the other pages are reached.
const LIST: &str = "/admin/organizations";

/// Where the pages of an organization are.
fn path_of(organization: &Organization) -> String {
    format!("{LIST}/{}", organization.login)
}

/// Where the pages of a team are.
fn path_of_team(team: &Team) -> String {
    format!("{}/teams/{}", path_of(&team.organization), team.name.slug())
}

/// What the team is called.
fn name_of_team(team: &Team) -> Stranger<'_> {
    Stranger(team.name.as_str())
}

/// What somebody with a role is called.
fn role_in_words(words: words::AdminOrganizations, role: Role) -> crate::text::Text {
    match role {
        Role::Admin => words.owner(),
        Role::Member => words.ordinary(),
    }
}
