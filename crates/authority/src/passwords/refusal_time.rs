//! How long a refused password takes, whatever it was compared with.
//!
//! Hashes of several classes stand side by side: made here, made under other settings, come from
//! elsewhere. Each takes its own time, so the time of a refusal would tell that a login exists and
//! how its password is kept. So a refusal waits, outside the queue and on no thread, until the
//! slowest class in use would have been through, and a little longer, so that the slowest waits
//! too.
//!
//! Within one algorithm the class with the most work is the slowest: two of them are remembered,
//! however many there are.

use std::time::Duration;

use counterfoil_domain::id::AccountId;
use counterfoil_domain::password::{HashClass, LONGEST_VERIFICATION};
use parking_lot::Mutex;

/// The slowest classes in use, and how long each takes here.
#[derive(Debug)]
pub(crate) struct RefusalTime {
    known: Mutex<Known>,
    /// Held by whoever looks for classes or measures one; the others wait for it.
    pub(crate) looking: tokio::sync::Mutex<Looked>,
}

#[derive(Debug)]
struct Known {
    slowest: Vec<Slowest>,
    /// How many times their processor time the last verifications lasted: threads for passwords
    /// give way to all others.
    stretch: f64,
}

/// The class with the most work of its algorithm.
#[derive(Clone, Copy, Debug)]
struct Slowest {
    class: HashClass,
    /// The processor time, an average in which the last few count most; none before the first
    /// verification.
    takes: Option<Duration>,
}

/// How far the accounts were looked through.
#[derive(Debug)]
pub(crate) struct Looked {
    /// Up to this account.
    pub(crate) to: AccountId,
    /// When that was.
    pub(crate) at: Option<Duration>,
}

impl RefusalTime {
    /// With the class that passwords are hashed in here.
    pub(crate) fn new(own: HashClass) -> Self {
        let known = Known {
            slowest: vec![Slowest {
                class: own,
                takes: None,
            }],
            stretch: 1.0,
        };
        Self {
            known: Mutex::new(known),
            looking: tokio::sync::Mutex::new(Looked {
                to: AccountId(0),
                at: None,
            }),
        }
    }

    /// Says that there are hashes of this class.
    pub(crate) fn meet(&self, class: HashClass) {
        let slowest = &mut self.known.lock().slowest;
        let met = Slowest { class, takes: None };
        match slowest.iter_mut().find(|known| known.class.is_like(class)) {
            Some(known) if class.work() > known.class.work() => *known = met,
            Some(_) => {}
            None => slowest.push(met),
        }
    }

    /// Says how much processor time a verification took, and how long it lasted on its thread.
    pub(crate) fn note(&self, class: HashClass, took: Duration, lasted: Duration) {
        self.meet(class);
        let mut known = self.known.lock();
        if !took.is_zero() {
            let stretch = lasted.as_secs_f64() / took.as_secs_f64();
            known.stretch = (known.stretch * 3.0 + stretch.max(1.0)) / 4.0;
        }
        let is_equal = |slowest: &&mut Slowest| {
            slowest.class.is_like(class) && slowest.class.work() == class.work()
        };
        if let Some(slowest) = known.slowest.iter_mut().find(is_equal) {
            slowest.takes = Some(match slowest.takes {
                Some(takes) => (takes * 7 + took) / 8,
                None => took,
            });
        }
    }

    /// A class that is in use, and of which nobody knows how long it takes.
    pub(crate) fn unmeasured(&self) -> Option<HashClass> {
        let known = self.known.lock();
        let unmeasured = known.slowest.iter().find(|slowest| slowest.takes.is_none());
        unmeasured.map(|slowest| slowest.class)
    }

    /// From the beginning of a verification to the refusal that it leads to: a quarter more than
    /// the slowest class lasts at present, since the times of one class differ too, and never more
    /// than a hash that was taken over may take.
    pub(crate) fn in_all(&self) -> Duration {
        let known = self.known.lock();
        let takes = known.slowest.iter().filter_map(|slowest| slowest.takes);
        let takes = takes.max().unwrap_or_default();
        takes
            .mul_f64(1.25 * known.stretch)
            .min(LONGEST_VERIFICATION)
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::password::HashingCost;

    use super::*;

    const OWN: HashClass = HashClass::Argon2id(HashingCost {
        memory_kib: 19_456,
        iterations: 2,
        parallelism: 1,
    });
    const CHEAPER: HashClass = HashClass::Argon2id(HashingCost::CHEAPEST);
    const BCRYPT: HashClass = HashClass::Bcrypt(12);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_refusal_takes_a_quarter_more_than_the_slowest_class_in_use() {
        let time = RefusalTime::new(OWN);
        assert_eq!(time.unmeasured(), Some(OWN));
        time.note(OWN, ms(40), ms(40));
        assert_eq!((time.unmeasured(), time.in_all()), (None, ms(50)));
        // What is cheaper changes nothing, neither by being there nor by its time.
        time.note(CHEAPER, ms(1), ms(1));
        assert_eq!((time.unmeasured(), time.in_all()), (None, ms(50)));
        time.meet(BCRYPT);
        assert_eq!(time.unmeasured(), Some(BCRYPT));
        time.note(BCRYPT, ms(400), ms(400));
        assert_eq!((time.unmeasured(), time.in_all()), (None, ms(500)));
        time.note(HashClass::Bcrypt(11), ms(200), ms(200));
        time.note(OWN, ms(40), ms(40));
        assert_eq!(time.in_all(), ms(500));
    }

    #[test]
    fn the_time_of_a_class_follows_what_its_verifications_take() {
        let time = RefusalTime::new(OWN);
        time.note(OWN, ms(80), ms(80));
        time.note(OWN, ms(160), ms(160));
        assert_eq!(time.in_all(), ms(90) * 5 / 4);
        for _ in 0..100 {
            time.note(OWN, ms(160), ms(160));
        }
        let reached = time.in_all();
        assert!(reached > ms(199) && reached <= ms(200), "{reached:?}");
    }

    #[test]
    fn a_busy_machine_stretches_the_time_of_all() {
        let time = RefusalTime::new(OWN);
        time.note(BCRYPT, ms(400), ms(400));
        for _ in 0..100 {
            time.note(OWN, ms(40), ms(80));
        }
        let stretched = time.in_all();
        assert!(
            stretched > ms(999) && stretched <= ms(1_000),
            "{stretched:?}"
        );
        for _ in 0..100 {
            time.note(OWN, ms(40), ms(40));
        }
        let quiet = time.in_all();
        assert!(quiet >= ms(500) && quiet < ms(501), "{quiet:?}");
    }

    #[test]
    fn nobody_waits_longer_than_a_hash_that_was_taken_over_may_take() {
        let time = RefusalTime::new(OWN);
        time.note(OWN, ms(60_000), ms(60_000));
        assert_eq!(time.in_all(), LONGEST_VERIFICATION);
    }
}
