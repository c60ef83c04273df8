//! The clock, passed in; and the database's in its place, where several nodes share one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_domain::timestamp::Timestamp;
use futures_util::future::BoxFuture;

/// What tells the time. The program gives the system's clock; tests give one that they move.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// The time since some moment of this process's own, which never runs backwards whatever is
    /// done to the system's clock: what leases run by.
    fn monotonic(&self) -> Duration;

    /// The processor time that this thread has used: what a piece of work costs, however busy the
    /// machine is.
    fn thread_time(&self) -> Duration {
        self.monotonic()
    }

    /// Ends when so much time has passed.
    fn pause(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    /// Ends when so much time has passed that whoever waits for the database gives up. A clock that
    /// tests move leaves that to them: it does not pass however busy the machine is.
    fn deadline(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.pause(time)
    }
}

/// The time of a database that several nodes share, so that they agree on what has expired however
/// their own clocks differ or jump. Each reading of the feed of changes brings it; between two of
/// them it goes on by the monotonic clock.
///
/// What it shows is never earlier than what the database would: a reading counts from when it was
/// asked for. And it does not run backwards: where it is ahead it goes at half the speed until it
/// is not.
pub(crate) struct DatabaseTime {
    own: Arc<dyn Clock>,
    /// What is added to the monotonic time, in microseconds.
    ahead: AtomicI64,
    /// What was shown when `ahead` was last set: nothing earlier is shown.
    floor: AtomicI64,
    /// When that was, in microseconds of the monotonic clock.
    set_at: AtomicU64,
}

/// Before the first reading, and where the database's clock is not to be followed.
const UNKNOWN: i64 = i64::MIN;

impl DatabaseTime {
    pub(crate) fn new(own: Arc<dyn Clock>) -> Self {
        Self {
            own,
            ahead: AtomicI64::new(UNKNOWN),
            floor: AtomicI64::new(i64::MIN),
            set_at: AtomicU64::new(0),
        }
    }

    /// A reading that was sent at this moment of the monotonic clock brought this time. One reading
    /// at a time says so.
    pub(crate) fn set(&self, sent: Duration, time: Timestamp) {
        let monotonic = microseconds(self.own.monotonic());
        let measured = time.microseconds() - signed(microseconds(sent));
        let before = self.ahead.load(Ordering::Acquire);
        let set_at = self.set_at.swap(monotonic, Ordering::Relaxed);
        if before == UNKNOWN {
            self.ahead.store(measured, Ordering::Release);
            return;
        }
        let since = signed(monotonic.saturating_sub(set_at));
        self.floor
            .fetch_max(before.saturating_add(signed(monotonic)), Ordering::Release);
        self.ahead
            .store(measured.max(before - since / 2), Ordering::Release);
    }

    /// By how many microseconds the database's clock is ahead of this machine's; below zero if it
    /// is behind. Nothing where it is not followed.
    pub(crate) fn ahead_of_own(&self) -> Option<i64> {
        let is_followed = self.ahead.load(Ordering::Acquire) != UNKNOWN;
        let ahead = self.now().microseconds() - self.own.now().microseconds();
        is_followed.then_some(ahead)
    }
}

impl Clock for DatabaseTime {
    fn now(&self) -> Timestamp {
        let monotonic = microseconds(self.own.monotonic());
        match self.ahead.load(Ordering::Acquire) {
            UNKNOWN => self.own.now(),
            ahead => {
                let shown = ahead.saturating_add(signed(monotonic));
                Timestamp::from_microseconds(shown.max(self.floor.load(Ordering::Acquire)))
            }
        }
    }

    fn monotonic(&self) -> Duration {
        self.own.monotonic()
    }

    fn thread_time(&self) -> Duration {
        self.own.thread_time()
    }

    fn pause(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.own.pause(time)
    }

    fn deadline(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.own.deadline(time)
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn signed(microseconds: u64) -> i64 {
    i64::try_from(microseconds).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock whose time of day is far off.
    #[derive(Default)]
    struct Astray(AtomicU64);

    impl Clock for Astray {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(0)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_micros(self.0.load(Ordering::Relaxed))
        }
    }

    impl Astray {
        fn pass(&self, milliseconds: u64) {
            self.0.fetch_add(milliseconds * 1000, Ordering::Relaxed);
        }
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_microseconds(1_767_323_045_000_000 + milliseconds * 1000)
    }

    #[test]
    fn the_databases_time_counts_from_when_it_was_asked_for() {
        let own = Arc::new(Astray::default());
        let time = DatabaseTime::new(own.clone());
        assert_eq!(time.now(), Timestamp::from_seconds(0));
        assert_eq!(time.ahead_of_own(), None);
        let sent = own.monotonic();
        own.pass(30);
        time.set(sent, at(20));
        assert_eq!(time.now(), at(50));
        assert_eq!(time.ahead_of_own(), Some(at(50).microseconds()));
        own.pass(1000);
        assert_eq!(time.now(), at(1050));
    }

    #[test]
    fn a_clock_that_went_ahead_is_followed_at_once() {
        let own = Arc::new(Astray::default());
        let time = DatabaseTime::new(own.clone());
        time.set(own.monotonic(), at(0));
        own.pass(200);
        time.set(own.monotonic(), at(3_600_000));
        assert_eq!(time.now(), at(3_600_000));
    }

    #[test]
    fn a_clock_that_was_set_back_is_met_without_running_backwards() {
        let own = Arc::new(Astray::default());
        let time = DatabaseTime::new(own.clone());
        time.set(own.monotonic(), at(1000));
        let mut shown = time.now();
        let mut database = at(0);
        for _ in 0..20 {
            for _ in 0..20 {
                own.pass(10);
                database = database.plus(Duration::from_millis(10));
                assert!(time.now() >= shown, "it ran backwards");
                assert!(time.now() >= database, "it fell behind the database");
                shown = time.now();
            }
            time.set(own.monotonic(), database);
        }
        assert_eq!(time.now(), database, "it never met the database's clock");
    }
}
