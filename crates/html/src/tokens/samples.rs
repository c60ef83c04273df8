//! Sample values for the tests of all pages.

use std::time::Duration;

use counterfoil_domain::app::{AppSummary, ClientId, KeptSecret};
use counterfoil_domain::authorization::{
    Authorization, EndedToken, Expiring, Kind, OwnToken, OwnTokenCounts, Provenance,
};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::expiry_offer::ExpiryOffer;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::Page;
use counterfoil_domain::scope::{Scope, ScopeSet, Standing};
use counterfoil_domain::text::Note;
use counterfoil_domain::time_zone::Zone;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::{PlainToken, TokenFormats};
use counterfoil_domain::token_life::TokenLife;

use super::{
    DeleteAllTokens, DeleteToken, EditToken, ExpiryProblem, Limit, Listed, MadeToken, NameProblem,
    NewToken, RegenerateToken, ShownBefore, TokenForm, TokenList, TokenProblems,
};
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View as _;

fn days(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + days * 24 * 60 * 60)
}

fn set(scopes: &str) -> ScopeSet {
    ScopeSet::parse(scopes.split_whitespace()).unwrap()
}

/// A personal token; what tells it apart is its number.
fn token(number: i64, name: &str, scopes: &str) -> OwnToken {
    OwnToken {
        authorization: Authorization {
            id: AuthorizationId(number),
            owner: AccountId(1),
            kind: Kind::Personal,
            scopes: set(scopes),
            administrator_epoch: None,
            note: Some(Note::parse(name).unwrap()),
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
        },
        provenance: Provenance::Page,
        last_used_from: None,
        maker: None,
    }
}

fn used(mut token: OwnToken, at: Timestamp, from: Option<&str>) -> OwnToken {
    token.authorization.last_used_at = Some(at);
    token.last_used_from = from.map(|from| from.parse().unwrap());
    token
}

fn expiring(mut token: OwnToken, in_days: i64) -> OwnToken {
    token.authorization.expires_at = Some(days(in_days));
    token
}

/// A token in each state that a row can show.
fn live() -> Vec<OwnToken> {
    let long = format!("<b>\u{AC00}{}", "nightly backup of the wiki ".repeat(9));
    let mut of_administrator = expiring(token(7, "unused", ""), 0);
    of_administrator.authorization.kind = Kind::Impersonation {
        maker: AccountId(2),
    };
    of_administrator.provenance = Provenance::Impersonation;
    of_administrator.maker = Some(Login::parse("jonas").unwrap());
    vec![
        expiring(
            used(
                token(1, "deploy-bot on ci-3", "repo read:packages"),
                days(0),
                Some("192.0.2.14"),
            ),
            5,
        ),
        expiring(
            used(token(2, "laptop, gh", "repo read:org gist"), days(-1), None),
            62,
        ),
        used(
            token(3, &long, "repo read:packages admin:org gist user"),
            days(-162),
            Some("2001:db8:41::7"),
        ),
        OwnToken {
            provenance: Provenance::PasswordApi,
            ..token(4, "metrics exporter", "read:org")
        },
        of_administrator,
    ]
}

/// A token that ended for each reason that these lists have.
fn ended() -> Vec<EndedToken> {
    let reasons = [
        (EndReason::Expired, None),
        (EndReason::DeletedByOwner, None),
        (EndReason::Reset, None),
        (EndReason::Replaced, None),
        (EndReason::RevokedByOperator, None),
        (EndReason::RevokedByAdministrator, None),
        (EndReason::RevokedByAdministrator, Some("jonas")),
        (EndReason::Idle, None),
        (EndReason::PasswordChanged, None),
        (EndReason::MakerLostRights, None),
        (EndReason::Restored, None),
        (EndReason::GrantDeleted, None),
    ];
    let over = reasons.into_iter().map(|(reason, by)| EndedToken {
        token: token(1, "<b>old", "repo"),
        ended_at: days(-3),
        reason,
        by: by.map(|login| Login::parse(login).unwrap()),
    });
    let mut ended: Vec<_> = over.collect();
    let mut of_app = token(2, "an app's", "gist");
    of_app.authorization.kind = Kind::App(AppSummary {
        id: counterfoil_domain::id::AppId(1),
        name: counterfoil_domain::text::DisplayName::parse("Deployer <b>").unwrap(),
        url: counterfoil_domain::app::AppUrl::parse("https://app.example.org").unwrap(),
        client_id: ClientId::parse("0123456789abcdef0123").unwrap(),
        updated_at: days(-200),
    });
    ended.push(EndedToken {
        token: of_app,
        ended_at: days(-1),
        reason: EndReason::MaxForApp,
        by: None,
    });
    ended
}

