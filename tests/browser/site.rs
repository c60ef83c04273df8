//! A site of a test's own: the program with a clock that the test moves, and people who use it.

use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{ApiClient, Person, Program, Running};

/// See the module.
pub(super) struct Site {
    pub(super) server: Running,
    pub(super) program: Program,
    // Dropped last, when nothing works in it any more.
    _folder: TestFolder,
}

impl Site {
    /// A site that serves, with nobody on it.
    pub(super) fn new() -> Self {
        let folder = TestFolder::in_memory();
        let program = Program::with_movable_clock(folder.path()).with_cheap_passwords();
        program.init();
        let server = program.start_serve(&[]);
        Self {
            server,
            program,
            _folder: folder,
        }
    }

    /// Adds a person with a verified address.
    pub(super) fn person(&self, login: &str) -> Person {
        self.program.add_user(login)
    }

    /// Lets time pass for the site.
    pub(super) fn advance(&self, by: Duration) {
        self.program.advance(by);
    }
}

#[test]
fn a_token_expires_when_the_clock_is_moved_for_server_and_commands_alike() {
    let site = Site::new();
    let mona = site.person("mona");
    let create = ["token", "create", &mona.login, "--scopes", "repo"];
    let rest = ["--note", "a job", "--expires-in", "30d"];
    let made = site
        .program
        .command(&[create.as_slice(), &rest].concat(), "");
    let token = made.succeeded().stdout;
    let mut client = ApiClient::with_token(&site.server.base_url, token.trim()).expect("it serves");
    let mut status = || client.must("GET", "/user", None).status;
    let list = ["token", "list", &mona.login];
    let mut seen = || {
        let listed = site.program.command(&list, "").succeeded().stdout;
        (status(), listed.contains("a job"))
    };
    assert_eq!(seen(), (200, true));
    site.advance(Duration::from_hours(30 * 24 - 1));
    assert_eq!(seen(), (200, true));
    site.advance(Duration::from_hours(2));
    assert_eq!(seen(), (401, false));
}
