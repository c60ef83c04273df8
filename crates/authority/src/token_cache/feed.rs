//! How far this process has followed the feed of changes, and until when what it remembers may be
//! believed.
//!
//! What this process commits itself it hears of on the spot. What other processes commit (the
//! command line, other nodes) it reads from the feed, and what is remembered counts only while the
//! last successful reading was begun less than a second ago: so nobody relies for longer than that
//! on what somebody else has revoked, and a process that cannot read says so instead of answering
//! from memory.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_store::{FeedPosition, NumberedChange};
use parking_lot::Mutex;

/// How long a reading of the feed of changes is good for, from when it was begun: nothing that is
/// remembered is believed for longer without another one.
pub const LEASE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Feed {
    state: Mutex<State>,
    /// Microseconds of the monotonic clock.
    fresh_until: AtomicU64,
    /// One reads at a time; the others wait for what it finds.
    pub(super) reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    position: FeedPosition,
    /// Changes of this process beyond the position, which were heard of already.
    own: BTreeSet<i64>,
}

impl Feed {
    /// Whether what is remembered may be believed at this moment of the monotonic clock.
    pub(super) fn is_fresh(&self, now: Duration) -> bool {
        microseconds(now) < self.fresh_until.load(Ordering::Acquire)
    }

    /// For how long it may still be believed.
    pub(super) fn remaining(&self, now: Duration) -> Duration {
        let until = Duration::from_micros(self.fresh_until.load(Ordering::Acquire));
        until.saturating_sub(now)
    }

    /// Where to read on from.
    pub(super) fn position(&self) -> FeedPosition {
        self.state.lock().position.clone()
    }

    /// Takes note of changes that this process committed and has heard of.
    pub(super) fn note_own(&self, changes: &[NumberedChange]) {
        let mut state = self.state.lock();
        state.own.extend(changes.iter().map(|change| change.number));
        state.advance();
    }

    /// Which of these changes nobody has heard of here yet.
    pub(super) fn unheard(&self, changes: Vec<NumberedChange>) -> Vec<NumberedChange> {
        let state = self.state.lock();
        let is_new = |change: &NumberedChange| {
            change.number > state.position.number && !state.own.contains(&change.number)
        };
        changes.into_iter().filter(is_new).collect()
    }

    /// The feed was read up to this change, and all of it was applied.
    pub(super) fn read_up_to(&self, number: i64) {
        let mut state = self.state.lock();
        state.position.number = state.position.number.max(number);
        state.advance();
    }

    /// The feed was lost and everything forgotten: it is read on from here.
    pub(super) fn restart_at(&self, position: FeedPosition) {
        let mut state = self.state.lock();
        state.position = position;
        // To hear of a change twice is harmless; to pass over one is not.
        state.own.clear();
    }

    /// A successful reading was begun at this moment of the monotonic clock.
    pub(super) fn renew(&self, begun: Duration) {
        self.fresh_until
            .fetch_max(microseconds(begun + LEASE), Ordering::AcqRel);
    }
}

impl State {
    /// Own changes that follow on the position need not be read.
    fn advance(&mut self) {
        while self.own.remove(&(self.position.number + 1)) {
            self.position.number += 1;
        }
        self.own = self.own.split_off(&(self.position.number + 1));
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::change::Change;
    use counterfoil_domain::id::AccountId;
    use counterfoil_domain::timestamp::Timestamp;

    use super::*;

    fn changes(numbers: &[i64]) -> Vec<NumberedChange> {
        let change = Change::Account(AccountId(1));
        let numbered = |number: &i64| NumberedChange {
            number: *number,
            change,
            at: Timestamp::from_seconds(0),
        };
        numbers.iter().map(numbered).collect()
    }

    #[test]
    fn own_changes_are_not_heard_of_twice() {
        let feed = Feed::default();
        feed.note_own(&changes(&[1, 2, 4]));
        assert_eq!(feed.position().number, 2);
        // 3 came from elsewhere.
        assert_eq!(feed.unheard(changes(&[1, 2, 3, 4])), changes(&[3]));
        feed.read_up_to(4);
        assert_eq!(feed.position().number, 4);
        assert_eq!(feed.unheard(changes(&[4, 5])), changes(&[5]));
    }

    #[test]
    fn a_lost_feed_is_read_on_from_where_it_was_found() {
        let feed = Feed::default();
        feed.note_own(&changes(&[8, 9, 11]));
        let found = FeedPosition {
            number: 9,
            generation: vec![1],
        };
        feed.restart_at(found);
        assert_eq!(feed.position().number, 9);
        assert_eq!(feed.unheard(changes(&[10, 11])), changes(&[10, 11]));
    }

    #[test]
    fn a_reading_is_good_for_a_second_from_when_it_was_begun() {
        let feed = Feed::default();
        assert!(!feed.is_fresh(Duration::ZERO));
        let begun = Duration::from_secs(5);
        feed.renew(begun);
        assert!(feed.is_fresh(begun + Duration::from_micros(999_999)));
        assert!(!feed.is_fresh(begun + LEASE));
        // A reading that began earlier and ended later takes nothing away.
        feed.renew(Duration::from_secs(4));
        assert!(feed.is_fresh(begun + LEASE / 2));
    }
}
