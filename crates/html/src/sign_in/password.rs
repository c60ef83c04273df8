//! Login and password.

use askama::Template;

use super::passkey::{PasskeyPurpose, PasskeyWay};
use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::stranger::Stranger;
use crate::view::{View, filled};
use crate::words;

/// The page that asks for login and password.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Fields that the form carries along, name and value: where to go on to.
    pub carried: &'a [(&'a str, &'a str)],
    /// The app that somebody wants to sign in to, if it is one.
    pub continue_to: Option<Stranger<'a>>,
    /// What was typed as the login, or is known.
    pub login: &'a str,
    /// The token of the form that asks for a passkey, which goes to `/login/passkey`; none where
    /// there are no passkeys.
    pub passkey_csrf: Option<&'a str>,
    /// Why the form comes again.
    pub problem: Option<SignInProblem>,
}

/// Why somebody is not signed in by what they sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInProblem {
    /// A field was left empty, or both were.
    Empty {
        /// The login was.
        login: bool,
        /// The password was.
        password: bool,
    },
    /// One of both is wrong; which one is not said.
    Wrong,
    /// Too many wrong ones came from the address.
    TooManyTries {
        /// Until the next is looked at, rounded up.
        minutes: u64,
    },
    /// The password was right and the account is suspended.
    Suspended,
    /// The passkey was not accepted.
    Passkey,
    /// Too many passkeys are being asked for from the address.
    PasskeysBusy,
}

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::SignIn,
    view: &'a SignIn<'a>,
    summary: Summary,
    login: Field,
    password: Field,
    passkey: Option<PasskeyWay<'a>>,
}

impl View for SignIn<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::SignIn(frame.language);
        let passkeys = words::Passkey(frame.language);
        let (mut login, mut password, mut whole) = (None, None, None);
        match self.problem {
            None => {}
            Some(SignInProblem::Empty {
                login: no_login,
                password: no_password,
            }) => {
                login = no_login.then(|| words.enter_login());
                password = no_password.then(|| words.enter_password());
            }
            Some(SignInProblem::Wrong) => login = Some(words.wrong()),
            Some(SignInProblem::TooManyTries { minutes }) => {
                whole = Some(words.too_many_tries(minutes));
            }
            Some(SignInProblem::Suspended) => whole = Some(words.suspended()),
            Some(SignInProblem::Passkey) => whole = Some(passkeys.refused()),
            Some(SignInProblem::PasskeysBusy) => whole = Some(passkeys.busy()),
        }
        let login = Field::login("login", words.login())
            .value(self.login)
            .error(login);
        let password = Field::password("password", words.password()).error(password);
        let mut summary = Summary::new(frame.language).field(&login).field(&password);
        if let Some(problem) = whole {
            summary = summary.problem(problem);
        }
        let passkey = self
            .passkey_csrf
            .map(|csrf| PasskeyWay::beside(frame, PasskeyPurpose::SignIn, csrf, self.carried));
        let mut layout = Layout::slim(frame, words.title());
        if passkey.is_some() {
            layout = layout.with_script(crate::assets::PASSKEY_JS);
        }
        filled(&Page {
            layout: layout.with_problems_of(&summary),
            words,
            view: self,
            summary,
            login,
            password,
            passkey,
        })
    }
}
