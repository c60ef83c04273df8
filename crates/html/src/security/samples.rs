//! Sample values for the tests of all pages.

use std::time::Duration;

use counterfoil_domain::audit::Action;
use counterfoil_domain::id::PasskeyId;
use counterfoil_domain::login::Login;
use counterfoil_domain::passkey::PasskeyNameRefused;
use counterfoil_domain::password::PasswordRefused;
use counterfoil_domain::second_factor::SecondFactor;
use counterfoil_domain::security::{
    AccountEvent, Doer, Impersonation, OneTimeCodes, SecurityOverview,
};

use super::{
    AddPasskey, ChangePassword, EnrolAsAnother, EnrolByLink, EnrolmentProblem, NewRecoveryCodes,
    NewRecoveryCodesProblem, PasskeyPage, PasskeyPlace, PasskeyProblem, PasskeyRow, Passkeys,
    PasswordProblem, RecoveryCodes, RecoveryCodesProblem, RemovePasskey, SecondFactorOverdue,
    Security, SetUpPlace, SetUpTwoFactor, TurnOffTwoFactor, TwoFactorPage, TwoFactorState,
};
use crate::tests::{NOW, Sample};

const CSRF: &str = "dG9rZW4";
const CODES: [&str; 16] = ["abcde-fghjk"; 16];
const BY_LINK: EnrolByLink<'static> = EnrolByLink {
    csrf: CSRF,
    login: "mina-park",
    offers_passkeys: true,
    name: "",
    problem: None,
};
const PHONE: PasskeyRow<'static> = PasskeyRow {
    id: PasskeyId(7),
    name: "\"><b>phone with a name of more than eighty characters, which nobody wants to read to its end",
    made: NOW,
    last_used: Some(NOW),
    elsewhere: None,
};
const KEY: PasskeyRow<'static> = PasskeyRow {
    id: PasskeyId(3),
    name: "Key in the drawer",
    last_used: None,
    elsewhere: Some("old.example.org"),
    ..PHONE
};
const ROWS: &[PasskeyRow<'static>] = &[PHONE, KEY];

pub(crate) fn samples() -> Vec<Sample> {
    [
        overviews(),
        passwords(),
        factors(),
        links(),
        codes(),
        passkeys(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn event(action: Action, hours: u64) -> AccountEvent {
    AccountEvent {
        at: NOW.minus(Duration::from_hours(hours)),
        action,
        by: Doer::Oneself,
        address: Some("192.0.2.14".to_owned()),
        agent: Some("\"><b>curl".to_owned()),
        count: None,
    }
}

/// With everything that can stand on it.
fn full() -> SecurityOverview {
    let admin = Login::parse("admin").unwrap();
    let acting = |until, last_used_at| Impersonation {
        maker: admin.clone(),
        since: NOW.minus(Duration::from_hours(1)),
        until,
        last_used_at,
    };
    let told = Action::ALL.iter().map(|(action, _)| *action);
    let (refusals, events): (Vec<_>, Vec<_>) = told
        .partition(|action| action.as_str().starts_with("sign_in.") && *action != Action::SignedIn);
    let mut events: Vec<_> = events
        .into_iter()
        .take(20)
        .map(|action| event(action, 3))
        .collect();
    events[0].by = Doer::Other(Some(admin.clone()));
    events[1].by = Doer::Other(None);
    events[2].by = Doer::Operator;
    events[3].by = Doer::Program;
    let used = AccountEvent {
        count: Some(2),
        ..event(Action::RecoveryCodeUsed, 40)
    };
    events.push(used);
    let refused = |action| AccountEvent {
        by: Doer::Program,
        count: Some(12),
        ..event(action, 5)
    };
    SecurityOverview {
        second_factor: SecondFactor::There,
        codes: Some(OneTimeCodes {
            since: NOW.minus(Duration::from_hours(24 * 30)),
            last_used_at: Some(NOW),
            recovery_codes: 3,
        }),
        impersonations: vec![
            acting(Some(NOW.plus(Duration::from_hours(7))), Some(NOW)),
            acting(None, None),
        ],
        events,
        refusals: refusals.into_iter().map(refused).collect(),
    }
}

fn overviews() -> Vec<Sample> {
    let empty = SecurityOverview {
        second_factor: SecondFactor::Optional,
        codes: None,
        impersonations: Vec::new(),
        events: Vec::new(),
        refusals: Vec::new(),
    };
    let due = SecurityOverview {
        second_factor: SecondFactor::DueAt(NOW.plus(Duration::from_hours(50))),
        ..empty.clone()
    };
    let full = full();
    let by_passkeys = SecurityOverview {
        second_factor: SecondFactor::There,
        ..empty.clone()
    };
    let on = SecurityOverview {
        codes: Some(OneTimeCodes {
            since: NOW,
            last_used_at: None,
            recovery_codes: 16,
        }),
        ..empty.clone()
    };
    [
        ("security, new", empty),
        ("security, due", due),
        ("security, full", full),
        ("security, on", on),
        ("security, passkeys", by_passkeys),
    ]
    .into_iter()
    .map(|(name, overview)| {
        let passkeys = match name {
            "security, full" | "security, passkeys" => ROWS,
            _ => &[],
        };
        let page = Security {
            overview,
            passkeys,
            recovery_codes: match name {
                "security, full" => Some(3),
                "security, passkeys" | "security, on" => Some(16),
                _ => None,
            },
        };
        Sample::of_person(name, page)
    })
    .collect()
}

fn passwords() -> Vec<Sample> {
    let refused = [
        PasswordRefused::TooShort,
        PasswordRefused::TooLong,
        PasswordRefused::Nul,
        PasswordRefused::Common,
        PasswordRefused::Own,
    ];
    let problems = refused.map(PasswordProblem::Refused).map(Some);
    let others = [
        None,
        Some(PasswordProblem::Empty),
        Some(PasswordProblem::Busy),
    ];
    problems
        .into_iter()
        .chain(others)
        .map(|problem| {
            let page = ChangePassword {
                csrf: CSRF,
                revokes_tokens: problem.is_some(),
                problem,
            };
            Sample::of_person("password", page)
        })
        .collect()
}

fn factors() -> Vec<Sample> {
    let state = |name, state, due| {
        let page = TwoFactorPage {
            begin_csrf: CSRF,
            state,
            due,
        };
        Sample::of_person(name, page)
    };
    let set_up = |place, problem| {
        let page = SetUpTwoFactor {
            csrf: CSRF,
            place,
            secret: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            otpauth_url: "otpauth://totp/tokens.example.org:mina-park?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=tokens.example.org",
            login: "mina-park",
            problem,
        };
        Sample::of_person("set up", page)
    };
    let turn_off = |name, has_passkeys| {
        let page = TurnOffTwoFactor {
            csrf: CSRF,
            has_passkeys,
        };
        Sample::of_person(name, page)
    };
    let overdue = |name, ask_csrf| {
        let page = SecondFactorOverdue {
            since: NOW.minus(Duration::from_hours(30)),
            ask_csrf,
            sign_out_csrf: CSRF,
        };
        Sample::of_person(name, page)
    };
    vec![
        state("two-factor, off", TwoFactorState::Off, None),
        state("two-factor, due", TwoFactorState::Off, Some(NOW)),
        state("two-factor, on", TwoFactorState::On, None),
        state("two-factor, required", TwoFactorState::Required, None),
        set_up(SetUpPlace::Security, None),
        set_up(SetUpPlace::Security, Some(EnrolmentProblem::NoDigits)),
        set_up(SetUpPlace::Security, Some(EnrolmentProblem::WrongCode)),
        set_up(SetUpPlace::Security, Some(EnrolmentProblem::Gone)),
        set_up(SetUpPlace::Link, None),
        set_up(SetUpPlace::Link, Some(EnrolmentProblem::WrongCode)),
        turn_off("turn off", false),
        turn_off("turn off, with passkeys", true),
        overdue("overdue", Some(CSRF)),
        overdue("overdue, without mail", None),
    ]
}

fn links() -> Vec<Sample> {
    vec![
        Sample::of_person("by link", BY_LINK),
        Sample::of_person(
            "by link, without passkeys",
            EnrolByLink {
                offers_passkeys: false,
                ..BY_LINK
            },
        ),
        Sample::of_person(
            "by link, without a name",
            EnrolByLink {
                problem: Some(PasskeyProblem::Name(PasskeyNameRefused::Empty)),
                ..BY_LINK
            },
        ),
        Sample::of_person(
            "by link, refused",
            EnrolByLink {
                name: PHONE.name,
                problem: Some(PasskeyProblem::NotMade),
                ..BY_LINK
            },
        ),
        Sample::of_person(
            "by link, of somebody else",
            EnrolAsAnother {
                sign_out_csrf: CSRF,
                login: "octocat",
                owner: "mina-park",
            },
        ),
    ]
}

fn codes() -> Vec<Sample> {
    let shown = |problem| {
        let page = RecoveryCodes {
            saved_csrf: CSRF,
            file_csrf: CSRF,
            codes: &CODES,
            problem,
        };
        Sample::of_person("codes", page)
    };
    let new = |left, problem| {
        let page = NewRecoveryCodes {
            csrf: CSRF,
            once: "b25jZQ",
            left,
            problem,
        };
        Sample::of_person("new codes", page)
    };
    vec![
        shown(None),
        shown(Some(RecoveryCodesProblem::NotTicked)),
        new(16, None),
        new(1, Some(NewRecoveryCodesProblem::ShownBefore)),
        new(0, Some(NewRecoveryCodesProblem::Gone)),
    ]
}

fn passkeys() -> Vec<Sample> {
    let none = Passkeys {
        csrf: CSRF,
        passkeys: &[],
        place: PasskeyPlace::Here,
        is_first_factor: true,
        name: "",
        problem: None,
    };
    let some = Passkeys {
        passkeys: ROWS,
        is_first_factor: false,
        ..none
    };
    let at = |place| Passkeys { place, ..some };
    let problems = [
        PasskeyProblem::Name(PasskeyNameRefused::Empty),
        PasskeyProblem::Name(PasskeyNameRefused::TooLong),
        PasskeyProblem::Name(PasskeyNameRefused::Control),
        PasskeyProblem::TooMany(25),
        PasskeyProblem::TooEarly,
        PasskeyProblem::Busy,
        PasskeyProblem::NotMade,
        PasskeyProblem::Taken,
    ];
    let mut samples = vec![
        Sample::of_person("passkeys, none", none),
        Sample::of_person("passkeys, some", some),
        Sample::of_person("passkeys, by an IP address", at(PasskeyPlace::Address)),
        Sample::of_person("passkeys, of another host", at(PasskeyPlace::OtherHost)),
    ];
    samples.extend(problems.map(|problem| {
        let page = Passkeys {
            name: PHONE.name,
            problem: Some(problem),
            ..some
        };
        Sample::of_person("passkeys, refused", page)
    }));
    samples.extend(one_passkey());
    samples
}

fn one_passkey() -> Vec<Sample> {
    let known: &'static [String] = Box::leak(Box::new(["AQIDBA:internal".to_owned()]));
    let add = AddPasskey {
        place: SetUpPlace::Security,
        csrf: CSRF,
        name: PHONE.name,
        login: "mina-park",
        display_name: "Mina <b>",
        challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        rp_id: "tokens.example.org",
        user_handle: "AQIDBA",
        known,
        algorithms: &[-7, -8, -257],
    };
    let page = |problem| PasskeyPage {
        csrf: CSRF,
        passkey: PHONE,
        name: PHONE.name,
        problem,
    };
    let remove = |is_last, is_required| RemovePasskey {
        csrf: CSRF,
        passkey: PHONE,
        is_last,
        is_required,
    };
    let empty = PasskeyProblem::Name(PasskeyNameRefused::Empty);
    vec![
        Sample::of_person("add passkey", add),
        Sample::of_person(
            "add passkey, by link",
            AddPasskey {
                place: SetUpPlace::Link,
                ..add
            },
        ),
        Sample::of_person("passkey", page(None)),
        Sample::of_person("passkey, refused", page(Some(empty))),
        Sample::of_person("remove passkey", remove(false, false)),
        Sample::of_person("remove passkey, the last", remove(true, false)),
        Sample::of_person("remove passkey, required", remove(true, true)),
    ]
}
