//! `kill -9` at random moments under load, on each engine. After each restart everything that was
//! acknowledged is there, what was deleted stays deleted, nobody has what they were not given, no
//! link and no code works twice, and the audit trail tells exactly what happened. A request whose
//! answer never came, or said that nobody knows, may have happened or not, but as a whole.
//!
//! On PostgreSQL the database's server is ended in some rounds as a crash ends it, under a program
//! that lives on, and in some together with the program.
//!
//! `COUNTERFOIL_CRASH_ROUNDS` sets the number of kills, `COUNTERFOIL_CRASH_SEED` repeats the dice
//! of a run that failed.

pub(crate) mod dice;
mod flows;
pub(crate) mod installation;
mod ledger;
mod load;
mod mails;
pub(crate) mod party;
mod reckoning;
mod starts;
mod trail;
mod visits;

use std::time::Duration;

use counterfoil_testkit::process::Running;

use self::dice::Dice;
use self::installation::Installation;
use self::party::Party;

/// Kills in a test run; the full proof has more.
const ROUNDS: u64 = 50;
/// On PostgreSQL, every so many rounds it is the database's server that ends.
const ROUNDS_FOR_EACH_OF_THE_DATABASE: u64 = 10;
/// How long so many answers may take, and a recovery.
const PATIENCE: Duration = Duration::from_mins(2);

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Program,
    Database,
    Both,
}

#[test]
fn what_was_acknowledged_survives_kill_nine_under_load() {
    survive("SQLite", &Installation::on_sqlite());
}

#[test]
fn what_was_acknowledged_survives_kill_nine_and_crashes_of_postgres_under_load() {
    survive("PostgreSQL", &Installation::on_postgres());
}

fn survive(engine: &str, installation: &Installation) {
    let rounds = number_from_environment("COUNTERFOIL_CRASH_ROUNDS").unwrap_or(ROUNDS);
    let program = &installation.program;
    let mut server = program.start_serve(&[]);
    let party = Party::new(program, Dice::announced()).with_visitors(program);
    let mut party = party.with_flows(program, &server.base_url);
    let mut of_the_database = 0;
    for round in 1..=rounds {
        let victim = victim(installation, round, &party.dice);
        of_the_database += u64::from(victim != Victim::Program);
        let base_url = server.base_url.clone();
        let left = party.work_until(&base_url, |work| {
            let left = kill(installation, server, victim);
            while work.wait_for(1) {}
            left
        });
        server = installation.start_again(left);
        let when = format!("round {round}, in which was killed: {victim:?}");
        party.reckon(program, &server, &when);
    }
    party.reckon_all(program, &server);
    assert!(server.terminate().success());
    say(&format!(
        "{engine}: {rounds} kills, {of_the_database} of them of the database's server, {}",
        party.figures()
    ));
}

fn victim(installation: &Installation, round: u64, dice: &Dice) -> Victim {
    let is_the_databases =
        installation.cluster().is_some() && round.is_multiple_of(ROUNDS_FOR_EACH_OF_THE_DATABASE);
    match (is_the_databases, dice.below(2)) {
        (false, _) => Victim::Program,
        (true, 0) => Victim::Database,
        (true, _) => Victim::Both,
    }
}

/// Returns the program if it was left alone.
fn kill(installation: &Installation, server: Running, victim: Victim) -> Option<Running> {
    let panicked = server.stderr().contains("panicked");
    if let (Victim::Database | Victim::Both, Some(cluster)) = (victim, installation.cluster()) {
        cluster.stop_immediately();
    }
    let left = if victim == Victim::Database {
        Some(server)
    } else {
        server.kill_nine();
        None
    };
    assert!(!panicked, "the server panicked");
    left
}

#[expect(clippy::print_stdout, reason = "the figures of a run are its result")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test runs is no setting of the program"
)]
pub(crate) fn number_from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a number")),
    )
}
