//! `kill -9` at random moments under load. After each restart everything that was acknowledged is there, what was deleted
//! stays deleted, nobody has what they were not given, and the audit trail tells exactly what happened. A request whose
//! answer never came may have happened or not, but as a whole.
//!
//! `COUNTERFOIL_CRASH_ROUNDS` sets the number of kills, `COUNTERFOIL_CRASH_SEED` repeats the dice of a run that failed.

mod dice;
mod ledger;
mod load;
mod reckoning;
mod starts;
mod trail;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Program, Running};

use self::dice::Dice;
use self::ledger::Ledger;
use self::reckoning::reckon;
use self::trail::{Trail, assert_same};

/// Kills in a test run; the full proof has more.
const ROUNDS: u64 = 50;
/// How many users there are, and how many apps; each pair has a connection of its own.
const USERS: usize = 3;
const APPS: usize = 2;
/// Answers before a kill at most.
const ANSWERS_MAX: u64 = 250;
/// How long so many answers may take.
const PATIENCE: Duration = Duration::from_mins(2);

#[test]
fn what_was_acknowledged_survives_kill_nine_under_load() {
    let rounds = number_from_environment("COUNTERFOIL_CRASH_ROUNDS").unwrap_or(ROUNDS);
    let dice = Dice::announced();
    let folder = TestFolder::on_disk();
    let program = program_in(folder.path());
    let mut ledgers = ledgers(&program, &dice);
    let mut trail = Trail::default();
    let mut server = program.start_serve(&[]);
    for round in 1..=rounds {
        let answers = 1 + dice.below(ANSWERS_MAX);
        load_and_kill(
            server,
            &mut ledgers,
            answers,
            Duration::from_micros(dice.below(3000)),
        );
        server = program.start_serve(&[]);
        let when = format!("round {round}");
        reckon(&program, &server, &mut trail, &mut ledgers, &when);
    }
    // Nothing of the trail has changed since it was first read.
    let told = Trail::default().read_on(&program, "at the end");
    let entered = ledgers.iter().flat_map(|ledger| ledger.events.clone());
    assert_same(&told, &entered.collect::<Vec<_>>(), "at the end");
    for ledger in &mut ledgers {
        ledger.assert_all_ended_are_refused(&server.base_url);
    }
    assert!(server.terminate().success());
    report(rounds, &ledgers);
}

fn program_in(folder: &Path) -> Program {
    Program::build_in(folder)
        .with_cheap_passwords()
        // The bounds on tokens end some or refuse others, which is another test's subject.
        .with_environment("COUNTERFOIL_TOKENS__LIVE_PER_SCOPE_SET", "10000")
        .with_environment("COUNTERFOIL_TOKENS__LIVE_PER_USER", "100000")
        // Every token that ever ended is sent again, all from one address.
        .with_environment("COUNTERFOIL_CHECKS__UNKNOWN_PER_SECOND", "0")
        // A log line for each change would be most of the output.
        .with_environment("COUNTERFOIL_LOGGING__LEVEL", "warn")
}

/// A ledger for each pair of user and app.
fn ledgers(program: &Program, dice: &Dice) -> Vec<Ledger> {
    let users: Vec<_> = (0..USERS)
        .map(|number| program.add_user(&format!("user-{number}")))
        .collect();
    let apps: Vec<_> = (0..APPS)
        .map(|number| program.add_app(&users[0], &format!("App {number}")))
        .collect();
    let pairs = users
        .iter()
        .flat_map(|user| apps.iter().map(move |app| (user, app)));
    let numbered = pairs.enumerate();
    numbered
        .map(|(number, (user, app))| Ledger::new(number, user.clone(), app.clone(), dice.another()))
        .collect()
}

/// Lets every pair work until so many requests were answered, and a moment longer; then ends the server.
fn load_and_kill(server: Running, ledgers: &mut [Ledger], answers: u64, moment: Duration) {
    let answered = AtomicU64::new(0);
    let base_url = server.base_url.clone();
    thread::scope(|scope| {
        for ledger in &mut *ledgers {
            let (answered, base_url) = (&answered, &base_url);
            scope.spawn(move || load::work_until_killed(ledger, base_url, answered));
        }
        let begun = Instant::now();
        while answered.load(Ordering::Relaxed) < answers {
            assert!(
                begun.elapsed() < PATIENCE,
                "the server is too slow to be killed"
            );
            thread::yield_now();
        }
        let reached = Instant::now();
        while reached.elapsed() < moment {
            std::hint::spin_loop();
        }
        let panicked = server.stderr().contains("panicked");
        server.kill_nine();
        assert!(!panicked, "the server panicked");
    });
}

#[expect(clippy::print_stdout, reason = "the figures of a run are its result")]
fn report(rounds: u64, ledgers: &[Ledger]) {
    let answered: usize = ledgers.iter().map(Ledger::answered).sum();
    let unanswered: usize = ledgers
        .iter()
        .map(|ledger| ledger.unanswered_that_happened)
        .sum();
    println!(
        "{rounds} kills, {answered} acknowledged changes, {unanswered} more that happened and were not acknowledged"
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test runs is no setting of the program"
)]
fn number_from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a number")),
    )
}
