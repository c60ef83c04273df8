//! The list of apps that have access.

use askama::Template;
use counterfoil_domain::grant::AppAccess;
use counterfoil_domain::page::{Page as PageOf, Paged};

use super::{LIST, name_of, path_of};
use crate::components::{Badge, Pages};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::scopes::ScopeInWords;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// One page of the apps that have access to a person's account.
#[derive(Clone, Copy, Debug)]
pub struct AppsWithAccess<'a> {
    /// The apps of the page, and how many there are.
    pub apps: &'a Paged<AppAccess>,
    /// Which page it is.
    pub page: PageOf,
}

#[derive(Template)]
#[template(path = "app_access/list.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AppAccess,
    rows: Vec<Row>,
    pages: Option<Pages>,
}

struct Row {
    name: Text,
    owner: Text,
    used: Text,
    /// How much the app can do at the most.
    risk: Badge,
    tokens: Text,
}

impl View for AppsWithAccess<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AppAccess(frame.language);
        let rows = self.apps.items.iter();
        filled(&Page {
            layout: Layout::settings(frame, Entry::Apps, words.title()),
            words,
            rows: rows.map(|access| Row::of(frame, access)).collect(),
            pages: Pages::of(frame.language, LIST, self.page, self.apps.total),
        })
    }
}

impl Row {
    fn of(frame: &Frame<'_>, access: &AppAccess) -> Self {
        let words = words::AppAccess(frame.language);
        let allowed = access.grant.created_at;
        let used = match (access.last_used_at, access.last_used_from) {
            (Some(at), Some(from)) => words.used_from(from.to_string(), frame.when(at)),
            (Some(at), None) => words.used(frame.when(at)),
            (None, _) => words.never_used(frame.when(allowed)),
        };
        let scopes = access.grant.scopes.iter();
        let risk = scopes.map(|scope| ScopeInWords::of(scope).risk).max();
        Self {
            name: link(&path_of(access), &name_of(access)),
            owner: words.by(access.app_owner.as_str()),
            used,
            risk: match risk {
                Some(risk) => Badge::risk(risk, risk.word(frame.language)),
                None => Badge::plain(words.public_only()),
            },
            tokens: words.tokens(access.tokens),
        }
    }
}
