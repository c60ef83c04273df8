//! Nobody is harmed by what a stranger does to somebody else.
//!
//! The shipped program with its own settings is flooded as strangers can, over the loopback
//! network. Meanwhile others, who have nothing to do with it, check tokens 200 times a second and
//! sign in twice a second, at the cost that verifying a password has in earnest. All checks and all
//! but one of the sign-ins must be answered right.
//!
//! `COUNTERFOIL_BYSTANDER_SECONDS` sets how long each flood lasts. With 60 and more it is the full
//! form, which takes the program as it is shipped and also wants answers in time; it means
//! something on a quiet machine only.
//! `COUNTERFOIL_BYSTANDER_BEFORE` names an older program, whose figures are printed beside and not
//! judged.

mod bystanders;
pub(crate) mod client;
mod floods;
pub(crate) mod frames;
mod site;

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use counterfoil_testkit::installed;
use counterfoil_testkit::process::operators::{WITH_OPS, metric, ops_url};
use tokio::sync::Mutex;
use tokio::time::sleep;

use self::bystanders::{Outcome, Outcomes};
use self::client::Target;
use self::floods::Flood;
use self::site::Site;

/// How long each flood lasts in a test run, and from when on times count.
const SHORT: Duration = Duration::from_secs(10);
const FULL: Duration = Duration::from_mins(1);

/// How long a flood has been under way when the first bystander comes.
const HEAD_START: Duration = Duration::from_secs(2);

/// Within which time 99 of 100 sign-ins and checks are answered, in the full form.
const SIGN_IN_P99: Duration = Duration::from_secs(2);
const CHECK_P99: Duration = Duration::from_millis(50);

/// Connections that there may be where a flood wants all of them.
const FEW_CONNECTIONS: &str = "400";

/// Whether the server speaks TLS, without which it speaks no HTTP/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoken {
    Plain,
    Encrypted,
}

/// What a flood must come to, or it proves nothing: a small part of what was seen. Refusals take as
/// long as a verification took lately, so a busy machine makes some floods forty times slower.
#[derive(Clone, Copy, Debug)]
enum Least {
    /// So much in all, of what is held, or waits as long as a verification takes.
    InAll(u64),
    /// So much in each second, of what goes on.
    EachSecond(u32),
}

impl Least {
    fn in_all(self, flooded: Duration) -> u64 {
        match self {
            Self::InAll(least) => least,
            Self::EachSecond(least) => u64::from(least) * flooded.as_secs(),
        }
    }
}

