//! What a link is for, as a form.

use askama::Template;

use crate::components::{Checkbox, Field, Summary};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// Where all of these forms are sent to.
const ACTION: &str = "/link";

/// What is wrong with a login that somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// None was typed.
    Empty,
    /// It has not the form of one.
    Form,
    /// It was given before.
    Taken,
}

/// What is wrong with an address that somebody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailProblem {
    /// It has not the form of one, or none was typed.
    Form,
    /// Somebody else has it.
    Taken,
}

/// What is wrong with a password that somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// None was typed.
    Empty,
    /// It is too short.
    Short,
    /// It is too long, or holds what no password may.
    Long,
    /// Many people chose it.
    Common,
    /// It is made of what is known of its owner.
    Own,
}

/// Making the first administrator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetUp<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What was typed as the login.
    pub login: &'a str,
    /// What was typed as the address.
    pub email: &'a str,
    /// What is wrong with the login.
    pub login_problem: Option<LoginProblem>,
    /// What is wrong with the address.
    pub email_problem: Option<EmailProblem>,
    /// What is wrong with the password.
    pub password_problem: Option<PasswordProblem>,
}

/// Choosing the first password of an account that somebody else made.
#[derive(Clone, Copy, Debug)]
pub struct AcceptInvitation<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The login of the account.
    pub login: &'a str,
    /// The login of whoever invited, if it was a user.
    pub maker: Option<&'a str>,
    /// What is wrong with the password.
    pub problem: Option<PasswordProblem>,
}

/// Choosing another password.
#[derive(Clone, Copy, Debug)]
pub struct NewPassword<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The login of the account.
    pub login: &'a str,
    /// Whether tokens are to end, too.
    pub revoke: bool,
    /// What is wrong with the password.
    pub problem: Option<PasswordProblem>,
}

/// Showing that an address is one's own.
#[derive(Clone, Copy, Debug)]
pub struct VerifyAddress<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The login of the account.
    pub login: &'a str,
    /// The address.
    pub address: &'a str,
}

/// Taking back a change of addresses.
#[derive(Clone, Copy, Debug)]
pub struct UndoAddresses<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The address that comes back.
    pub address: &'a str,
}

/// A link that does nothing.
#[derive(Clone, Copy, Debug)]
pub struct DeadLink {
    /// Whether the installation waits for its first administrator: another set-up link is where the
    /// operator looks.
    pub awaits_set_up: bool,
}

/// What a link did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkDoneWhat {
    /// It made the first administrator.
    SetUp,
    /// It set the first password.
    Password,
    /// It set another password. Second factors stay as they were.
    Reset,
    /// It verified an address.
    Address,
}

/// The page after a link did what it is for.
#[derive(Clone, Copy, Debug)]
pub struct LinkDone(pub LinkDoneWhat);

#[derive(Template)]
#[template(path = "link/form.html")]
struct Form<'a> {
    layout: Layout<'a>,
    action: &'static str,
    csrf: &'a str,
    title: Text,
    says: Text,
    submit: Text,
    summary: Summary,
    /// Whose password it is, for programs that keep passwords.
    username: Option<&'a str>,
    fields: Vec<Field>,
    checkbox: Option<Checkbox>,
}

#[derive(Template)]
#[template(path = "link/said.html")]
pub(super) struct Said<'a> {
    pub(super) layout: Layout<'a>,
    pub(super) title: Text,
    pub(super) says: Text,
    /// Where to go on to.
    pub(super) next: Option<(&'static str, Text)>,
}

impl View for SetUp<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        let login = Field::login("login", words.login())
            .hint(words.login_hint())
            .longest(39)
            .value(self.login)
            .error(self.login_problem.map(|problem| match problem {
                LoginProblem::Empty => words.enter_login(),
                LoginProblem::Form => words.login_form(),
                LoginProblem::Taken => words.login_taken(),
            }));
        let email = Field::email("email", words.email())
            .value(self.email)
            .error(self.email_problem.map(|problem| match problem {
                EmailProblem::Form => words.enter_email(),
                EmailProblem::Taken => words.email_taken(),
            }));
        let fields = vec![login, email, password(words, self.password_problem)];
        filled(&form(
            frame,
            self.csrf,
            words.set_up_title(),
            words.set_up(),
            fields,
        ))
    }
}

impl View for AcceptInvitation<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        let says = match self.maker {
            Some(maker) => words.invitation_from(self.login, maker),
            None => words.invitation(self.login),
        };
        let fields = vec![password(words, self.problem)];
        let mut form = form(frame, self.csrf, words.invitation_title(), says, fields);
        form.username = Some(self.login);
        filled(&form)
    }
}

impl View for NewPassword<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        let fields = vec![password(words, self.problem)];
        let says = words.reset(self.login);
        let mut form = form(frame, self.csrf, words.reset_title(), says, fields);
        form.username = Some(self.login);
        form.checkbox = Some(Checkbox::new("revoke", words.revoke()).ticked(self.revoke));
        filled(&form)
    }
}

impl View for VerifyAddress<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        let says = words.address(self.address, self.login);
        let mut form = form(frame, self.csrf, words.address_title(), says, Vec::new());
        form.submit = words.verify();
        filled(&form)
    }
}

impl View for UndoAddresses<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        let says = words.undo(self.address);
        let mut form = form(frame, self.csrf, words.undo_title(), says, Vec::new());
        form.submit = words.undo_submit();
        filled(&form)
    }
}

impl View for DeadLink {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        let says = if self.awaits_set_up {
            words.dead_set_up()
        } else {
            words.dead()
        };
        filled(&Said {
            layout: Layout::slim(frame, words.dead_title()),
            title: words.dead_title(),
            says,
            next: None,
        })
    }
}

impl View for LinkDone {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        let says = match self.0 {
            LinkDoneWhat::SetUp => words.done_set_up(),
            LinkDoneWhat::Password => words.done_password(),
            LinkDoneWhat::Reset => words.done_reset(),
            LinkDoneWhat::Address => words.done_address(),
        };
        filled(&Said {
            layout: Layout::slim(frame, words.done_title()),
            title: words.done_title(),
            says,
            next: Some(("/login", words.sign_in())),
        })
    }
}

fn password(words: words::Link, problem: Option<PasswordProblem>) -> Field {
    let error = problem.map(|problem| match problem {
        PasswordProblem::Empty => words.enter_password(),
        PasswordProblem::Short => words.password_short(),
        PasswordProblem::Long => words.password_long(),
        PasswordProblem::Common => words.password_common(),
        PasswordProblem::Own => words.password_own(),
    });
    Field::new_password("password", words.password())
        .hint(words.password_hint())
        .error(error)
}

fn form<'a>(
    frame: &'a Frame<'_>,
    csrf: &'a str,
    title: Text,
    says: Text,
    fields: Vec<Field>,
) -> Form<'a> {
    let mut summary = Summary::new(frame.language);
    for field in &fields {
        summary = summary.field(field);
    }
    Form {
        layout: Layout::slim(frame, title.clone()).with_problems_of(&summary),
        action: ACTION,
        csrf,
        title,
        says,
        submit: words::Link(frame.language).save(),
        summary,
        username: None,
        fields,
        checkbox: None,
    }
}
