//! Sample values for the tests of all pages.

use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::{
    App, AppSecret, AppSummary, AppSwitches, AppUrl, ClientId, DeviceFlow, ExpiringTokens,
    SeenTokens,
};
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_domain::id::{AccountId, AppId, ClientSecretId};
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use super::{
    AppList, AppPage, MakeBuiltInApps, MarkResourceServer, PublishSecret, SuspendApp,
    TransferAnyApp, TransferProblem, UnsuspendApp,
};
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View as _;

const CSRF: &str = "dG9rZW4";

fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() - days * 24 * 60 * 60)
}

fn app(name: &str) -> App {
    let url = |text| AppUrl::parse(text).unwrap();
    App {
        summary: AppSummary {
            id: AppId(1),
            name: DisplayName::parse(name).unwrap(),
            url: url("https://app.example.org/?<b>"),
            client_id: ClientId::parse("0123456789abcdef0123").unwrap(),
            updated_at: days_ago(20),
        },
        owner: AccountId(1),
        callback_urls: vec![
            url("https://app.example.org/callback"),
            url("https://app.example.org/?<b>"),
        ],
        device_flow: DeviceFlow::Disabled,
        expiring_tokens: ExpiringTokens::Disabled,
        switches: AppSwitches::default(),
        seen_tokens: SeenTokens::Own,
        suspended_at: None,
        created_at: days_ago(200),
        updated_at: days_ago(20),
    }
}

fn board() -> AppInUse {
    AppInUse {
        app: app("Board <b>"),
        owner: Login::parse("mina-park").unwrap(),
        is_of_organization: false,
        owner_is_suspended: false,
        users: 3,
        tokens: 7,
        last_used_at: Some(days_ago(1)),
        is_published: false,
    }
}

/// With all that can be said of an app.
fn loud() -> AppInUse {
    AppInUse {
        app: App {
            seen_tokens: SeenTokens::All,
            suspended_at: Some(days_ago(3)),
            ..app(&"<b>".repeat(80))
        },
        owner: Login::parse("acme").unwrap(),
        is_of_organization: true,
        owner_is_suspended: true,
        users: 0,
        tokens: 0,
        last_used_at: None,
        is_published: true,
    }
}

fn of_installation() -> AppInUse {
    AppInUse {
        app: app("GitHub <b> CLI"),
        owner: BuiltInApp::owner_login(),
        is_of_organization: true,
        is_published: true,
        ..board()
    }
}

fn secret(id: i64, published_at: Option<Timestamp>) -> AppSecret {
    AppSecret {
        id: ClientSecretId(id),
        last_eight: "a8c0148b".to_owned(),
        created_at: days_ago(20),
        last_used_at: published_at,
        published_at,
    }
}

fn sample<T: 'static>(
    name: &'static str,
    of: T,
    render: impl Fn(&T, &Frame<'_>) -> String + 'static,
) -> Sample {
    Sample::of_administrator(name, Owning(of, render))
}

fn list(name: &'static str, items: Vec<AppInUse>, total: u64) -> Sample {
    sample(name, Paged { items, total }, |apps, frame| {
        AppList {
            apps,
            page: Page::new(1, 30),
            lacks_built_in: true,
        }
        .render(frame)
    })
}

fn one(name: &'static str, used: AppInUse, secrets: Vec<AppSecret>) -> Sample {
    sample(name, (used, secrets), |(used, secrets), frame| {
        AppPage { used, secrets }.render(frame)
    })
}

fn suspend(name: &'static str, used: AppInUse) -> Sample {
    sample(name, used, |used, frame| {
        SuspendApp { csrf: CSRF, used }.render(frame)
    })
}

fn mark(name: &'static str, used: AppInUse) -> Sample {
    sample(name, used, |used, frame| {
        MarkResourceServer { csrf: CSRF, used }.render(frame)
    })
}

fn transfer(name: &'static str, problem: Option<TransferProblem>) -> Sample {
    sample(name, board(), move |used, frame| {
        TransferAnyApp {
            csrf: CSRF,
            used,
            to: "<b>",
            problem,
        }
        .render(frame)
    })
}

fn publish(name: &'static str, secret: AppSecret) -> Sample {
    sample(name, (board(), secret), |(used, secret), frame| {
        PublishSecret {
            csrf: CSRF,
            used,
            secret,
        }
        .render(frame)
    })
}

fn make(name: &'static str, missing: Vec<&'static BuiltInApp>) -> Sample {
    sample(name, missing, |missing, frame| {
        MakeBuiltInApps {
            csrf: CSRF,
            missing,
        }
        .render(frame)
    })
}

pub(crate) fn samples() -> Vec<Sample> {
    let all = || vec![of_installation(), board(), loud()];
    let last_used = AppSecret {
        last_used_at: Some(days_ago(2)),
        ..secret(2, None)
    };
    vec![
        list("all apps", all(), 95),
        list("all apps, none", Vec::new(), 0),
        one("any app", board(), vec![secret(1, None)]),
        one(
            "any app, everything",
            loud(),
            vec![secret(1, Some(days_ago(2)))],
        ),
        one(
            "any app, of the installation",
            of_installation(),
            Vec::new(),
        ),
        suspend("any app suspended", board()),
        suspend("any app suspended, of the installation", of_installation()),
        sample("any app unsuspended", loud(), |used, frame| {
            UnsuspendApp { csrf: CSRF, used }.render(frame)
        }),
        sample(
            "any app unsuspended, of the installation",
            of_installation(),
            |used, frame| UnsuspendApp { csrf: CSRF, used }.render(frame),
        ),
        mark("any app marked", board()),
        mark("any app unmarked", loud()),
        transfer("any app transferred", None),
        transfer(
            "any app transferred, no login",
            Some(TransferProblem::NoLogin),
        ),
        transfer(
            "any app transferred, nobody",
            Some(TransferProblem::NoSuchOwner),
        ),
        transfer("any app transferred, owner", Some(TransferProblem::IsOwner)),
        transfer(
            "any app transferred, full",
            Some(TransferProblem::TooManyApps(100)),
        ),
        publish("any secret published", secret(1, None)),
        publish("any secret published, used", last_used),
        make("built-in apps made", BuiltInApp::ALL.iter().collect()),
        make("built-in apps made, all there", Vec::new()),
    ]
}
