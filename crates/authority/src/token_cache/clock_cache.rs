//! A bounded cache of shared entries, in shards, so that many read while few write.
//!
//! When a shard is full, a hand goes round its slots: what was asked for since the hand last came
//! by is spared once, the first that was not goes (the clock algorithm). What is asked for often so
//! stays, without a list to be kept in order on every hit.

use std::sync::Arc;

use hashbrown::HashTable;
use parking_lot::RwLock;

/// Shards: many more than cores, so that two that meet are rare.
const SHARDS: usize = 64;

/// What can stand in a [`ClockCache`].
pub(super) trait Cached: Send + Sync {
    /// What it is found by.
    type Key: Copy + PartialEq;

    /// Its key.
    fn key(&self) -> Self::Key;
    /// A well-mixed hash of a key.
    fn hash(key: Self::Key) -> u64;
    /// Notes that it was asked for.
    fn touch(&self);
    /// Whether it was asked for since this was last called.
    fn take_touched(&self) -> bool;
}

pub(super) struct ClockCache<V: Cached> {
    shards: Box<[RwLock<Shard<V>>]>,
    most_in_shard: usize,
}

struct Shard<V> {
    index: HashTable<u32>,
    slots: Vec<Option<Arc<V>>>,
    free: Vec<u32>,
    hand: usize,
}

impl<V> Default for Shard<V> {
    fn default() -> Self {
        Self {
            index: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            hand: 0,
        }
    }
}

impl<V: Cached> ClockCache<V> {
    /// A cache of at most about `most` entries; none at all when it is zero.
    pub(super) fn new(most: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            most_in_shard: most.div_ceil(SHARDS).min(u32::MAX as usize),
        }
    }

    fn shard(&self, hash: u64) -> &RwLock<Shard<V>> {
        // The cache inside uses the lowest and the highest bits.
        let place = usize::try_from((hash >> 40) % SHARDS as u64).expect("it is below SHARDS");
        &self.shards[place]
    }

    /// The entry of this key.
    pub(super) fn find(&self, key: V::Key) -> Option<Arc<V>> {
        let hash = V::hash(key);
        let shard = self.shard(hash).read();
        let slot = *shard.index.find(hash, |slot| shard.holds(*slot, key))?;
        let found = shard.slots[slot as usize].as_ref()?;
        found.touch();
        Some(Arc::clone(found))
    }

    /// Puts an entry in, in place of one with its key, unless `outdated` says that it has been
    /// overtaken. It is asked when nobody can take anything out of this part of the cache any more
    /// until the entry stands in it.
    pub(super) fn insert_unless(&self, entry: Arc<V>, outdated: impl FnOnce() -> bool) {
        if self.most_in_shard == 0 {
            return;
        }
        let key = entry.key();
        let hash = V::hash(key);
        let mut shard = self.shard(hash).write();
        if outdated() {
            return;
        }
        shard.remove(hash, |held| held.key() == key);
        shard.insert(hash, entry, self.most_in_shard);
    }

    /// Takes out what has this hash and fits.
    pub(super) fn remove(&self, hash: u64, fits: impl Fn(&V) -> bool) {
        self.shard(hash).write().remove(hash, fits);
    }

    /// Takes everything out.
    pub(super) fn clear(&self) {
        for shard in &self.shards {
            *shard.write() = Shard::default();
        }
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.read().index.len())
            .sum()
    }
}

impl<V: Cached> Shard<V> {
    fn holds(&self, slot: u32, key: V::Key) -> bool {
        self.slots[slot as usize]
            .as_ref()
            .is_some_and(|held| held.key() == key)
    }

    fn remove(&mut self, hash: u64, fits: impl Fn(&V) -> bool) {
        // A digest's hash is its head, which two digests may share.
        loop {
            let slots = &self.slots;
            let found = self.index.find_entry(hash, |slot| {
                slots[*slot as usize]
                    .as_ref()
                    .is_some_and(|held| fits(held))
            });
            let Ok(found) = found else { return };
            let (slot, _) = found.remove();
            self.slots[slot as usize] = None;
            self.free.push(slot);
        }
    }

    fn insert(&mut self, hash: u64, entry: Arc<V>, most: usize) {
        if self.index.len() >= most {
            self.evict_one();
        }
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(entry);
            slot
        } else {
            self.slots.push(Some(entry));
            u32::try_from(self.slots.len() - 1).expect("a shard holds fewer than 2^32")
        };
        let slots = &self.slots;
        self.index.insert_unique(hash, slot, |slot| {
            slots[*slot as usize]
                .as_ref()
                .map_or(0, |held| V::hash(held.key()))
        });
    }

    fn evict_one(&mut self) {
        // Twice round finds one, since the first round takes away what spares.
        for _ in 0..self.slots.len() * 2 {
            self.hand = (self.hand + 1) % self.slots.len();
            let place = self.hand;
            let Some(held) = &self.slots[place] else {
                continue;
            };
            if held.take_touched() {
                continue;
            }
            let hash = V::hash(held.key());
            let number = u32::try_from(place).expect("a shard holds fewer than 2^32");
            if let Ok(found) = self.index.find_entry(hash, |slot| *slot == number) {
                found.remove();
                self.slots[place] = None;
                self.free.push(number);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    struct Number(u64, AtomicBool);

    impl Number {
        fn new(number: u64) -> Arc<Self> {
            Arc::new(Self(number, AtomicBool::new(false)))
        }
    }

    impl Cached for Number {
        type Key = u64;

        fn key(&self) -> u64 {
            self.0
        }

        fn hash(key: u64) -> u64 {
            key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        }

        fn touch(&self) {
            self.1.store(true, Ordering::Relaxed);
        }

        fn take_touched(&self) -> bool {
            self.1.swap(false, Ordering::Relaxed)
        }
    }

    #[test]
    fn what_went_in_is_found_until_it_is_taken_out() {
        let cache = ClockCache::new(1000);
        for number in 0..500 {
            cache.insert_unless(Number::new(number), || false);
        }
        assert_eq!(cache.len(), 500);
        for number in (0..500).step_by(2) {
            cache.remove(Number::hash(number), |held| held.0 == number);
        }
        for number in 0..500 {
            assert_eq!(cache.find(number).is_some(), number % 2 == 1, "{number}");
        }
        cache.clear();
        assert_eq!(cache.len(), 0);
    }

    #[test]
    fn what_was_overtaken_does_not_go_in() {
        let cache = ClockCache::new(1000);
        cache.insert_unless(Number::new(1), || true);
        assert!(cache.find(1).is_none());
    }

    #[test]
    fn a_full_table_stays_within_its_bound_and_keeps_what_is_asked_for() {
        let cache = ClockCache::new(640);
        for number in 0..10_000 {
            cache.insert_unless(Number::new(number), || false);
            // One is asked for all the time.
            cache.insert_unless(Number::new(77), || table_has_it(number));
            if number > 77 {
                assert!(cache.find(77).is_some(), "after {number}");
            }
        }
        assert!(cache.len() <= 640, "{}", cache.len());
        assert!(cache.len() > 320, "{}", cache.len());
    }

    fn table_has_it(number: u64) -> bool {
        number != 77
    }

    #[test]
    fn a_table_without_room_holds_nothing() {
        let cache = ClockCache::new(0);
        cache.insert_unless(Number::new(1), || false);
        assert!(cache.find(1).is_none());
    }
}
