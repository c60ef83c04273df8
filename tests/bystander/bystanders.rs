//! Those who have nothing to do with a flood: programs whose tokens are checked, and people who
//! sign in.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::client::{Asked, Client, Target};
use super::site::{self, PROXY, TOKEN, USERS};

/// Checks a second, and by how many at a time.
const CHECKS_PER_SECOND: u32 = 200;
const CHECKERS: u32 = 4;
/// After how many checks a checker connects anew.
const CHECKS_OF_A_CONNECTION: usize = 25;
/// How far behind a checker may be before the rest of its checks counts as never answered.
const TOO_LATE: Duration = Duration::from_mins(1);
/// Sign-ins a second.
const SIGN_INS_PER_SECOND: u32 = 2;

/// Where checkers are, apart from everybody who floods.
const CHECKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// What came of a request: how long it took from when it was due, and whether the answer was right.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) took: Duration,
    pub(super) right: Result<(), String>,
}

/// What came of all of them.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    pub(super) checks: Vec<Outcome>,
    pub(super) sign_ins: Vec<Outcome>,
}

/// The address that a user has signed in from before, for the sign-in of this number.
fn usual_address(number: usize) -> String {
    format!("198.51.{}.{}", 100 + number / 250, number % 250 + 1)
}

/// An address that nobody was seen at, each in a network of its own.
fn new_address(number: usize) -> String {
    format!("100.{}.{}.7", 64 + number % 64, number / 64)
}

/// Every second sign-in comes from an address that its user signed in from before. No two have a
/// user and an address in common, so that none is answered from what is remembered of another.
fn sign_in(number: usize) -> Asked {
    let from = if number.is_multiple_of(2) {
        usual_address(number)
    } else {
        new_address(number)
    };
    site::sign_in(&site::login(number % USERS), &from)
}

fn count(per_second: u32, time: Duration) -> usize {
    usize::try_from(u64::from(per_second) * time.as_secs()).expect("floods are short")
}

/// Signs in from the usual addresses, as days before.
pub(super) async fn become_known(target: &Target, time: Duration) {
    let mut client = target.connect(PROXY).await.expect("nobody floods yet");
    for number in (0..count(SIGN_INS_PER_SECOND, time)).step_by(2) {
        let answer = client.ask(&sign_in(number)).await.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

/// Checks and signs in for so long, at a steady pace whatever the answers are.
pub(super) async fn live(target: &Target, time: Duration) -> Outcomes {
    let begun = Instant::now();
    let target = Arc::new(target.clone());
    let mut checks = JoinSet::new();
    for number in 0..CHECKERS {
        checks.spawn(check(Arc::clone(&target), begun, number, time));
    }
    let mut sign_ins = JoinSet::new();
    for number in 0..count(SIGN_INS_PER_SECOND, time) {
        let due = begun
            + Duration::from_secs(1) * u32::try_from(number).expect("few") / SIGN_INS_PER_SECOND;
        let target = Arc::clone(&target);
        sign_ins.spawn(async move {
            sleep_until(due).await;
            let right = asked_once(&target, &sign_in(number)).await;
            Outcome {
                took: due.elapsed(),
                right,
            }
        });
    }
    Outcomes {
        checks: checks.join_all().await.into_iter().flatten().collect(),
        sign_ins: sign_ins.join_all().await,
    }
}

/// One of those who check.
async fn check(target: Arc<Target>, begun: Instant, number: u32, time: Duration) -> Vec<Outcome> {
    let asked = Asked {
        authorization: Some(format!("Bearer {TOKEN}")),
        ..Asked::get("/gateway/verify")
    };
    let interval = Duration::from_secs(1) * CHECKERS / CHECKS_PER_SECOND;
    // They do not all ask at the same moment.
    let first = begun + interval * number / CHECKERS;
    let mut outcomes = Vec::new();
    let mut client: Option<Client> = None;
    for turn in 0..count(CHECKS_PER_SECOND / CHECKERS, time) {
        let due = first + interval * u32::try_from(turn).expect("few");
        sleep_until(due).await;
        // Who waited for long for each answer does not ask on and on.
        if due.elapsed() > TOO_LATE {
            outcomes.push(Outcome {
                took: due.elapsed(),
                right: Err("earlier answers took too long".to_owned()),
            });
            continue;
        }
        if turn % CHECKS_OF_A_CONNECTION == 0 {
            client = None;
        }
        let right = over(&mut client, &target, CHECKER, &asked).await;
        if right.is_err() {
            client = None;
        }
        outcomes.push(Outcome {
            took: due.elapsed(),
            right,
        });
    }
    outcomes
}

async fn asked_once(target: &Target, asked: &Asked) -> Result<(), String> {
    over(&mut None, target, PROXY, asked).await
}

/// Asks over this connection, or one that is made first.
async fn over(
    client: &mut Option<Client>,
    target: &Target,
    from: IpAddr,
    asked: &Asked,
) -> Result<(), String> {
    let failed = |error: io::Error| format!("no answer: {error}");
    let client = match client {
        Some(client) => client,
        None => client.insert(target.connect(from).await.map_err(failed)?),
    };
    let answer = client.ask(asked).await.map_err(failed)?;
    match answer.status {
        200 => Ok(()),
        status => Err(format!("{status} {}", answer.body)),
    }
}
