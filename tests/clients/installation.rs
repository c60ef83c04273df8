//! What a client meets: a server with a user and an app, set up by the command line as an operator
//! would.

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Program, Running};
use serde_json::Value;

pub(super) const LOGIN: &str = "octocat";

/// The user's password, with characters that a careless client would have to escape.
pub(super) const PASSWORD: &str = "correct horse: battery staple é";

/// The program in a folder of its own, with one user and one app.
pub(super) struct Installation {
    pub(super) program: Program,
    pub(super) app: App,
    // Dropped last, when nothing works in it any more.
    pub(super) folder: TestFolder,
}

/// An OAuth app, as its owner knows it.
pub(super) struct App {
    pub(super) client_id: String,
    pub(super) client_secret: String,
}

impl Installation {
    /// Sets it up; nothing serves yet.
    pub(super) fn new() -> Self {
        let folder = TestFolder::on_disk();
        let program = Program::build_in(folder.path());
        let email = format!("{LOGIN}@example.org");
        program.init();
        program
            .command(
                &[
                    "user",
                    "create",
                    LOGIN,
                    "--email",
                    &email,
                    "--password-stdin",
                ],
                PASSWORD,
            )
            .succeeded();
        let app = program.json(
            &[
                "app",
                "create",
                "Test app",
                "--owner",
                LOGIN,
                "--url",
                "http://app.example.org",
                "--callback-url",
                "http://app.example.org/callback",
            ],
            "",
        );
        let app = App {
            client_id: text(&app["client_id"]),
            client_secret: text(&app["client_secret"]),
        };
        Self {
            program,
            app,
            folder,
        }
    }

    /// Serves on a free port of loopback.
    pub(super) fn serve(&self) -> Running {
        self.program.start_serve(&[])
    }

    /// Turns two-factor on for the user and gives the secret, in base 32.
    pub(super) fn enable_two_factor(&self) -> String {
        let enabled = self.program.json(&["user", "otp", "enable", LOGIN], "");
        text(&enabled["secret"])
    }
}

/// A JSON string that must be one.
pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} should be a string"))
        .to_owned()
}
