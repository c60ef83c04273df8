//! The list of users, and the search in it.

use askama::Template;
use counterfoil_domain::administered::ListedUser;
use counterfoil_domain::page::{Page as PageOf, Paged};

use super::{LIST, badges, path_of};
use crate::components::{Cell, Field, Pages, Summary, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// One page of the users of whom something was sought.
#[derive(Clone, Copy, Debug)]
pub struct UserList<'a> {
    /// What was sought in logins, addresses and names; nothing where all are listed.
    pub sought: &'a str,
    /// The same in the query of an address, with its name.
    pub query: &'a str,
    /// Whether a token was sought, which is not repeated.
    pub held_token: bool,
    /// The users of the page.
    pub users: &'a Paged<ListedUser>,
    /// Which page it is.
    pub page: PageOf,
}

#[derive(Template)]
#[template(path = "admin/users/list.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminUsers,
    list: &'static str,
    summary: Summary,
    sought: Field,
    is_sought: bool,
    found: Text,
    table: Table,
    pages: Option<Pages>,
}

impl View for UserList<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminUsers(frame.language);
        let columns = [
            words.user(),
            words.address(),
            words.state(),
            words.last_sign_in(),
        ];
        let mut table = Table::new(words.title(), columns);
        for listed in &self.users.items {
            table.add(row(words, listed, frame));
        }
        let path = if self.query.is_empty() {
            LIST.to_owned()
        } else {
            format!("{LIST}?{}", self.query)
        };
        let sought = Field::text("sought", words.sought())
            .hint(words.sought_hint())
            .value(self.sought)
            .error(self.held_token.then(|| words.is_token()));
        let summary = Summary::new(frame.language).field(&sought);
        filled(&Page {
            layout: Layout::administration(frame, Entry::Users, words.title())
                .with_problems_of(&summary),
            words,
            list: LIST,
            summary,
            sought,
            is_sought: !self.sought.is_empty(),
            found: words.found(self.users.total),
            table,
            pages: Pages::of(frame.language, &path, self.page, self.users.total),
        })
    }
}

fn row(words: words::AdminUsers, listed: &ListedUser, frame: &Frame<'_>) -> [Cell; 4] {
    let account = &listed.account;
    let login = link(&path_of(account), &account.login.as_str());
    let name = account.name.as_ref();
    let address = match &account.email {
        Some(email) => Text::of(&Stranger(email.as_str())),
        None => words.no_address(),
    };
    let signed_in = match listed.signed_in_at {
        Some(at) => frame.short_date(at),
        None => words.no_sign_in(),
    };
    [
        Cell::of(login).below(name.map(|name| Text::of(&Stranger(name.as_str())))),
        Cell::of(address),
        Cell::badges(badges(words, account)),
        Cell::of(signed_in),
    ]
}
