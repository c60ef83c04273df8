//! How long refused passwords take, on the real program with the system's clock: the time must not
//! tell whether there is such a user, nor how the password is kept.
//!
//! A test run tries each kind once, with cheap hashes, and judges the answers alone: times on a
//! busy machine prove nothing. `COUNTERFOIL_REFUSALS` sets how often each kind is tried; then
//! hashes cost what they cost in earnest, and the medians are judged.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use counterfoil::clock::SystemEntropy;
use counterfoil_domain::password::{HashClass, HashingCost, PasswordHash};
use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Person, Program};
use serde_json::json;

/// The longest median may be this many times the shortest.
const RATIO: f64 = 1.15;
/// Locks are not what this is about.
const SETTINGS: &str = "[sign_in]\nfailures_per_login_and_address = 1000000\nfailures_per_address = 1000000\n\
     failures_per_login = 1000000\nfailures_per_login_slowed = 1000000\n";

/// Argon2id with one lane.
fn argon2id(memory_kib: u32, iterations: u32) -> HashClass {
    HashClass::Argon2id(HashingCost {
        memory_kib,
        iterations,
        parallelism: 1,
    })
}

/// Users whose passwords are kept in another class than the settings' one.
fn classes(in_earnest: bool) -> [(&'static str, HashClass); 3] {
    if in_earnest {
        [
            ("cheaper", argon2id(4_096, 1)),
            ("dearer", argon2id(65_536, 3)),
            ("moved", HashClass::Bcrypt(12)),
        ]
    } else {
        [
            ("cheaper", argon2id(8, 1)),
            ("dearer", argon2id(64, 3)),
            ("moved", HashClass::Bcrypt(4)),
        ]
    }
}

/// How long a wrong password takes to refuse, on a connection that is there already.
fn refuse(login: &str, base_url: &str) -> Duration {
    let somebody = Person::new(login, "a wrong password");
    let mut connection = somebody.connect(base_url).expect("the server accepts");
    let began = Instant::now();
    connection.must("GET", "/user", None).assert_status(401);
    began.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test runs is no setting of the program"
)]
fn tries_wanted() -> Option<u32> {
    let text = std::env::var("COUNTERFOIL_REFUSALS").ok()?;
    Some(text.parse().expect("COUNTERFOIL_REFUSALS must be a number"))
}

#[expect(clippy::print_stdout, reason = "the figures of a run are its result")]
fn say(line: &str) {
    println!("{line}");
}

#[test]
fn the_time_of_a_refusal_tells_nothing_about_a_user() {
    let tries = tries_wanted();
    let folder = TestFolder::in_memory();
    let mut program = Program::build_in(folder.path());
    if tries.is_none() {
        program = program.with_cheap_passwords();
    }
    program.add_user("own");
    let others = classes(tries.is_some()).map(|(login, class)| {
        let hash = PasswordHash::of_nobody(class, &SystemEntropy);
        json!({"type": "user", "login": login, "password_hash": hash.as_str()}).to_string()
    });
    fs::write(folder.path().join("others.jsonl"), others.join("\n")).unwrap();
    fs::write(folder.path().join("counterfoil.toml"), SETTINGS).unwrap();
    program.command(&["import", "others.jsonl"], "").succeeded();
    let server = program.start_serve(&[]);
    let kinds = ["nobody", "own", "cheaper", "dearer", "moved"];
    // The first refusal measures what the slowest hashes take.
    refuse("nobody", &server.base_url);
    let mut times = kinds.map(|kind| (kind, Vec::new()));
    for _ in 0..tries.unwrap_or(1) {
        for (kind, times) in &mut times {
            times.push(refuse(kind, &server.base_url));
        }
    }
    let medians = times.map(|(kind, mut times)| (kind, median(&mut times).as_secs_f64()));
    let mut table = String::new();
    for (kind, median) in medians {
        write!(table, "\n{kind:<8} {:7.1} ms", median * 1000.0).unwrap();
    }
    let seconds = medians.map(|(_, median)| median);
    let longest = seconds.iter().copied().fold(0.0, f64::max);
    let shortest = seconds.iter().copied().fold(f64::INFINITY, f64::min);
    let ratio = longest / shortest;
    say(&format!(
        "medians of refused passwords, ratio {ratio:.3}:{table}"
    ));
    if tries.is_some() {
        assert!(ratio <= RATIO, "the ratio is {ratio:.3}:{table}");
    }
}
