//! The list of all apps.

use askama::Template;
use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_domain::page::{Page as PageOf, Paged};

use super::{LIST, name_of, path_of};
use crate::components::{Badge, Cell, Pages, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// One page of all apps.
#[derive(Clone, Copy, Debug)]
pub struct AppList<'a> {
    /// The apps of the page.
    pub apps: &'a Paged<AppInUse>,
    /// Which page it is.
    pub page: PageOf,
    /// Whether some of the apps that a new installation has are not here.
    pub lacks_built_in: bool,
}

#[derive(Template)]
#[template(path = "admin/apps/list.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminApps,
    list: &'static str,
    table: Table,
    pages: Option<Pages>,
    lacks_built_in: bool,
}

impl View for AppList<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminApps(frame.language);
        let columns = [
            words.app(),
            words.owner(),
            words.users(),
            words.tokens(),
            words.state(),
        ];
        let mut table = Table::new(words.title(), columns);
        for used in &self.apps.items {
            let client_id = used.app.summary.client_id.as_str();
            table.add([
                Cell::of(link(&path_of(&used.app), &name_of(&used.app)))
                    .below(Some(Text::of(client_id))),
                Cell::of(owner(used)),
                Cell::of(Text::of(&used.users)),
                Cell::of(Text::of(&used.tokens)),
                Cell::badges(badges(words, used)),
            ]);
        }
        filled(&Page {
            layout: Layout::administration(frame, Entry::AllApps, words.title()),
            words,
            list: LIST,
            table,
            pages: Pages::of(frame.language, LIST, self.page, self.apps.total),
            lacks_built_in: self.lacks_built_in,
        })
    }
}

/// Whose the app is, with a link to the page of the user or the organization.
pub(super) fn owner(used: &AppInUse) -> Text {
    let login = used.owner.as_str();
    if is_of_installation(used) {
        return Text::of(login);
    }
    let place = if used.is_of_organization {
        "organizations"
    } else {
        "users"
    };
    link(&format!("/admin/{place}/{login}"), &login)
}

/// Whether the app came with the installation, whose it stays.
pub(super) fn is_of_installation(used: &AppInUse) -> bool {
    used.owner.key() == BuiltInApp::owner_login().key()
}

/// What stands out about an app.
pub(super) fn badges(words: words::AdminApps, used: &AppInUse) -> Vec<Badge> {
    let mut badges = Vec::new();
    if used.app.suspended_at.is_some() {
        badges.push(Badge::warn(words.suspended()));
    }
    if used.owner_is_suspended {
        badges.push(Badge::warn(words.owner_suspended()));
    }
    if used.is_published {
        badges.push(Badge::plain(words.published()));
    }
    if used.app.seen_tokens.are_all() {
        badges.push(Badge::plain(words.resource_server()));
    }
    if is_of_installation(used) {
        badges.push(Badge::plain(words.built_in()));
    }
    badges
}
