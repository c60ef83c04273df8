//! What it costs to change many rows in one transaction: for each row as much when there are many
//! as when there are few.
//!
//! A row that one transaction changes again and again, and a search that passes all that stands
//! before what it wants, make the last row cost more than the first. PostgreSQL counts what it
//! reads, in rows of tables and in entries of indexes; times are printed and judge nothing, for
//! they depend on the machine.
//!
//! `COUNTERFOIL_IMPORT_TOKENS` sets how many tokens the test with a time takes over, and has it use
//! the program as it is shipped.

use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_domain::digest::SecretDigest;
use counterfoil_testkit::installed;
use counterfoil_testkit::postgres::{self, Database};
use counterfoil_testkit::process::counted::instructions_of;
use counterfoil_testkit::process::operators::{WITH_OPS, metric, ops_url};
use counterfoil_testkit::process::{Program, finish};

use super::desk::Desk;

/// Four times as many rows may cost five times as much: trees grow in height.
const TIMES_AS_MANY: u64 = 4;
const TIMES_AS_MUCH: u64 = 5;
/// How long a command may take before it counts as a hang.
const LIMIT: Duration = Duration::from_mins(5);
/// How long after one look at what a server has done the next one comes.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const SHORT_FORM: u64 = 5_000;
const CLIENT_ID: &str = "abcde12345fghij67890";

