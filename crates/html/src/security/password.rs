//! A password that somebody changes.

use askama::Template;
use counterfoil_domain::language::Language;
use counterfoil_domain::password::{PASSWORD_BYTES, PASSWORD_CHARACTERS, PasswordRefused};

use crate::components::{Checkbox, Field, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// The page that changes a password.
#[derive(Clone, Copy, Debug)]
pub struct ChangePassword<'a> {
    /// The token of its form, which goes to `/settings/security/password`.
    pub csrf: &'a str,
    /// Whether the box for the tokens was ticked.
    pub revokes_tokens: bool,
    /// Why the form comes again.
    pub problem: Option<PasswordProblem>,
}

/// Why a password was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Nothing was entered.
    Empty,
    /// It may not be this user's.
    Refused(PasswordRefused),
    /// Too many passwords are being computed.
    Busy,
}

#[derive(Template)]
#[template(path = "security/password.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::OwnPassword,
    view: &'a ChangePassword<'a>,
    summary: Summary,
    password: Field,
    revoke: Checkbox,
}

impl View for ChangePassword<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::OwnPassword(frame.language);
        let (error, whole) = match self.problem {
            None => (None, None),
            Some(PasswordProblem::Empty) => (Some(words.enter()), None),
            Some(PasswordProblem::Refused(refused)) => (Some(refusal(refused, words)), None),
            Some(PasswordProblem::Busy) => (None, Some(words.busy())),
        };
        let password = Field::new_password("password", words.new_password())
            .hint(words.hint())
            .error(error);
        let mut summary = Summary::new(frame.language).field(&password);
        if let Some(problem) = whole {
            summary = summary.problem(problem);
        }
        let revoke = Checkbox::new("revoke_tokens", words.revoke())
            .ticked(self.revokes_tokens)
            .hint(words.revoke_hint());
        filled(&Page {
            layout: Layout::settings(frame, Entry::Security, words.title())
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            password,
            revoke,
        })
    }
}

fn refusal(refused: PasswordRefused, words: words::OwnPassword) -> Text {
    match refused {
        PasswordRefused::TooShort => words.too_short(PASSWORD_CHARACTERS),
        PasswordRefused::TooLong => words.too_long(PASSWORD_BYTES),
        PasswordRefused::Nul => words.nul(),
        PasswordRefused::Common => words.common(),
        PasswordRefused::Own => words.own(),
    }
}

/// What is said when a password was changed, and so many tokens were revoked with it where that was
/// asked for.
pub fn password_changed(language: Language, tokens: Option<u64>) -> String {
    let words = words::OwnPassword(language);
    let text = match tokens {
        None => words.status(),
        Some(count) => words.status_revoked(count),
    };
    text.plain()
}
