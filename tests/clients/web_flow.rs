//! An app on another host that signs people in here, in a network of the test's own: where the app
//! is, who comes to it, and the organization that one of them is in.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{NetworkNamespace, OauthApp, Person, Program, Running};
use serde_json::{Value, json};

use super::browsing::Browsing;
use super::driver::{Answer, Driver, path_of};
use super::installation::text;

/// Where the app is.
pub(super) const APP: &str = "http://app.example.org:3000";
const APP_HOST: &str = "app.example.org";
/// The port that it listens on.
const APP_PORT: u16 = 3000;
/// Where the server is.
const SERVER: &str = "127.0.0.1:8080";

pub(super) const ORG: &str = "acme";
pub(super) const TEAM: &str = "operators";
/// A member of the organization and its team.
pub(super) const MEMBER: &str = "mona";
/// Somebody outside.
pub(super) const STRANGER: &str = "lisa";

/// See the module.
pub(super) struct WebFlow {
    pub(super) server: Running,
    pub(super) program: Program,
    pub(super) app: OauthApp,
    pub(super) callback: String,
    pub(super) namespace: NetworkNamespace,
    member: Person,
    stranger: Person,
    // Dropped last, when nothing works in it any more.
    pub(super) folder: TestFolder,
}

impl WebFlow {
    /// With an app that people come back to at this path.
    pub(super) fn new(callback: &str) -> Self {
        let folder = TestFolder::in_memory();
        let namespace = NetworkNamespace::with_hosts(&[APP_HOST]);
        let program = Program::build_in(folder.path())
            .with_cheap_passwords()
            .inside(&namespace);
        let (member, stranger) = (program.add_user(MEMBER), program.add_user(STRANGER));
        for command in [
            &["org", "create", ORG][..],
            &["org", "member", "add", ORG, MEMBER],
            &["team", "create", ORG, "Operators"],
            &["team", "member", "add", ORG, TEAM, MEMBER],
        ] {
            program.command(command, "").succeeded();
        }
        let callback = format!("{APP}{callback}");
        let create = ["app", "create", "Board", "--owner", STRANGER, "--url", APP];
        let made = program.json(&[&create[..], &["--callback-url", &callback]].concat(), "");
        Self {
            server: program.start_serve(&["--listen", SERVER]),
            app: OauthApp {
                client_id: text(&made["client_id"]),
                client_secret: text(&made["client_secret"]),
            },
            program,
            callback,
            namespace,
            member,
            stranger,
            folder,
        }
    }

    /// The member at a browser of theirs, which keeps its cookies.
    pub(super) fn member(&self) -> Browsing<'_> {
        self.browsing(&self.member)
    }

    /// The stranger at one of theirs.
    pub(super) fn stranger(&self) -> Browsing<'_> {
        self.browsing(&self.stranger)
    }

    fn browsing(&self, person: &Person) -> Browsing<'_> {
        Browsing::new(
            &self.program,
            &self.server.base_url,
            &self.namespace,
            person,
        )
    }

    /// What an app is told, and more.
    fn settings(&self, more: &Value) -> Value {
        let mut settings = json!({
            "url": self.server.base_url,
            "base_url": self.server.api_url(),
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            "callback": self.callback,
            "port": APP_PORT,
        });
        let more = more.as_object().expect("settings are an object");
        for (name, value) in more {
            settings[name] = value.clone();
        }
        settings
    }

    /// Has the app sign devices in, too.
    pub(super) fn let_devices_in(&self) {
        let edit = ["app", "edit", &self.app.client_id, "--device-flow"];
        self.program.command(&edit, "").succeeded();
    }

    /// A driver in JavaScript, inside the network.
    pub(super) fn node(&self, driver: &str, more: &Value) -> Client {
        let mut node = self.inside(&installed::tool("node"));
        node.arg(path_of(driver))
            .env("NODE_PATH", installed::node_modules());
        Client(Driver::run(&mut node, &self.settings(more)))
    }

    /// A driver in Python, inside the network.
    pub(super) fn python(&self, driver: &str) -> Client {
        let mut python = self.inside(&installed::python());
        python
            .arg(path_of(driver))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Client(Driver::run(&mut python, &self.settings(&json!({}))))
    }

    /// A program inside the network.
    pub(super) fn inside(&self, program: &Path) -> Command {
        self.namespace.command(program, self.folder.path())
    }

    /// Keeps a token that the app got, so that it is sought in what the server wrote.
    pub(super) fn hold(&self, token: &str) {
        assert!(token.starts_with("gho_"), "no token of an app");
        self.program.hold_secret(token);
    }
}

/// A program that serves until it is dropped.
pub(super) struct Serving(Child);

impl Serving {
    pub(super) fn start(command: &mut Command) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("the program can be started"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It holds nothing that needs an orderly end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A driver whose answers are held to a status.
pub(super) struct Client(Driver);

impl Client {
    pub(super) fn expect(&mut self, call: &Value, status: u64) -> Answer {
        let answer = self.0.call(call);
        assert_eq!(answer.status, status, "{call}: {answer:?}");
        answer
    }
}
