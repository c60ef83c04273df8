//! Metrics, alerts and the dashboard, as the programs read them that they are for.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_authority::{Letter, LinkTo, MailError, MailServerState, Mailer};
use counterfoil_server::{METRICS, MetricKind, Presence};
use counterfoil_testkit::process::operators::{WITH_OPS, metric, ops_url, until_metric};
use counterfoil_testkit::process::{Connection, Program};
use counterfoil_testkit::{Engine, TestFolder, World, WorldOptions, installed};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::links::with_mail;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0";

/// Reads all families by the parser of Prometheus's client for Python, and says each sample's name
/// with its labels.
const PARSER: &str = "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
for family in parse(sys.stdin.read()):
    assert family.documentation.endswith('.'), family.name
    for sample in family.samples:
        print(family.type, sample.name, ','.join(sorted(sample.labels)))
";

/// What a program says of a text. It must find nothing wrong with it.
fn told(program: &Path, arguments: &[&str], text: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut input = child.stdin.take().expect("standard input was piped");
    input.write_all(text.as_bytes()).expect("the program reads");
    drop(input);
    let output = child.wait_with_output().expect("the program ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaints}");
    format!("{said}{complaints}")
}

fn promtool(arguments: &[&str], text: &str) -> String {
    told(&installed::promtool(), arguments, text)
}

