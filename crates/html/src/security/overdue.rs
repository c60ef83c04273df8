//! What somebody sees who should have a second factor by now, and the way to one by a link.

use askama::Template;
use counterfoil_domain::language::Language;
use counterfoil_domain::timestamp::Timestamp;

use super::passkeys::{PasskeyProblem, name_and_summary};
use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// What somebody sees in place of every page who should have a second factor by now.
#[derive(Clone, Copy, Debug)]
pub struct SecondFactorOverdue<'a> {
    /// Since when.
    pub since: Timestamp,
    /// The token of the form that has a link mailed, which goes to `/login/enrolment`; none where
    /// no mail is sent.
    pub ask_csrf: Option<&'a str>,
    /// The token of the form that signs out.
    pub sign_out_csrf: &'a str,
}

#[derive(Template)]
#[template(path = "security/overdue.html")]
struct OverduePage<'a> {
    layout: Layout<'a>,
    words: words::TwoFactor,
    about: Text,
    way: Text,
    view: &'a SecondFactorOverdue<'a>,
}

impl View for SecondFactorOverdue<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::TwoFactor(frame.language);
        filled(&OverduePage {
            layout: Layout::flow(frame, words.overdue_title()),
            words,
            about: words.overdue_about(frame.date_and_time(self.since)),
            way: if self.ask_csrf.is_some() {
                words.overdue_link()
            } else {
                words.overdue_ask()
            },
            view: self,
        })
    }
}

/// The page of a link by which its owner, who is signed in, sets a second factor up: an
/// authenticator app, or a passkey.
#[derive(Clone, Copy, Debug)]
pub struct EnrolByLink<'a> {
    /// The token of its forms, which go to `/link`.
    pub csrf: &'a str,
    /// The login.
    pub login: &'a str,
    /// Whether passkeys are made where this page is.
    pub offers_passkeys: bool,
    /// What was typed as the name of a passkey.
    pub name: &'a str,
    /// Why the form of a passkey comes again.
    pub problem: Option<PasskeyProblem>,
}

#[derive(Template)]
#[template(path = "security/by_link.html")]
struct ByLinkPage<'a> {
    layout: Layout<'a>,
    words: words::TwoFactor,
    passkey_words: words::Passkey,
    passkeys_words: words::Passkeys,
    view: &'a EnrolByLink<'a>,
    summary: Summary,
    name: Field,
}

impl View for EnrolByLink<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::TwoFactor(frame.language);
        let (name, summary) = name_and_summary(self.name, self.problem, frame);
        filled(&ByLinkPage {
            layout: Layout::flow(frame, words.by_link_title())
                .with_script(crate::assets::PASSKEY_JS)
                .with_problems_of(&summary),
            words,
            passkey_words: words::Passkey(frame.language),
            passkeys_words: words::Passkeys(frame.language),
            view: self,
            summary,
            name,
        })
    }
}

/// The page of such a link where somebody else is signed in.
#[derive(Clone, Copy, Debug)]
pub struct EnrolAsAnother<'a> {
    /// The token of the form that signs out.
    pub sign_out_csrf: &'a str,
    /// The login of who is signed in.
    pub login: &'a str,
    /// The login that the link is for.
    pub owner: &'a str,
}

#[derive(Template)]
#[template(path = "security/as_another.html")]
struct AsAnotherPage<'a> {
    layout: Layout<'a>,
    words: words::TwoFactor,
    view: &'a EnrolAsAnother<'a>,
}

impl View for EnrolAsAnother<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::TwoFactor(frame.language);
        filled(&AsAnotherPage {
            layout: Layout::flow(frame, words.by_link_title()),
            words,
            view: self,
        })
    }
}

/// What is said after a link was asked for, whether it is mailed or not.
pub fn enrolment_asked(language: Language, minutes: u64) -> String {
    words::TwoFactor(language).link_asked(minutes).plain()
}
