//! A team with who is in it: added, removed.

use askama::Template;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Member, Role, Team};
use counterfoil_domain::page::{Page as PageOf, Paged};

use super::{name_of_team, path_of, path_of_team};
use crate::admin::question::{Question, Weight};
use crate::components::{Badge, Cell, Field, Pages, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The page of a team.
#[derive(Clone, Copy, Debug)]
pub struct TeamPage<'a> {
    /// The team.
    pub team: &'a Team,
    /// Who is in it, with what they are in the organization, as many as the page shows.
    pub members: &'a Paged<Member>,
    /// Which page of them it is.
    pub page: PageOf,
}

/// The page that puts somebody into a team.
#[derive(Clone, Copy, Debug)]
pub struct AddTeamMember<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Which team.
    pub team: &'a Team,
    /// The login that was typed.
    pub login: &'a str,
    /// What is wrong with it.
    pub problem: Option<TeamMemberProblem>,
}

/// Why somebody is in no team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamMemberProblem {
    /// No login was typed.
    NoLogin,
    /// Nobody has the login.
    NoSuchUser,
    /// The user is not in the organization.
    NotInOrganization,
}

/// The page that asks whether somebody is to leave a team.
#[derive(Clone, Copy, Debug)]
pub struct RemoveTeamMember<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Which team.
    pub team: &'a Team,
    /// Who it is.
    pub login: &'a Login,
}

#[derive(Template)]
#[template(path = "admin/organizations/team.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminOrganizations,
    path: String,
    /// The teams of the organization.
    back: String,
    back_name: Text,
    title: Text,
    slug: &'a str,
    made: Text,
    table: Table,
    pages: Option<Pages>,
}

impl View for TeamPage<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let team = self.team;
        let (path, organization) = (path_of_team(team), team.organization.login.as_str());
        let columns = [words.member(), words.role(), words.remove()];
        let mut table = Table::new(words.members(), columns);
        for Member { account, role } in &self.members.items {
            let login = account.login.as_str();
            let name = account.name.as_ref();
            let who = format!("{}/members/{login}", path_of(&team.organization));
            let mut badges = Vec::new();
            if account.is_suspended() {
                badges.push(Badge::warn(words.suspended()));
            }
            let role = match role {
                Role::Admin => words.maintainer(),
                Role::Member => words.ordinary(),
            };
            let remove = format!("{path}/members/{login}/remove");
            table.add([
                Cell::of(link(&who, &login))
                    .below(name.map(|name| Text::of(&Stranger(name.as_str())))),
                Cell::of(role).with_badges(badges),
                Cell::of(link(&remove, &words.remove())),
            ]);
        }
        let title = words.team_title(organization, name_of_team(team));
        filled(&Page {
            layout: Layout::administration(frame, Entry::Organizations, title.clone()),
            words,
            back: format!("{}/teams", path_of(&team.organization)),
            back_name: words.teams_title(organization),
            title,
            slug: team.name.slug().as_str(),
            made: frame.date(team.created_at),
            table,
            pages: Pages::of(frame.language, &path, self.page, self.members.total),
            path,
        })
    }
}

impl View for AddTeamMember<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let (path, name) = (path_of_team(self.team), name_of_team(self.team));
        let organization = self.team.organization.login.as_str();
        let problem = self.problem.map(|problem| match problem {
            TeamMemberProblem::NoLogin => words.enter_user(),
            TeamMemberProblem::NoSuchUser => words.no_such_user(Stranger(self.login)),
            TeamMemberProblem::NotInOrganization => {
                words.not_in_organization(Stranger(self.login), organization)
            }
        });
        Question {
            entry: Entry::Organizations,
            csrf: self.csrf,
            action: format!("{path}/members"),
            back: path,
            back_name: words.team_title(organization, name),
            title: words.add_team_title(name),
            intro: vec![words.add_team_intro()],
            banner: None,
            fields: vec![
                Field::text("user", words.user_login())
                    .value(self.login)
                    .error(problem),
            ],
            radios: None,
            problem: None,
            button: words.add(),
            weight: Weight::Primary,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}

impl View for RemoveTeamMember<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let (path, name) = (path_of_team(self.team), name_of_team(self.team));
        let organization = self.team.organization.login.as_str();
        let login = self.login.as_str();
        Question {
            entry: Entry::Organizations,
            csrf: self.csrf,
            action: format!("{path}/members/{login}/remove"),
            back: path,
            back_name: words.team_title(organization, name),
            title: words.remove_team_title(login, name),
            intro: vec![words.remove_team_intro(login)],
            banner: None,
            fields: Vec::new(),
            radios: None,
            problem: None,
            button: words.remove(),
            weight: Weight::Danger,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}