/// Ten users with an app, who share half of the tokens, and one with the other half. Half of all
/// are the app's.
fn lines(tokens: u64) -> String {
    let mut lines = String::new();
    for user in 0..10 {
        write_user(&mut lines, &format!("few-{user}"));
    }
    write_user(&mut lines, "many");
    write_app(&mut lines, "few-0");
    for number in 0..tokens {
        let login = if number % 2 == 0 {
            "many".to_owned()
        } else {
            format!("few-{}", number / 2 % 10)
        };
        let of = match number / 2 % 4 {
            0 => format!(r#""app":"{CLIENT_ID}","fingerprint":"{number}""#),
            1 => format!(r#""app":"{CLIENT_ID}""#),
            _ => format!(r#""note":"{number}""#),
        };
        write_token(&mut lines, &login, number, &of);
    }
    lines
}

fn write_user(lines: &mut String, login: &str) {
    writeln!(lines, r#"{{"type":"user","login":"{login}"}}"#).unwrap();
}

fn write_app(lines: &mut String, owner: &str) {
    let urls =
        r#""url":"https://board.example.org","callback_urls":["https://board.example.org/cb"]"#;
    let secret = "0".repeat(64);
    writeln!(
        lines,
        r#"{{"type":"app","owner":"{owner}","name":"Board",{urls},"client_id":"{CLIENT_ID}","client_secret_sha256":"{secret}"}}"#
    )
    .unwrap();
}

/// A token that was last used years ago, of an app or with a note.
fn write_token(lines: &mut String, login: &str, number: u64, of: &str) {
    let digest = SecretDigest::of(&format!("token {number}")).to_hex();
    let times = r#""created_at":"2020-01-01T00:00:00Z","last_used_at":"2021-01-01T00:00:00Z""#;
    writeln!(
        lines,
        r#"{{"type":"token","login":"{login}","hashed_token":"{digest}","scopes":["repo"],{of},{times}}}"#
    )
    .unwrap();
}

/// What PostgreSQL read in a database: rows of tables and entries of indexes.
const READ: &str = "SELECT (
    (SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) FROM pg_stat_user_tables) +
    (SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes))::bigint::text";
/// In which tables and by which indexes most of it was read.
const MOST: &str = "SELECT string_agg(name || ' ' || number, ', ') FROM (
    SELECT relname AS name, seq_tup_read AS number FROM pg_stat_user_tables UNION ALL
    SELECT indexrelname, idx_tup_read FROM pg_stat_user_indexes ORDER BY number DESC LIMIT 4) AS most";
/// Who is connected beside the one who asks. Who is gone has counted what they read.
const OTHERS: &str = "SELECT count(*)::text FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

/// Keeps the server from taking statistics, which it does whenever it comes around to it: they
/// change how it reads, in one of two runs and not in the other.
const WITHOUT_STATISTICS: &str = "DO $$ DECLARE name regclass; BEGIN
    FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', name);
    END LOOP; END $$";

/// What each step read, with its name.
type Readings = Vec<(&'static str, u64)>;

/// An installation in a database of its own, of which each step's reading is taken.
struct Measured {
    desk: Desk,
    database: Database,
    tokens: u64,
    readings: Readings,
}

impl Measured {
    fn new(tokens: u64) -> Self {
        Self::holding(tokens, &lines(tokens))
    }

    fn holding(tokens: u64, lines: &str) -> Self {
        let database = Database::empty();
        let desk = Desk::empty().on(&database).installed();
        database.run(WITHOUT_STATISTICS);
        fs::write(desk.path("all.jsonl"), lines).unwrap();
        Self {
            desk,
            database,
            tokens,
            readings: Vec::new(),
        }
    }

    /// Sets something for all connections from now on.
    fn set(&self, setting: &str) {
        let name = self.database.name();
        self.database
            .run(&format!("ALTER DATABASE {name} SET {setting}"));
    }

    fn read(&self) -> u64 {
        postgres::shared().wait_until(self.database.name(), OTHERS, "0");
        let read = self.database.look_up(READ);
        read.and_then(|text| text.parse().ok()).expect("a number")
    }

    /// Does something, and notes what it read.
    fn step(&mut self, name: &'static str, step: impl FnOnce(&Desk)) {
        let before = self.read();
        let begun = Instant::now();
        step(&self.desk);
        let took = begun.elapsed();
        let read = self.read() - before;
        // A plan that is wrong is seen by where it read.
        println!(
            "growth: {name}, {} tokens: {read} rows and entries read, {:.1} s; most until now: {}",
            self.tokens,
            took.as_secs_f64(),
            self.database.look_up(MOST).unwrap_or_default()
        );
        self.readings.push((name, read));
    }

    fn command(&mut self, name: &'static str, arguments: &[&str]) {
        self.step(name, |desk| {
            let child = desk.program.spawn(arguments);
            finish(child, name, LIMIT).succeeded();
        });
    }

    fn import(&mut self) {
        self.command("import", &["import", "all.jsonl"]);
    }

    /// Serves until so many rows of a kind are cleaned up, from tables that PostgreSQL knows the
    /// size of: it serves for months, not for the minute after an import.
    fn clean_up(&mut self, name: &'static str, kind: &str, rows: u64) {
        self.database.run("ANALYZE");
        let counted = format!("counterfoil_cleaned_rows_total{{kind=\"{kind}\"}}");
        self.step(name, |desk| {
            let server = desk.program.start_serve(&WITH_OPS);
            let operators = ops_url(&server);
            let begun = Instant::now();
            loop {
                // What is counted is exact up to the largest number of rows that a test has.
                let cleaned = metric(&operators, &counted);
                if cleaned.to_string() == rows.to_string() {
                    break;
                }
                assert!(begun.elapsed() < LIMIT, "{name}: {cleaned} of {rows}");
                thread::sleep(LOOK_AGAIN);
            }
            assert!(server.terminate().success());
        });
    }
}

/// Refuses what reads more than five times as much for four times as many.
#[track_caller]
fn assert_linear(few: &Readings, many: &Readings) {
    for ((name, less), (_, more)) in few.iter().zip(many) {
        assert!(
            *more <= less * TIMES_AS_MUCH,
            "{name}: {TIMES_AS_MANY} times as many rows read {more} instead of {less}"
        );
        // A step that read nothing was not measured.
        assert!(*less > 1_000, "{name} read {less}");
    }
    assert_eq!(few.len(), many.len());
}

const LIVE: &str = "SELECT count(*)::text FROM authorizations WHERE ended_at IS NULL";

#[test]
fn an_import_and_the_end_of_all_read_as_much_for_each_of_many_tokens_as_for_each_of_few() {
    let readings = [20_000, 20_000 * TIMES_AS_MANY].map(|tokens| {
        let mut measured = Measured::new(tokens);
        // Every plan is made while there is nothing yet: the worst that can be known of the rows.
        measured.set("plan_cache_mode = force_generic_plan");
        measured.import();
        assert_eq!(measured.desk.text(LIVE), tokens.to_string());
        measured.command(
            "db after-restore",
            &["db", "after-restore", "--end-all-tokens"],
        );
        assert_eq!(measured.desk.text(LIVE), "0");
        measured.readings
    });
    assert_linear(&readings[0], &readings[1]);
}

#[test]
fn a_copy_and_the_end_of_a_user_or_an_app_read_as_much_for_each_of_many_tokens_as_for_each_of_few()
{
    // 10,000 tokens end together at the most.
    let readings = [5_000, 5_000 * TIMES_AS_MANY].map(every_step);
    assert_linear(&readings[0], &readings[1]);
}

/// The end of the user who has half of all tokens, and of the app that ten users gave half of the
/// others, and then a copy of everything. A copy reads a small table as a whole and a larger one by
/// its index, unless statistics say that the rows lie in its order.
fn every_step(tokens: u64) -> Readings {
    let mut measured = Measured::new(tokens);
    measured.import();
    measured.command("user delete", &["user", "delete", "many", "--yes"]);
    measured.command("app delete", &["app", "delete", CLIENT_ID, "--yes"]);
    assert_eq!(measured.desk.text(LIVE), (tokens / 4).to_string());
    measured.database.run("ANALYZE");
    let copy = Database::empty();
    let to = copy.url();
    measured.command("db copy", &["db", "copy", "--to", &to]);
    measured.readings
}

#[test]
fn the_clean_up_reads_as_much_for_each_of_many_tokens_as_for_each_of_few() {
    let readings = [1_000, 1_000 * TIMES_AS_MANY].map(|tokens| {
        let mut measured = Measured::holding(tokens, &lines_of_ordinary_users(tokens));
        // As it reads large tables. Of a small one it would read the whole for each piece.
        measured.set("enable_seqscan = off");
        measured.import();
        let program = measured.desk.program;
        measured.desk.program =
            program.with_environment("COUNTERFOIL_TOKENS__IDLE_LIFETIME", "365d");
        measured.clean_up("end of idle tokens", "idle", tokens);
        assert_eq!(measured.desk.text(LIVE), "0");
        // All of one moment, long ago.
        for table in ["authorizations", "token_digests"] {
            let ended = "1600000000000000";
            measured
                .database
                .run(&format!("UPDATE {table} SET ended_at = {ended}"));
        }
        measured.clean_up("removal of ended tokens", "authorization", tokens);
        assert_eq!(
            measured
                .desk
                .text("SELECT count(*)::text FROM authorizations"),
            "0"
        );
        measured.readings
    });
    assert_linear(&readings[0], &readings[1]);
}

/// Users with fifty tokens each, half of them an app's.
fn lines_of_ordinary_users(tokens: u64) -> String {
    const OF_EACH: u64 = 50;
    let mut lines = String::new();
    for user in 0..tokens / OF_EACH {
        write_user(&mut lines, &format!("user-{user}"));
    }
    write_app(&mut lines, "user-0");
    for number in 0..tokens {
        let of = match number % 2 {
            0 => format!(r#""app":"{CLIENT_ID}","fingerprint":"{number}""#),
            _ => format!(r#""note":"{number}""#),
        };
        let user = format!("user-{}", number / OF_EACH);
        write_token(&mut lines, &user, number, &of);
    }
    lines
}

/// SQLite tells nobody what it reads, so all instructions of the command are counted, those of its
/// start among them.
#[test]
fn a_restore_takes_as_much_for_each_of_many_tokens_as_for_each_of_few() {
    let instructions = [1_000, 1_000 * TIMES_AS_MANY].map(|tokens| {
        let desk = Desk::empty().installed();
        fs::write(desk.path("all.jsonl"), lines(tokens)).unwrap();
        desk.run(&["import", "all.jsonl"]);
        desk.run(&["db", "backup", "backup.db"]);
        desk.run(&["user", "delete", "many", "--yes"]);
        let taken = instructions_of(desk.program, &["db", "restore", "backup.db"]);
        println!("growth: db restore, {tokens} tokens: {taken} instructions");
        vec![("db restore", taken)]
    });
    assert_linear(&instructions[0], &instructions[1]);
}

#[test]
fn as_many_tokens_as_are_asked_for_move_to_either_engine_in_five_minutes() {
    let wanted = tokens_wanted();
    let tokens = wanted.unwrap_or(SHORT_FORM);
    let program = match wanted {
        Some(_) => installed::release_folder().join("counterfoil"),
        None => installed::program(),
    };
    let database = Database::empty();
    for (engine, url) in [("SQLite", None), ("PostgreSQL", Some(database.url()))] {
        let desk = Desk::empty();
        fs::write(desk.path("all.jsonl"), lines(tokens)).unwrap();
        let mut program = Program::of(program.clone(), desk.folder.path());
        if let Some(url) = url {
            program = program.with_environment("COUNTERFOIL_DATABASE_URL", &url);
        }
        program.init();
        let begun = Instant::now();
        let child = program.spawn(&["import", "all.jsonl", "--json"]);
        let said = finish(child, "import", LIMIT).succeeded().json();
        assert_eq!(said["tokens"], tokens, "{engine}");
        let took = begun.elapsed().as_secs_f64();
        println!("growth: {tokens} tokens moved to {engine} in {took:.1} s");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test runs is no setting of the program"
)]
fn tokens_wanted() -> Option<u64> {
    let text = std::env::var("COUNTERFOIL_IMPORT_TOKENS").ok()?;
    let number = text.parse();
    Some(number.expect("COUNTERFOIL_IMPORT_TOKENS must be a number"))
}
