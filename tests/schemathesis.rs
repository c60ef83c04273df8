//! Other people's fuzzer, schemathesis, reads the description of the API from the running program
//! and sends what it may and may not: nothing may break, no status may come that is not described,
//! and every body must be as described.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_testkit::process::{OauthApp, Output, Person, Program, Running, finish};
use counterfoil_testkit::{OWN_DESCRIPTION, TestFolder, installed};
use serde_json::{Value, json};

/// Cases in the run of the suite. `cargo xtask schemathesis` sets the variable that asks for more.
const CASES: usize = 1_000;

/// How long a thousand cases may take before they count as a hang.
const LIMIT: Duration = Duration::from_mins(10);

/// The same cases in every run.
const SEED: &str = "20221128";

/// What is checked of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance";

const ORGANIZATION: &str = "acme";
const TEAM: &str = "operators";
const ADMIN: &str = "admin";
const OTHER: &str = "hubot";

/// Tokens of the app: what revokes one is not to leave none.
const APP_TOKENS: usize = 6;

/// Of about 55 operations so many must have done something.
const OBLIGED_MIN: usize = 30;

/// A program that holds something of every kind.
struct Stage {
    server: Running,
    user: Person,
    app: OauthApp,
    admin_token: String,
    app_tokens: Vec<String>,
}

impl Stage {
    fn new(folder: &Path) -> Self {
        let program = Program::build_in(folder)
            .with_cheap_passwords()
            .with_any_number_of_changes()
            .with_environment("COUNTERFOIL_LEGACY_TOKEN_URLS", "true");
        let user = program.add_user("octocat");
        program.add_user(OTHER);
        let app = program.add_app(&user, "An app");
        for command in [
            &["user", "add", ADMIN, "--admin", "--password-stdin"][..],
            &["org", "add", ORGANIZATION],
            &["org", "member", "add", ORGANIZATION, ADMIN, "--admin"],
            &["org", "member", "add", ORGANIZATION, OTHER],
            &["team", "add", ORGANIZATION, "Operators"],
            &["team", "member", "add", ORGANIZATION, TEAM, ADMIN],
            &["team", "member", "add", ORGANIZATION, TEAM, OTHER],
        ] {
            program.command(command, "a password of theirs").succeeded();
        }
        let scopes = "site_admin,read:org,user,repo";
        let create = [
            "token", "create", ADMIN, "--note", "fuzz", "--scopes", scopes,
        ];
        let admin_token = text(&program.json(&create, "")["token"]);
        let server = program.start_serve(&[]);
        let mut caller = user
            .connect(&server.base_url)
            .expect("the server accepts connections");
        let app_tokens = (0..APP_TOKENS).map(|number| {
            let body = json!({
                "fingerprint": number.to_string(),
                "client_id": app.client_id,
                "client_secret": app.client_secret,
            });
            let made = caller.must("POST", "/authorizations", Some(&body));
            made.assert_status(201).token()
        });
        let app_tokens = app_tokens.collect();
        Self {
            server,
            user,
            app,
            admin_token,
            app_tokens,
        }
    }

    /// Who it asks as, by the names of the security schemes, and what there is to ask about: much
    /// of what it sends is right. Nothing ends the user who asks by password.
    fn settings(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let (app, id) = (&self.app, &self.app.client_id);
        let mut settings = String::new();
        for (scheme, name, secret) in [
            ("password", &self.user.login, &self.user.password),
            ("app", id, &app.client_secret),
        ] {
            let (name, secret) = (quoted(name), quoted(secret));
            let _ = writeln!(
                settings,
                "[auth.openapi.{scheme}]\nusername = {name}\npassword = {secret}"
            );
        }
        let token = quoted(&self.admin_token);
        let _ = writeln!(settings, "[auth.openapi.token]\nbearer = {token}");
        let tokens: Vec<_> = self.app_tokens.iter().map(String::as_str).collect();
        let known = [
            ("username", vec![OTHER, ADMIN]),
            ("org", vec![ORGANIZATION]),
            ("team_slug", vec![TEAM]),
            ("client_id", vec![id.as_str()]),
            ("access_token", tokens.clone()),
        ];
        let words = ["repo", "user", "gist", "read:org", tokens[0]].to_vec();
        for (name, values) in known.iter().chain(&[("words", words)]) {
            let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            let values = values.join(", ");
            let _ = writeln!(settings, "[dictionaries.{name}]\nvalues = [{values}]");
        }
        settings.push_str("[dictionaries.ids]\nvalues = [1, 2, 3]\n[parameters]\n");
        for (name, _) in &known {
            let _ = writeln!(
                settings,
                "{name} = {{ dictionary = \"{name}\", probability = 0.6 }}"
            );
        }
        settings.push_str(
            "[generation.dictionaries]\n\
             string = { dictionary = \"words\", probability = 0.6 }\n\
             integer = { dictionary = \"ids\", probability = 0.6 }\n",
        );
        settings
    }
}

