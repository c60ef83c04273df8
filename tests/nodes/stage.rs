//! Nodes: the built program several times over, each with a data folder of its own, on one
//! database.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use counterfoil_domain::digest::SecretDigest;
use counterfoil_testkit::postgres::Database;
use counterfoil_testkit::process::{ApiClient, Connection, Person, Program, Reply, Running};
use counterfoil_testkit::{Engine, TestFolder, installed};
use serde_json::json;

/// How long anything may take that should be soon.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// See the module.
pub(crate) struct Stage {
    pub(super) database: Database,
    pub(crate) user: Person,
    first: Program,
    /// The build that made the installation.
    binary: PathBuf,
    folder: TestFolder,
}

/// A token that somebody has.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) id: i64,
    pub(super) text: String,
}

impl Stage {
    /// An installation with a user, in a database of its own.
    pub(crate) fn set() -> Self {
        Self::set_by(installed::program())
    }

    /// [`Stage::set`], by another build of the program.
    pub(super) fn set_by(binary: PathBuf) -> Self {
        let database = Database::new();
        let folder = TestFolder::in_memory();
        let first = program(&binary, folder.path().join("first"), &database.url());
        // Whoever comes first makes the keys.
        let user = first.add_user("mona");
        Self {
            database,
            user,
            first,
            binary,
            folder,
        }
    }

    /// A program with a data folder of its own and the keys of the installation.
    pub(crate) fn node(&self, name: &str) -> Program {
        self.node_at(name, &self.database.url())
    }

    /// [`Stage::node`], of the build that made the installation.
    pub(super) fn node_of_first_build(&self, name: &str) -> Program {
        self.node_of(&self.binary, name, &self.database.url())
    }

    /// [`Stage::node`], with another way to the database.
    pub(super) fn node_at(&self, name: &str, database_url: &str) -> Program {
        self.node_of(&installed::program(), name, database_url)
    }

    fn node_of(&self, binary: &Path, name: &str, database_url: &str) -> Program {
        let node = program(binary, self.folder.path().join(name), database_url);
        let data = node.folder().join("counterfoil-data");
        fs::create_dir_all(&data).expect("the folder is the test's");
        let private = std::os::unix::fs::PermissionsExt::from_mode;
        fs::set_permissions(&data, private(0o700)).expect("the folder is the test's");
        let keys = self.first.folder().join("counterfoil-data/keys");
        // The copy keeps the mode.
        fs::copy(keys, data.join("keys")).expect("the first program made the keys");
        node
    }

    /// The program that made the installation.
    pub(super) fn first(&self) -> &Program {
        &self.first
    }

    /// A file or socket that goes with the stage.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a token of the user through this node.
    pub(super) fn token(&self, through: &Running, note: &str) -> Token {
        let mut client = self
            .user
            .connect(&through.base_url)
            .expect("the node accepts");
        issue(&mut client, note)
    }

    /// What whoever writes SQL by hand does to end a token, and to say so.
    pub(super) fn end_by_hand(token: &Token) -> String {
        format!("{}; {}", Self::end_silently(token), Self::announce(token))
    }

    /// The same without saying so.
    pub(super) fn end_silently(token: &Token) -> String {
        let id = token.id;
        format!(
            "UPDATE authorizations SET ended_at = created_at + 1, end_reason = 'revoked' WHERE id = {id};
            UPDATE token_digests SET ended_at = created_at + 1, end_reason = 'revoked' WHERE authorization_id = {id}"
        )
    }

    fn announce(token: &Token) -> String {
        let head = SecretDigest::of(&token.text).head();
        format!(
            "UPDATE change_feed SET number = number + 1 WHERE id = 1;
            INSERT INTO changes (number, kind, subject_id, digest_head, changed_at)
                SELECT f.number, 'authorization', {}, {head}, floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint
                FROM change_feed f WHERE f.id = 1",
            token.id
        )
    }
}

/// Makes a token with these credentials.
pub(super) fn issue(client: &mut ApiClient, note: &str) -> Token {
    let body = json!({ "note": note, "scopes": ["repo"] });
    let made = client.must("POST", "/authorizations", Some(&body));
    made.assert_status(201);
    Token {
        id: made.id(),
        text: made.token(),
    }
}

fn program(binary: &Path, folder: PathBuf, database_url: &str) -> Program {
    // Which database it is is said here, whatever the run is about.
    Program::of(binary.to_path_buf(), folder)
        .on(Engine::Sqlite)
        .with_environment("COUNTERFOIL_DATABASE_URL", database_url)
        .with_environment("COUNTERFOIL_LOGGING__LEVEL", "warn")
        .with_environment("COUNTERFOIL_CHECKS__UNKNOWN_PER_SECOND", "0")
        // Passwords that were changed are asked for again.
        .with_environment(
            "COUNTERFOIL_SIGN_IN__FAILURES_PER_LOGIN_AND_ADDRESS",
            "1000000",
        )
        .with_environment("COUNTERFOIL_SIGN_IN__FAILURES_PER_ADDRESS", "1000000")
        .with_environment("COUNTERFOIL_SIGN_IN__FAILURES_PER_LOGIN", "1000000")
        .with_environment("COUNTERFOIL_SIGN_IN__FAILURES_PER_LOGIN_SLOWED", "1000000")
        .with_cheap_passwords()
        .with_any_number_of_changes()
}

/// Somebody who checks tokens at one node, over one connection.
pub(super) struct Checker(Connection);

impl Checker {
    pub(super) fn of(base_url: &str) -> Self {
        Self(Connection::open(base_url).expect("the node accepts"))
    }

    /// What the node says to a token.
    pub(super) fn ask(&mut self, token: &str) -> Reply {
        let authorization = format!("token {token}");
        let headers = [("authorization", authorization.as_str())];
        let reply = self.0.ask("GET", "/api/v3/user", &headers, None);
        reply.expect("the node answers")
    }

    /// The status of it.
    pub(super) fn status(&mut self, token: &str) -> u16 {
        self.ask(token).status
    }

    /// Asks until the node answers with this status, and says how long that took.
    #[track_caller]
    pub(super) fn until(&mut self, token: &str, status: u16) -> Duration {
        let begun = Instant::now();
        loop {
            let answered = self.status(token);
            if answered == status {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < LIMIT, "{answered} and never {status}");
        }
    }
}
