//! One passkey of an account: another name, and its end.

use askama::Template;
use counterfoil_domain::language::Language;

use super::passkeys::{PasskeyProblem, PasskeyRow, Row, name_and_summary, used};
use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// The page of one passkey.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyPage<'a> {
    /// The token of its form, which goes to the page's own path.
    pub csrf: &'a str,
    /// The passkey.
    pub passkey: PasskeyRow<'a>,
    /// What was typed as its name, or is.
    pub name: &'a str,
    /// Why the form comes again.
    pub problem: Option<PasskeyProblem>,
}

#[derive(Template)]
#[template(path = "passkeys/passkey.html")]
struct OnePage<'a> {
    layout: Layout<'a>,
    words: words::Passkeys,
    view: &'a PasskeyPage<'a>,
    summary: Summary,
    row: Row<'a>,
    name: Field,
}

impl View for PasskeyPage<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Passkeys(frame.language);
        let (name, summary) = name_and_summary(self.name, self.problem, frame);
        let row = Row::of(&self.passkey, frame);
        filled(&OnePage {
            layout: Layout::settings(frame, Entry::Security, Text::of(&row.name))
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            row,
            name,
        })
    }
}

/// The page that removes a passkey.
#[derive(Clone, Copy, Debug)]
pub struct RemovePasskey<'a> {
    /// The token of its form, which goes to the page's own path.
    pub csrf: &'a str,
    /// The passkey.
    pub passkey: PasskeyRow<'a>,
    /// What becomes of the second factor.
    pub is_last: bool,
    /// Whether it may not go.
    pub is_required: bool,
}

#[derive(Template)]
#[template(path = "passkeys/remove.html")]
struct RemovePage<'a> {
    layout: Layout<'a>,
    words: words::Passkeys,
    view: &'a RemovePasskey<'a>,
    summary: Summary,
    title: Text,
    used: Text,
    row: Row<'a>,
}

impl View for RemovePasskey<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Passkeys(frame.language);
        let row = Row::of(&self.passkey, frame);
        let title = words.remove_title(row.name);
        let mut summary = Summary::new(frame.language);
        if self.is_required {
            summary = summary.problem(words.required());
        }
        filled(&RemovePage {
            layout: Layout::settings(frame, Entry::Security, title.clone())
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            title,
            used: used(&self.passkey, frame),
            row,
        })
    }
}

/// What is said when a passkey got another name.
pub fn passkey_renamed(language: Language, name: &str) -> String {
    words::Passkeys(language)
        .status_renamed(Stranger(name))
        .plain()
}

/// What is said when a passkey was removed.
pub fn passkey_removed(language: Language, name: &str) -> String {
    words::Passkeys(language)
        .status_removed(Stranger(name))
        .plain()
}
