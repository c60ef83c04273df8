//! When client secrets were last used: noted in memory at the first use in half a minute, written
//! down in batches.
//!
//! Apps prove themselves thousands of times in a second. So a use that is not the first since the
//! last batch costs two loads, and what is written is the time of the first one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use counterfoil_domain::id::ClientSecretId;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::SecretUse;
use parking_lot::Mutex;

use crate::token_cache::SecretEntry;

/// Uses that wait to be written down, each secret once.
pub(crate) struct SecretUses {
    /// The number of the batch that uses wait for. None is the first, so that a new entry has noted
    /// none.
    batch: AtomicU32,
    waiting: Mutex<BTreeMap<ClientSecretId, Timestamp>>,
}

impl Default for SecretUses {
    fn default() -> Self {
        Self {
            batch: AtomicU32::new(1),
            waiting: Mutex::default(),
        }
    }
}

impl SecretUses {
    /// Notes a use of a secret.
    pub(crate) fn note(&self, secret: &SecretEntry, now: impl FnOnce() -> Timestamp) {
        let batch = self.batch.load(Ordering::Acquire);
        if secret.noted_for.load(Ordering::Relaxed) == batch {
            return;
        }
        secret.noted_for.store(batch, Ordering::Relaxed);
        let now = now();
        let mut waiting = self.waiting.lock();
        let at = waiting.entry(secret.id).or_insert(now);
        *at = now.max(*at);
    }

    pub(super) fn take(&self) -> Vec<SecretUse> {
        // A use from here on waits for the next batch, or goes with this one.
        self.batch.fetch_add(1, Ordering::AcqRel);
        let waiting = std::mem::take(&mut *self.waiting.lock());
        let uses = waiting.into_iter().map(|(id, at)| SecretUse { id, at });
        uses.collect()
    }

    /// What could not be written down waits again, unless a later use does.
    pub(super) fn put_back(&self, uses: Vec<SecretUse>) {
        let mut waiting = self.waiting.lock();
        for used in uses {
            waiting.entry(used.id).or_insert(used.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::app::KnownSecret;
    use counterfoil_domain::digest::SecretDigest;

    use super::*;

    fn entry(id: i64) -> SecretEntry {
        SecretEntry::new(KnownSecret {
            id: ClientSecretId(id),
            digest: SecretDigest::of("secret"),
            is_published: false,
        })
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_secret_is_noted_once_in_each_batch_with_its_first_use() {
        let uses = SecretUses::default();
        let (first, second) = (entry(1), entry(2));
        uses.note(&first, || at(10));
        uses.note(&first, || panic!("it is noted already"));
        uses.note(&second, || at(12));
        let expected = [(1, 10), (2, 12)].map(|(id, seconds)| SecretUse {
            id: ClientSecretId(id),
            at: at(seconds),
        });
        assert_eq!(uses.take(), expected);
        assert_eq!(uses.take(), []);
        uses.note(&first, || at(40));
        assert_eq!(uses.take()[0].at, at(40));
    }

    #[test]
    fn what_could_not_be_written_waits_again_unless_a_later_use_does() {
        let uses = SecretUses::default();
        let (first, second) = (entry(1), entry(2));
        uses.note(&first, || at(10));
        uses.note(&second, || at(10));
        let taken = uses.take();
        uses.note(&first, || at(50));
        uses.put_back(taken);
        let times: Vec<_> = uses.take().into_iter().map(|used| used.at).collect();
        assert_eq!(times, [at(50), at(10)]);
    }
}
