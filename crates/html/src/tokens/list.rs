//! The lists of a person's tokens: those that live, and those that ended not long ago.

use askama::Template;
use counterfoil_domain::authorization::{EndedToken, OwnToken, OwnTokenCounts};
use counterfoil_domain::page::Page as PageOf;

use super::row::Row;
use crate::components::{Badge, Banner, Pages};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// One page of a person's tokens.
#[derive(Clone, Copy, Debug)]
pub struct TokenList<'a> {
    /// How many there are, and what expires soon.
    pub counts: &'a OwnTokenCounts,
    /// Which of them the page shows.
    pub listed: Listed<'a>,
    /// Which page of them it is.
    pub page: PageOf,
}

/// The tokens of a page.
#[derive(Clone, Copy, Debug)]
pub enum Listed<'a> {
    /// Those that live.
    Live(&'a [OwnToken]),
    /// Those that ended.
    Ended {
        /// The tokens.
        tokens: &'a [EndedToken],
        /// How many tokens of one app and scope set may live at the same time.
        live_per_scope_set: u32,
    },
}

#[derive(Template)]
#[template(path = "tokens/list.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Tokens,
    banner: Option<Banner>,
    tabs: [Tab; 2],
    rows: Vec<Row>,
    none: Text,
    pages: Option<Pages>,
    kept: Text,
    may_delete_all: bool,
}

struct Tab {
    path: &'static str,
    name: Text,
    count: Badge,
    is_current: bool,
}

const LIVE: &str = "/settings/tokens";
const ENDED: &str = "/settings/tokens?tab=ended";

impl TokenList<'_> {
    fn is_ended(&self) -> bool {
        matches!(self.listed, Listed::Ended { .. })
    }

    fn rows(&self, frame: &Frame<'_>) -> Vec<Row> {
        match self.listed {
            Listed::Live(tokens) => {
                let rows = tokens.iter().map(|token| Row::live(frame, token));
                rows.collect()
            }
            Listed::Ended {
                tokens,
                live_per_scope_set,
            } => {
                let row = |ended| Row::ended(frame, ended, live_per_scope_set);
                tokens.iter().map(row).collect()
            }
        }
    }

    fn pages(&self, frame: &Frame<'_>) -> Option<Pages> {
        let (total, path) = if self.is_ended() {
            (self.counts.ended, ENDED)
        } else {
            (self.counts.live, LIVE)
        };
        Pages::of(frame.language, path, self.page, total)
    }

    fn banner(&self, frame: &Frame<'_>) -> Option<Banner> {
        let words = words::Tokens(frame.language);
        let first = self
            .counts
            .expires_first
            .as_ref()
            .filter(|_| !self.is_ended())?;
        let count = self.counts.expiring;
        let path = format!("/settings/tokens/{}", first.id);
        let name = link(&path, &Stranger(first.note.as_str()));
        let date = frame.date(first.expires_at);
        let first = if count > 1 {
            words.expiring_first(date, name)
        } else {
            words.expiring_one(date, name)
        };
        let regenerate = link(&format!("{path}/regenerate"), &words.regenerate_it());
        let first = first.with_literal(" ").with(&regenerate);
        Some(Banner::warn(words.expiring(count)).with(first))
    }
}

impl View for TokenList<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Tokens(frame.language);
        let is_ended = self.is_ended();
        let most = u64::from(EndedToken::MOST_LISTED);
        let kept = if is_ended && self.counts.ended >= most {
            words.kept_newest(most)
        } else {
            words.kept()
        };
        filled(&Page {
            layout: Layout::settings(frame, Entry::Tokens, words.title()),
            words,
            banner: self.banner(frame),
            tabs: [
                Tab {
                    path: LIVE,
                    name: words.active(),
                    count: Badge::plain(Text::of(&self.counts.live)),
                    is_current: !is_ended,
                },
                Tab {
                    path: ENDED,
                    name: words.ended(),
                    count: Badge::plain(Text::of(&self.counts.ended)),
                    is_current: is_ended,
                },
            ],
            rows: self.rows(frame),
            none: if is_ended {
                words.none_ended()
            } else {
                words.none_active()
            },
            pages: self.pages(frame),
            kept,
            may_delete_all: !is_ended && self.counts.personal > 0,
        })
    }
}
