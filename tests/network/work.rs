//! Users at work while the network fails in every way there is, and a comparison of what they were
//! answered with what the database holds.

use std::time::Duration;

use counterfoil_testkit::process::{Loss, Manner};

use super::{ANSWER, CONNECTIONS, Site, wait_until_ready};
use crate::crash::dice::Dice;
use crate::crash::party::{Party, Work};
use crate::crash::{number_from_environment, say};

/// What a write's commit has in it, and a read's has not.
const COMMIT: &[u8] = b"statement_timeout=0;COMMIT";
/// How often the network fails in a test run; the full proof has more.
const ROUNDS: u64 = 24;
/// Answers that are waited for while the network is slow.
const SLOW_ANSWERS: u64 = 12;

/// A way to fail.
#[derive(Clone, Debug)]
enum Fault {
    /// Everybody is treated like this until nobody works any more.
    Outage(Manner),
    /// Everybody is treated like this for a while.
    Slow(Manner),
    /// One message is lost.
    Loss(Loss),
}

fn fault(round: u64, dice: &Dice) -> Fault {
    let milliseconds = Duration::from_millis;
    match round % 8 {
        0 => Fault::Outage(Manner::Cut),
        1 => Fault::Loss(Loss::Answer(COMMIT.to_vec())),
        2 => Fault::Slow(Manner::Delay(milliseconds(dice.below(40)))),
        3 => Fault::Loss(Loss::After(1 + dice.below(100_000))),
        4 => Fault::Outage(Manner::Silent),
        5 => Fault::Loss(Loss::Request(COMMIT.to_vec())),
        6 => Fault::Slow(Manner::Drip(Duration::from_micros(dice.below(1000)))),
        // Each reading of the feed takes longer than what it brings may be believed.
        _ => Fault::Outage(Manner::Delay(milliseconds(600 + dice.below(600)))),
    }
}

#[test]
fn what_was_acknowledged_is_stored_whatever_the_network_does() {
    let rounds = number_from_environment("COUNTERFOIL_NETWORK_ROUNDS").unwrap_or(ROUNDS);
    let site = Site::new();
    let mut party = Party::new(&site.operator, Dice::announced());
    let server = site.node.start_serve(&[]);
    let (mut longest_recovery, mut slowest) = (Duration::ZERO, Duration::ZERO);
    for round in 1..=rounds {
        let fault = fault(round, &party.dice);
        party.work_until(&server.base_url, |work| site.suffer(&fault, work));
        // What was held up is lost: nothing of it happens while the ledgers are held against it.
        if fault_holds(&fault) {
            site.proxy.reset_connections();
            site.wait_until_nothing_is_open();
        }
        site.proxy.set(Manner::Pass);
        longest_recovery = longest_recovery.max(wait_until_ready(&server));
        site.wait_until_nothing_is_open();
        party.reckon(
            &site.operator,
            &server,
            &format!("round {round}, {fault:?}"),
        );
        let slowest_now = party.take_slowest_answer();
        // Where everything is slow each transaction of a request has its time: reading who asks,
        // counting, writing.
        let limit = match fault {
            Fault::Slow(_) | Fault::Outage(Manner::Delay(_)) => 3 * ANSWER,
            _ => ANSWER,
        };
        assert!(
            slowest_now < limit,
            "{fault:?}: an answer took {slowest_now:?}"
        );
        slowest = slowest.max(slowest_now);
        assert!(site.proxy.open() <= CONNECTIONS, "connections leak");
    }
    party.reckon_all(&site.operator, &server);
    assert!(server.terminate().success());
    say(&format!(
        "network: {rounds} faults, {}; the slowest answer took {slowest:?}, the longest recovery {longest_recovery:?}",
        party.figures()
    ));
}

fn fault_holds(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Outage(Manner::Silent | Manner::Delay(_)) | Fault::Slow(_)
    )
}

impl Site {
    fn suffer(&self, fault: &Fault, work: Work<'_>) {
        match fault {
            Fault::Outage(manner) => {
                self.proxy.set(*manner);
                while work.wait_for(1) {}
            }
            Fault::Slow(manner) => {
                self.proxy.set(*manner);
                work.wait_for(SLOW_ANSWERS);
                work.end();
            }
            Fault::Loss(loss) => {
                let before = self.proxy.lost();
                self.proxy.lose(loss.clone());
                while self.proxy.lost() == before {
                    assert!(work.wait_for(1), "{loss:?} never happened");
                }
                work.end();
            }
        }
    }
}