/// What schemathesis came to.
struct Report {
    output: Output,
    /// Requests that it made.
    cases: u64,
    /// Operations that did what was asked of them at least once.
    obliged: usize,
}

fn run(stage: &Stage, folder: &Path, cases: usize) -> Report {
    let settings = folder.join("schemathesis.toml");
    fs::write(&settings, stage.settings()).expect("the settings can be written");
    let description = format!("{}/openapi.json", stage.server.api_url());
    let items = OWN_DESCRIPTION["paths"].as_object();
    let items = items.expect("the description has paths").values();
    let operations: usize = items
        .map(|item| item.as_object().map_or(0, serde_json::Map::len))
        .sum();
    // Some operations take so little that there are fewer different requests to them.
    let of_each = (cases + cases / 10).div_ceil(operations).to_string();
    let report = folder.join("report.json");
    let mut command = Command::new(installed::schemathesis());
    command
        .arg("--config-file")
        .arg(&settings)
        .args(["--no-color", "run", &description])
        .args(["--phases", "fuzzing", "--mode", "all", "--checks", CHECKS])
        .args(["--max-examples", &of_each, "--seed", SEED])
        .args(["--continue-on-failure", "--max-redirects", "0"])
        .args(["--suppress-health-check", "all", "--warnings", "off"])
        .args(["--report", "json", "--report-json-path"])
        .arg(&report)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("schemathesis can be started");
    let thousands = u32::try_from(cases.div_ceil(CASES)).expect("a sensible number");
    let output = finish(child, "schemathesis", LIMIT * thousands);
    let report = fs::read(&report)
        .unwrap_or_else(|error| panic!("{error}:\n{}{}", output.stdout, output.stderr));
    let report: Value = serde_json::from_slice(&report).expect("the report is JSON");
    let rates = report["valid_rates"].as_object();
    let rates = rates.expect("the report has rates").values();
    let obliged = rates.filter(|rate| rate["fuzzing"]["accepted"].as_u64() > Some(0));
    Report {
        cases: report["test_cases"]["generated"].as_u64().unwrap_or(0),
        obliged: obliged.count(),
        output,
    }
}

#[expect(clippy::print_stdout, reason = "the figures of a proof")]
fn tell(Report { cases, obliged, .. }: &Report) {
    println!("{cases} requests; {obliged} operations did what was asked");
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "`cargo xtask schemathesis` sets the number of cases"
)]
fn nothing_that_is_sent_by_the_description_breaks_anything_or_is_answered_otherwise() {
    let cases = std::env::var("COUNTERFOIL_SCHEMATHESIS_CASES");
    let cases = cases.map_or(CASES, |cases| cases.parse().expect("a number of cases"));
    let folder = TestFolder::on_disk();
    let stage = Stage::new(folder.path());
    let report = run(&stage, folder.path(), cases);
    let Output {
        status,
        stdout,
        stderr,
    } = &report.output;
    assert!(
        status.success(),
        "{stdout}{stderr}\n{}",
        stage.server.stderr()
    );
    tell(&report);
    assert!(report.cases >= cases as u64, "{} cases", report.cases);
    // Refusals alone would show little.
    assert!(report.obliged >= OBLIGED_MIN, "{}", report.obliged);
}