/// One flood after the other: two at a time would be another one.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_takes_harm_nobody_else() {
    let few = [("LIMITS__CONNECTIONS", FEW_CONNECTIONS)];
    prove(
        "stalled HTTP/2 answers",
        (Spoken::Encrypted, &few),
        floods::stalled_answers,
        Least::InAll(5_000),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_logins_from_many_networks_harm_nobody_else() {
    prove(
        "unknown logins from a /56",
        (Spoken::Plain, &[]),
        floods::unknown_logins,
        Least::EachSecond(5),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_user_with_the_right_password_harms_nobody_else() {
    let flood = floods::a_suspended_users_right_password;
    prove(
        "a suspended user's right password",
        (Spoken::Plain, &[]),
        flood,
        Least::EachSecond(10),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_from_one_address_harm_nobody_else() {
    let few = [("LIMITS__CONNECTIONS", FEW_CONNECTIONS)];
    prove(
        "connections from one address",
        (Spoken::Plain, &few),
        floods::connections,
        Least::InAll(70),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_address_that_invents_logins_harms_nobody_else() {
    prove(
        "a locked address invents logins",
        (Spoken::Plain, &[]),
        floods::invented_logins,
        Least::InAll(10),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_that_are_reset_harm_nobody_else() {
    let flood = floods::attempts_that_are_reset;
    prove(
        "attempts reset on HTTP/2",
        (Spoken::Encrypted, &[]),
        flood,
        Least::EachSecond(5),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_makes_and_deletes_tokens_harms_nobody_else() {
    let flood = floods::a_user_who_makes_and_deletes_tokens;
    prove(
        "one user makes and deletes tokens",
        (Spoken::Plain, &[]),
        flood,
        Least::EachSecond(10),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_of_one_login_from_everywhere_harm_nobody_at_a_usual_address_or_with_another_login()
 {
    let flood = floods::one_login_from_everywhere;
    prove(
        "failures against one login",
        (Spoken::Plain, &[]),
        flood,
        Least::InAll(10),
    )
    .await;
}

/// A request that was taken back was once verified and not counted, so that its address could guess
/// on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_that_are_reset_are_counted_and_lock_their_address() {
    /// What an address may fail in ten minutes, and how many of its attempts can be under way when
    /// it has.
    const BOUND: f64 = 50.0 + 18.0;
    /// Of the sign-in that tells whether it is locked, and of a refusal that measures how long it
    /// is to take.
    const OTHERS: f64 = 3.0;
    let _turn = ONE_AT_A_TIME.lock().await;
    let site = Site::make(None).with("TRUSTED_PROXIES", "127.0.0.1");
    let words = [&["--tls-self-signed"], &WITH_OPS[..]].concat();
    let server = site.start(&words);
    let (target, operators) = (site.target(&server), ops_url(&server));
    let computed = || metric(&operators, "counterfoil_passwords_computed_total");
    let flood = floods::attempts_that_are_reset(&target);
    let ask = site::sign_in(&site::login(0), floods::RESETTING);
    let begun = Instant::now();
    loop {
        let mut client = target.connect(site::PROXY).await.expect("a connection");
        let answer = client.ask(&ask).await.expect("an answer");
        if answer.status == 403 {
            break;
        }
        assert!(
            begun.elapsed() < FULL,
            "{} verified and no lock",
            computed()
        );
        sleep(Duration::from_millis(100)).await;
    }
    // It goes on, and nothing of it is looked at any more.
    sleep(HEAD_START).await;
    drop(flood);
    let computed = computed();
    assert!(computed <= BOUND + OTHERS, "{computed} were verified");
    assert!(server.terminate().success());
}

/// The proofs above can fail: where nobody is served, everybody is noticed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bystander_who_is_not_served_is_noticed() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let site = Site::make(None);
    let server = site.start(&[]);
    let target = site.target(&server);
    assert!(server.terminate().success());
    let time = Duration::from_secs(2);
    let outcomes = bystanders::live(&target, time).await;
    assert_eq!(wrong(&outcomes.checks).count(), outcomes.checks.len());
    assert_eq!(wrong(&outcomes.sign_ins).count(), outcomes.sign_ins.len());
}

/// Floods a server, and an older one before where one is named, and says what came of it. A flood
/// that did what it does less than `least` is none.
async fn prove(
    name: &str,
    (spoken, settings): (Spoken, &[(&str, &str)]),
    flood: fn(&Target) -> Flood,
    least: Least,
) {
    let _turn = ONE_AT_A_TIME.lock().await;
    let time = wanted_time().unwrap_or(SHORT);
    if let Some(program) = variable("COUNTERFOIL_BYSTANDER_BEFORE").map(PathBuf::from) {
        let (outcomes, done, _) = run(Some(program), time, (spoken, settings), flood).await;
        say(&Row("before", name, done, &outcomes));
    }
    let shipped = (time >= FULL).then(|| installed::release_folder().join("counterfoil"));
    let (outcomes, done, flooded) = run(shipped, time, (spoken, settings), flood).await;
    say(&Row("now", name, done, &outcomes));
    for wrong in wrong(&outcomes.checks)
        .chain(wrong(&outcomes.sign_ins))
        .take(5)
    {
        say(wrong);
    }
    let least = least.in_all(flooded);
    assert!(
        done >= least,
        "only {done} is no flood, of {least} at least"
    );
    assert_eq!(wrong(&outcomes.checks).count(), 0, "checks went wrong");
    assert!(
        wrong(&outcomes.sign_ins).count() <= 1,
        "sign-ins went wrong"
    );
    if time >= FULL {
        assert!(p99(&outcomes.checks) <= CHECK_P99, "checks took too long");
        assert!(
            p99(&outcomes.sign_ins) <= SIGN_IN_P99,
            "sign-ins took too long"
        );
    }
}

/// What came of it for bystanders, and how often the flood did what it does.
async fn run(
    program: Option<PathBuf>,
    time: Duration,
    (spoken, settings): (Spoken, &[(&str, &str)]),
    flood: fn(&Target) -> Flood,
) -> (Outcomes, u64, Duration) {
    let mut site = Site::make(program).with("TRUSTED_PROXIES", "127.0.0.1");
    for (name, value) in settings {
        site = site.with(name, value);
    }
    let arguments: &[&str] = match spoken {
        Spoken::Plain => &[],
        Spoken::Encrypted => &["--tls-self-signed"],
    };
    // Who signs in is known; what is remembered of passwords goes with the process.
    let server = site.start(arguments);
    bystanders::become_known(&site.target(&server), time).await;
    assert!(server.terminate().success());

    let server = site.start(arguments);
    let target = site.target(&server);
    let begun = Instant::now();
    let flood = flood(&target);
    sleep(HEAD_START).await;
    let outcomes = bystanders::live(&target, time).await;
    let (done, flooded) = (flood.done(), begun.elapsed());
    drop(flood);
    let said = server.stderr();
    assert!(!said.contains("panicked"), "{said}");
    (outcomes, done, flooded)
}

#[expect(clippy::print_stdout, reason = "the figures of a run are its result")]
fn say(line: &dyn fmt::Display) {
    println!("{line}");
}

fn wanted_time() -> Option<Duration> {
    let seconds = variable("COUNTERFOIL_BYSTANDER_SECONDS")?;
    let seconds = seconds
        .parse()
        .expect("COUNTERFOIL_BYSTANDER_SECONDS is a number of seconds");
    Some(Duration::from_secs(seconds))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the settings of a proof come from its command"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Why answers were not right.
fn wrong(outcomes: &[Outcome]) -> impl Iterator<Item = &String> {
    outcomes
        .iter()
        .filter_map(|outcome| outcome.right.as_ref().err())
}

/// The time within which 99 of 100 were answered.
fn p99(outcomes: &[Outcome]) -> Duration {
    let mut times: Vec<Duration> = outcomes.iter().map(|outcome| outcome.took).collect();
    times.sort_unstable();
    let place = (times.len() * 99).div_ceil(100);
    times
        .get(place.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// A line of the table in `docs/reference/reliability.md`.
struct Row<'a>(&'static str, &'a str, u64, &'a Outcomes);

impl fmt::Display for Row<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(when, name, done, outcomes) = self;
        write!(out, "| {name} | {when} | {done} |")?;
        for kind in [&outcomes.checks, &outcomes.sign_ins] {
            let right = kind.len() - wrong(kind).count();
            let milliseconds = p99(kind).as_millis();
            write!(out, " {right} of {} | {milliseconds} ms |", kind.len())?;
        }
        Ok(())
    }
}
