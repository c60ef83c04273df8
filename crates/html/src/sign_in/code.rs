//! The second step: a code of the authenticator app, or a recovery code.

use askama::Template;
use counterfoil_domain::language::Language;

use super::passkey::{PasskeyPurpose, PasskeyWay};
use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::text::Text;
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
    /// The token of the form that asks for a passkey, which goes to `/login/code/passkey`; none for
    /// who has none that works here.
    pub passkey_csrf: Option<&'a str>,
    /// Why the form comes again.
    pub problem: Option<CodeProblem>,
}

/// The page that asks for a passkey, for who has no authenticator app.
#[derive(Clone, Copy, Debug)]
pub struct SecondPasskey<'a> {
    /// The token of the form that asks for one, which goes to `/login/code/passkey`; none where
    /// none works.
    pub csrf: Option<&'a str>,
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
    /// Whether there is an app, and not passkeys alone.
    pub has_app: bool,
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
    /// The passkey was not accepted.
    Passkey,
    /// Too many passkeys are being asked for from the address.
    PasskeysBusy,
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
    other_way: Text,
    passkey: Option<PasskeyWay<'a>>,
}

#[derive(Template)]
#[template(path = "sign_in/second_passkey.html")]
struct PasskeyPage<'a> {
    layout: Layout<'a>,
    words: words::Passkey,
    summary: Summary,
    passkey: Option<PasskeyWay<'a>>,
    other: &'a str,
    other_way: Text,
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
        let summary = summary(frame, Some(&code), self.problem);
        let passkey = self
            .passkey_csrf
            .map(|csrf| PasskeyWay::beside(frame, PasskeyPurpose::SecondStep, csrf, self.carried));
        let mut layout = Layout::slim(frame, words.title());
        if passkey.is_some() {
            layout = layout.with_script(crate::assets::PASSKEY_JS);
        }
        filled(&Page {
            layout: layout.with_problems_of(&summary),
            words,
            csrf: self.csrf,
            carried: self.carried,
            other: self.other,
            is_recovery: false,
            summary,
            code,
            other_way: words.use_recovery(),
            passkey,
        })
    }
}

impl View for SecondPasskey<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Passkey(frame.language);
        let summary = summary(frame, None, self.problem);
        filled(&PasskeyPage {
            layout: Layout::slim(frame, words.second_title())
                .with_script(crate::assets::PASSKEY_JS)
                .with_problems_of(&summary),
            words,
            summary,
            passkey: self.csrf.map(|csrf| {
                PasskeyWay::beside(frame, PasskeyPurpose::SecondStep, csrf, self.carried).alone()
            }),
            other: self.other,
            other_way: words::Code(frame.language).use_recovery(),
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
        let summary = summary(frame, Some(&code), self.problem);
        filled(&Page {
            layout: Layout::slim(frame, words.title_recovery()).with_problems_of(&summary),
            words,
            csrf: self.csrf,
            carried: self.carried,
            other: self.other,
            is_recovery: true,
            summary,
            code,
            other_way: if self.has_app {
                words.use_app()
            } else {
                words::Passkey(frame.language).use_one()
            },
            passkey: None,
        })
    }
}

fn summary(frame: &Frame<'_>, code: Option<&Field>, problem: Option<CodeProblem>) -> Summary {
    let mut summary = Summary::new(frame.language);
    if let Some(code) = code {
        summary = summary.field(code);
    }
    let passkeys = words::Passkey(frame.language);
    match problem {
        Some(CodeProblem::Passkey) => summary.problem(passkeys.refused()),
        Some(CodeProblem::PasskeysBusy) => summary.problem(passkeys.busy()),
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
