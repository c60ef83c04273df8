//! A user is invited, and the link is shown where no mail is sent.

use askama::Template;
use counterfoil_domain::timestamp::Timestamp;

use super::LIST;
use crate::components::{Field, Secret, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// What was typed into the form.
#[derive(Clone, Debug, Default)]
pub struct InviteForm {
    /// The login.
    pub login: String,
    /// The e-mail address.
    pub email: String,
    /// What the user is called.
    pub name: String,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InviteProblems {
    /// With the login.
    pub login: Option<LoginProblem>,
    /// With the address.
    pub email: Option<EmailProblem>,
    /// Whether the name is too long, or none.
    pub name: bool,
    /// Whether too much mail waits.
    pub is_full: bool,
}

/// What is wrong with a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// It is none.
    None,
    /// Somebody has it, or had it.
    Taken,
    /// The user of this login has a password.
    HasPassword,
    /// The user of this login is suspended.
    Suspended,
}

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailProblem {
    /// It is none, or there is none, and the link is to be mailed.
    None,
    /// Another user has it.
    Taken,
}

/// The form by which somebody is invited.
#[derive(Clone, Copy, Debug)]
pub struct InviteUser<'a> {
    /// The token of the form.
    pub csrf: &'a str,
    /// What makes it count once.
    pub once: &'a str,
    /// What was typed.
    pub form: &'a InviteForm,
    /// What is wrong with it.
    pub problems: InviteProblems,
    /// Whether the link is mailed, rather than shown.
    pub is_mailed: bool,
}

/// A link that was just made, for an administrator to hand on. It does not print.
#[derive(Clone, Copy)]
pub struct MadeLink<'a> {
    /// For whom.
    pub login: &'a str,
    /// The link. A secret.
    pub url: &'a str,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// The form by which a link was made was sent before.
#[derive(Clone, Copy, Debug)]
pub struct LinkShownBefore;

#[derive(Template)]
#[template(path = "admin/users/invite.html")]
struct FormPage<'a> {
    layout: Layout<'a>,
    words: words::AdminUsers,
    view: &'a InviteUser<'a>,
    list: &'static str,
    summary: Summary,
    way: Text,
    login: Field,
    email: Field,
    name: Field,
    button: Text,
}

#[derive(Template)]
#[template(path = "admin/users/made_link.html")]
struct MadePage<'a> {
    layout: Layout<'a>,
    words: words::AdminUsers,
    title: Text,
    intro: Text,
    secret: Secret<'a>,
    until: Text,
    user: String,
}

#[derive(Template)]
#[template(path = "admin/users/shown_before.html")]
struct ShownBeforePage<'a> {
    layout: Layout<'a>,
    words: words::AdminUsers,
    list: &'static str,
}

impl View for InviteUser<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminUsers(frame.language);
        let (form, problems) = (self.form, self.problems);
        let login = Field::text("user", words.login())
            .hint(words.login_hint())
            .value(&form.login)
            .error(problems.login.map(|problem| match problem {
                LoginProblem::None => words.enter_login(),
                LoginProblem::Taken => words.login_taken(),
                LoginProblem::HasPassword => words.login_has_password(),
                LoginProblem::Suspended => words.login_suspended(),
            }));
        let hint = if self.is_mailed {
            words.email_hint_mailed()
        } else {
            words.email_hint()
        };
        let email = Field::email("email", words.address())
            .of_somebody_else()
            .hint(hint)
            .value(&form.email)
            .error(problems.email.map(|problem| match problem {
                EmailProblem::None => words.enter_email(),
                EmailProblem::Taken => words.email_taken(),
            }));
        let name = Field::text("name", words.name())
            .hint(words.name_hint())
            .value(&form.name)
            .error(problems.name.then(|| words.enter_name()));
        let mut summary = Summary::new(frame.language)
            .field(&login)
            .field(&email)
            .field(&name);
        if problems.is_full {
            summary = summary.problem(words.outbox_full());
        }
        let (way, button) = if self.is_mailed {
            (words.new_link_is_mailed(), words.invite_user())
        } else {
            (words.new_link_is_shown(), words.invite_and_show())
        };
        filled(&FormPage {
            layout: Layout::administration(frame, Entry::Users, words.invite_user())
                .with_problems_of(&summary),
            words,
            view: self,
            list: LIST,
            summary,
            way,
            login,
            email,
            name,
            button,
        })
    }
}

impl View for MadeLink<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminUsers(frame.language);
        let title = words.made_title(self.login);
        let layout = Layout::administration(frame, Entry::Users, title.clone());
        filled(&MadePage {
            layout: layout.with_script(crate::assets::COPY_JS),
            words,
            title,
            intro: words.made_intro(self.login),
            secret: Secret::new(frame.language, "link", words.link(), self.url),
            until: words.made_until(frame.date_and_time(self.expires_at)),
            user: format!("{LIST}/{}", self.login),
        })
    }
}

impl View for LinkShownBefore {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminUsers(frame.language);
        filled(&ShownBeforePage {
            layout: Layout::administration(frame, Entry::Users, words.shown_before()),
            words,
            list: LIST,
        })
    }
}
