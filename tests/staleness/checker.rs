//! Those who check, one request after another on a connection of their own.

use std::sync::Arc;

use counterfoil_testkit::process::Connection;

use super::board::{Board, EndOnPanic};
use super::history::{Moment, Outcome};
use super::probe::Probe;

/// A check and what it was answered.
pub(super) struct Check {
    pub(super) probe: Arc<Probe>,
    pub(super) begun: Moment,
    pub(super) ended: Moment,
    pub(super) outcome: Outcome,
    pub(super) status: u16,
    /// Which of the probe's texts were shown.
    pub(super) shown: u8,
}

/// Checks until the run is over. Most of what is asked is what one changer is at work on, so that
/// somebody asks for it the moment after each change; some is another's, some ends by itself, some
/// ended long ago.
pub(super) fn check_until_over(
    number: usize,
    changers: usize,
    board: &Board,
    base_url: &str,
) -> Vec<Check> {
    let _end_on_panic = EndOnPanic(board);
    let mut connection = Connection::open(base_url).expect("the server accepts connections");
    let mut checks = Vec::new();
    let mut turn = number;
    while !board.is_over() {
        turn += 1;
        // Odd, so that successive lots are far from each other.
        let lot = turn.wrapping_mul(0x9E37_79B9);
        let (changer, probe) = match turn % 20 {
            0..=14 => of(board, number % changers),
            15 | 16 => of(board, lot % changers),
            17 | 18 => (None, board.lingering(lot)),
            _ => (None, board.ended(lot)),
        };
        let Some(probe) = probe else {
            std::thread::yield_now();
            continue;
        };
        checks.push(check(board, &mut connection, probe));
        board.count(changer);
    }
    checks
}

fn of(board: &Board, changer: usize) -> (Option<usize>, Option<Arc<Probe>>) {
    (Some(changer), board.shown(changer))
}

fn check(board: &Board, connection: &mut Connection, probe: Arc<Probe>) -> Check {
    let begun = board.now();
    let reply = connection
        .send(&probe.bytes)
        .and_then(|()| connection.reply());
    let ended = board.now();
    let reply =
        reply.unwrap_or_else(|error| panic!("{} was not answered: {error}", probe.kind.name()));
    let (outcome, shown) = probe.read(&reply);
    Check {
        probe,
        begun,
        ended,
        outcome,
        status: reply.status,
        shown,
    }
}
