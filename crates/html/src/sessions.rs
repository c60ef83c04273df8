//! Where somebody is signed in.

#[cfg(test)]
mod samples;

use askama::Template;
use counterfoil_domain::language::Language;
use counterfoil_domain::timestamp::Timestamp;

use crate::agent;
use crate::components::Badge;
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

#[cfg(test)]
pub(crate) use samples::samples;

/// The list of somebody's live sessions.
#[derive(Clone, Debug)]
pub struct Sessions<'a> {
    /// The token of the forms that end one session, which go to `/settings/sessions/end`.
    pub end_csrf: &'a str,
    /// The token of the form that ends all others, which goes to `/settings/sessions/end-others`.
    pub end_others_csrf: &'a str,
    /// In the order in which they are shown.
    pub sessions: Vec<SessionRow<'a>>,
}

/// One live session.
#[derive(Clone, Debug)]
pub struct SessionRow<'a> {
    /// What the form sends as `session`.
    pub id: String,
    /// What the browser called itself at its last request.
    pub agent: &'a str,
    /// Where it was used last.
    pub address: String,
    /// When somebody signed in.
    pub made: Timestamp,
    /// When it was used last, as far as that is written down; this session is in use now.
    pub last_used: Timestamp,
    /// Whether it is the session that the page is shown in.
    pub is_this: bool,
}

/// What somebody is told who has ended a session.
pub fn ended_session(language: Language) -> String {
    words::Sessions(language).ended().plain()
}

/// What somebody is told who has ended all other sessions.
pub fn ended_others(language: Language, count: u64) -> String {
    words::Sessions(language).ended_others(count).plain()
}

#[derive(Template)]
#[template(path = "sessions/sessions.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Sessions,
    view: &'a Sessions<'a>,
    rows: Vec<Row<'a>>,
    has_others: bool,
}

struct Row<'a> {
    id: &'a str,
    agent: Text,
    is_its_own_words: bool,
    used: Text,
    made: Text,
    here: Option<Badge>,
}

impl View for Sessions<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Sessions(frame.language);
        let (here, others): (Vec<_>, Vec<_>) = self.sessions.iter().partition(|row| row.is_this);
        let rows = here.into_iter().chain(others);
        let rows = rows.map(|row| row.in_words(words, frame));
        filled(&Page {
            layout: Layout::settings(frame, Entry::Sessions, words.title()),
            words,
            view: self,
            rows: rows.collect(),
            has_others: self.sessions.iter().any(|session| !session.is_this),
        })
    }
}

impl SessionRow<'_> {
    fn in_words(&self, words: words::Sessions, frame: &Frame<'_>) -> Row<'_> {
        Row {
            id: &self.id,
            agent: agent::in_words(self.agent, frame.language),
            is_its_own_words: agent::is_its_own_words(self.agent),
            used: if self.is_this {
                words.in_use(&self.address)
            } else {
                words.last_used(&self.address, frame.when(self.last_used))
            },
            made: words.made(frame.when(self.made)),
            here: self.is_this.then(|| Badge::ok(words.here())),
        }
    }
}
