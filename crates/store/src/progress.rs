//! How far a long piece of work has come.
//!
//! Work that goes through many rows moves a count on; whoever shows it to a person looks when it
//! suits. So showing costs the work nothing, and work that nobody watches is watched by nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// A count that work moves on and that others read. All clones are one.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<State>);

#[derive(Debug, Default)]
struct State {
    step: Mutex<Step>,
    done: AtomicU64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Step {
    what: &'static str,
    of: Option<u64>,
}

/// How far work has come at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgressReading {
    /// What is done now, such as `taking over tokens`; empty before anything is.
    pub what: &'static str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do, where that is known.
    pub of: Option<u64>,
}

impl Progress {
    /// Goes on to the next step, which has done nothing yet.
    pub fn begin(&self, what: &'static str, of: Option<u64>) {
        let mut step = self.0.step.lock();
        *step = Step { what, of };
        self.0.done.store(0, Ordering::Relaxed);
    }

    /// Counts what was done of the step.
    pub fn advance(&self, by: u64) {
        self.0.done.fetch_add(by, Ordering::Relaxed);
    }

    /// How far the work is now.
    pub fn read(&self) -> ProgressReading {
        let Step { what, of } = *self.0.step.lock();
        let done = self.0.done.load(Ordering::Relaxed);
        ProgressReading { what, done, of }
    }
}
