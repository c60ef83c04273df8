//! The list of a person's own apps.

use askama::Template;
use counterfoil_domain::app::OwnApp;

use super::{LIST, name_of, path_of, users};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The apps that a person looks after.
#[derive(Clone, Copy, Debug)]
pub struct MyApps<'a> {
    /// Their own, then those of organizations that they own.
    pub apps: &'a [OwnApp],
}

#[derive(Template)]
#[template(path = "developers/list.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    list: &'static str,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: Text,
    client_id: &'a str,
    /// The organization that it belongs to, if it is one's.
    owner: Option<Text>,
    used: Text,
    users: Text,
}

impl View for MyApps<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let rows = self.apps.iter().map(|own| Row {
            name: link(&path_of(&own.app), &name_of(&own.app)),
            client_id: own.app.summary.client_id.as_str(),
            owner: own
                .organization
                .as_ref()
                .map(|login| words.of_organization(login.as_str())),
            used: match own.last_used_at {
                Some(at) => words.used(frame.when(at)),
                None => words.never_used(),
            },
            users: users(words, own),
        });
        filled(&Page {
            layout: Layout::settings(frame, Entry::Developers, words.title()),
            words,
            list: LIST,
            rows: rows.collect(),
        })
    }
}
