//! What is refused too often for an event each: counted here, written to the audit trail once a
//! minute.

use std::collections::HashMap;
use std::hash::Hash;

use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;
use parking_lot::Mutex;

/// What is counted apart at a time; what comes beyond is counted together.
const MOST: usize = 10_000;
/// After how many seconds counts are due.
const MINUTE: u64 = 60;

/// Counts by what they are about. A stranger can make it hold no more than [`MOST`] of them.
pub(crate) struct Counted<K>(Mutex<State<K>>);

struct State<K> {
    counts: HashMap<K, Count>,
    beyond: u64,
    since: Option<Timestamp>,
}

/// How often something was refused within a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) count: u64,
    /// From where the first of them came.
    pub(crate) address: ClientAddress,
}

/// What was counted and is due.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Due<K> {
    pub(crate) counts: Vec<(K, Count)>,
    /// What found no place of its own.
    pub(crate) beyond: u64,
}

impl<K> Default for Counted<K> {
    fn default() -> Self {
        Self(Mutex::new(State::new()))
    }
}

impl<K> State<K> {
    fn new() -> Self {
        Self {
            counts: HashMap::new(),
            beyond: 0,
            since: None,
        }
    }
}

impl<K: Eq + Hash> Counted<K> {
    /// Counts one.
    pub(crate) fn note(&self, about: K, address: ClientAddress, now: Timestamp) {
        let mut state = self.0.lock();
        state.since.get_or_insert(now);
        if let Some(count) = state.counts.get_mut(&about) {
            count.count += 1;
        } else if state.counts.len() < MOST {
            state.counts.insert(about, Count { count: 1, address });
        } else {
            state.beyond += 1;
        }
    }

    /// What was counted, once a minute has passed since the first of it, or at once when `closing`.
    pub(crate) fn take_due(&self, now: Timestamp, closing: bool) -> Option<Due<K>> {
        let mut state = self.0.lock();
        let since = state.since?;
        if !closing && now.since(since).as_secs() < MINUTE {
            return None;
        }
        let taken = std::mem::replace(&mut *state, State::new());
        Some(Due {
            counts: taken.counts.into_iter().collect(),
            beyond: taken.beyond,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_due_a_minute_after_the_first_and_when_the_server_stops() {
        let counted = Counted::default();
        let at = |seconds| Timestamp::from_seconds(seconds);
        let address = ClientAddress::Unix;
        assert_eq!(counted.take_due(at(0), true), None);
        counted.note("a", address, at(0));
        counted.note("a", address, at(59));
        assert_eq!(counted.take_due(at(59), false), None);
        let due = Due {
            counts: vec![("a", Count { count: 2, address })],
            beyond: 0,
        };
        assert_eq!(counted.take_due(at(60), false), Some(due));
        counted.note("b", address, at(61));
        assert_eq!(
            counted.take_due(at(61), true).map(|due| due.counts.len()),
            Some(1)
        );
    }

    #[test]
    fn what_finds_no_place_is_counted_together() {
        let counted = Counted::default();
        let now = Timestamp::from_seconds(0);
        for number in 0..MOST + 3 {
            counted.note(number, ClientAddress::Unix, now);
        }
        counted.note(0, ClientAddress::Unix, now);
        let due = counted.take_due(now, true).expect("much was counted");
        assert_eq!((due.counts.len(), due.beyond), (MOST, 3));
    }
}
