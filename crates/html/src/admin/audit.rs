//! The audit trail, a page of it at a time.

mod actions;
mod event;
mod filters;
#[cfg(test)]
mod samples;

use askama::Template;

use self::filters::Fields;
use crate::components::{Field, Summary, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

pub use self::event::{EventActor, EventSubject, TrailEvent};
pub use self::filters::{FilterProblem, Filters};
#[cfg(test)]
pub(crate) use samples::samples;

/// Events of the trail with what they were sought by.
#[derive(Clone, Copy, Debug)]
pub struct AuditTrail<'a> {
    /// What was typed.
    pub filters: &'a Filters,
    /// What is wrong with it. Then no events are shown.
    pub problems: &'a [FilterProblem],
    /// The token of the form that looks for a token by its digest, which goes to `/admin/audit`.
    pub csrf: &'a str,
    /// The events, the newest first.
    pub events: &'a [TrailEvent],
    /// Where the newest events stand; nothing on the page that has them.
    pub newest: Option<&'a str>,
    /// Where older events follow.
    pub older: Option<&'a str>,
    /// Whether it was given up to look for more.
    pub is_cut_short: bool,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminAudit,
    summary: Summary,
    fields: Fields,
    digest: Field,
    kept: Vec<(&'static str, &'a str)>,
    kept_digest: Option<&'a str>,
    view: &'a AuditTrail<'a>,
    is_sought: bool,
    table: Table,
    none: Text,
}

impl View for AuditTrail<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminAudit(frame.language);
        let columns = [words.what(), words.who(), words.about(), words.when()];
        let mut table = Table::new(words.title(), columns);
        for event in self.events {
            table.add(event.row(frame));
        }
        let fields = Fields::of(self, frame);
        let digest = filters::digest_field(self, frame);
        let mut summary = Summary::new(frame.language);
        for field in fields.all() {
            summary = summary.field(field);
        }
        summary = summary.field(&digest);
        if self.problems.contains(&FilterProblem::Cursor) {
            summary = summary.problem(words.bad_cursor());
        }
        let is_sought = !self.filters.is_empty();
        filled(&Page {
            layout: Layout::administration(frame, Entry::AuditTrail, words.title())
                .with_problems_of(&summary),
            words,
            summary,
            fields,
            digest,
            kept: self.filters.kept(),
            kept_digest: Some(self.filters.token_digest.as_str()).filter(|one| !one.is_empty()),
            view: self,
            is_sought,
            table,
            none: if is_sought {
                words.none_fits()
            } else {
                words.none_yet()
            },
        })
    }
}