/// Checks both formats, and gives the names of the families in the text format.
fn families(text: &str, open_metrics: &str) -> BTreeSet<String> {
    // It says what it would rather have, and fails only at what is wrong.
    assert_eq!(promtool(&["check", "metrics"], text), "", "{text}");
    let samples = told(&installed::python(), &["-c", PARSER], open_metrics);
    for sample in samples.lines() {
        let parts: Vec<_> = sample.split(' ').collect();
        let name = parts[1];
        let metric = METRICS.iter().find(|metric| is_of(name, metric.name));
        let metric = metric.unwrap_or_else(|| panic!("{name} is not on the page of metrics"));
        let mut labels: Vec<_> = metric.labels.iter().map(|(label, _)| *label).collect();
        if name.ends_with("_bucket") {
            labels.push("le");
        }
        labels.sort_unstable();
        assert_eq!(parts[2], labels.join(","), "{name}");
    }
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// Whether a sample belongs to a metric.
fn is_of(sample: &str, metric: &str) -> bool {
    let rest = sample.strip_prefix(metric);
    rest.is_some_and(|rest| ["", "_bucket", "_count", "_sum"].contains(&rest))
}

fn expected(wanted: impl Fn(Presence) -> bool) -> BTreeSet<String> {
    let metrics = METRICS.iter().filter(|metric| wanted(metric.presence));
    metrics.map(|metric| metric.name.to_owned()).collect()
}

/// A sample of each metric: requests of several kinds, a gateway's and a count of tokens.
async fn busy(world: &World) {
    let mona = world.user("mona").await;
    mona.get("/user").await.assert_status(200);
    let gateway = world.anonymous();
    let gateway = gateway.request_anywhere(http::Method::GET, "/gateway/verify");
    gateway.send().await.assert_status(401);
    let counted = world.authority.take_inventory().await;
    counted.expect("the tokens can be counted");
}

#[tokio::test]
async fn every_metric_of_the_page_is_served_in_both_formats_and_no_other() {
    // Some are about nodes that share a database, and served by those alone.
    let world = World::with(WorldOptions {
        engine: Engine::Postgres,
        ..WorldOptions::default()
    })
    .await;
    busy(&world).await;
    let text = world.anonymous().get_ops("/metrics").await;
    let content_type = text.assert_status(200).header("content-type");
    assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
    let asked = world.anonymous();
    let asked = asked
        .request_anywhere(http::Method::GET, "/metrics")
        .on_the_operators_port()
        .header("accept", OPEN_METRICS);
    let open_metrics = asked.send().await;
    assert_eq!(
        open_metrics.assert_status(200).header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert_eq!(open_metrics.header("vary"), "Accept");
    let served = families(&text.text(), &open_metrics.text());
    let without_tls =
        expected(|presence| !matches!(presence, Presence::Certificate | Presence::Ordered));
    assert_eq!(served, without_tls);
}

#[test]
fn a_server_with_a_certificate_tells_what_prometheus_and_its_alerts_need() {
    let folder = TestFolder::in_memory();
    let program = Program::build_in(folder.path())
        .with_cheap_passwords()
        .on(Engine::Sqlite);
    program.add_user("mona");
    let create = ["token", "create", "mona", "--note", "x", "--scopes", "repo"];
    program.command(&create, "").succeeded();
    let server = program.start_serve(&[&WITH_OPS[..], &["--tls-self-signed"]].concat());
    let operators = ops_url(&server);
    // The first count runs beside the requests.
    until_metric(&operators, "counterfoil_tokens{kind=\"personal\"}", 1.0);
    let fetch = |accept: &str| {
        let mut connection = Connection::open(&operators).expect("the server accepts");
        let reply = connection.ask("GET", "/metrics", &[("accept", accept)], None);
        reply.expect("the server answers").text()
    };
    let shown = families(&fetch("*/*"), &fetch(OPEN_METRICS));
    let on_a_file =
        expected(|presence| !matches!(presence, Presence::SharedDatabase | Presence::Ordered));
    assert_eq!(shown, on_a_file);
    let told = |name: &str| metric(&operators, name);
    assert!(told("counterfoil_certificate_expiry_timestamp_seconds") > 4e9);
    assert!(told("counterfoil_ready") > 0.0);
    assert!(told("counterfoil_database_size_bytes") > 100_000.0);
    assert!(told("counterfoil_connections_limit") > 0.0);
    assert!(told("process_resident_memory_bytes") > 1e6);
    assert!(told("process_open_fds") > 5.0);
    assert!(told("process_open_fds") < told("process_max_fds"));
    assert!(told("process_threads") > 2.0);
    assert!(told("process_cpu_seconds_total") > 0.0);
    // It started after its user was made, and before its tokens were counted.
    let started = told("process_start_time_seconds");
    let counted = told("counterfoil_tokens_counted_timestamp_seconds");
    assert!(
        started <= counted + 1.0 && counted < started + 60.0,
        "{started} {counted}"
    );
}

#[tokio::test]
async fn requests_are_counted_by_class_of_route_and_gateways_by_what_they_are_told() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    mona.get("/user").await.assert_status(200);
    let token = mona.app_token(&app, &["repo"]).await.token();
    app.check(&world, &token).await.assert_status(200);
    let ask = async |path: &str, token: Option<&str>, status: u16| {
        let anybody = world.anonymous();
        let mut request = anybody.request_anywhere(http::Method::GET, path);
        if let Some(token) = token {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        request.send().await.assert_status(status);
    };
    let no_token = "0123456789abcdef0123456789abcdef01234567";
    ask("/gateway/verify", Some(&token), 200).await;
    ask("/gateway/verify", None, 401).await;
    ask("/gateway/verify", Some(no_token), 401).await;
    ask("/gateway/verify?scopes=site_admin", Some(&token), 403).await;
    ask("/gateway/verify/typo", Some(&token), 404).await;
    app.revoke(&world, &token).await.assert_status(204);
    ask("/gateway/verify", Some(&token), 401).await;
    ask("/healthz", None, 200).await;
    ask("/nowhere", None, 404).await;
    let text = world.anonymous().get_ops("/metrics").await.text();
    for line in [
        "counterfoil_gateway_checks_total{outcome=\"allowed\"} 1",
        "counterfoil_gateway_checks_total{outcome=\"no_token\"} 1",
        "counterfoil_gateway_checks_total{outcome=\"ill_formed\"} 1",
        "counterfoil_gateway_checks_total{outcome=\"unknown_token\"} 1",
        "counterfoil_gateway_checks_total{outcome=\"missing_scope\"} 1",
        "counterfoil_gateway_checks_total{outcome=\"unknown_rule\"} 1",
        "counterfoil_gateway_checks_total{outcome=\"suspended\"} 0",
        "counterfoil_request_duration_seconds_count{class=\"gateway\"} 6",
        "counterfoil_request_duration_seconds_count{class=\"token_check\"} 1",
        "counterfoil_request_duration_seconds_count{class=\"rest_read\"} 1",
        "counterfoil_request_duration_seconds_count{class=\"rest_write\"} 2",
        "counterfoil_request_duration_seconds_count{class=\"health\"} 1",
        "counterfoil_request_duration_seconds_count{class=\"other\"} 1",
    ] {
        assert!(text.lines().any(|held| held == line), "{line} in\n{text}");
    }
}

#[tokio::test]
async fn mail_that_waits_is_told_with_its_age_and_whether_it_was_tried() {
    let world = with_mail().await;
    let mona = world.user("mona").await;
    let told = async |lines: [&str; 4]| {
        let text = world.anonymous().get_ops("/metrics").await.text();
        for line in lines {
            assert!(text.lines().any(|held| held == line), "{line} in\n{text}");
        }
    };
    told([
        "counterfoil_mails_waiting{state=\"untried\"} 0",
        "counterfoil_mails_waiting{state=\"tried\"} 0",
        "counterfoil_mail_oldest_age_seconds 0.0",
        "counterfoil_mail_paused 0",
    ])
    .await;
    let (login, operator) = (&mona.account.login, World::operator());
    let offered = world
        .authority
        .offer_reset(login, LinkTo::MailOrShow, &operator);
    offered.await.expect("mona has an address");
    world.advance(Duration::from_secs(90));
    told([
        "counterfoil_mails_waiting{state=\"untried\"} 1",
        "counterfoil_mails_waiting{state=\"tried\"} 0",
        "counterfoil_mail_oldest_age_seconds 90.0",
        "counterfoil_mail_paused 0",
    ])
    .await;
    let mut server = MailServerState::default();
    let sent = world.authority.send_due(&Closed, &mut server).await;
    sent.expect("the outbox can be read");
    told([
        "counterfoil_mails_waiting{state=\"untried\"} 0",
        "counterfoil_mails_waiting{state=\"tried\"} 1",
        "counterfoil_mail_oldest_age_seconds 90.0",
        "counterfoil_mail_paused 0",
    ])
    .await;
}

/// A mail server that nobody reaches.
struct Closed;

impl Mailer for Closed {
    fn send(&self, _: Letter) -> BoxFuture<'static, Result<(), MailError>> {
        Box::pin(async { Err(MailError::Server("nobody is there".to_owned())) })
    }
}

fn packaged(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../packaging")
        .join(file)
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The names of the alerts, in the order of the file.
fn alerts(rules: &str) -> Vec<&str> {
    let name = |line: &'_ str| line.trim().strip_prefix("- alert: ").is_some();
    let lines = rules.lines().filter(|line| name(line));
    lines
        .map(|line| line.trim().trim_start_matches("- alert: "))
        .collect()
}

#[test]
fn each_alert_fires_when_it_should_and_stays_silent_otherwise() {
    let (rules, tests) = (
        packaged("prometheus/counterfoil.rules.yml"),
        packaged("prometheus/counterfoil.rules.test.yml"),
    );
    promtool(&["check", "rules", &rules.to_string_lossy()], "");
    promtool(&["test", "rules", &tests.to_string_lossy()], "");
    let (rules, tests) = (read(&rules), read(&tests));
    let page = read(&packaged("../docs/run/monitoring.md"));
    for alert in alerts(&rules) {
        let cases: Vec<_> = tests.split("alertname: ").skip(1).collect();
        let mut of_alert = cases
            .iter()
            .filter(|case| case.lines().next() == Some(alert));
        let fires = of_alert.any(|case| {
            let series = case.split("- name: ").next().unwrap_or_default();
            series.contains("exp_labels")
        });
        assert!(fires, "no series on which {alert} fires");
        assert!(
            page.contains(&format!("`{alert}`")),
            "{alert} is not in docs/run/monitoring.md"
        );
    }
    assert!(alerts(&rules).len() > 20);
}

/// The expressions of the dashboard as Prometheus gets them: Grafana puts in its variables.
fn expressions(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels
        .iter()
        .filter_map(|panel| panel["targets"].as_array());
    let expressions = targets.flatten().map(|target| target["expr"].as_str());
    expressions
        .map(|expression| expression.expect("an expression"))
        .map(|text| {
            text.replace("$__rate_interval", "5m")
                .replace("$instance", ".*")
        })
        .collect()
}

#[test]
fn the_dashboard_is_one_that_grafana_takes_and_each_of_its_expressions_parses() {
    let dashboard = read(&packaged("grafana/counterfoil.json"));
    let dashboard: Value = serde_json::from_str(&dashboard).expect("valid JSON");
    assert!(dashboard["schemaVersion"].as_u64() >= Some(36));
    assert_eq!(dashboard["uid"], "counterfoil");
    let variables = dashboard["templating"]["list"]
        .as_array()
        .expect("variables");
    assert_eq!(variables[0]["type"], "datasource");
    let mut ids = BTreeSet::new();
    let mut places = BTreeSet::new();
    for panel in dashboard["panels"].as_array().expect("panels") {
        assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{panel}");
        let place = &panel["gridPos"];
        let corner = (place["y"].as_u64(), place["x"].as_u64());
        assert!(places.insert(corner), "{panel}");
        assert!(place["x"].as_u64() <= Some(24) && place["w"].as_u64() <= Some(24));
        if panel["type"] != "row" {
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{panel}");
            assert!(
                panel["description"]
                    .as_str()
                    .is_some_and(|said| said.ends_with('.'))
            );
        }
    }
    let folder = TestFolder::in_memory();
    let file = folder.path().join("dashboard.rules.yml");
    let mut rules = "groups:\n- name: dashboard\n  rules:\n".to_owned();
    for (number, expression) in expressions(&dashboard).iter().enumerate() {
        let expression = Value::from(expression.as_str());
        let rule = format!("  - record: panel:{number}\n    expr: {expression}\n");
        rules.push_str(&rule);
    }
    fs::write(&file, rules).expect("a file of ours");
    promtool(&["check", "rules", &file.to_string_lossy()], "");
}

#[test]
fn alerts_and_dashboard_name_metrics_that_exist_and_the_dashboard_most_of_them() {
    let dashboard = read(&packaged("grafana/counterfoil.json"));
    let dashboard: Value = serde_json::from_str(&dashboard).expect("valid JSON");
    let shown = expressions(&dashboard).join("\n");
    let rules = read(&packaged("prometheus/counterfoil.rules.yml"));
    let tests = read(&packaged("prometheus/counterfoil.rules.test.yml"));
    let page = read(&packaged("../docs/run/monitoring.md"));
    for text in [&shown, &rules, &tests, &page] {
        for name in names(text) {
            let known = METRICS.iter().any(|metric| {
                let is_histogram = matches!(metric.kind, MetricKind::Histogram(_));
                name == metric.name || (is_histogram && is_of(&name, metric.name))
            });
            assert!(known, "{name} is no metric");
        }
    }
    let shown = names(&shown);
    let missing = METRICS.iter().filter(|metric| {
        let name = metric.name;
        !shown.iter().any(|shown| is_of(shown, name)) && !name.starts_with("process_")
    });
    assert_eq!(missing.count(), 0, "{shown:?}");
}

/// Everything in a text that looks like the name of a metric of ours.
fn names(text: &str) -> BTreeSet<String> {
    let is_of_a_name = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
    };
    let words = text.split(|character| !is_of_a_name(character));
    let ours = |word: &&str| word.starts_with("counterfoil_") || word.starts_with("process_");
    words.filter(ours).map(str::to_owned).collect()
}
