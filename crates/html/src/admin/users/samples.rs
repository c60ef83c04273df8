//! Sample values for the tests of all pages.

use counterfoil_domain::account::{Account, HeldEmail, TwoFactor, Verification};
use counterfoil_domain::administered::{ListedUser, LiveTokens, UserFacts};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::scope::{AdministratorEpoch, ScopeSet, Standing};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use super::{
    ConfirmAct, EmailProblem, InviteForm, InviteProblems, InviteUser, LinkShownBefore,
    LoginProblem, MadeLink, OneUser, SleepingToken, UserAct, UserList,
};
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View as _;

const DAY: i64 = 24 * 60 * 60;

fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() - days * DAY)
}

/// An ordinary user with an address and a name.
fn account(login: &str) -> Account {
    Account {
        id: AccountId(7),
        login: Login::parse(login).unwrap(),
        name: Some(DisplayName::parse("Mina <b> Park").unwrap()),
        email: Some(EmailAddress::parse("mina.park@example.org").unwrap()),
        standing: Standing::Ordinary,
        administrator_epoch: AdministratorEpoch(0),
        administrator_since: None,
        two_factor: TwoFactor::Off,
        suspended_at: None,
        created_at: days_ago(400),
        updated_at: days_ago(30),
        profile_updated_at: days_ago(30),
        suspension_changed_at: None,
        credential_version: 1,
    }
}

fn administrator() -> Account {
    Account {
        standing: Standing::SiteAdministrator,
        two_factor: TwoFactor::On,
        ..account("root-admin")
    }
}

fn suspended() -> Account {
    Account {
        suspended_at: Some(days_ago(2)),
        name: None,
        email: None,
        ..account("mona")
    }
}

fn listed() -> Vec<ListedUser> {
    let listed = |account, signed_in_at| ListedUser {
        account,
        signed_in_at,
    };
    vec![
        listed(account(&"m".repeat(39)), None),
        listed(suspended(), Some(days_ago(100))),
        listed(administrator(), Some(days_ago(0))),
    ]
}

type Found = (&'static str, Paged<ListedUser>, Page);

fn list(name: &'static str, found: Found) -> Sample {
    let render = |(sought, users, page): &Found, frame: &Frame<'_>| {
        UserList {
            sought,
            query: if sought.is_empty() {
                ""
            } else {
                "sought=%3Cb%3E"
            },
            held_token: false,
            users,
            page: *page,
        }
        .render(frame)
    };
    Sample::of_administrator(name, Owning(found, render))
}

fn list_without_token(name: &'static str, users: Paged<ListedUser>) -> Sample {
    let render = |users: &Paged<ListedUser>, frame: &Frame<'_>| {
        UserList {
            sought: "",
            query: "",
            held_token: true,
            users,
            page: Page::new(1, 30),
        }
        .render(frame)
    };
    Sample::of_administrator(name, Owning(users, render))
}

/// What an account has that is in use.
fn facts(account: Account) -> UserFacts {
    UserFacts {
        address: account.email.clone().map(|address| HeldEmail {
            address,
            primary: true,
            verification: Verification::Verified,
        }),
        account,
        has_password: true,
        passkeys: 2,
        signed_in_at: Some(days_ago(3)),
        sessions: 2,
        session_used_at: Some(days_ago(0)),
        tokens: LiveTokens {
            total: 12,
            of_apps: 5,
            last_use: Some((days_ago(1), "198.51.100.7".parse().ok())),
        },
        apps: 1,
        owns_alone: Vec::new(),
        locked_addresses: 2,
        codes_exhausted: false,
    }
}

/// What an account has that nobody used.
fn new_facts() -> UserFacts {
    let address = EmailAddress::parse("mina.park@example.org").unwrap();
    UserFacts {
        address: Some(HeldEmail {
            address,
            primary: true,
            verification: Verification::Unverified,
        }),
        has_password: false,
        passkeys: 0,
        signed_in_at: None,
        sessions: 0,
        session_used_at: None,
        tokens: LiveTokens::default(),
        apps: 0,
        locked_addresses: 0,
        codes_exhausted: true,
        ..facts(suspended())
    }
}

fn one(name: &'static str, facts: UserFacts, is_own: bool) -> Sample {
    let render =
        move |facts: &UserFacts, frame: &Frame<'_>| OneUser { facts, is_own }.render(frame);
    Sample::of_administrator(name, Owning(facts, render))
}

/// An act that is asked for, with what is in its way.
struct Asked {
    act: UserAct,
    facts: UserFacts,
    is_mailed: bool,
    typed: Option<&'static str>,
}

