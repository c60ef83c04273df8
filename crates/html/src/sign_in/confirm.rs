//! A fresh proof of who somebody is, before what protects the account changes.

use askama::Template;

use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::view::{View, filled};
use crate::words;

/// The page that asks somebody who is signed in for the password, and for a code if there are two
/// factors.
#[derive(Clone, Copy, Debug)]
pub struct Confirm<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Fields that the form carries along, name and value: where to go on to, or what was typed.
    pub carried: &'a [(&'a str, &'a str)],
    /// Who is signed in.
    pub login: &'a str,
    /// Whether a code is wanted too.
    pub wants_code: bool,
    /// Why the form comes again.
    pub problem: Option<ConfirmProblem>,
}

/// Why the proof was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmProblem {
    /// A field was left empty, or both were.
    Empty {
        /// The password was.
        password: bool,
        /// The code was.
        code: bool,
    },
    /// The password is wrong.
    WrongPassword,
    /// The code is wrong, or was used already.
    WrongCode,
    /// Too many wrong ones came from the address.
    TooManyTries {
        /// Until the next is looked at, rounded up.
        minutes: u64,
    },
}

#[derive(Template)]
#[template(path = "sign_in/confirm.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Confirm,
    view: &'a Confirm<'a>,
    summary: Summary,
    password: Field,
    code: Option<Field>,
}

impl View for Confirm<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Confirm(frame.language);
        let sign_in = words::SignIn(frame.language);
        let codes = words::Code(frame.language);
        let (mut password, mut code, mut whole) = (None, None, None);
        match self.problem {
            None => {}
            Some(ConfirmProblem::Empty {
                password: no_password,
                code: no_code,
            }) => {
                password = no_password.then(|| sign_in.enter_password());
                code = no_code.then(|| codes.enter_digits());
            }
            Some(ConfirmProblem::WrongPassword) => password = Some(words.wrong()),
            Some(ConfirmProblem::WrongCode) => code = Some(codes.wrong()),
            Some(ConfirmProblem::TooManyTries { minutes }) => {
                whole = Some(sign_in.too_many_tries(minutes));
            }
        }
        let password = Field::password("password", sign_in.password()).error(password);
        let code = self
            .wants_code
            .then(|| Field::one_time_code("code", codes.code()).error(code));
        let mut summary = Summary::new(frame.language).field(&password);
        if let Some(code) = &code {
            summary = summary.field(code);
        }
        if let Some(problem) = whole {
            summary = summary.problem(problem);
        }
        filled(&Page {
            layout: Layout::slim(frame, words.title()).with_problems_of(&summary),
            words,
            view: self,
            summary,
            password,
            code,
        })
    }
}
