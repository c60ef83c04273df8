//! The pages under `docs/reference` say what the program does. They are generated from it: with
//! `COUNTERFOIL_UPDATE_REFERENCE=1` (what `cargo xtask reference` sets) these tests write them,
//! otherwise they compare.

mod attacks;
mod audit_events;
pub(crate) mod headers;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use counterfoil_authority::{Clock, IssueToken};
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::Provenance;
use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::text::Note;
use counterfoil_server::routes::{Credential, RateBucket, Route, SURFACES, Surface};
use counterfoil_server::{METRICS, Metric, MetricKind, Presence};
use counterfoil_testkit::{Answer, UserActor, World, WorldOptions};
use counterfoil_wire::documentation::Operation;
use counterfoil_wire::problem::ProblemKind;
use http::Method;
use serde_json::json;

use headers::{ANSWER_HEADERS, HeaderEntry, REQUEST_HEADERS};

#[expect(
    clippy::disallowed_methods,
    reason = "whether to write or to compare is asked for from outside"
)]
fn holds(name: &str, generated: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/reference")
        .join(name);
    if std::env::var_os("COUNTERFOIL_UPDATE_REFERENCE").is_some() {
        std::fs::write(&file, generated).expect("the page can be written");
        return;
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == generated,
        "docs/reference/{name} is not what the program says; run `cargo xtask reference`"
    );
}

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    holds("commands.md", &counterfoil::commands::reference());
}

#[test]
fn the_page_of_settings_is_what_the_program_says() {
    holds("settings.md", &counterfoil::config::reference());
}

/// Clients read the header in ways of their own; whichever answer carries it is judged there.
#[test]
fn every_answer_that_says_when_to_try_again_is_on_the_page_of_retries() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/retries.md");
    let page = std::fs::read_to_string(&file).expect("the page is there");
    let (with, without) = page
        .split_once("Answers that carry none")
        .expect("the page tells both kinds");
    let mut judged = 0;
    for kind in ProblemKind::ALL {
        let row = format!("| {} `{}` |", kind.status().as_u16(), kind.message());
        let says = kind.when().contains("carries Retry-After");
        assert_eq!(with.contains(&row), says, "{row}");
        judged += usize::from(says);
    }
    assert!(judged >= 3);
    let locked = ProblemKind::TooManyAttempts.message();
    assert!(without.contains(&format!("| 403 `{locked}` |")));
}

#[test]
fn the_page_of_retries_judges_the_clients_that_the_tests_run() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(tests.join(path)).expect("the file is there");
    let page = read("../docs/reference/retries.md");
    for (client, file, before) in [
        (
            "PyGithub",
            "clients/drivers/requirements.txt",
            "\nPyGithub==",
        ),
        (
            "go-github",
            "clients/go_github/go.mod",
            "github.com/google/go-github/v89 v",
        ),
    ] {
        let pinned = read(file);
        let (_, rest) = pinned.split_once(before).expect("the client is pinned");
        let version = rest.lines().next().expect("a version");
        assert!(
            page.contains(&format!("{client} {version}")),
            "docs/reference/retries.md does not judge {client} {version}"
        );
    }
}

#[test]
fn the_page_of_routes_is_what_the_program_says() {
    let mut page = page("Routes", "Every route, by the surface that it belongs to.");
    for surface in SURFACES {
        page.push_str(&section_of(surface));
    }
    page.push_str(
        "`HEAD` works wherever `GET` does. A path of the REST API with another method than those of its table asks who is there, then\n\
         answers 404; any other path answers 404. There `OPTIONS` with an `Origin` is answered as a preflight request. A password may do\n\
         what every scope opens. On the operators' port there is also `GET /metrics`.\n",
    );
    holds("routes.md", &page);
}

