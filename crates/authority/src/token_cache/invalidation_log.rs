//! The changes of the last while, so that what was read before one of them is not remembered after
//! it.
//!
//! Whoever reads something to remember it takes the count first. A change raises the count before
//! anything is forgotten, and what was read is put in its place only if nothing that it leans on
//! has changed since that count.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use counterfoil_domain::change::Change;
use parking_lot::Mutex;

/// Changes that are kept. A read during which more came is not remembered, which costs another
/// read.
const KEPT: usize = 4096;

#[derive(Default)]
pub(super) struct InvalidationLog {
    count: AtomicU64,
    last: Mutex<VecDeque<Invalidation>>,
}

/// Something that was heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invalidation {
    /// This changed.
    Change(Change),
    /// Anything may have changed.
    Everything,
}

/// A moment in the series of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(u64);

impl InvalidationLog {
    /// Now. What is read from here on shows every change that was heard of before.
    pub(super) fn now(&self) -> Epoch {
        Epoch(self.count.load(Ordering::Acquire))
    }

    /// Notes a change. Called before anything is forgotten because of it.
    pub(super) fn note(&self, heard: Invalidation) {
        let mut last = self.last.lock();
        if last.len() == KEPT {
            last.pop_front();
        }
        last.push_back(heard);
        self.count.fetch_add(1, Ordering::Release);
    }

    /// Whether one of the changes since then `matters`, or so many came that nobody can tell.
    pub(super) fn has_touched(&self, since: Epoch, matters: impl Fn(&Change) -> bool) -> bool {
        if self.now() == since {
            return false;
        }
        let last = self.last.lock();
        let missed = self.count.load(Ordering::Acquire) - since.0;
        let Ok(missed) = usize::try_from(missed) else {
            return true;
        };
        if missed > last.len() {
            return true;
        }
        last.iter().rev().take(missed).any(|heard| match heard {
            Invalidation::Change(change) => matters(change),
            Invalidation::Everything => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::id::AccountId;

    use super::*;

    const MONA: Change = Change::Account(AccountId(1));
    const HUBOT: Change = Change::Account(AccountId(2));

    #[test]
    fn only_what_matters_since_the_moment_counts() {
        let recent = InvalidationLog::default();
        recent.note(Invalidation::Change(MONA));
        let since = recent.now();
        assert!(!recent.has_touched(since, |_| true));
        recent.note(Invalidation::Change(HUBOT));
        assert!(recent.has_touched(since, |change| *change == HUBOT));
        assert!(!recent.has_touched(since, |change| *change == MONA));
        recent.note(Invalidation::Everything);
        assert!(recent.has_touched(since, |change| *change == MONA));
    }

    #[test]
    fn more_changes_than_are_kept_count_as_all() {
        let recent = InvalidationLog::default();
        let since = recent.now();
        for _ in 0..KEPT {
            recent.note(Invalidation::Change(HUBOT));
        }
        assert!(!recent.has_touched(since, |change| *change == MONA));
        recent.note(Invalidation::Change(HUBOT));
        assert!(recent.has_touched(since, |change| *change == MONA));
    }
}
