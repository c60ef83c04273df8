//! Sample values for the tests of all pages.

use super::{
    Code, CodeProblem, Confirm, ConfirmProblem, RecoveryCode, SignIn, SignInProblem, SignOut,
};
use crate::stranger::Stranger;
use crate::tests::Sample;

/// What a path to go on to may hold.
const CARRIED: &[(&str, &str)] = &[("return_to", "/login/oauth/authorize?a=1&scope=\"<b>\"")];

pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = passwords();
    samples.extend(codes());
    samples.extend(confirmations());
    samples.push(Sample::of_visitor(
        "sign-out",
        SignOut {
            csrf: "dG9rZW4",
            login: "mina-park",
        },
    ));
    samples
}

fn passwords() -> Vec<Sample> {
    let sign_in = SignIn {
        csrf: "dG9rZW4",
        carried: &[],
        continue_to: None,
        login: "",
        problem: None,
    };
    let to_an_app = SignIn {
        carried: CARRIED,
        continue_to: Some(Stranger("Grafana <b>")),
        ..sign_in
    };
    let refused = |problem| SignIn {
        login: "\"><b>",
        problem: Some(problem),
        ..sign_in
    };
    let empty = SignInProblem::Empty {
        login: true,
        password: true,
    };
    let locked = SignInProblem::TooManyTries { minutes: 1 };
    vec![
        Sample::of_visitor("sign-in", sign_in),
        Sample::of_visitor("sign-in, to an app", to_an_app),
        Sample::of_visitor("sign-in, empty", refused(empty)),
        Sample::of_visitor("sign-in, wrong", refused(SignInProblem::Wrong)),
        Sample::of_visitor("sign-in, locked", refused(locked)),
        Sample::of_visitor("sign-in, suspended", refused(SignInProblem::Suspended)),
    ]
}

fn codes() -> Vec<Sample> {
    let code = |problem| Code {
        csrf: "dG9rZW4",
        carried: CARRIED,
        other: "/login/recovery?return_to=%2F&a=b",
        problem,
    };
    let recovery = |problem| RecoveryCode {
        csrf: "dG9rZW4",
        carried: &[],
        other: "/login/code",
        problem,
    };
    let locked = CodeProblem::TooManyTries { minutes: 20 };
    vec![
        Sample::of_visitor("code", code(None)),
        Sample::of_visitor("code, empty", code(Some(CodeProblem::Empty))),
        Sample::of_visitor("code, wrong", code(Some(CodeProblem::Wrong))),
        Sample::of_visitor("code, locked", code(Some(locked))),
        Sample::of_visitor("recovery", recovery(None)),
        Sample::of_visitor("recovery, empty", recovery(Some(CodeProblem::Empty))),
        Sample::of_visitor("recovery, wrong", recovery(Some(CodeProblem::Wrong))),
    ]
}

fn confirmations() -> Vec<Sample> {
    let confirm = |wants_code, problem| Confirm {
        csrf: "dG9rZW4",
        carried: CARRIED,
        login: "mina-park",
        wants_code,
        problem,
    };
    let empty = ConfirmProblem::Empty {
        password: true,
        code: true,
    };
    let locked = ConfirmProblem::TooManyTries { minutes: 2 };
    let wrong_code = ConfirmProblem::WrongCode;
    vec![
        Sample::of_visitor("confirm", confirm(false, None)),
        Sample::of_visitor("confirm, with a code", confirm(true, None)),
        Sample::of_visitor("confirm, empty", confirm(true, Some(empty))),
        Sample::of_visitor(
            "confirm, wrong password",
            confirm(false, Some(ConfirmProblem::WrongPassword)),
        ),
        Sample::of_visitor("confirm, wrong code", confirm(true, Some(wrong_code))),
        Sample::of_visitor("confirm, locked", confirm(false, Some(locked))),
    ]
}