/// What a column is called, and what stands in it for a route.
type Column = (&'static str, fn(&Route) -> String);

/// The routes of a surface, with those columns that any of its rows fills.
fn section_of(surface: &Surface) -> String {
    let root = match surface.root {
        "" => String::new(),
        root => format!("Paths lie under `{root}`.\n\n"),
    };
    let columns: [Column; 7] = [
        ("method", |route| {
            let method = route.method.as_ref();
            method.map_or("every".to_owned(), |method| format!("`{method}`"))
        }),
        ("path", |route| format!("`{}`", route.path)),
        ("operation", |route| {
            let operation = route.operation.map(Operation::id);
            operation.map_or_else(String::new, |id| format!("`{id}`"))
        }),
        ("credential", |route| described(route.credential).to_owned()),
        ("one of the scopes", |route| {
            let scopes = route.scopes.iter().map(|scope| format!("`{scope}`"));
            scopes.collect::<Vec<_>>().join(", ")
        }),
        ("writes to the audit trail", |route| {
            let action = route.audit.map(Action::as_str);
            action.map_or_else(String::new, |action| format!("`{action}`"))
        }),
        ("counts to rate limits", |route| {
            let counts = match route.bucket {
                RateBucket::Core => "yes",
                RateBucket::Free | RateBucket::Unlimited => "no",
            };
            counts.to_owned()
        }),
    ];
    let is_filled = |column: &&Column| {
        surface
            .routes
            .iter()
            .any(|route| !column.1(route).is_empty())
    };
    let filled: Vec<_> = columns.iter().filter(is_filled).collect();
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let titles = row(filled.iter().map(|column| column.0.to_owned()).collect());
    let rule = row(filled.iter().map(|_| "---".to_owned()).collect());
    let rows = surface.routes.iter();
    let rows = rows.map(|route| row(filled.iter().map(|column| column.1(route)).collect()));
    let rows: String = rows.collect();
    format!("## {}\n\n{root}{titles}{rule}{rows}\n", surface.name)
}

fn described(credential: Credential) -> &'static str {
    match credential {
        Credential::Nothing => "none",
        Credential::Visitor => "none; forms are bound to the browser",
        Credential::Session => "a session",
        Credential::FreshSession => "a session, with a proof within 15 minutes",
        Credential::AdministratorSession => "a session of a site administrator",
        Credential::FreshAdministratorSession => {
            "a session of a site administrator, with a proof within 15 minutes"
        }
        Credential::Password => "login and password",
        Credential::PasswordOrToken => "login and password, or a token",
        Credential::Token => "a token",
        Credential::TokenInPlaces => "a token, where the settings say",
        Credential::Optional => "none; what comes must be right",
        Credential::Administrator => "an administrator's token",
        Credential::App => "client id and secret",
        Credential::AppInBody => "client id and secret, in the body or with Basic",
        Credential::AppInPath => "client id and secret; off by default",
    }
}

#[test]
fn the_page_of_headers_is_what_the_program_says() {
    let mut page = page("Headers", "Every header that is read or sent.");
    for (title, entries) in [
        ("Of requests", REQUEST_HEADERS),
        ("Of answers", ANSWER_HEADERS),
    ] {
        let _ = writeln!(page, "## {title}\n\n| header | meaning |\n| --- | --- |");
        for HeaderEntry { name, meaning } in entries {
            let _ = writeln!(page, "| `{name}` | {meaning} |");
        }
        page.push('\n');
    }
    holds("headers.md", &format!("{}\n", page.trim_end()));
}

#[test]
fn the_page_of_statuses_is_what_the_program_says() {
    let mut page = page(
        "Statuses",
        "Every status that the REST API answers with. Errors have a JSON body with `message`, sometimes `errors`, \
         `documentation_url` and `status`.",
    );
    page.push_str("| status | message | when |\n| --- | --- | --- |\n");
    for (status, when) in SUCCESSES {
        let _ = writeln!(page, "| {status} | | {when} |");
    }
    for kind in ProblemKind::ALL {
        let message = kind.message().replace('\n', "\\n").replace('|', "\\|");
        let _ = writeln!(
            page,
            "| {} | `{message}` | {} |",
            kind.status().as_u16(),
            kind.when()
        );
    }
    page.push_str(
        "\nRequests that break the rules of HTTP are answered before any of this, with an empty body: 400 (not HTTP), 414 (the first\n\
         line is too long), 431 (too many or too long headers).\n",
    );
    holds("statuses.md", &page);
}

const SUCCESSES: &[(u16, &str)] = &[
    (
        200,
        "What was asked for, found or changed. `PUT` answers so when there was an authorization already.",
    ),
    (
        201,
        "An authorization was made. The body holds the token, the only time that it is shown.",
    ),
    (
        204,
        "It was deleted, or the user is a member, or a preflight request was answered. No body.",
    ),
    (
        302,
        "Whoever asks from outside an organization is sent to its public members, of whom there are none.",
    ),
    (
        304,
        "The client has the answer already (`If-None-Match`, `If-Modified-Since`). No body.",
    ),
];

#[test]
fn the_page_of_scopes_is_what_the_program_says() {
    let mut page = page(
        "Scopes",
        "Every scope, under the one that includes it. Scopes marked with a star count only while the token's owner is a site \
         administrator.",
    );
    for scope in Scope::all() {
        let depth = std::iter::successors(scope.parent(), |above| above.parent()).count();
        let star = if scope.is_for_administrators() {
            " *"
        } else {
            ""
        };
        let _ = writeln!(page, "{}- `{scope}`{star}", "  ".repeat(depth));
    }
    holds("scopes.md", &page);
}

