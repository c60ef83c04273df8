//! The list of organizations, with the form of a new one.

use askama::Template;
use counterfoil_domain::organization::{Organization, OrganizationUse};
use counterfoil_domain::page::{Page as PageOf, Paged};

use super::{LIST, path_of};
use crate::components::{Cell, Field, Pages, Summary, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// One page of all organizations.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationList<'a> {
    /// The token of the form of a new one.
    pub csrf: &'a str,
    /// The organizations of the page, with what hangs on each.
    pub organizations: &'a Paged<(Organization, OrganizationUse)>,
    /// Which page it is.
    pub page: PageOf,
    /// What was typed into the form.
    pub form: NewOrganizationForm<'a>,
    /// What is wrong with it.
    pub problem: Option<NewOrganizationProblem>,
}

/// The form of a new organization.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewOrganizationForm<'a> {
    /// Its login.
    pub login: &'a str,
    /// What it is called.
    pub name: &'a str,
}

/// What is wrong with the form of a new organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewOrganizationProblem {
    /// The login is none.
    NoLogin,
    /// The login has the form of a client id.
    LoginOfApp,
    /// Somebody has the login or had it.
    LoginTaken,
    /// The name is too long.
    LongName,
    /// The name has characters that are not shown.
    ControlInName,
}

#[derive(Template)]
#[template(path = "admin/organizations/list.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminOrganizations,
    csrf: &'a str,
    list: &'static str,
    summary: Summary,
    table: Table,
    pages: Option<Pages>,
    fields: [Field; 2],
}

impl View for OrganizationList<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let columns = [
            words.organization(),
            words.members(),
            words.teams(),
            words.apps(),
            words.tokens(),
        ];
        let mut table = Table::new(words.title(), columns);
        for (organization, used) in &self.organizations.items {
            let name = organization.name.as_ref();
            let login = organization.login.as_str();
            table.add([
                Cell::of(link(&path_of(organization), &login))
                    .below(name.map(|name| Text::of(&Stranger(name.as_str())))),
                Cell::of(Text::of(&used.members)),
                Cell::of(Text::of(&used.teams)),
                Cell::of(Text::of(&used.apps)),
                Cell::of(Text::of(&used.tokens)),
            ]);
        }
        let fields = self.fields(words);
        let summary = fields
            .iter()
            .fold(Summary::new(frame.language), Summary::field);
        filled(&Page {
            layout: Layout::administration(frame, Entry::Organizations, words.title())
                .with_problems_of(&summary),
            words,
            csrf: self.csrf,
            list: LIST,
            summary,
            table,
            pages: Pages::of(frame.language, LIST, self.page, self.organizations.total),
            fields,
        })
    }
}

impl OrganizationList<'_> {
    fn fields(&self, words: words::AdminOrganizations) -> [Field; 2] {
        use NewOrganizationProblem as Problem;
        let (login, name) = match self.problem {
            None => (None, None),
            Some(Problem::NoLogin) => (Some(words.enter_login()), None),
            Some(Problem::LoginOfApp) => (Some(words.login_of_app()), None),
            Some(Problem::LoginTaken) => (Some(words.login_taken()), None),
            Some(Problem::LongName) => (None, Some(words.shorter_name())),
            Some(Problem::ControlInName) => (None, Some(words.plainer_name())),
        };
        [
            Field::text("organization", words.login())
                .hint(words.login_hint())
                .value(self.form.login)
                .error(login),
            Field::text("name", words.name())
                .hint(words.name_hint())
                .value(self.form.name)
                .error(name),
        ]
    }
}