fn counts(live: u64, ended: u64) -> OwnTokenCounts {
    OwnTokenCounts {
        live,
        personal: live,
        ended,
        ..OwnTokenCounts::default()
    }
}

fn list(name: &'static str, counts: OwnTokenCounts, tokens: Vec<OwnToken>, page: u32) -> Sample {
    Sample::of_person(
        name,
        Owning(
            (counts, tokens),
            move |(counts, tokens): &(_, Vec<_>), frame: &Frame<'_>| {
                let view = TokenList {
                    counts,
                    listed: Listed::Live(tokens),
                    page: Page::new(page, 30),
                };
                view.render(frame)
            },
        ),
    )
}

fn ended_list(name: &'static str, counts: OwnTokenCounts, tokens: Vec<EndedToken>) -> Sample {
    Sample::of_person(
        name,
        Owning(
            (counts, tokens),
            |(counts, tokens): &(_, Vec<_>), frame: &Frame<'_>| {
                let view = TokenList {
                    counts,
                    listed: Listed::Ended {
                        tokens,
                        live_per_scope_set: 10,
                    },
                    page: Page::new(1, 30),
                };
                view.render(frame)
            },
        ),
    )
}

fn expiring_counts(expiring: u64) -> OwnTokenCounts {
    OwnTokenCounts {
        expiring,
        expires_first: Some(Expiring {
            id: AuthorizationId(1),
            note: Note::parse("<b>deploy-bot").unwrap(),
            expires_at: days(5),
        }),
        ..counts(5, 12)
    }
}

fn lists() -> Vec<Sample> {
    // The longest row of all, as often as one page has it.
    let full = (0..30).map(|_| live().swap_remove(2)).collect();
    let of_thirty = (0..30)
        .map(|_| ended().pop().expect("there are some"))
        .collect();
    vec![
        list("tokens", expiring_counts(1), live(), 1),
        list("tokens, two expire", expiring_counts(2), live(), 1),
        list("tokens, none", OwnTokenCounts::default(), Vec::new(), 1),
        list("tokens, a full page", counts(95, 12), full, 2),
        list("tokens, beyond the last page", counts(1, 0), Vec::new(), 2),
        ended_list("tokens, ended", counts(0, 13), ended()),
        ended_list("tokens, none ended", OwnTokenCounts::default(), Vec::new()),
        ended_list(
            "tokens, a full page of ended ones",
            counts(0, 1_000),
            of_thirty,
        ),
    ]
}

fn offer(maximum: Option<Duration>) -> ExpiryOffer {
    let life = TokenLife {
        maximum,
        ..TokenLife::default()
    };
    ExpiryOffer::new(life, &Zone::find("Asia/Seoul").unwrap(), NOW)
}

fn form(name: &str, expiry: &str, scopes: &str) -> TokenForm {
    TokenForm {
        name: name.to_owned(),
        expiry: expiry.to_owned(),
        last_day: "2026-<b>".to_owned(),
        scopes: scopes.split_whitespace().filter_map(Scope::find).collect(),
    }
}

fn new(
    name: &'static str,
    form: TokenForm,
    problems: TokenProblems,
    maximum: Option<Duration>,
) -> Sample {
    let values = (form, problems, offer(maximum));
    Sample::of_person(
        name,
        Owning(
            values,
            |(form, problems, offer): &(_, _, _), frame: &Frame<'_>| {
                let view = NewToken {
                    csrf: "dG9rZW4",
                    once: "b25jZQ",
                    offer,
                    standing: Standing::SiteAdministrator,
                    form,
                    problems,
                };
                view.render(frame)
            },
        ),
    )
}

