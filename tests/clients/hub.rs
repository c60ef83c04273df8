//! Debian's `hub` 2.14. It insists on HTTPS at port 443 of a host name, so it and the server share
//! a network namespace of their own; it trusts the certificate through `SSL_CERT_FILE`, and asks
//! for what it needs on standard input.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{NetworkNamespace, Output, Program, Running, finish};
use serde_json::Value;

use super::conversation::Conversation;
use super::driver::one_time_password;
use super::installation::{Installation, LOGIN, PASSWORD, text};

/// The name that hub is told.
pub(super) const HOST: &str = "counterfoil.test";

/// The ends of hub's questions.
const USER_NAME: &str = "username: ";
const NEVER_STORED: &str = "(never stored): ";
const CODE: &str = "authentication code: ";

/// How often hub may ask for a code that nobody gives before the server stops it.
const QUESTIONS_MAX: usize = 60;

/// What answers the first two.
const SIGN_IN: &[(&str, &str)] = &[(USER_NAME, LOGIN), (NEVER_STORED, PASSWORD)];

/// How long making a certificate may take.
const OPENSSL_LIMIT: Duration = Duration::from_mins(1);

/// A server on port 443 with a certificate, and what hub needs to trust it.
struct Stage {
    installation: Installation,
    server: Running,
    certificate: PathBuf,
    namespace: NetworkNamespace,
}

impl Stage {
    fn set(installation: Installation) -> Self {
        let namespace = NetworkNamespace::with_hosts(&[HOST]);
        let (certificate, key) = make_certificate(installation.folder.path());
        let program = Program::build_in(installation.folder.path()).inside(&namespace);
        let server = program.start_serve(&[
            "--listen",
            "127.0.0.1:443",
            "--public-url",
            &format!("https://{HOST}"),
            "--tls-cert",
            path_text(&certificate),
            "--tls-key",
            path_text(&key),
        ]);
        Self {
            installation,
            server,
            certificate,
            namespace,
        }
    }

    /// Runs `hub api user` for someone whose home is this folder, and answers its questions.
    fn hub(&self, home: &TestFolder, answers: &[(&str, &str)]) -> Output {
        let mut command = self.namespace.command(installed::tool("hub"), home.path());
        command
            .args(["api", "user"])
            .env("HOME", home.path())
            .env("GITHUB_HOST", HOST)
            .env("SSL_CERT_FILE", &self.certificate);
        // Each of these would answer a question before hub asks it.
        for name in [
            "GITHUB_USER",
            "GITHUB_PASSWORD",
            "GITHUB_TOKEN",
            "HUB_CONFIG",
            "XDG_CONFIG_HOME",
            "XDG_CONFIG_DIRS",
        ] {
            command.env_remove(name);
        }
        let mut hub = Conversation::start(&mut command);
        for (question, answer) in answers {
            hub.answer(question, answer);
        }
        hub.end()
    }

    /// The user's tokens, as the command line lists them.
    fn tokens(&self) -> Vec<Value> {
        let listed = self
            .installation
            .program
            .json(&["token", "list", LOGIN], "");
        listed.as_array().expect("a list of tokens").clone()
    }
}

/// A certificate for the host, made by a tool that has nothing to do with the program.
pub(super) fn make_certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let certificate = folder.join("certificate.pem");
    let key = folder.join("key.pem");
    let child = Command::new(installed::tool("openssl"))
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            &format!("/CN={HOST}"),
            "-addext",
            &format!("subjectAltName=DNS:{HOST}"),
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl can be started");
    finish(child, "openssl", OPENSSL_LIMIT).succeeded();
    (certificate, key)
}

pub(super) fn path_text(path: &Path) -> &str {
    path.to_str().expect("a path that the test made is text")
}

/// What hub wrote down for the next time.
fn kept_token(home: &TestFolder) -> String {
    let file = home.path().join(".config/hub");
    let text = fs::read_to_string(file).expect("hub wrote its settings");
    let token = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("oauth_token: "));
    token
        .unwrap_or_else(|| panic!("no token in {text}"))
        .to_owned()
}

#[test]
fn hub_makes_its_token_with_a_password_and_uses_it() {
    let stage = Stage::set(Installation::new());
    let home = TestFolder::on_disk();

    let output = stage.hub(&home, SIGN_IN).succeeded();
    assert_eq!(output.json()["login"], LOGIN);
    let token = kept_token(&home);
    assert!(token.starts_with("ghp_"));

    let tokens = stage.tokens();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    assert!(
        text(&tokens[0]["note"]).starts_with("hub for "),
        "{tokens:?}"
    );
    assert_eq!(tokens[0]["token_last_eight"], token[token.len() - 8..]);
    assert!(
        !stage.server.stderr().contains(&token),
        "no log has the token"
    );

    // The second time it needs no answers.
    let again = stage.hub(&home, &[]).succeeded();
    assert_eq!(again.json()["login"], LOGIN);
}

#[test]
fn hub_numbers_its_note_when_another_machine_has_taken_it() {
    let stage = Stage::set(Installation::new());

    for _ in 0..3 {
        // A new home is a new machine to hub.
        let home = TestFolder::on_disk();
        stage.hub(&home, SIGN_IN).succeeded();
    }
    let mut notes: Vec<String> = stage
        .tokens()
        .iter()
        .map(|token| text(&token["note"]))
        .collect();
    notes.sort();
    assert!(
        notes[1].ends_with(" 2") && notes[2].ends_with(" 3"),
        "{notes:?}"
    );
}

#[test]
fn hub_asks_for_a_one_time_code_and_makes_its_token() {
    let installation = Installation::new();
    let secret = installation.enable_two_factor();
    let stage = Stage::set(installation);
    let home = TestFolder::on_disk();

    let code = one_time_password(&secret);
    let output = stage
        .hub(&home, &[SIGN_IN, &[(CODE, &code)]].concat())
        .succeeded();
    assert_eq!(output.json()["login"], LOGIN);
    assert!(kept_token(&home).starts_with("ghp_"));
    assert_eq!(stage.tokens().len(), 1);
}

#[test]
fn hub_without_a_code_is_stopped_before_it_hammers_for_ever() {
    let installation = Installation::new();
    installation.enable_two_factor();
    let stage = Stage::set(installation);
    let home = TestFolder::on_disk();

    // At the end of its standard input hub takes every code for an empty one, and asks again as
    // fast as it is answered: without a header for the code, so that each request looks like a
    // first one.
    let output = stage.hub(&home, SIGN_IN);
    assert!(!output.status.success(), "{output:?}");
    let asked = output.stdout.matches(CODE).count();
    assert!(asked <= QUESTIONS_MAX, "asked {asked} times");
    assert!(stage.tokens().is_empty());
}