fn act(name: &'static str, asked: Asked) -> Sample {
    let scopes = ScopeSet::parse(["site_admin", "repo"]).unwrap();
    let render = move |asked: &Asked, frame: &Frame<'_>| {
        let asleep = [SleepingToken {
            name: "old <b> deployer",
            last_eight: "a8kV148B",
            scopes: &scopes,
        }];
        ConfirmAct {
            csrf: "c3VyZQ",
            once: asked.act.makes_link().then_some("b25jZQ"),
            act: asked.act,
            facts: &asked.facts,
            asleep: if asked.facts.has_password {
                asleep.as_slice()
            } else {
                &[]
            },
            is_mailed: asked.is_mailed,
            typed: asked.typed,
        }
        .render(frame)
    };
    Sample::of_administrator(name, Owning(asked, render))
}

fn last_owner() -> UserFacts {
    UserFacts {
        owns_alone: vec![
            Login::parse("acme").unwrap(),
            Login::parse("globex").unwrap(),
        ],
        ..facts(account("mona"))
    }
}

fn without_passkeys() -> UserFacts {
    UserFacts {
        passkeys: 0,
        ..facts(account("mona"))
    }
}

fn acts() -> Vec<Sample> {
    let asked = |act, facts| Asked {
        act,
        facts,
        is_mailed: false,
        typed: None,
    };
    let usual = |act| asked(act, facts(account("mona")));
    let mailed = Asked {
        is_mailed: true,
        ..usual(UserAct::Reset)
    };
    let mistyped = Asked {
        typed: Some("<b>"),
        ..usual(UserAct::Delete)
    };
    vec![
        act("user act, invite", asked(UserAct::Invite, new_facts())),
        act("user act, reset", usual(UserAct::Reset)),
        act("user act, reset by mail", mailed),
        act("user act, unlock", usual(UserAct::Unlock)),
        act(
            "user act, unlock codes",
            asked(UserAct::Unlock, new_facts()),
        ),
        act(
            "user act, unsuspend",
            asked(UserAct::Unsuspend, facts(suspended())),
        ),
        act("user act, suspend", usual(UserAct::Suspend)),
        act("user act, end sessions", usual(UserAct::EndSessions)),
        act("user act, two-factor off", usual(UserAct::TurnOffTwoFactor)),
        act(
            "user act, two-factor off without passkeys",
            asked(UserAct::TurnOffTwoFactor, without_passkeys()),
        ),
        act("user act, promote", usual(UserAct::Promote)),
        act(
            "user act, promote new",
            asked(UserAct::Promote, new_facts()),
        ),
        act(
            "user act, demote",
            asked(UserAct::Demote, facts(administrator())),
        ),
        act("user act, delete", usual(UserAct::Delete)),
        act("user act, delete mistyped", mistyped),
        act(
            "user act, delete last owner",
            asked(UserAct::Delete, last_owner()),
        ),
    ]
}

fn invite(name: &'static str, problems: InviteProblems, is_mailed: bool) -> Sample {
    let form = InviteForm {
        login: "<b>".to_owned(),
        email: "<b>@example.org".to_owned(),
        name: "Mina <b>".to_owned(),
    };
    let render = move |form: &InviteForm, frame: &Frame<'_>| {
        InviteUser {
            csrf: "c3VyZQ",
            once: "b25jZQ",
            form,
            problems,
            is_mailed,
        }
        .render(frame)
    };
    Sample::of_administrator(name, Owning(form, render))
}

fn invitations() -> Vec<Sample> {
    let wrong = |login, email| InviteProblems {
        login: Some(login),
        email: Some(email),
        name: true,
        is_full: true,
    };
    let made = MadeLink {
        login: "mona",
        url: "https://tokens.example.org/link/abc",
        expires_at: NOW,
    };
    let none = InviteProblems::default();
    vec![
        invite("invite user, shown", none, false),
        invite("invite user, mailed", none, true),
        invite(
            "invite user, nothing typed",
            wrong(LoginProblem::None, EmailProblem::None),
            true,
        ),
        invite(
            "invite user, taken",
            wrong(LoginProblem::Taken, EmailProblem::Taken),
            false,
        ),
        invite(
            "invite user, with a password",
            wrong(LoginProblem::HasPassword, EmailProblem::Taken),
            false,
        ),
        invite(
            "invite user, suspended",
            wrong(LoginProblem::Suspended, EmailProblem::Taken),
            false,
        ),
        Sample::of_administrator("made link", made),
        Sample::of_administrator("link shown before", LinkShownBefore),
    ]
}

pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = lists();
    samples.extend([
        one("user, in use", facts(account("mona")), false),
        one("user, new", new_facts(), false),
        one("user, own", facts(administrator()), true),
    ]);
    samples.extend(acts());
    samples.extend(invitations());
    samples
}

fn lists() -> Vec<Sample> {
    let all = |total| Paged {
        items: listed(),
        total,
    };
    vec![
        list("users, all", ("", all(3), Page::new(1, 30))),
        list_without_token("users, token pasted", all(3)),
        list("users, several pages", ("<b>", all(95), Page::new(2, 30))),
        list(
            "users, none found",
            ("<b>", Paged::empty(), Page::new(1, 30)),
        ),
    ]
}
