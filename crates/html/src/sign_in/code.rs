//! The second step: a code of the authenticator app, or a recovery code.

use askama::Template;
use counterfoil_domain::language::Language;

use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::view::{View, filled};
use crate::words;

/// The page that asks for a code of the authenticator app.
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Fields that the form carries along, name and value.
    pub carried: &'a [(&'a str, &'a str)],
    /// The address of the page for recovery codes, with what that is to carry along.
    pub other: &'a str,
    /// Why the form comes again.
    pub problem: Option<CodeProblem>,
}

/// The page that asks for a recovery code.
#[derive(Clone, Copy, Debug)]
pub struct RecoveryCode<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Fields that the form carries along, name and value.
    pub carried: &'a [(&'a str, &'a str)],
    /// The address of the page for codes of the app, with what that is to carry along.
    pub other: &'a str,
    /// Why the form comes again.
    pub problem: Option<CodeProblem>,
}

/// Why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// There was none.
    Empty,
    /// It is wrong, or was used already.
    Wrong,
    /// Too many wrong ones came from the address.
    TooManyTries {
        /// Until the next is looked at, rounded up.
        minutes: u64,
    },
}

#[derive(Template)]
#[template(path = "sign_in/code.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Code,
    csrf: &'a str,
    carried: &'a [(&'a str, &'a str)],
    other: &'a str,
    is_recovery: bool,
    summary: Summary,
    code: Field,
}

impl View for Code<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Code(frame.language);
        let error = match self.problem {
            Some(CodeProblem::Empty) => Some(words.enter_digits()),
            Some(CodeProblem::Wrong) => Some(words.wrong()),
            _ => None,
        };
        let code = Field::one_time_code("code", words.code()).error(error);
        let summary = summary(frame, &code, self.problem);
        filled(&Page {
            layout: Layout::slim(frame, words.title()).with_problems_of(&summary),
            words,
            csrf: self.csrf,
            carried: self.carried,
            other: self.other,
            is_recovery: false,
            summary,
            code,
        })
    }
}

impl View for RecoveryCode<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Code(frame.language);
        let error = match self.problem {
            Some(CodeProblem::Empty) => Some(words.enter_recovery()),
            Some(CodeProblem::Wrong) => Some(words.wrong_recovery()),
            _ => None,
        };
        let code = Field::recovery_code("code", words.recovery())
            .hint(words.recovery_hint())
            .error(error);
        let summary = summary(frame, &code, self.problem);
        filled(&Page {
            layout: Layout::slim(frame, words.title_recovery()).with_problems_of(&summary),
            words,
            csrf: self.csrf,
            carried: self.carried,
            other: self.other,
            is_recovery: true,
            summary,
            code,
        })
    }
}

fn summary(frame: &Frame<'_>, code: &Field, problem: Option<CodeProblem>) -> Summary {
    let summary = Summary::new(frame.language).field(code);
    match problem {
        Some(CodeProblem::TooManyTries { minutes }) => {
            summary.problem(words::SignIn(frame.language).too_many_tries(minutes))
        }
        _ => summary,
    }
}

/// What somebody is told who has used a recovery code.
pub fn recovery_codes_left(language: Language, count: u64) -> String {
    words::Code(language).left(count).plain()
}
