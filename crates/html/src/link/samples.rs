//! Sample values for the tests of all pages.

use super::{
    AcceptInvitation, DeadLink, EmailProblem, Forgotten, ForgottenSent, LinkDone, LinkDoneWhat,
    LoginProblem, NewPassword, PasswordProblem, SetUp, UndoAddresses, VerifyAddress,
};
use crate::tests::Sample;

const CSRF: &str = "dG9rZW4";

pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = forms();
    samples.extend(without_fields());
    samples
}

fn forms() -> Vec<Sample> {
    let set_up = SetUp {
        csrf: CSRF,
        ..SetUp::default()
    };
    let invitation = AcceptInvitation {
        csrf: CSRF,
        login: "mina-park",
        maker: None,
        problem: None,
    };
    let reset = NewPassword {
        csrf: CSRF,
        login: "mina-park",
        revoke: false,
        problem: None,
    };
    vec![
        Sample::of_visitor("set-up", set_up),
        Sample::of_visitor(
            "set-up, refused",
            SetUp {
                login: "\"><b>",
                email: "mina",
                login_problem: Some(LoginProblem::Form),
                email_problem: Some(EmailProblem::Form),
                password_problem: Some(PasswordProblem::Short),
                ..set_up
            },
        ),
        Sample::of_visitor("invitation", invitation),
        Sample::of_visitor(
            "invitation, refused",
            AcceptInvitation {
                maker: Some("octocat"),
                problem: Some(PasswordProblem::Common),
                ..invitation
            },
        ),
        Sample::of_visitor("new-password", reset),
        Sample::of_visitor(
            "new-password, refused",
            NewPassword {
                revoke: true,
                problem: Some(PasswordProblem::Own),
                ..reset
            },
        ),
    ]
}

fn without_fields() -> Vec<Sample> {
    let verify = VerifyAddress {
        csrf: CSRF,
        login: "mina-park",
        address: "mina@example.org",
    };
    let undo = UndoAddresses {
        csrf: CSRF,
        address: "mina@example.org",
    };
    let forgotten = |csrf, is_empty| Forgotten { csrf, is_empty };
    let dead = |awaits_set_up| DeadLink { awaits_set_up };
    vec![
        Sample::of_visitor("verify-address", verify),
        Sample::of_visitor("undo-addresses", undo),
        Sample::of_visitor("dead-link", dead(false)),
        Sample::of_visitor("dead-link, before set-up", dead(true)),
        Sample::of_visitor("link-done, set-up", LinkDone(LinkDoneWhat::SetUp)),
        Sample::of_visitor("link-done", LinkDone(LinkDoneWhat::Password)),
        Sample::of_visitor("link-done, reset", LinkDone(LinkDoneWhat::Reset)),
        Sample::of_visitor("link-done, address", LinkDone(LinkDoneWhat::Address)),
        Sample::of_visitor("forgotten", forgotten(Some(CSRF), false)),
        Sample::of_visitor("forgotten, empty", forgotten(Some(CSRF), true)),
        Sample::of_visitor("forgotten, without mail", forgotten(None, false)),
        Sample::of_visitor("forgotten-sent", ForgottenSent { minutes: 60 }),
    ]
}
