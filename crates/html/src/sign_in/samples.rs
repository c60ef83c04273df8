//! Sample values for the tests of all pages.

use super::{SignIn, SignInProblem};
use crate::stranger::Stranger;
use crate::tests::Sample;

pub(crate) fn samples() -> Vec<Sample> {
    let sign_in = SignIn {
        csrf: "dG9rZW4",
        return_to: None,
        continue_to: None,
        login: "",
        problem: None,
    };
    vec![
        Sample::of_visitor("sign-in", sign_in),
        Sample::of_visitor(
            "sign-in, to an app",
            SignIn {
                return_to: Some("/login/oauth/authorize?client_id=a&scope=\"repo\""),
                continue_to: Some(Stranger("Grafana <b>")),
                ..sign_in
            },
        ),
        Sample::of_visitor(
            "sign-in, empty",
            SignIn {
                problem: Some(SignInProblem::Empty {
                    login: true,
                    password: true,
                }),
                ..sign_in
            },
        ),
        Sample::of_visitor(
            "sign-in, wrong",
            SignIn {
                login: "\"><b>",
                problem: Some(SignInProblem::Wrong),
                ..sign_in
            },
        ),
        Sample::of_visitor(
            "sign-in, locked",
            SignIn {
                login: "mina-park",
                problem: Some(SignInProblem::TooManyTries { minutes: 1 }),
                ..sign_in
            },
        ),
        Sample::of_visitor(
            "sign-in, suspended",
            SignIn {
                login: "mina-park",
                problem: Some(SignInProblem::Suspended),
                ..sign_in
            },
        ),
    ]
}
