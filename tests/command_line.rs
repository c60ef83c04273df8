//! The command line, as an operator and a script meet it: the real program, in a folder of its own.

mod apps;
mod audit;
mod bench;
mod built_in_apps;
mod completion;
mod database;
mod doctor;
mod form;
mod installation;
mod json_log;
mod keys;
mod logins;
mod logs;
mod organizations;
mod pages;
mod planted_links;
pub(crate) mod quickstart;
mod secrets;
mod seed;
mod serve;
mod sessions;
mod settings;
mod terminal;
mod token_life;
mod tokens;
mod users;
mod walkthroughs;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use counterfoil::clock::SystemClock;
use counterfoil_authority::Clock;
use counterfoil_domain::code::TotpSeed;
use counterfoil_testkit::process::{Output, Program};
use counterfoil_testkit::{Engine, TestFolder, code_at, engine};
use data_encoding::BASE32_NOPAD;
use serde_json::Value;

/// A password that may be set.
const PASSWORD: &str = "correct horse battery staple";

/// The program in an empty folder.
struct Desk {
    program: Program,
    // Dropped last, when nothing works in it any more.
    folder: TestFolder,
}

impl Desk {
    fn empty() -> Self {
        Self::on(engine::chosen())
    }

    /// With its database in a file, for a test that is about that, as it says here.
    fn with_files(why: &'static str) -> Self {
        Self::on(engine::sqlite_only(why))
    }

    fn on(engine: Engine) -> Self {
        let folder = TestFolder::in_memory();
        let program = Program::build_in(folder.path()).with_cheap_passwords();
        let program = program.on(engine);
        Self { program, folder }
    }

    /// Without the settings that make passwords cheap for tests: as it is in earnest.
    fn in_earnest() -> Self {
        let folder = TestFolder::in_memory();
        let program = Program::build_in(folder.path());
        Self { program, folder }
    }

    /// With a user called mona, whose password is [`PASSWORD`].
    fn with_user() -> Self {
        Self::empty().and_user()
    }

    /// With an installation that holds nothing.
    fn with_installation() -> Self {
        let desk = Self::empty();
        desk.program.init();
        desk
    }

    /// The same with mona, in what there is already.
    fn and_user(self) -> Self {
        self.program.init();
        self.done(
            &["user", "create", "mona", "--email", "mona@example.org"],
            PASSWORD,
        );
        self
    }

    /// With mona, and an app of hers. Its client id and secret come with it.
    fn with_app() -> (Self, String, String) {
        let desk = Self::with_user();
        let app = desk.json(&["app", "create", "Board", "--owner", "mona"], "");
        let (id, secret) = (text(&app["client_id"]), text(&app["client_secret"]));
        (desk, id, secret)
    }

    /// Writes a file into the folder, which everybody may read.
    fn folder_file(&self, name: &str, content: &str) {
        fs::write(self.folder.path().join(name), content).expect("a test can write a file");
    }

    /// Writes a file into the data folder, for its owner only.
    fn data_file(&self, name: &str, content: &str) {
        let path = &self.folder.path().join("counterfoil-data").join(name);
        fs::write(path, content).expect("a test can write a file");
        let closed = fs::Permissions::from_mode(0o600);
        fs::set_permissions(path, closed).expect("a test may close its file");
    }

    /// Runs a command to its end.
    fn run(&self, arguments: &[&str], stdin: &str) -> Output {
        self.program.command(&complete(arguments), stdin)
    }

    /// Runs a command that must succeed, and gives what it said on standard error.
    fn done(&self, arguments: &[&str], stdin: &str) -> String {
        let output = self.run(arguments, stdin).succeeded();
        assert_eq!(output.stdout, "", "{arguments:?} printed data");
        output.stderr
    }

    /// Runs a command that must succeed, and gives what it printed on standard output.
    fn printed(&self, arguments: &[&str], stdin: &str) -> String {
        self.run(arguments, stdin).succeeded().stdout
    }

    /// Runs a command that must succeed, and reads the one JSON document that it prints.
    fn json(&self, arguments: &[&str], stdin: &str) -> Value {
        self.program.json(&complete(arguments), stdin)
    }

    /// The events of the audit trail, oldest first.
    fn events(&self) -> Vec<Value> {
        self.program.audit_trail()
    }

    /// Runs a command that must fail: with status 1, nothing on standard output, and one sentence
    /// on standard error, which is given without what every such sentence begins with.
    #[track_caller]
    fn refused(&self, arguments: &[&str], stdin: &str) -> String {
        self.ends_with(1, arguments, stdin)
    }

    /// [`Desk::refused`] for settings that are wrong: the status tells a service manager that they
    /// will be the next time.
    #[track_caller]
    fn settings_refused(&self, arguments: &[&str]) -> String {
        let status = if arguments.contains(&"serve") { 78 } else { 1 };
        self.ends_with(status, arguments, "")
    }

    /// Runs a command that is typed wrong, and gives the first line of what it says.
    #[track_caller]
    fn mistyped(&self, arguments: &[&str], stdin: &str) -> String {
        self.ends_with(2, arguments, stdin)
    }

    #[track_caller]
    fn ends_with(&self, status: i32, arguments: &[&str], stdin: &str) -> String {
        let output = self.run(arguments, stdin);
        let Output { stdout, stderr, .. } = &output;
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {stdout}{stderr}"
        );
        assert_eq!(stdout, "", "{arguments:?} printed data");
        // Which settings file was found is no part of the sentence.
        let mut said = stderr
            .lines()
            .filter(|line| !line.starts_with("note: the settings are "));
        let first = said.next().unwrap_or_default();
        let sentence = first.strip_prefix("error: ");
        let sentence = sentence.unwrap_or_else(|| panic!("{arguments:?} said {stderr}"));
        if status != 2 {
            assert_eq!(said.count(), 0, "{arguments:?} said {stderr}");
        }
        sentence.to_owned()
    }
}

/// Adds what commands need and no test is about.
fn complete<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut all = arguments.to_vec();
    match arguments {
        ["user", "create" | "passwd", ..] if !arguments.contains(&"--without-password") => {
            all.push("--password-stdin");
        }
        ["user", ..] => all.retain(|argument| *argument != "--without-password"),
        ["app", "create", ..] if !arguments.contains(&"--url") => {
            all.extend(["--url", "https://board.example.org"]);
            all.extend(["--callback-url", "https://board.example.org/callback"]);
        }
        _ => {}
    }
    all
}

/// What an authenticator with this secret, in base 32, shows now.
fn code_now(secret: &str) -> String {
    let seed = BASE32_NOPAD.decode(secret.as_bytes()).expect("base 32");
    let seed = TotpSeed::from_bytes(&seed).expect("a seed has 20 bytes");
    code_at(&seed, SystemClock::default().now())
}

/// A JSON string that must be one.
#[track_caller]
fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("{value} should be a string"))
        .to_owned()
}
