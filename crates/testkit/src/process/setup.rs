//! What a test needs before it can begin: users, apps and their clients, made through the command
//! line as an operator would.

use std::io;

use serde_json::Value;

use super::Program;
use super::connection::{Connection, Reply, basic};
use crate::engine::PATIENCE;

/// What the audit trail of an installation begins with that `init`, `serve` or `quickstart` made.
pub const FIRST_EVENTS: [&str; 6] = [
    "key.added",
    "organization.created",
    "app.created",
    "app.secret_published",
    "app.created",
    "app.secret_published",
];

/// The client ids of the apps that such an installation has, as they are listed.
pub const FIRST_APPS: [&str; 2] = ["178c6fc778ccc68e1d6a", "0120e057bd645470c1ed"];

/// A user, as they would sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The login.
    pub login: String,
    /// The password.
    pub password: String,
}

impl Person {
    /// Whoever signs in so.
    pub fn new(login: &str, password: &str) -> Self {
        Self {
            login: login.to_owned(),
            password: password.to_owned(),
        }
    }
}

/// An OAuth app, as its owner knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthApp {
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
}

/// Somebody with a credential, on a connection of their own.
#[derive(Debug)]
pub struct ApiClient {
    connection: Connection,
    authorization: String,
}

impl Program {
    /// Hashes passwords at the least cost: for tests that are not about passwords.
    #[must_use]
    pub fn with_cheap_passwords(self) -> Self {
        self.with_environment("COUNTERFOIL_PASSWORDS__MEMORY_KIB", "8")
            .with_environment("COUNTERFOIL_PASSWORDS__ITERATIONS", "1")
    }

    /// Lets a user change any number of things in an hour: for proofs that change more than one
    /// may.
    #[must_use]
    pub fn with_any_number_of_changes(self) -> Self {
        self.with_environment("COUNTERFOIL_LIMITS__WRITES_PER_HOUR", "0")
    }

    /// Waits for the database nearly as long as clients wait for answers, and has room for a crowd
    /// that signs in at once: for crowds on one row, of which the last comes late on a busy
    /// machine, when no password is remembered any more.
    #[must_use]
    pub fn with_patience(self) -> Self {
        let time = format!("{}s", PATIENCE.as_secs());
        self.with_environment("COUNTERFOIL_DATABASE__CONNECT_TIMEOUT", &time)
            .with_environment("COUNTERFOIL_DATABASE__STATEMENT_TIMEOUT", &time)
            .with_environment("COUNTERFOIL_DATABASE__LOCK_TIMEOUT", &time)
            .with_environment("COUNTERFOIL_PASSWORDS__QUEUE", "1000")
    }

    /// Makes the installation unless there is one: commands other than `init`, `serve` and
    /// `quickstart` want one.
    pub fn init(&self) {
        if self.folder().join("counterfoil-data").exists() {
            return;
        }
        // What a namespace has mounted there is not seen from here.
        let made = self.command(&["init"], "");
        if !made.stderr.contains("there is an installation in ") {
            made.succeeded();
        }
    }

    /// Makes a user with a verified address, and the installation if there is none.
    pub fn add_user(&self, login: &str) -> Person {
        self.init();
        let password = format!("{login}'s password");
        let email = format!("{login}@example.org");
        self.command(
            &[
                "user",
                "create",
                login,
                "--email",
                &email,
                "--password-stdin",
            ],
            &password,
        )
        .succeeded();
        Person {
            login: login.to_owned(),
            password,
        }
    }

    /// Makes an app of this user.
    pub fn add_app(&self, owner: &Person, name: &str) -> OauthApp {
        let url = "http://app.example.org";
        let added = self.json(
            &[
                "app",
                "create",
                name,
                "--owner",
                &owner.login,
                "--url",
                url,
                "--callback-url",
                url,
            ],
            "",
        );
        let text = |name: &str| {
            let value = added[name].as_str();
            value.expect("what was added has this member").to_owned()
        };
        OauthApp {
            client_id: text("client_id"),
            client_secret: text("client_secret"),
        }
    }

    /// The whole audit trail, oldest first.
    pub fn audit_trail(&self) -> Vec<Value> {
        let list = ["audit", "list", "--oldest-first", "--limit", "1000000"];
        let trail = self.json(&list, "");
        trail["events"]
            .as_array()
            .expect("a list of events")
            .clone()
    }
}

impl Person {
    /// A connection on which this user sends a password with every request.
    pub fn connect(&self, base_url: &str) -> io::Result<ApiClient> {
        Ok(ApiClient {
            connection: Connection::open(base_url)?,
            authorization: basic(&self.login, &self.password),
        })
    }
}

impl ApiClient {
    /// A connection on which every request carries this token.
    pub fn with_token(base_url: &str, token: &str) -> io::Result<Self> {
        let mut client = Self {
            connection: Connection::open(base_url)?,
            authorization: String::new(),
        };
        client.use_token(token);
        Ok(client)
    }

    /// Sends another token from now on, over the same connection.
    pub fn use_token(&mut self, token: &str) {
        self.authorization = format!("token {token}");
    }

    /// Sends a request to a path under the API's root, and reads its answer.
    pub fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Reply> {
        let headers = [("authorization", self.authorization.as_str())];
        self.connection
            .ask(method, &format!("/api/v3{path}"), &headers, body)
    }

    /// [`ApiClient::ask`], where an answer must come.
    #[track_caller]
    pub fn must(&mut self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.ask(method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path} was not answered: {error}"))
    }
}
