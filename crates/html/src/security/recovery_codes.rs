//! Recovery codes, shown once, and other ones in their place.

use askama::Template;
use counterfoil_domain::language::Language;

use crate::components::{Checkbox, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// Recovery codes that were just made. They are part of the form: the button that saves them sends
/// them back, so that nothing has to keep them.
#[derive(Clone, Copy)]
pub struct RecoveryCodes<'a> {
    /// The token of the form that is sent when they are saved, which goes to
    /// `/settings/security/recovery-codes/saved`.
    pub saved_csrf: &'a str,
    /// The token of the form that answers with a file, which goes to
    /// `/settings/security/recovery-codes/file`.
    pub file_csrf: &'a str,
    /// The codes as they are shown.
    pub codes: &'a [&'a str],
    /// Why the form comes again.
    pub problem: Option<RecoveryCodesProblem>,
}

/// Why codes are not taken for saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryCodesProblem {
    /// The box was not ticked.
    NotTicked,
}

#[derive(Template)]
#[template(path = "security/codes.html")]
struct CodesPage<'a> {
    layout: Layout<'a>,
    words: words::TwoFactor,
    view: &'a RecoveryCodes<'a>,
    summary: Summary,
    /// Whose codes they are and where, for whoever finds them on paper.
    whose: Option<Text>,
    saved: Checkbox,
    all: String,
}

impl View for RecoveryCodes<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::TwoFactor(frame.language);
        let error = self
            .problem
            .map(|RecoveryCodesProblem::NotTicked| words.tick());
        let mut summary = Summary::new(frame.language);
        if let Some(problem) = error.clone() {
            summary = summary.problem_of("saved", problem);
        }
        filled(&CodesPage {
            layout: Layout::settings(frame, Entry::Security, words.codes_title())
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            whose: frame
                .signed_in
                .map(|person| words.codes_of(frame.host, person.login)),
            saved: Checkbox::new("saved", words.saved()).error(error),
            all: self.codes.join(" "),
        })
    }
}

/// The page that makes other recovery codes.
#[derive(Clone, Copy, Debug)]
pub struct NewRecoveryCodes<'a> {
    /// The token of its form, which goes to `/settings/security/recovery-codes`.
    pub csrf: &'a str,
    /// What makes the form count once.
    pub once: &'a str,
    /// How many are left.
    pub left: u64,
    /// What became of a form that showed something once.
    pub problem: Option<NewRecoveryCodesProblem>,
}

/// Why the page comes in place of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewRecoveryCodesProblem {
    /// They were shown before.
    ShownBefore,
    /// They are not in use any more.
    Gone,
}

#[derive(Template)]
#[template(path = "security/new_codes.html")]
struct NewCodesPage<'a> {
    layout: Layout<'a>,
    words: words::TwoFactor,
    view: &'a NewRecoveryCodes<'a>,
    summary: Summary,
    left: Text,
}

impl View for NewRecoveryCodes<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::TwoFactor(frame.language);
        let mut summary = Summary::new(frame.language);
        match self.problem {
            None => {}
            Some(NewRecoveryCodesProblem::ShownBefore) => {
                summary = summary.problem(words.shown_before());
            }
            Some(NewRecoveryCodesProblem::Gone) => summary = summary.problem(words.codes_gone()),
        }
        filled(&NewCodesPage {
            layout: Layout::settings(frame, Entry::Security, words.new_title())
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            left: words.codes_left(self.left),
        })
    }
}

/// What is said when codes were saved.
pub fn recovery_codes_saved(language: Language) -> String {
    words::TwoFactor(language).status_saved().plain()
}

/// Recovery codes as the text of a file, a line each.
pub fn recovery_codes_file(codes: &[&str]) -> String {
    codes.iter().flat_map(|code| [*code, "\n"]).collect()
}