#[test]
fn the_page_of_metrics_is_what_the_program_says() {
    let mut page = page(
        "Metrics",
        "Every metric on `GET /metrics` of the operators' port, in Prometheus's text format 0.0.4 or, where `Accept` asks for it, in \
         OpenMetrics 1.0. Numbers are those of one node since it started, unless they say otherwise. \
         [Monitoring](../run/monitoring.md) says what to do with them.",
    );
    page.push_str("| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n");
    for metric in METRICS {
        let labels = metric
            .labels
            .iter()
            .map(|(label, values)| format!("`{label}`: {values}"));
        let labels = labels.collect::<Vec<_>>().join("<br>");
        let presence = match metric.presence {
            Presence::Always => "",
            Presence::SharedDatabase => " Only on PostgreSQL.",
            Presence::Certificate => " Only with TLS.",
            Presence::Ordered => " Only where certificates are ordered by ACME.",
            Presence::Counted => " Not there in the first moments after a start.",
        };
        let Metric {
            name, kind, help, ..
        } = metric;
        let _ = writeln!(
            page,
            "| `{name}` | {} | {labels} | {help}{presence} |",
            kind.word()
        );
    }
    page.push_str("\n## Buckets\n\nUpper bounds in seconds; each histogram has one bucket more without any.\n\n| metric | bounds |\n| --- | --- |\n");
    for metric in METRICS {
        if let MetricKind::Histogram(bounds) = metric.kind {
            let bounds = bounds().iter().map(ToString::to_string).collect::<Vec<_>>();
            let _ = writeln!(page, "| `{}` | {} |", metric.name, bounds.join(", "));
        }
    }
    holds("metrics.md", &page);
}

#[tokio::test]
async fn every_header_of_the_page_is_sent_and_no_other() {
    let mut answers = answers_of_every_kind().await;
    answers.extend(limited_answers().await);
    answers.extend(pages().await);
    let mut seen: Vec<String> = answers
        .iter()
        .flat_map(|answer| answer.headers.keys())
        .map(ToString::to_string)
        .collect();
    seen.sort_unstable();
    seen.dedup();
    // The listener adds the date; in process there is no listener.
    let mut listed: Vec<String> = ANSWER_HEADERS
        .iter()
        .map(|entry| entry.name.to_lowercase())
        .filter(|name| name != "date")
        .collect();
    listed.sort_unstable();
    assert_eq!(seen, listed);
}

/// Pages: one whose form may end at an app, one that is not there, and one that leads on.
async fn pages() -> [Answer; 3] {
    let world = World::for_browsers().await;
    let visitor = world.visitor();
    [
        visitor.get("/login").await,
        visitor.get("/settings/nothing").await,
        visitor.get("/settings/sessions").await,
    ]
}

/// Answers where requests are limited: one within the limits, and one that is told to wait.
async fn limited_answers() -> [Answer; 2] {
    let options = WorldOptions {
        rate_limits: Some(RateLimits {
            per_minute: 1,
            ..RateLimits::default()
        }),
        ..WorldOptions::default()
    };
    let world = World::with(options).await;
    let ask = || async { world.anonymous().get("/meta").await };
    [ask().await, ask().await]
}

/// Answers that together have every header there is.
async fn answers_of_every_kind() -> Vec<Answer> {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Travis").await;
    let pair = json!({ "client_id": app.client_id, "client_secret": app.client_secret });
    let created = mona.post("/authorizations", pair).await;
    mona.post("/authorizations", json!({ "note": "second" }))
        .await;
    let anonymous = world.anonymous();
    let expiring = expiring_token(&world, &mona).await;
    let two_factor = world.user("octocat").await;
    let enabled = world
        .authority
        .enable_two_factor(&two_factor.account.login, &World::operator())
        .await;
    assert!(enabled.is_ok());
    // No date is told within the second of a change.
    world.advance(Duration::from_secs(1));
    vec![
        mona.from_address("192.0.2.7")
            .get("/authorizations?per_page=1")
            .await,
        mona.from_address("192.0.2.7")
            .get(&format!("/authorizations/{}", created.id()))
            .await,
        mona.from_address("192.0.2.7")
            .request(Method::GET, "/user")
            .header("accept-encoding", "gzip")
            .send_unchecked()
            .await,
        anonymous
            .request(Method::GET, "/user")
            .over_tls()
            .send()
            .await,
        anonymous
            .request(Method::OPTIONS, "/user")
            .header("origin", "https://example.com")
            .send()
            .await,
        anonymous.get_with_token(&created.token(), "/user").await,
        anonymous.get_with_token(&expiring, "/user").await,
        two_factor.get("/user").await,
        anonymous
            .request_anywhere(Method::GET, "/gateway/verify")
            .send()
            .await,
        anonymous
            .request_anywhere(Method::GET, "/gateway/verify")
            .header("authorization", &format!("token {}", created.token()))
            .send()
            .await,
        created,
    ]
}

/// A token that expires, which only operators make.
async fn expiring_token(world: &World, owner: &UserActor<'_>) -> String {
    let request = IssueToken {
        login: owner.account.login.clone(),
        client_id: None,
        scopes: ScopeSet::default(),
        note: Some(Note::parse("for a month").expect("a note")),
        fingerprint: None,
        expires_at: Some(world.clock.now().plus(Duration::from_hours(30 * 24))),
        token: None,
        provenance: Provenance::CommandLine,
    };
    let issued = world
        .authority
        .issue_token(request, &World::operator())
        .await;
    issued
        .expect("an operator may issue tokens")
        .token
        .expose()
        .to_owned()
}

fn page(title: &str, about: &str) -> String {
    format!(
        "# {title}\n\nGenerated by `cargo xtask reference` from the program; do not edit.\n\n{about}\n\n"
    )
}
