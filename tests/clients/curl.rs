//! curl with every example of the reference page. Address, ids and secrets are real, and the bearer
//! header gives way to user name and password, as the page's own text demands; nothing else is
//! changed.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{Running, finish};
use serde_json::Value;

use super::installation::{App, Installation, LOGIN, PASSWORD, text};
use super::reference_page::{
    self as page, ALL, AUTHORIZATION_ID, BEARER, CLIENT_ID, CLIENT_SECRET, Example, GRANT_ID, HOST,
    TOKEN,
};

/// The longest that one call may take.
const CALL_LIMIT: Duration = Duration::from_mins(1);

/// What the examples' placeholders stand for.
struct Reader<'a> {
    server: &'a Running,
    app: &'a App,
    authorization_id: String,
    grant_id: String,
    home: TestFolder,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map_or_else(
            || panic!("no header {name} in {self:?}"),
            |(_, value)| value,
        )
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

impl<'a> Reader<'a> {
    fn new(installation: &'a Installation, server: &'a Running) -> Self {
        let home = TestFolder::on_disk();
        // The command line is the page's; what a test must see besides is asked for in curl's own
        // settings.
        let settings = format!(
            "silent\nshow-error\ndump-header = \"{}\"\n",
            Self::headers_file(&home).display()
        );
        fs::write(home.path().join(".curlrc"), settings).expect("curl's home is ours");
        Self {
            server,
            app: &installation.app,
            authorization_id: "1".to_owned(),
            grant_id: "1".to_owned(),
            home,
        }
    }

    fn headers_file(home: &TestFolder) -> PathBuf {
        home.path().join("headers")
    }

    /// The example with user name and password.
    fn with_password(&self, example: &Example) -> Answer {
        let credentials = format!("-u \"{LOGIN}:{PASSWORD}\"");
        self.run(&example.command().replace(BEARER, &credentials))
    }

    /// The example as it is printed, with a real token.
    fn with_token(&self, example: &Example, token: &str) -> Answer {
        self.run(&example.command().replace(TOKEN, token))
    }

    /// The example without the line that names credentials.
    fn without_credentials(&self, example: &Example) -> Answer {
        let line = format!("  {BEARER} \\\n");
        self.run(&example.command().replace(&line, ""))
    }

    /// The example with user name and password and one line more.
    fn with_header(&self, example: &Example, header: &str) -> Answer {
        let lines = format!("-u \"{LOGIN}:{PASSWORD}\" \\\n  -H '{header}'");
        self.run(&example.command().replace(BEARER, &lines))
    }

    fn run(&self, command: &str) -> Answer {
        let command = command
            .replace(HOST, &self.server.base_url)
            .replace(CLIENT_ID, &self.app.client_id)
            .replace(CLIENT_SECRET, &self.app.client_secret)
            .replace(AUTHORIZATION_ID, &self.authorization_id)
            .replace(GRANT_ID, &self.grant_id);
        // Says what to do when curl is missing.
        installed::tool("curl");
        let child = Command::new("sh")
            .args(["-c", &command])
            .env("HOME", self.home.path())
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sh can be started");
        let output = finish(child, &command, CALL_LIMIT).succeeded();
        let headers =
            fs::read_to_string(Self::headers_file(&self.home)).expect("curl wrote the headers");
        parse(&headers, output.stdout)
    }
}

/// Reads what curl wrote of the answer's head.
fn parse(head: &str, body: String) -> Answer {
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("no status in {head}"));
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_end().to_owned()))
        .collect();
    Answer {
        status,
        headers,
        body,
    }
}

/// The status is the wanted one, and one that the page lists for this endpoint.
fn assert_documented(example: &Example, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{example:?}: {answer:?}");
    assert!(
        example.statuses.contains(&status),
        "{status} is not listed for {example:?}"
    );
}

#[test]
fn every_example_of_the_reference_page_succeeds() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut reader = Reader::new(&installation, &server);

    let made = reader.with_password(&page::CREATE);
    assert_documented(&page::CREATE, &made, 201);
    let made = made.json();
    assert!(text(&made["token"]).starts_with("gho_"));
    assert_eq!(made["scopes"][0], "public_repo");
    assert_eq!(made["note_url"], "http://optional/note/url");
    reader.authorization_id = made["id"].to_string();

    for (example, status) in [
        (&page::LIST, 200),
        (&page::GET, 200),
        (&page::UPDATE, 200),
        // The same user and app, without a fingerprint: the one that was just made.
        (&page::GET_OR_CREATE, 200),
        (&page::GET_OR_CREATE_FINGERPRINT, 201),
        (&page::GET_OR_CREATE_FINGERPRINT, 200),
        (&page::DELETE, 204),
        (&page::GET_OR_CREATE, 201),
    ] {
        assert_documented(example, &reader.with_password(example), status);
    }

    let grants = reader.with_password(&page::LIST_GRANTS);
    assert_documented(&page::LIST_GRANTS, &grants, 200);
    reader.grant_id = grants.json()[0]["id"].to_string();
    assert_documented(
        &page::GET_GRANT,
        &reader.with_password(&page::GET_GRANT),
        200,
    );
    assert_documented(
        &page::DELETE_GRANT,
        &reader.with_password(&page::DELETE_GRANT),
        204,
    );
    assert_eq!(
        reader.with_password(&page::LIST).json(),
        serde_json::json!([])
    );
}