fn forms() -> Vec<Sample> {
    let none = TokenProblems::default;
    let every = Scope::all().map(Scope::name).collect::<Vec<_>>().join(" ");
    let wrong = TokenProblems {
        name: Some(NameProblem::Missing),
        expiry: Some(ExpiryProblem::NoSuchDay),
        for_administrators: vec![Scope::find("site_admin").unwrap()],
        limit: Some(Limit::LiveTokens(1_000)),
    };
    let other = |name, limit| TokenProblems {
        name: Some(name),
        expiry: Some(ExpiryProblem::NoChoice),
        limit: Some(limit),
        ..TokenProblems::default()
    };
    let hours = Duration::from_hours;
    let values = ["<b>name", "date", "repo"];
    let typed = || form(values[0], values[1], values[2]);
    vec![
        new("new-token", TokenForm::default(), none(), None),
        new(
            "new-token, all ticked",
            form("<b>", "90", &every),
            none(),
            None,
        ),
        new("new-token, wrong", typed(), wrong, Some(hours(24 * 60))),
        new(
            "new-token, taken",
            typed(),
            other(NameProblem::Taken, Limit::MadeInAnHour(60)),
            Some(hours(1)),
        ),
        new(
            "new-token, too long",
            typed(),
            other(NameProblem::TooLong, Limit::UnverifiedAddress),
            None,
        ),
        new(
            "new-token, control",
            typed(),
            other(NameProblem::Control, Limit::LiveTokens(1)),
            None,
        ),
    ]
}

fn of_one(
    name: &'static str,
    token: OwnToken,
    show: fn(&OwnToken, &Frame<'_>) -> String,
) -> Sample {
    Sample::of_person(name, Owning(token, show))
}

fn edit(token: &OwnToken, frame: &Frame<'_>) -> String {
    let problems = TokenProblems {
        name: Some(NameProblem::Taken),
        ..TokenProblems::default()
    };
    let view = EditToken {
        csrf: "dG9rZW4",
        token,
        standing: Standing::Ordinary,
        form: &form("<b>other", "", "repo site_admin"),
        problems: &problems,
    };
    view.render(frame)
}

fn regenerate(token: &OwnToken, frame: &Frame<'_>) -> String {
    let view = RegenerateToken {
        csrf: "dG9rZW4",
        once: "b25jZQ",
        token,
        offer: &offer(None),
        form: &TokenForm::default(),
        problems: &TokenProblems::default(),
    };
    view.render(frame)
}

fn delete(token: &OwnToken, frame: &Frame<'_>) -> String {
    let view = DeleteToken {
        csrf: "dG9rZW4",
        token,
    };
    view.render(frame)
}

fn made(token: &OwnToken, frame: &Frame<'_>) -> String {
    let view = MadeToken {
        token: &generated(),
        authorization: &token.authorization,
        api: "https://tokens.example.org/api/v3",
    };
    view.render(frame)
}

fn pages_of_one() -> Vec<Sample> {
    let token = |place| live().swap_remove(place);
    vec![
        Sample::of_person("token-shown-before", ShownBefore),
        of_one("token", token(0), edit),
        of_one("token-regenerate", token(0), regenerate),
        of_one("token-delete", token(0), delete),
        of_one("token-delete, never used", token(3), delete),
        of_one("token-delete, used from nowhere", token(1), delete),
        of_one("token-made", token(0), made),
        of_one("token-made, without scopes", token(4), made),
        delete_all("tokens-delete-all", counts(3, 0), None),
        delete_all(
            "tokens-delete-all, wrong number",
            OwnTokenCounts {
                last_used_at: Some(days(-2)),
                ..counts(1, 0)
            },
            Some("<b>"),
        ),
    ]
}

fn delete_all(name: &'static str, counts: OwnTokenCounts, typed: Option<&'static str>) -> Sample {
    Sample::of_person(
        name,
        Owning(counts, move |counts: &_, frame: &Frame<'_>| {
            let view = DeleteAllTokens {
                csrf: "dG9rZW4",
                counts,
                typed,
            };
            view.render(frame)
        }),
    )
}

/// Bytes that count up, so that the same token comes each time.
struct Counting;

impl counterfoil_domain::entropy::Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for (place, byte) in (0u8..).zip(bytes) {
            *byte = place;
        }
    }
}

fn generated() -> PlainToken {
    PlainToken::generate(&TokenFormats::default().personal, &Counting)
}

pub(crate) fn samples() -> Vec<Sample> {
    [lists(), forms(), pages_of_one()]
        .into_iter()
        .flatten()
        .collect()
}
