//! Sample values for the tests of all pages.

use counterfoil_domain::app::{AppSummary, AppUrl, ClientId, KeptSecret};
use counterfoil_domain::authorization::{Authorization, Kind, Provenance};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::Page;
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{DisplayName, Note};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token_search::SoughtTokens;

use super::{FoundToken, FoundTokens, RevokeAnyToken, SearchProblem, TokenSearch};
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View as _;

const CSRF: &str = "dG9rZW4";

fn days(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + days * 24 * 60 * 60)
}

fn authorization(number: i64, kind: Kind, scopes: &str) -> Authorization {
    Authorization {
        id: AuthorizationId(number),
        owner: AccountId(1),
        kind,
        scopes: ScopeSet::parse(scopes.split_whitespace()).unwrap(),
        administrator_epoch: None,
        note: Some(Note::parse("deploy <b> bot").unwrap()),
        note_url: None,
        fingerprint: None,
        token: KeptSecret {
            digest: SecretDigest::of("token"),
            last_eight: "a8kV148B".to_owned(),
        },
        created_at: days(-200),
        updated_at: days(-200),
        expires_at: None,
        last_used_at: None,
    }
}

fn of_app() -> Kind {
    Kind::App(AppSummary {
        id: AppId(1),
        name: DisplayName::parse("Board <b>").unwrap(),
        url: AppUrl::parse("https://app.example.org").unwrap(),
        client_id: ClientId::parse("0123456789abcdef0123").unwrap(),
        updated_at: days(-20),
    })
}

/// Why each of the tokens of a sample is over.
const REASONS: [EndReason; 15] = [
    EndReason::Expired,
    EndReason::DeletedByOwner,
    EndReason::Reset,
    EndReason::RevokedByOperator,
    EndReason::RevokedByApp,
    EndReason::GrantDeleted,
    EndReason::AccountDeleted,
    EndReason::AppDeleted,
    EndReason::MaxForApp,
    EndReason::PasswordChanged,
    EndReason::Idle,
    EndReason::SecondFactorOverdue,
    EndReason::CodeRepeated,
    EndReason::Restored,
    EndReason::MakerLostRights,
];

type Kept = (Vec<(Authorization, Option<EndReason>)>, Login);

fn kept() -> Kept {
    let expiring = Authorization {
        expires_at: Some(days(5)),
        last_used_at: Some(days(-1)),
        note: None,
        ..authorization(2, of_app(), "repo admin:org read:packages gist user")
    };
    let acting = Kind::Impersonation {
        maker: AccountId(2),
    };
    let live = [
        authorization(1, Kind::Personal, ""),
        expiring,
        authorization(3, acting, "repo"),
    ];
    let live = live.into_iter().map(|token| (token, None));
    let ended = REASONS.into_iter().zip(4..).map(|(reason, number)| {
        let token = authorization(number, Kind::Personal, "gist");
        (token, Some(reason))
    });
    let login = Login::parse("mina-park").unwrap();
    (live.chain(ended).collect(), login)
}

fn found((tokens, owner): &Kept) -> Vec<FoundToken<'_>> {
    let tokens = tokens.iter().map(|(authorization, over)| FoundToken {
        authorization,
        provenance: Provenance::Page,
        owner,
        owner_is_suspended: over.is_none(),
        over: over.map(|reason| (days(-3), reason)),
    });
    tokens.collect()
}

fn search(name: &'static str, sought: SoughtTokens, of: Kept) -> Sample {
    let render = |(sought, of): &(SoughtTokens, Kept), frame: &Frame<'_>| {
        let tokens = found(of);
        TokenSearch {
            csrf: CSRF,
            sought: &sought.to_string(),
            last_eight: "a8kV148B",
            problem: None,
            found: Some(FoundTokens {
                sought,
                tokens: &tokens,
                total: if tokens.is_empty() { 0 } else { 95 },
                page: Page::new(1, 30),
                query: "sought=mina%2Dpark",
            }),
        }
        .render(frame)
    };
    Sample::of_administrator(name, Owning((sought, of), render))
}

fn refused(name: &'static str, problem: Option<SearchProblem>) -> Sample {
    let render = |problem: &Option<SearchProblem>, frame: &Frame<'_>| {
        TokenSearch {
            csrf: CSRF,
            sought: "",
            last_eight: "\"<b>",
            problem: *problem,
            found: None,
        }
        .render(frame)
    };
    Sample::of_administrator(name, Owning(problem, render))
}

fn revoke() -> Sample {
    let render = |kept: &Kept, frame: &Frame<'_>| {
        let tokens = found(kept);
        RevokeAnyToken {
            csrf: CSRF,
            token: tokens[1],
        }
        .render(frame)
    };
    Sample::of_administrator("any token revoked", Owning(kept(), render))
}

pub(crate) fn samples() -> Vec<Sample> {
    let login = Login::parse("mina-park").unwrap();
    let client_id = ClientId::parse("0123456789abcdef0123").unwrap();
    let digest = SecretDigest::of("token");
    let none = || (Vec::new(), Login::parse("mina-park").unwrap());
    vec![
        refused("all tokens", None),
        refused("all tokens, nothing sought", Some(SearchProblem::Unknown)),
        refused("all tokens, a token", Some(SearchProblem::Token)),
        refused("all tokens, last eight", Some(SearchProblem::LastEight)),
        refused(
            "all tokens, last eight of a digest",
            Some(SearchProblem::LastEightOfDigest),
        ),
        refused("all tokens, no user", Some(SearchProblem::NoSuchUser)),
        refused("all tokens, no app", Some(SearchProblem::NoSuchApp)),
        search("all tokens, of a user", SoughtTokens::User(login), kept()),
        search(
            "all tokens, of an app",
            SoughtTokens::App(client_id),
            none(),
        ),
        search(
            "all tokens, of a digest",
            SoughtTokens::Digest(digest),
            none(),
        ),
        revoke(),
    ]
}
