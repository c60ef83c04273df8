//! The teams of an organization, with the form of a new one, and the end of one.

use askama::Template;
use counterfoil_domain::organization::{Organization, Team};
use counterfoil_domain::page::{Page as PageOf, Paged};

use super::{name_of_team, path_of, path_of_team};
use crate::admin::question::{Question, Weight};
use crate::components::{Cell, Field, Pages, Summary, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// One page of the teams of an organization.
#[derive(Clone, Copy, Debug)]
pub struct TeamList<'a> {
    /// The token of the form of a new one.
    pub csrf: &'a str,
    /// Which organization.
    pub organization: &'a Organization,
    /// Its teams, as many as the page shows.
    pub teams: &'a Paged<Team>,
    /// Which page of them it is.
    pub page: PageOf,
    /// The name that was typed.
    pub name: &'a str,
    /// What is wrong with it.
    pub problem: Option<TeamProblem>,
}

/// Why no team was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamProblem {
    /// The name has no letter or digit that could stand in a path.
    NoName,
    /// The name is too long.
    LongName,
    /// The name has characters that are not shown.
    ControlInName,
    /// There is a team whose name reads the same in paths.
    Taken,
}

/// The page that asks whether a team is to be deleted.
#[derive(Clone, Copy, Debug)]
pub struct DeleteTeam<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The team.
    pub team: &'a Team,
}

#[derive(Template)]
#[template(path = "admin/organizations/teams.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminOrganizations,
    csrf: &'a str,
    path: String,
    back_name: Text,
    title: Text,
    summary: Summary,
    table: Table,
    pages: Option<Pages>,
    name: Field,
}

impl View for TeamList<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let organization = self.organization.login.as_str();
        let path = path_of(self.organization);
        let columns = [words.team(), words.slug(), words.members()];
        let mut table = Table::new(words.teams(), columns);
        for team in &self.teams.items {
            table.add([
                Cell::of(link(&path_of_team(team), &name_of_team(team))),
                Cell::of(Text::of(team.name.slug().as_str())),
                Cell::of(Text::of(&team.members)),
            ]);
        }
        let problem = self.problem.map(|problem| match problem {
            TeamProblem::NoName => words.enter_team_name(),
            TeamProblem::LongName => words.shorter_name(),
            TeamProblem::ControlInName => words.plainer_name(),
            TeamProblem::Taken => words.team_taken(),
        });
        let name = Field::text("name", words.name())
            .hint(words.team_name_hint())
            .value(self.name)
            .error(problem);
        let summary = Summary::new(frame.language).field(&name);
        let (list, title) = (format!("{path}/teams"), words.teams_title(organization));
        filled(&Page {
            layout: Layout::administration(frame, Entry::Organizations, title.clone())
                .with_problems_of(&summary),
            words,
            csrf: self.csrf,
            path,
            back_name: words.one_title(organization),
            title,
            summary,
            table,
            pages: Pages::of(frame.language, &list, self.page, self.teams.total),
            name,
        })
    }
}

impl View for DeleteTeam<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let (path, name) = (path_of_team(self.team), name_of_team(self.team));
        let organization = self.team.organization.login.as_str();
        Question {
            entry: Entry::Organizations,
            csrf: self.csrf,
            action: format!("{path}/delete"),
            back: path,
            back_name: words.team_title(organization, name),
            title: words.delete_team_title(name),
            intro: vec![words.delete_team_intro(self.team.members)],
            banner: None,
            fields: Vec::new(),
            radios: None,
            problem: None,
            button: words.delete_team(),
            weight: Weight::Danger,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}
