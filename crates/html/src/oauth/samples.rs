//! Sample values for the tests of all pages.

use std::sync::LazyLock;
use std::time::Duration;

use counterfoil_domain::oauth::{Destination, DeviceAnswer, MOST_USERS_COUNTED};
use counterfoil_domain::scope::{Scope, ScopeSet};

use super::{
    Consent, ConsentApp, DeviceCodeProblem, DeviceConfirm, DeviceDone, DeviceEntry, FlowProblem,
    FlowProblemPage, OtherAccount, WhyWithheld,
};
use crate::stranger::Stranger;
use crate::tests::{NOW, Sample};

static SCOPES: LazyLock<ScopeSet> =
    LazyLock::new(|| ScopeSet::parse(["read:org", "repo", "user:email"]).expect("they are scopes"));
static NONE: LazyLock<ScopeSet> = LazyLock::new(ScopeSet::default);
static SOME: LazyLock<ScopeSet> =
    LazyLock::new(|| ScopeSet::parse(["read:org"]).expect("it is one"));
static FOR_ADMINISTRATORS: LazyLock<ScopeSet> =
    LazyLock::new(|| ScopeSet::parse(["repo", "site_admin"]).expect("they are scopes"));
static WITHHELD: LazyLock<Vec<Scope>> =
    LazyLock::new(|| vec![Scope::find("site_admin").expect("it is one")]);

const HOST: Destination<'static> = Destination::Host {
    name: "grafana.example.org",
    is_encrypted: true,
};

pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = consents();
    samples.extend(problems());
    samples.extend(devices());
    samples.extend(device_questions());
    samples
}

fn consents() -> Vec<Sample> {
    let consent = Consent {
        csrf: "dG9rZW4",
        sign_out_csrf: "dG9rZW4",
        request: "aGFuZGxl",
        here: "/login/oauth/authorize?client_id=%3Cb%3E&state=\"><b>",
        login: "mina-park",
        app: ConsentApp {
            name: Stranger(
                "Grafana <b>of a team whose name has more than eighty characters, since nobody stopped them",
            ),
            owner: "platform-team",
            website: "https://grafana.example.org/<b>",
            registered_at: NOW.minus(Duration::from_hours(24 * 30)),
            is_public: false,
            users: 12,
        },
        scopes: &SCOPES,
        allowed: None,
        withheld: &[],
        destination: HOST,
        asks_often: false,
        expires_at: None,
        renewed_after: None,
    };
    let local = Consent {
        scopes: &NONE,
        withheld: &WITHHELD,
        destination: Destination::ThisComputer,
        asks_often: true,
        expires_at: Some(NOW.plus(Duration::from_hours(8))),
        app: ConsentApp {
            registered_at: NOW,
            is_public: true,
            users: MOST_USERS_COUNTED,
            ..consent.app
        },
        ..consent
    };
    let plain = Consent {
        allowed: Some(&SOME),
        renewed_after: Some(8),
        destination: Destination::Host {
            name: "grafana.example.org:8080",
            is_encrypted: false,
        },
        ..consent
    };
    vec![
        Sample::of_person("consent", consent),
        Sample::of_person("consent, on this computer", local),
        Sample::of_person("consent for more", plain),
    ]
}

fn problems() -> Vec<Sample> {
    let problem = |problem, back| FlowProblemPage { problem, back };
    let address = "https://grafana.example.org/cb?error=x&state=\"><b>";
    vec![
        Sample::of_visitor(
            "unknown app",
            problem(FlowProblem::UnknownApp(Some("00a1")), None),
        ),
        Sample::of_person(
            "return address",
            problem(FlowProblem::ReturnAddress, Some((HOST, address))),
        ),
        Sample::of_person("suspended app", problem(FlowProblem::Suspended, None)),
        Sample::of_person(
            "incomplete request",
            problem(
                FlowProblem::Incomplete("code_challenge"),
                Some((Destination::ThisComputer, "http://127.0.0.1/?error=x")),
            ),
        ),
        Sample::of_visitor("request too long", problem(FlowProblem::TooLong, None)),
        Sample::of_visitor("not by itself", problem(FlowProblem::NotByItself, None)),
        Sample::of_person(
            "answered",
            problem(FlowProblem::Answered, Some((HOST, address))),
        ),
        Sample::of_person("request over", problem(FlowProblem::Over, None)),
        Sample::of_person(
            "other account",
            OtherAccount {
                now: "mina-park",
                before: "hubot",
                anew: "/login/oauth/authorize?client_id=x&state=\"><b>",
            },
        ),
    ]
}

fn devices() -> Vec<Sample> {
    let entry = |typed, problem| DeviceEntry {
        csrf: "dG9rZW4",
        typed,
        problem,
    };
    let tries = DeviceCodeProblem::TooManyTries { minutes: 9 };
    let done = |answer| DeviceDone { answer };
    vec![
        Sample::of_person("device code", entry("", None)),
        Sample::of_person(
            "device code, none",
            entry("\"><b>", Some(DeviceCodeProblem::NoCode)),
        ),
        Sample::of_person(
            "device code, wrong",
            entry("WDJB-MJHT", Some(DeviceCodeProblem::Wrong)),
        ),
        Sample::of_person("device code, too many tries", entry("", Some(tries))),
        Sample::of_person("device connected", done(DeviceAnswer::Approved)),
        Sample::of_person("device refused", done(DeviceAnswer::Denied)),
    ]
}

/// Whether a device is let in.
fn device_questions() -> Vec<Sample> {
    let confirm = DeviceConfirm {
        csrf: "dG9rZW4",
        device: 7,
        code: "WDJB-MJHT",
        login: "mina-park",
        app: Stranger(
            "A tool <b>of a team whose name has more than eighty characters, as nobody stopped it",
        ),
        owner: "platform-team",
        registered_at: NOW.minus(Duration::from_hours(24 * 30)),
        address: "198.51.100.27",
        is_public: true,
        is_near: false,
        agent: Some("\"><b>a tool/2.23"),
        asked_at: NOW.minus(Duration::from_mins(1)),
        scopes: &SCOPES,
        withheld: &WITHHELD,
        why_withheld: WhyWithheld::FromDevices,
        is_unticked: false,
    };
    let of_administrator = DeviceConfirm {
        scopes: &FOR_ADMINISTRATORS,
        withheld: &[],
        why_withheld: WhyWithheld::NotProved,
        ..confirm
    };
    let proved_long_ago = DeviceConfirm {
        why_withheld: WhyWithheld::NotProved,
        ..confirm
    };
    let near = DeviceConfirm {
        is_public: false,
        is_near: true,
        agent: None,
        scopes: &NONE,
        withheld: &[],
        ..confirm
    };
    let unticked = DeviceConfirm {
        is_unticked: true,
        ..confirm
    };
    vec![
        Sample::of_person("device", confirm),
        Sample::of_person("device, near", near),
        Sample::of_person("device, not ticked", unticked),
        Sample::of_person("device, of an administrator", of_administrator),
        Sample::of_person("device, proved long ago", proved_long_ago),
    ]
}
