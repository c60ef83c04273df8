//! Sample values for the tests of all pages.

use super::{
    Code, CodeProblem, Confirm, ConfirmProblem, ConfirmWays, PasskeyPurpose, RecoveryCode,
    SecondPasskey, SignIn, SignInProblem, SignOut, UsePasskey,
};
use crate::stranger::Stranger;
use crate::tests::Sample;

/// What a path to go on to may hold.
const CARRIED: &[(&str, &str)] = &[("return_to", "/login/oauth/authorize?a=1&scope=\"<b>\"")];

pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = passwords();
    samples.extend(codes());
    samples.extend(confirmations());
    samples.extend(passkeys());
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
        passkey_csrf: Some("cGFzc2tleQ"),
        problem: None,
    };
    let without_passkeys = SignIn {
        passkey_csrf: None,
        ..sign_in
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
        Sample::of_visitor("sign-in, without passkeys", without_passkeys),
        Sample::of_visitor("sign-in, wrong passkey", refused(SignInProblem::Passkey)),
        Sample::of_visitor("sign-in, busy", refused(SignInProblem::PasskeysBusy)),
    ]
}

fn codes() -> Vec<Sample> {
    let code = |problem| Code {
        csrf: "dG9rZW4",
        carried: CARRIED,
        other: "/login/recovery?return_to=%2F&a=b",
        passkey_csrf: None,
        problem,
    };
    let or_passkey = |problem| Code {
        passkey_csrf: Some("cGFzc2tleQ"),
        ..code(problem)
    };
    let passkey = |csrf, problem| SecondPasskey {
        csrf,
        carried: CARRIED,
        other: "/login/recovery?return_to=%2F&a=b",
        problem,
    };
    let recovery = |problem| RecoveryCode {
        csrf: "dG9rZW4",
        carried: &[],
        other: "/login/code",
        has_app: true,
        problem,
    };
    let locked = CodeProblem::TooManyTries { minutes: 20 };
    let refused = CodeProblem::Passkey;
    let busy = CodeProblem::PasskeysBusy;
    vec![
        Sample::of_visitor("code", code(None)),
        Sample::of_visitor("code, empty", code(Some(CodeProblem::Empty))),
        Sample::of_visitor("code, wrong", code(Some(CodeProblem::Wrong))),
        Sample::of_visitor("code, locked", code(Some(locked))),
        Sample::of_visitor("recovery", recovery(None)),
        Sample::of_visitor("recovery, empty", recovery(Some(CodeProblem::Empty))),
        Sample::of_visitor("recovery, wrong", recovery(Some(CodeProblem::Wrong))),
        Sample::of_visitor(
            "recovery, without an app",
            RecoveryCode {
                has_app: false,
                ..recovery(None)
            },
        ),
        Sample::of_visitor("code, or a passkey", or_passkey(None)),
        Sample::of_visitor("code, wrong passkey", or_passkey(Some(refused))),
        Sample::of_visitor("second passkey", passkey(Some("cGFzc2tleQ"), None)),
        Sample::of_visitor(
            "second passkey, refused",
            passkey(Some("cGFzc2tleQ"), Some(refused)),
        ),
        Sample::of_visitor(
            "second passkey, busy",
            passkey(Some("cGFzc2tleQ"), Some(busy)),
        ),
        Sample::of_visitor("second passkey, of another address", passkey(None, None)),
    ]
}

fn confirmations() -> Vec<Sample> {
    let confirm = |wants_code, problem| Confirm {
        csrf: "dG9rZW4",
        carried: CARRIED,
        login: "mina-park",
        ways: if wants_code {
            ConfirmWays::PasswordAndCode
        } else {
            ConfirmWays::Password
        },
        passkey_csrf: None,
        problem,
    };
    let or_passkey = |problem| Confirm {
        passkey_csrf: Some("cGFzc2tleQ"),
        ..confirm(true, problem)
    };
    let passkey = |passkey_csrf| Confirm {
        ways: ConfirmWays::PasskeyAlone,
        passkey_csrf,
        ..confirm(true, None)
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
        Sample::of_visitor("confirm, or by a passkey", or_passkey(None)),
        Sample::of_visitor(
            "confirm, wrong passkey",
            or_passkey(Some(ConfirmProblem::Passkey)),
        ),
        Sample::of_visitor(
            "confirm, passkeys busy",
            or_passkey(Some(ConfirmProblem::PasskeysBusy)),
        ),
        Sample::of_visitor("confirm, by a passkey alone", passkey(Some("cGFzc2tleQ"))),
        Sample::of_visitor("confirm, at another address", passkey(None)),
    ]
}

fn passkeys() -> Vec<Sample> {
    let known: &'static [String] =
        Box::leak(Box::new(["AQIDBA".to_owned(), "BQYHCA:usb,nfc".to_owned()]));
    let ask = |purpose, known, verification| UsePasskey {
        purpose,
        csrf: "dG9rZW4",
        carried: CARRIED,
        back: "/login?return_to=%2F&a=b",
        challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        rp_id: "tokens.example.org",
        known,
        verification,
    };
    vec![
        Sample::of_visitor("use passkey", ask(PasskeyPurpose::SignIn, &[], "required")),
        Sample::of_visitor(
            "use passkey, second",
            ask(PasskeyPurpose::SecondStep, known, "preferred"),
        ),
        Sample::of_visitor(
            "use passkey, to confirm",
            ask(PasskeyPurpose::Confirm, known, "required"),
        ),
    ]
}