#[test]
fn curl_gets_pretty_bodies_that_end_with_a_line_end() {
    let installation = Installation::new();
    let server = installation.serve();
    let reader = Reader::new(&installation, &server);

    let made = reader.with_password(&page::CREATE);
    assert!(made.body.starts_with("{\n  \"id\": "), "{}", made.body);
    assert!(made.body.ends_with("\n}\n"), "{}", made.body);
    assert_eq!(made.header("content-length"), made.body.len().to_string());
}

#[test]
fn an_example_with_a_token_answers_403() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut reader = Reader::new(&installation, &server);
    let made = reader.with_password(&page::CREATE).json();
    let token = text(&made["token"]);
    reader.authorization_id = made["id"].to_string();

    for example in ALL {
        let answer = reader.with_token(example, &token);
        assert_eq!(answer.status, 403, "{example:?}: {answer:?}");
        assert_eq!(
            answer.json()["message"],
            "This API can only be accessed with username and password Basic Auth"
        );
    }
    let kept = reader.with_password(&page::GET);
    assert_eq!(kept.status, 200, "no example with a token changed anything");
}

#[test]
fn an_example_without_credentials_answers_401() {
    let installation = Installation::new();
    let server = installation.serve();
    let reader = Reader::new(&installation, &server);

    for example in ALL {
        let answer = reader.without_credentials(example);
        assert_eq!(answer.status, 401, "{example:?}: {answer:?}");
        assert_eq!(answer.json()["message"], "Requires authentication");
    }
}

#[test]
fn a_reading_example_with_the_tag_that_it_got_answers_304() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut reader = Reader::new(&installation, &server);
    reader.authorization_id = reader.with_password(&page::CREATE).json()["id"].to_string();
    reader.grant_id = reader.with_password(&page::LIST_GRANTS).json()[0]["id"].to_string();

    for example in [
        &page::LIST_GRANTS,
        &page::GET_GRANT,
        &page::LIST,
        &page::GET,
    ] {
        let first = reader.with_password(example);
        let condition = format!("If-None-Match: {}", first.header("etag"));
        let second = reader.with_header(example, &condition);
        assert_documented(example, &second, 304);
        assert_eq!(second.body, "");
        assert_eq!(second.header("etag"), first.header("etag"));
    }
}

#[test]
fn a_writing_example_with_another_apps_secret_answers_422() {
    let installation = Installation::new();
    let server = installation.serve();
    let reader = Reader::new(&installation, &server);

    for example in [
        &page::CREATE,
        &page::GET_OR_CREATE,
        &page::GET_OR_CREATE_FINGERPRINT,
    ] {
        let credentials = format!("-u \"{LOGIN}:{PASSWORD}\"");
        let command = example.command().replace(BEARER, &credentials);
        let command = command.replace(CLIENT_SECRET, "0000000000000000000000000000000000000000");
        let answer = reader.run(&command);
        assert_documented(example, &answer, 422);
        assert_eq!(
            answer.json()["message"],
            "Invalid Application client_id or secret."
        );
    }
}

#[test]
fn a_body_of_empty_texts_under_a_wrong_type_makes_a_personal_token() {
    let installation = Installation::new();
    let server = installation.serve();
    let reader = Reader::new(&installation, &server);
    // What curl sends with `-d` is labelled as a form, and some clients write an empty text where
    // they mean none.
    let example = Example {
        body: Some(
            r#"{"note":"personal","note_url":"","client_id":"","client_secret":"","scopes":["gist"]}"#,
        ),
        ..page::CREATE
    };

    let answer = reader.with_password(&example);
    assert_documented(&example, &answer, 201);
    let made = answer.json();
    assert!(text(&made["token"]).starts_with("ghp_"));
    assert_eq!(made["app"]["client_id"], "00000000000000000000");
    assert_eq!(made["note_url"], "");
}
