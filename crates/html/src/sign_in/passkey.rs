//! The page on which a browser asks for a passkey, and how other pages lead to it.

use askama::Template;

use crate::frame::Frame;
use crate::layout::Layout;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// For how long browsers wait for a passkey, in milliseconds: as long as its challenge lives.
pub(crate) const TIMEOUT_MS: u32 = 300_000;

/// The page that has the browser ask for a passkey that somebody has. Its form is filled in and
/// sent by a script; nothing else can.
#[derive(Clone, Copy, Debug)]
pub struct UsePasskey<'a> {
    /// What it is for.
    pub purpose: PasskeyPurpose,
    /// The token of its form.
    pub csrf: &'a str,
    /// Fields that the form carries along, name and value.
    pub carried: &'a [(&'a str, &'a str)],
    /// The address of the page from which somebody came.
    pub back: &'a str,
    /// The challenge, in base64 of URLs.
    pub challenge: &'a str,
    /// The host that the passkey is for.
    pub rp_id: &'a str,
    /// Those that fit; none where any of this host does. Each is the id in base64 of URLs, and
    /// behind a colon the ways by which a browser reaches it, with commas between them.
    pub known: &'a [String],
    /// Whether the device must recognise the person, in the word of the specification.
    pub verification: &'static str,
}

/// What a passkey is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyPurpose {
    /// To sign in without a password; the form goes to `/login/passkey/answer`.
    SignIn,
    /// As the step after a password; the form goes to `/login/code/passkey/answer`.
    SecondStep,
    /// As a fresh proof; the form goes to `/login/confirm/passkey/answer`.
    Confirm,
}

impl PasskeyPurpose {
    fn action(self) -> &'static str {
        match self {
            Self::SignIn => "/login/passkey/answer",
            Self::SecondStep => "/login/code/passkey/answer",
            Self::Confirm => "/login/confirm/passkey/answer",
        }
    }
}

#[derive(Template)]
#[template(path = "passkeys/use.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Passkey,
    view: &'a UsePasskey<'a>,
    action: &'static str,
    known: String,
    timeout: u32,
    back: Text,
}

impl View for UsePasskey<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Passkey(frame.language);
        filled(&Page {
            layout: Layout::slim(frame, words.title()).with_script(crate::assets::PASSKEY_JS),
            words,
            view: self,
            action: self.purpose.action(),
            known: self.known.join(" "),
            timeout: TIMEOUT_MS,
            back: match self.purpose {
                PasskeyPurpose::SignIn | PasskeyPurpose::Confirm => words.use_password(),
                PasskeyPurpose::SecondStep => words.go_back(),
            },
        })
    }
}

/// The part of another page that leads to a passkey: a button where scripts run, and what is
/// missing where they do not.
#[derive(Template)]
#[template(path = "passkeys/way.html")]
pub(crate) struct PasskeyWay<'a> {
    words: words::Passkey,
    action: &'static str,
    csrf: &'a str,
    carried: &'a [(&'a str, &'a str)],
    label: Text,
    /// Whether there are others on the page.
    is_other: bool,
}

impl<'a> PasskeyWay<'a> {
    /// Beside another way to do the same.
    pub(crate) fn beside(
        frame: &Frame<'_>,
        purpose: PasskeyPurpose,
        csrf: &'a str,
        carried: &'a [(&'a str, &'a str)],
    ) -> Self {
        let words = words::Passkey(frame.language);
        Self {
            words,
            action: match purpose {
                PasskeyPurpose::SignIn => "/login/passkey",
                PasskeyPurpose::SecondStep => "/login/code/passkey",
                PasskeyPurpose::Confirm => "/login/confirm/passkey",
            },
            csrf,
            carried,
            label: match purpose {
                PasskeyPurpose::SignIn => words.sign_in(),
                PasskeyPurpose::SecondStep | PasskeyPurpose::Confirm => words.use_one(),
            },
            is_other: true,
        }
    }

    /// As the only one.
    pub(crate) fn alone(mut self) -> Self {
        self.is_other = false;
        self
    }
}

impl askama::filters::HtmlSafe for PasskeyWay<'_> {}
