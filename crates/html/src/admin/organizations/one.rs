//! One organization, with who is in it.

use askama::Template;
use counterfoil_domain::organization::{Member, Organization, OrganizationUse};
use counterfoil_domain::page::{Page as PageOf, Paged};

use super::{LIST, path_of, role_in_words};
use crate::components::{Badge, Cell, Pages, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The page of an organization.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationPage<'a> {
    /// The organization.
    pub organization: &'a Organization,
    /// What hangs on it.
    pub used: OrganizationUse,
    /// Its members, as many as the page shows.
    pub members: &'a Paged<Member>,
    /// Which page of them it is.
    pub page: PageOf,
}

#[derive(Template)]
#[template(path = "admin/organizations/one.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminOrganizations,
    list: &'static str,
    path: String,
    title: Text,
    name: Option<Text>,
    id: i64,
    made: Text,
    used: OrganizationUse,
    table: Table,
    pages: Option<Pages>,
}

impl View for OrganizationPage<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let organization = self.organization;
        let path = path_of(organization);
        let mut table = Table::new(words.members(), [words.member(), words.role()]);
        for member in &self.members.items {
            let account = &member.account;
            let login = account.login.as_str();
            let name = account.name.as_ref();
            let who = link(&format!("{path}/members/{login}"), &login);
            let mut badges = Vec::new();
            if account.is_suspended() {
                badges.push(Badge::warn(words.suspended()));
            }
            table.add([
                Cell::of(who).below(name.map(|name| Text::of(&Stranger(name.as_str())))),
                Cell::of(role_in_words(words, member.role)).with_badges(badges),
            ]);
        }
        let title = words.one_title(organization.login.as_str());
        let name = organization.name.as_ref();
        filled(&Page {
            layout: Layout::administration(frame, Entry::Organizations, title.clone()),
            words,
            list: LIST,
            title,
            name: name.map(|name| Text::of(&Stranger(name.as_str()))),
            id: organization.id.0,
            made: frame.date(organization.created_at),
            used: self.used,
            table,
            pages: Pages::of(frame.language, &path, self.page, self.members.total),
            path,
        })
    }
}
