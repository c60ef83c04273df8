//! Sample values for the tests of all pages.

use counterfoil_domain::app::{AppSummary, AppUrl, ClientId, KeptSecret};
use counterfoil_domain::authorization::{Authorization, Kind, OwnToken, Provenance};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::grant::{AppAccess, Grant};
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{DisplayName, Fingerprint, Note};
use counterfoil_domain::timestamp::Timestamp;

use super::{AppWithAccess, AppsWithAccess, RevokeAccess, RevokeAppToken};
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View as _;

fn days(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + days * 24 * 60 * 60)
}

fn set(scopes: &str) -> ScopeSet {
    ScopeSet::parse(scopes.split_whitespace()).unwrap()
}

fn app(name: &str) -> AppSummary {
    AppSummary {
        id: AppId(1),
        name: DisplayName::parse(name).unwrap(),
        url: AppUrl::parse("https://app.example.org/?<b>").unwrap(),
        client_id: ClientId::parse("0123456789abcdef0123").unwrap(),
        updated_at: days(-200),
    }
}

fn access(name: &str, scopes: &str, tokens: u64) -> AppAccess {
    AppAccess {
        grant: Grant {
            id: GrantId(1),
            owner: AccountId(1),
            app: app(name),
            scopes: set(scopes),
            created_at: days(-150),
            updated_at: days(-150),
        },
        app_owner: Login::parse("platform-team").unwrap(),
        registered_at: days(-200),
        tokens,
        last_used_at: None,
        last_used_from: None,
    }
}

fn used(mut access: AppAccess, at: Timestamp, from: Option<&str>) -> AppAccess {
    access.last_used_at = Some(at);
    access.last_used_from = from.map(|from| from.parse().unwrap());
    access
}

fn all() -> Vec<AppAccess> {
    let long = "<b>\u{AC00}".to_owned() + &"a long name ".repeat(9);
    vec![
        used(
            access("Deployer <b>", "repo read:org", 3),
            days(0),
            Some("192.0.2.14"),
        ),
        used(access("Wiki", "gist", 1), days(-9), None),
        access(&long, "read:user", 0),
        access("Statistics", "", 2),
    ]
}

fn token(number: i64, note: Option<&str>, fingerprint: Option<&str>) -> OwnToken {
    OwnToken {
        authorization: Authorization {
            id: AuthorizationId(number),
            owner: AccountId(1),
            kind: Kind::App(app("Deployer <b>")),
            scopes: set(if number == 1 { "repo read:org" } else { "" }),
            administrator_epoch: None,
            note: note.map(|note| Note::parse(note).unwrap()),
            note_url: None,
            fingerprint: fingerprint.map(|text| Fingerprint::parse(text).unwrap()),
            token: KeptSecret {
                digest: SecretDigest::of("token"),
                last_eight: "a8kV148B".to_owned(),
            },
            created_at: days(-20),
            updated_at: days(-20),
            expires_at: (number == 1).then(|| days(30)),
            last_used_at: (number == 1).then(|| days(-1)),
        },
        provenance: Provenance::WebFlow,
        last_used_from: None,
        maker: None,
    }
}

fn list(name: &'static str, apps: Paged<AppAccess>, page: u32) -> Sample {
    Sample::of_person(
        name,
        Owning(apps, move |apps: &_, frame: &Frame<'_>| {
            let page = Page::new(page, 30);
            AppsWithAccess { apps, page }.render(frame)
        }),
    )
}

fn one(name: &'static str, access: AppAccess, tokens: Vec<OwnToken>) -> Sample {
    Sample::of_person(
        name,
        Owning(
            (access, tokens),
            |(access, tokens): &(_, Vec<_>), frame: &Frame<'_>| {
                let view = AppWithAccess {
                    access,
                    tokens,
                    page: Page::new(1, 30),
                };
                view.render(frame)
            },
        ),
    )
}

fn revoke(name: &'static str, access: AppAccess) -> Sample {
    Sample::of_person(
        name,
        Owning(access, |access: &_, frame: &Frame<'_>| {
            let csrf = "dG9rZW4";
            RevokeAccess { csrf, access }.render(frame)
        }),
    )
}

pub(crate) fn samples() -> Vec<Sample> {
    let of = |items: Vec<_>, total| Paged { items, total };
    let full = (0..30).map(|_| all().swap_remove(2)).collect();
    let tokens = || {
        vec![
            token(1, Some("<b>laptop"), Some("<b>")),
            token(2, None, None),
        ]
    };
    let many = (0..30).map(|_| token(1, Some("<b>laptop"), Some("<b>")));
    vec![
        list("apps-with-access", of(all(), 4), 1),
        list("apps-with-access, none", of(Vec::new(), 0), 1),
        list("apps-with-access, a full page", of(full, 95), 2),
        one("app-with-access", all().swap_remove(0), tokens()),
        one(
            "app-with-access, without tokens",
            all().swap_remove(2),
            Vec::new(),
        ),
        one(
            "app-with-access, a full page",
            AppAccess {
                tokens: 95,
                ..all().swap_remove(1)
            },
            many.collect(),
        ),
        revoke("app-with-access-revoke", all().swap_remove(0)),
        revoke(
            "app-with-access-revoke, used from nowhere",
            all().swap_remove(1),
        ),
        revoke("app-with-access-revoke, never used", all().swap_remove(2)),
        Sample::of_person(
            "app-token-revoke",
            Owning(token(1, None, None), |token: &_, frame: &Frame<'_>| {
                let csrf = "dG9rZW4";
                RevokeAppToken { csrf, token }.render(frame)
            }),
        ),
    ]
}
