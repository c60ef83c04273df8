//! Nothing stale. Many check tokens, sessions and links while some revoke, reset, narrow, suspend,
//! sign out and change whatever a check leans on, through the API, on the pages, in the flows of
//! apps and at the command line. Each acknowledgement counts from the moment it was had: no check
//! that begins after it may succeed by what was true before. And nobody is refused while nothing
//! has ended.
//!
//! `COUNTERFOIL_STALE_CHECKS` sets the number of checks.

mod board;
mod by_api;
mod by_command;
mod by_flow;
mod by_page;
mod changer;
mod checker;
mod history;
mod probe;
mod report;
mod tokens;
mod unannounced;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Program, Running};

use self::board::Board;
use self::changer::{Changer, Ground, Through, organization_of};
use self::checker::{Check, check_until_over};
use self::history::Wrong;
use self::report::{report, wrong_ones};

/// Checks in a test run; the full proof has more.
const CHECKS: u64 = 30_000;
/// Connections that check, and those who change what they check.
const CHECKERS: usize = 8;
const CHANGERS: [Through; 6] = [
    Through::Api,
    Through::CommandLine,
    Through::Pages,
    Through::Api,
    Through::CommandLine,
    Through::Flows,
];
/// Whoever is an administrator all the time.
const ADMINISTRATOR: &str = "warden";

#[test]
fn no_check_succeeds_by_what_was_acknowledged_to_have_ended() {
    let wanted = checks_wanted().unwrap_or(CHECKS);
    let Run {
        checks,
        changes,
        said,
    } = run(&CHANGERS, wanted);
    let wrong = report(&checks, &changes);
    assert_eq!(wrong, 0, "see above; the server said:\n{said}");
    assert!(checks.len() as u64 >= wanted, "there were checks enough");
}

/// The proof can fail: what is ended without being announced goes on succeeding, and is found.
#[test]
fn an_end_that_nobody_was_told_of_is_found() {
    let run = run(&[Through::Database], 1_000);
    let wrong = wrong_ones(&run.checks);
    let stale = |wrong: &&(&Check, Wrong<'_>)| matches!(wrong.1, Wrong::Stale(_));
    assert!(wrong.iter().any(|wrong| stale(&wrong)));
    assert!(wrong.iter().all(|wrong| stale(&wrong)));
}

/// What came of a run.
struct Run {
    checks: Vec<Check>,
    changes: Vec<&'static str>,
    /// What the server said.
    said: String,
}

/// Serves, and lets everybody go until there were checks enough.
fn run(ways: &[Through], wanted: u64) -> Run {
    let folder = TestFolder::in_memory();
    let program = program_in(folder.path());
    let token = administrator(&program);
    let server = program.start_serve(&[]);
    let (board, changes) = (Board::new(ways.len(), wanted), Mutex::default());
    let ground = Ground {
        program: &program,
        board: &board,
        base_url: &server.base_url,
        administrator: &token,
        changes: &changes,
    };
    let checks = let_go(&ground, ways);
    Run {
        checks,
        said: server_said(server),
        changes: changes.into_inner().expect("no thread panics with it"),
    }
}

fn let_go(ground: &Ground<'_>, ways: &[Through]) -> Vec<Check> {
    let count = ways.len();
    let numbers = 0..count;
    let changers: Vec<_> = numbers.map(|number| Changer::new(ground, number)).collect();
    thread::scope(|scope| {
        for (changer, through) in changers.into_iter().zip(ways) {
            scope.spawn(move || changer.change_until_over(*through));
        }
        let check = |number| check_until_over(number, count, ground.board, ground.base_url);
        let checkers: Vec<_> = (0..CHECKERS)
            .map(|number| scope.spawn(move || check(number)))
            .collect();
        let done = checkers.into_iter().map(thread::ScopedJoinHandle::join);
        done.flat_map(|checks| checks.expect("a checker does not panic"))
            .collect()
    })
}

fn server_said(server: Running) -> String {
    let (status, said) = server.terminate_and_hear();
    assert!(status.success(), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// A program without the bounds that would refuse what a test like this one does on purpose.
fn program_in(folder: &Path) -> Program {
    let mut settings = String::new();
    for number in 0..CHANGERS.len() {
        let name = organization_of(number);
        writeln!(
            settings,
            "[gateway.rules.{name}]\norganizations = [\"{name}\"]"
        )
        .expect("a text takes any text");
    }
    fs::write(folder.join("counterfoil.toml"), settings).expect("the folder is the test's own");
    let mut program = Program::build_in(folder)
        .with_cheap_passwords()
        .with_any_number_of_changes()
        .with_environment("COUNTERFOIL_LOGGING__LEVEL", "warn")
        // Ended tokens are asked for as often as a flood would.
        .with_environment("COUNTERFOIL_CHECKS__UNKNOWN_PER_SECOND", "0")
        // Connections are made before they are needed, and commands take their time.
        .with_environment("COUNTERFOIL_LIMITS__HEADER_TIME", "600s")
        .with_environment("COUNTERFOIL_LIMITS__IDLE_TIME", "600s")
        // One token more ends the one before.
        .with_environment("COUNTERFOIL_TOKENS__LIVE_PER_SCOPE_SET", "1");
    // And so are passwords that were changed.
    for bound in [
        "FAILURES_PER_LOGIN_AND_ADDRESS",
        "FAILURES_PER_ADDRESS",
        "FAILURES_PER_LOGIN",
        "FAILURES_PER_LOGIN_SLOWED",
        "CODE_QUESTIONS_PER_MINUTE",
    ] {
        program = program.with_environment(&format!("COUNTERFOIL_SIGN_IN__{bound}"), "1000000");
    }
    program
}

/// Makes the administrator, and a token to act as one.
fn administrator(program: &Program) -> String {
    program.add_user(ADMINISTRATOR);
    let edit = ["user", "edit", ADMINISTRATOR, "--admin"];
    program.command(&edit, "").succeeded();
    let create = [
        "token",
        "create",
        ADMINISTRATOR,
        "--note",
        "duty",
        "--scopes",
        "site_admin",
    ];
    let made = program.json(&create, "");
    made["token"].as_str().expect("a token").to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test runs is no setting of the program"
)]
fn checks_wanted() -> Option<u64> {
    let text = std::env::var("COUNTERFOIL_STALE_CHECKS").ok()?;
    Some(
        text.parse()
            .expect("COUNTERFOIL_STALE_CHECKS must be a number"),
    )
}
