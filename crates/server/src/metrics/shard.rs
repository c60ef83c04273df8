//! Counters that many threads count in at once.
//!
//! A cache line that several cores write to travels between them with each write. So each thread
//! counts in a shard of its own as long as there are enough, and whoever reads adds the shards up.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;

/// How many shards there are. More threads than that share them, which costs time and no counts.
const SHARDS: usize = 16;

/// One value for each shard, each on cache lines of its own.
#[derive(Debug)]
pub(crate) struct Sharded<T>(Box<[CachePadded<T>]>);

impl<T> Sharded<T> {
    /// A value for each shard; it is told which.
    pub(crate) fn new(make: impl Fn(usize) -> T) -> Self {
        Self(
            (0..SHARDS)
                .map(|shard| CachePadded::new(make(shard)))
                .collect(),
        )
    }

    /// The value of this thread.
    pub(crate) fn own(&self) -> &T {
        let shard = OWN.with(|own| *own);
        &self.0[shard % SHARDS]
    }

    /// All values.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|padded| &**padded)
    }
}

thread_local! {
    /// The shard of this thread: threads take turns.
    static OWN: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    };
}

/// Counters of `N` things.
#[derive(Debug)]
pub(crate) struct Counters<const N: usize>(Sharded<[AtomicU64; N]>);

impl<const N: usize> Default for Counters<N> {
    fn default() -> Self {
        Self(Sharded::new(|_| std::array::from_fn(|_| AtomicU64::new(0))))
    }
}

impl<const N: usize> Counters<N> {
    /// Adds to one of them.
    pub(crate) fn add(&self, which: usize, amount: u64) {
        self.0.own()[which].fetch_add(amount, Ordering::Relaxed);
    }

    /// What was counted.
    pub(crate) fn sums(&self) -> [u64; N] {
        let sum = |which: usize| {
            self.0
                .all()
                .map(|own| own[which].load(Ordering::Relaxed))
                .sum()
        };
        std::array::from_fn(sum)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn what_many_threads_count_is_counted_once() {
        let counters = Counters::<2>::default();
        thread::scope(|scope| {
            for _ in 0..3 * SHARDS {
                scope.spawn(|| (0..100).for_each(|_| counters.add(1, 2)));
            }
        });
        assert_eq!(counters.sums(), [0, 3 * 16 * 100 * 2]);
    }
}
