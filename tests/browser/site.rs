//! A site of a test's own: the program with a clock that the test moves, and people who use it.

use std::time::Duration;

use counterfoil_domain::code::TotpSeed;
use counterfoil_testkit::process::{ApiClient, Person, Program, Running};
use counterfoil_testkit::{TestFolder, code_at};
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use super::window::{Look, Window};
use crate::mail::catcher::Catcher;

/// How long a code is shown. A page takes each once.
const STEP: Duration = Duration::from_secs(30);

/// See the module.
pub(super) struct Site {
    pub(super) server: Running,
    pub(super) program: Program,
    // Dropped last, when nothing works in it any more.
    folder: TestFolder,
}

/// What a person with two factors has in their pocket.
pub(super) struct Pocket {
    seed: TotpSeed,
    pub(super) recovery_codes: Vec<String>,
}

impl Pocket {
    /// With an authenticator that was told this secret, in base 32.
    pub(super) fn with_secret(secret: &str) -> Self {
        let seed = BASE32_NOPAD.decode(secret.replace(' ', "").as_bytes());
        let seed = seed.expect("a secret is shown in base 32");
        Self {
            seed: TotpSeed::from_bytes(&seed).expect("a seed has 20 bytes"),
            recovery_codes: Vec::new(),
        }
    }
}

impl Site {
    /// A site that serves, with nobody on it.
    pub(super) fn new() -> Self {
        Self::with(|program| program)
    }

    /// [`Site::new`], with a program that is set up otherwise.
    pub(super) fn with(set_up: impl FnOnce(Program) -> Program) -> Self {
        let folder = TestFolder::in_memory();
        let program = Program::with_movable_clock(folder.path()).with_cheap_passwords();
        let program = set_up(program);
        program.init();
        let server = program.start_serve(&[]);
        Self {
            server,
            program,
            folder,
        }
    }

    /// A site that sends mail, and where it goes.
    pub(super) fn with_mail() -> (Self, Catcher) {
        let catcher = Catcher::start(&json!({}));
        let port = catcher.port.to_string();
        let site = Self::with(|program| {
            program
                .with_environment("COUNTERFOIL_MAIL__SERVER", "127.0.0.1")
                .with_environment("COUNTERFOIL_MAIL__PORT", &port)
                .with_environment("COUNTERFOIL_MAIL__ENCRYPTION", "none")
                .with_environment("COUNTERFOIL_MAIL__SENDER", "tokens@example.org")
        });
        (site, catcher)
    }

    /// Stops the server, which writes down what it only remembers, and starts it again.
    pub(super) fn restarted(self) -> Self {
        self.restarted_with(|program| program)
    }

    /// [`Site::restarted`], with the program set up otherwise.
    pub(super) fn restarted_with(self, set_up: impl FnOnce(Program) -> Program) -> Self {
        assert!(self.server.terminate().success());
        let program = set_up(self.program);
        let server = program.start_serve(&[]);
        Self {
            server,
            program,
            folder: self.folder,
        }
    }

    /// The path of the link in a text, which is a secret of the site.
    #[track_caller]
    pub(super) fn path_of_link_in(&self, text: &str) -> String {
        let (_, rest) = text.split_once("/link/").expect("there is a link");
        let ends = |character: char| character.is_whitespace() || character == '"';
        let code = rest.split(ends).next().expect("it has a code");
        self.program.hold_secret(code);
        format!("/link/{code}")
    }

    /// Adds a person with a verified address.
    pub(super) fn person(&self, login: &str) -> Person {
        self.program.add_user(login)
    }

    /// Has a person use two factors.
    pub(super) fn enable_two_factor(&self, person: &Person) -> Pocket {
        let enabled = ["user", "otp", "enable", &person.login];
        let enabled = self.program.json(&enabled, "");
        let codes = enabled["recovery_codes"].as_array().expect("a list");
        Pocket {
            recovery_codes: codes.iter().map(text).collect(),
            ..Pocket::with_secret(&text(&enabled["secret"]))
        }
    }

    /// Opens a window in English, with light colours, as wide as a desk allows.
    pub(super) fn window(&self) -> Window {
        self.window_with(Look::default())
    }

    /// Opens a window onto the site by its name, under which there are passkeys, with a device that
    /// keeps some.
    pub(super) fn window_with_passkeys(&self, look: Look) -> Window {
        let by_name = self.server.base_url.replace("127.0.0.1", "localhost");
        let window = Window::open(&by_name, look);
        window.add_authenticator();
        window
    }

    pub(super) fn window_with(&self, look: Look) -> Window {
        Window::open(&self.server.base_url, look)
    }

    /// Fills in the form that a page which wants a session leads to.
    #[track_caller]
    pub(super) fn sign_in(&self, window: &Window, person: &Person, pocket: Option<&Pocket>) {
        window.fill("Login or e-mail address", &person.login);
        window.fill("Password", &person.password);
        window.press("Sign in");
        if let Some(pocket) = pocket {
            window.fill("Code from your authenticator app", &self.code(pocket));
            window.press("Continue");
        }
    }

    /// The code that a person's program shows now, which goes by: the next one is another.
    pub(super) fn code(&self, pocket: &Pocket) -> String {
        self.advance(STEP);
        code_at(&pocket.seed, self.program.now())
    }

    /// Lets time pass for the site.
    pub(super) fn advance(&self, by: Duration) {
        self.program.advance(by);
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
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
