//! One app, as site administrators look at it.

use askama::Template;
use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::AppSecret;

use super::list::{badges, is_of_installation, owner};
use super::{LIST, name_of, path_of};
use crate::components::{Badge, Cell, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The page of an app.
#[derive(Clone, Copy, Debug)]
pub struct AppPage<'a> {
    /// The app.
    pub used: &'a AppInUse,
    /// Its live secrets, in the order they were made.
    pub secrets: &'a [AppSecret],
}

#[derive(Template)]
#[template(path = "admin/apps/one.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminApps,
    list: &'static str,
    title: Text,
    badges: Vec<Badge>,
    client_id: &'a str,
    owner: Text,
    website: Text,
    callbacks: Vec<Text>,
    registered: Text,
    users: u64,
    tokens: u64,
    last_use: Text,
    links: Vec<Text>,
    table: Table,
}

impl View for AppPage<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminApps(frame.language);
        let (used, app) = (self.used, &self.used.app);
        let title = words.one_title(name_of(app));
        let callbacks = app.callback_urls.iter();
        filled(&Page {
            layout: Layout::administration(frame, Entry::AllApps, title.clone()),
            words,
            list: LIST,
            title,
            badges: badges(words, used),
            client_id: app.summary.client_id.as_str(),
            owner: owner(used),
            website: Text::of(&Stranger(app.summary.url.as_str())),
            callbacks: callbacks
                .map(|url| Text::of(&Stranger(url.as_str())))
                .collect(),
            registered: frame.date(app.created_at),
            users: used.users,
            tokens: used.tokens,
            last_use: used
                .last_used_at
                .map_or_else(|| words.never(), |at| frame.date_and_time(at)),
            links: links(words, used),
            table: self.table(words, frame),
        })
    }
}

/// What can be done to the app.
fn links(words: words::AdminApps, used: &AppInUse) -> Vec<Text> {
    let app = &used.app;
    let path = path_of(app);
    let to = |end: &str, words: Text| link(&format!("{path}/{end}"), &words);
    let tokens = format!("/admin/tokens?sought={}", app.summary.client_id);
    let mut links = vec![link(&tokens, &words.tokens_link())];
    links.push(match (app.suspended_at, is_of_installation(used)) {
        (Some(_), true) => to("unsuspend", words.turn_on_link()),
        (Some(_), false) => to("unsuspend", words.unsuspend_link()),
        (None, true) => to("suspend", words.turn_off_link()),
        (None, false) => to("suspend", words.suspend_link()),
    });
    links.push(if app.seen_tokens.are_all() {
        to("resource-server", words.unmark_link())
    } else {
        to("resource-server", words.mark_link())
    });
    if !is_of_installation(used) {
        links.push(to("transfer", words.transfer_link()));
    }
    links
}

impl AppPage<'_> {
    fn table(&self, words: words::AdminApps, frame: &Frame<'_>) -> Table {
        let columns = [
            words.ends_with(),
            words.made(),
            words.last_use(),
            words.state(),
        ];
        let mut table = Table::new(words.secrets(), columns);
        let path = path_of(&self.used.app);
        for secret in self.secrets {
            let publish = format!("{path}/secrets/{}/publish", secret.id);
            let state = match secret.published_at {
                Some(_) => Cell::badges(vec![Badge::warn(words.is_published())]),
                None => Cell::of(link(&publish, &words.publish_link())),
            };
            table.add([
                Cell::of(Text::literal("…").with(secret.last_eight.as_str())),
                Cell::of(frame.short_date(secret.created_at)),
                Cell::of(
                    secret
                        .last_used_at
                        .map_or_else(|| words.never(), |at| frame.date_and_time(at)),
                ),
                state,
            ]);
        }
        table
    }
}
