//! A fresh proof of who somebody is, before what protects the account changes.

use askama::Template;

use super::passkey::{PasskeyPurpose, PasskeyWay};
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
    /// By what.
    pub ways: ConfirmWays,
    /// The token of the form that asks for a passkey, which goes to `/login/confirm/passkey`; none
    /// for who has none that works here.
    pub passkey_csrf: Option<&'a str>,
    /// Why the form comes again.
    pub problem: Option<ConfirmProblem>,
}

/// By what somebody can prove anew who they are, besides passkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmWays {
    /// The password.
    Password,
    /// The password with a code of the authenticator app.
    PasswordAndCode,
    /// Nothing else: a second factor is on, and there is no app.
    PasskeyAlone,
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
    /// The passkey was not accepted.
    Passkey,
    /// Too many passkeys are being asked for from the address.
    PasskeysBusy,
}

#[derive(Template)]
#[template(path = "sign_in/confirm.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Confirm,
    view: &'a Confirm<'a>,
    summary: Summary,
    password: Option<Field>,
    code: Option<Field>,
    passkeys: words::Passkey,
    passkey: Option<PasskeyWay<'a>>,
}

impl View for Confirm<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Confirm(frame.language);
        let sign_in = words::SignIn(frame.language);
        let codes = words::Code(frame.language);
        let passkeys = words::Passkey(frame.language);
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
            Some(ConfirmProblem::Passkey) => whole = Some(passkeys.refused()),
            Some(ConfirmProblem::PasskeysBusy) => whole = Some(passkeys.busy()),
        }
        let password = (self.ways != ConfirmWays::PasskeyAlone)
            .then(|| Field::password("password", sign_in.password()).error(password));
        let code = (self.ways == ConfirmWays::PasswordAndCode)
            .then(|| Field::one_time_code("code", codes.code()).error(code));
        let mut summary = Summary::new(frame.language);
        for field in [&password, &code].into_iter().flatten() {
            summary = summary.field(field);
        }
        if let Some(problem) = whole {
            summary = summary.problem(problem);
        }
        let passkey = self.passkey_csrf.map(|csrf| {
            let way = PasskeyWay::beside(frame, PasskeyPurpose::Confirm, csrf, self.carried);
            match self.ways {
                ConfirmWays::PasskeyAlone => way.alone(),
                ConfirmWays::Password | ConfirmWays::PasswordAndCode => way,
            }
        });
        let mut layout = Layout::slim(frame, words.title());
        if passkey.is_some() {
            layout = layout.with_script(crate::assets::PASSKEY_JS);
        }
        filled(&Page {
            layout: layout.with_problems_of(&summary),
            words,
            view: self,
            summary,
            password,
            code,
            passkeys,
            passkey,
        })
    }
}
