//! Sample values for the tests of all pages.

use counterfoil_domain::account::{Account, ListedUser, TwoFactor};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::scope::{AdministratorEpoch, Standing};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use super::UserList;
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
            users,
            page: *page,
        }
        .render(frame)
    };
    Sample::of_administrator(name, Owning(found, render))
}

pub(crate) fn samples() -> Vec<Sample> {
    let all = |total| Paged {
        items: listed(),
        total,
    };
    vec![
        list("users, all", ("", all(3), Page::new(1, 30))),
        list("users, several pages", ("<b>", all(95), Page::new(2, 30))),
        list(
            "users, none found",
            ("<b>", Paged::empty(), Page::new(1, 30)),
        ),
    ]
}
