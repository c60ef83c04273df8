//! Turning one-time codes on and off.

use askama::Template;
use counterfoil_domain::language::Language;
use counterfoil_domain::timestamp::Timestamp;

use super::overview::due_banner;
use super::place::SetUpPlace;
use super::qr::QrCode;
use crate::components::{Banner, Field, Secret, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::view::{View, filled};
use crate::words;

/// The page about one-time codes.
#[derive(Clone, Copy, Debug)]
pub struct TwoFactorPage<'a> {
    /// The token of the form that shows a new secret, which goes to
    /// `/settings/security/two-factor`.
    pub begin_csrf: &'a str,
    /// Whether codes are on.
    pub state: TwoFactorState,
    /// At what time they have to be, if they are off and required.
    pub due: Option<Timestamp>,
}

/// Whether one-time codes are on, and may be turned off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwoFactorState {
    /// They are off.
    Off,
    /// They are on, and the user may turn them off.
    On,
    /// They are on and required.
    Required,
}

#[derive(Template)]
#[template(path = "security/two_factor.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::TwoFactor,
    view: &'a TwoFactorPage<'a>,
    due: Option<Banner>,
    is_on: bool,
    is_required: bool,
}

impl View for TwoFactorPage<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::TwoFactor(frame.language);
        filled(&Page {
            layout: Layout::settings(frame, Entry::Security, words.title()),
            words,
            view: self,
            due: self.due.map(|at| due_banner(frame, at)),
            is_on: self.state != TwoFactorState::Off,
            is_required: self.state == TwoFactorState::Required,
        })
    }
}

/// A new secret, and the form for its first code.
#[derive(Clone, Copy)]
pub struct SetUpTwoFactor<'a> {
    /// Where the secret is shown.
    pub place: SetUpPlace,
    /// The token of its form.
    pub csrf: &'a str,
    /// The secret in base 32.
    pub secret: &'a str,
    /// The URL that an authenticator reads from the QR code.
    pub otpauth_url: &'a str,
    /// The login.
    pub login: &'a str,
    /// Why the form comes again.
    pub problem: Option<EnrolmentProblem>,
}

/// Why a secret was not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolmentProblem {
    /// No six digits were entered.
    NoDigits,
    /// They are none of the secret's.
    WrongCode,
    /// The secret waited too long; this is another one.
    Gone,
}

#[derive(Template)]
#[template(path = "security/set_up.html")]
struct SetUpPage<'a> {
    layout: Layout<'a>,
    summary: Summary,
    parts: SetUpParts<'a>,
}

#[derive(Template)]
#[template(path = "security/set_up_by_link.html")]
struct SetUpByLinkPage<'a> {
    layout: Layout<'a>,
    summary: Summary,
    parts: SetUpParts<'a>,
}

/// What both show.
struct SetUpParts<'a> {
    words: words::TwoFactor,
    view: &'a SetUpTwoFactor<'a>,
    action: &'static str,
    qr: Option<QrCode>,
    secret: Secret<'a>,
    code: Field,
}

impl View for SetUpTwoFactor<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::TwoFactor(frame.language);
        let error = self.problem.map(|problem| match problem {
            EnrolmentProblem::NoDigits => words.enter_digits(),
            EnrolmentProblem::WrongCode => words.wrong_code(),
            EnrolmentProblem::Gone => words.gone(),
        });
        let code = Field::one_time_code("code", words.code()).error(error);
        let summary = Summary::new(frame.language).field(&code);
        let parts = SetUpParts {
            words,
            view: self,
            action: match self.place {
                SetUpPlace::Security => "/settings/security/two-factor/confirm",
                SetUpPlace::Link => "/link",
            },
            qr: QrCode::of(self.otpauth_url),
            secret: Secret::new(frame.language, "secret", words.secret(), self.secret),
            code,
        };
        let layout = match self.place {
            SetUpPlace::Security => Layout::settings(frame, Entry::Security, words.set_up_title()),
            SetUpPlace::Link => Layout::flow(frame, words.set_up_title()),
        };
        let layout = layout
            .with_problems_of(&summary)
            .with_script(crate::assets::COPY_JS);
        match self.place {
            SetUpPlace::Security => filled(&SetUpPage {
                layout,
                summary,
                parts,
            }),
            SetUpPlace::Link => filled(&SetUpByLinkPage {
                layout,
                summary,
                parts,
            }),
        }
    }
}

/// The page that turns one-time codes off.
#[derive(Clone, Copy, Debug)]
pub struct TurnOffTwoFactor<'a> {
    /// The token of its form, which goes to `/settings/security/two-factor/off`.
    pub csrf: &'a str,
    /// Whether passkeys stay, and with them a second factor.
    pub has_passkeys: bool,
}

#[derive(Template)]
#[template(path = "security/turn_off.html")]
struct TurnOffPage<'a> {
    layout: Layout<'a>,
    words: words::TwoFactor,
    view: &'a TurnOffTwoFactor<'a>,
}

impl View for TurnOffTwoFactor<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::TwoFactor(frame.language);
        filled(&TurnOffPage {
            layout: Layout::settings(frame, Entry::Security, words.off_title()),
            words,
            view: self,
        })
    }
}

/// What is said when one-time codes are off, and passkeys stay or not.
pub fn two_factor_is_off(language: Language, has_passkeys: bool) -> String {
    let words = words::TwoFactor(language);
    let text = if has_passkeys {
        words.status_app_off()
    } else {
        words.status_off()
    };
    text.plain()
}
