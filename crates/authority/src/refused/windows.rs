//! How often something may be done within a while, by whatever it is counted under. In memory, of
//! this process alone.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use counterfoil_domain::timestamp::Timestamp;
use parking_lot::Mutex;

/// What is bounded at a time. What comes beyond has no bound here.
const MOST: usize = 10_000;

/// Counts by what they are about, each for one while. A stranger can make it hold no more than
/// [`MOST`] of them.
pub(crate) struct Windows<K> {
    length: Duration,
    state: Mutex<State<K>>,
}

struct State<K> {
    all: HashMap<K, Window>,
    /// When those that are over were last let go of for want of room.
    swept: Option<Timestamp>,
}

struct Window {
    begun: Timestamp,
    count: u32,
}

impl<K: Eq + Hash> Windows<K> {
    /// Counts for so long each.
    pub(crate) fn of(length: Duration) -> Self {
        Self {
            length,
            state: Mutex::new(State {
                all: HashMap::new(),
                swept: None,
            }),
        }
    }

    /// Counts one more. Says whether it is still one of the first `most` of its while.
    pub(crate) fn note(&self, key: K, most: u32, now: Timestamp) -> bool {
        let mut state = self.state.lock();
        if state.all.len() >= MOST && !state.all.contains_key(&key) {
            state.sweep(self.length, now);
            if state.all.len() >= MOST {
                return true;
            }
        }
        let new = Window {
            begun: now,
            count: 0,
        };
        let window = state.all.entry(key).or_insert(new);
        if window.is_over(self.length, now) {
            *window = Window {
                begun: now,
                count: 0,
            };
        }
        window.count = window.count.saturating_add(1);
        window.count <= most
    }

    /// For how long nothing more may be done, if `most` were counted in this while.
    pub(crate) fn closed_for(&self, key: &K, most: u32, now: Timestamp) -> Option<Duration> {
        let state = self.state.lock();
        let window = state.all.get(key)?;
        let is_full = window.count >= most && !window.is_over(self.length, now);
        is_full.then(|| window.begun.plus(self.length).since(now))
    }
}

impl<K: Eq + Hash> State<K> {
    /// Removes expired windows, once a second at most: to look at all of them for each request
    /// would be work that a stranger makes.
    fn sweep(&mut self, length: Duration, now: Timestamp) {
        let is_early = |swept: Timestamp| now.since(swept).as_secs() < 1;
        if !self.swept.is_some_and(is_early) {
            self.all.retain(|_, window| !window.is_over(length, now));
            self.swept = Some(now);
        }
    }
}

impl Window {
    fn is_over(&self, length: Duration, now: Timestamp) -> bool {
        now.since(self.begun) >= length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn what_was_done_often_enough_is_closed_until_its_while_is_over() {
        let windows = Windows::of(Duration::from_mins(10));
        for _ in 0..3 {
            assert_eq!(windows.closed_for(&"a", 3, at(0)), None);
            assert!(windows.note("a", 3, at(0)));
        }
        let left = windows.closed_for(&"a", 3, at(1));
        assert_eq!(left, Some(Duration::from_secs(599)));
        assert!(!windows.note("a", 3, at(599)));
        assert!(windows.note("b", 3, at(599)));
        assert_eq!(windows.closed_for(&"a", 3, at(600)), None);
        assert!(windows.note("a", 3, at(600)));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_makes_room_when_it_is_over() {
        let windows = Windows::of(Duration::from_mins(1));
        for number in 0..30_000_u32 {
            assert!(windows.note(number, 1, at(0)));
        }
        assert!(windows.state.lock().all.len() <= MOST);
        windows.note(30_001, 1, at(60));
        assert_eq!(windows.state.lock().all.len(), 1);
    }
}
