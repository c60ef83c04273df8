//! An installation in a folder of its own, on the disk of a file, with what these tests ask of it.

use std::fs;
use std::path::{Path, PathBuf};

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::postgres::{self, Database};
use counterfoil_testkit::process::{ApiClient, Person, Program, Running};
use rusqlite::Connection;
use serde_json::{Value, json};

/// The program with a SQLite database.
pub(super) struct Desk {
    pub(super) program: Program,
    pub(super) folder: TestFolder,
    /// The database of the tests' server, if the data is in one.
    server: Option<String>,
}

impl Desk {
    pub(super) fn empty() -> Self {
        let folder = TestFolder::in_memory();
        let program = Program::build_in(folder.path()).with_cheap_passwords();
        Self {
            program,
            folder,
            server: None,
        }
    }

    /// The same with an installation that holds nothing.
    pub(super) fn installed(self) -> Self {
        self.program.init();
        self
    }

    /// With a user for each login.
    pub(super) fn with_users(logins: &[&str]) -> Self {
        let desk = Self::empty();
        for login in logins {
            desk.program.add_user(login);
        }
        desk
    }

    /// The same with its data in a PostgreSQL database.
    pub(super) fn on(mut self, database: &Database) -> Self {
        let url = database.url();
        self.program = self
            .program
            .with_environment("COUNTERFOIL_DATABASE_URL", &url);
        self.server = Some(database.name().to_owned());
        self
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn database(&self) -> PathBuf {
        self.path("counterfoil-data/counterfoil.db")
    }

    /// Makes a token of a user, and gives its id and itself.
    pub(super) fn token(&self, login: &str, note: &str) -> (i64, String) {
        let made = self.program.json(
            &["token", "create", login, "--note", note, "--scopes", "repo"],
            "",
        );
        let id = made["id"].as_i64().expect("an id");
        let token = made["token"].as_str().expect("a token").to_owned();
        (id, token)
    }

    pub(super) fn run(&self, arguments: &[&str]) -> String {
        self.program.command(arguments, "").succeeded().stderr
    }

    /// Runs a command that must fail with status 1, and gives its one sentence.
    #[track_caller]
    pub(super) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.program.command(arguments, "");
        assert_eq!(output.status.code(), Some(1), "{}", output.stderr);
        assert_eq!(output.stdout, "");
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
        let sentence = output.stderr.trim_end().strip_prefix("error: ");
        sentence.expect("an error begins so").to_owned()
    }

    /// Whether a token is live, without a server.
    pub(super) fn is_live(&self, token: &str) -> bool {
        let output = self
            .program
            .command(&["token", "check", "--token-stdin", "--json"], token);
        output.status.success()
    }

    /// What is kept of a user's password.
    pub(super) fn password_of(&self, login: &str) -> String {
        self.text(&format!(
            "SELECT password_phc FROM accounts WHERE login = '{login}'"
        ))
    }

    /// The version of a user's credentials.
    pub(super) fn version_of(&self, login: &str) -> String {
        self.text(&format!(
            "SELECT CAST(credential_version AS TEXT) FROM accounts WHERE login = '{login}'"
        ))
    }

    /// What one question of SQL answers as text.
    pub(super) fn text(&self, question: &str) -> String {
        if let Some(name) = &self.server {
            let answer = postgres::shared().look_up(name, question);
            answer.expect("an answer")
        } else {
            let connection = Connection::open(self.database()).expect("the database opens");
            let answer = connection.query_row(question, [], |row| row.get(0));
            answer.expect("the question has an answer")
        }
    }

    /// What one question of SQL answers.
    pub(super) fn look_up(&self, question: &str) -> i64 {
        look_up(&self.database(), question)
    }
}

pub(super) fn look_up(database: &Path, question: &str) -> i64 {
    let connection = Connection::open(database).expect("the database opens");
    let answer = connection.query_row(question, [], |row| row.get(0));
    answer.expect("the question has an answer")
}

/// Whether a token is taken by a running server.
pub(super) fn status_of(server: &Running, token: &str) -> u16 {
    let mut client = ApiClient::with_token(&server.base_url, token).expect("a connection");
    client.must("GET", "/user", None).status
}

/// How a running server answers somebody who signs in with a password.
pub(super) fn status_of_password(server: &Running, login: &str, password: &str) -> u16 {
    let person = Person::new(login, password);
    let mut client = person.connect(&server.base_url).expect("a connection");
    client.must("GET", "/authorizations", None).status
}

/// Every file of a folder, with its content.
pub(super) fn files_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            (name.into_owned(), fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

/// The body of a request for a token.
pub(super) fn token_body(note: &str) -> Value {
    json!({"note": note, "scopes": ["repo"]})
}
