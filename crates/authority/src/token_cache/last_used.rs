//! When and from where tokens were last used: noted in memory on each use, written down in batches.
//!
//! A use is no change that anybody decides by at once, so it is neither audited nor synced by
//! itself; a crash loses at most the uses since the last batch.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::TokenUse;
use parking_lot::Mutex;

use crate::token_cache::entry::TokenEntry;

/// Uses that wait at most, since each takes the room of half a remembered token. What is used
/// beyond it is noted with its next use after a batch was written; [`LastUsed::is_due`] says that
/// it is time for one long before.
const MOST_WAITING: usize = 1 << 16;

#[derive(Default)]
pub(super) struct LastUsed {
    /// Each token once, with the address it was last used from.
    waiting: Mutex<HashMap<AuthorizationId, Waiting>>,
}

/// A token whose use is to be written down.
pub(super) struct Waiting {
    entry: Arc<TokenEntry>,
    address: ClientAddress,
}

impl Waiting {
    /// What is written down.
    pub(super) fn token_use(&self) -> TokenUse {
        TokenUse {
            id: self.entry.id,
            at: self.entry.last_used(),
            address: self.address,
        }
    }
}

impl LastUsed {
    /// Notes a use of a token.
    pub(super) fn note(&self, entry: &Arc<TokenEntry>, address: ClientAddress, now: Timestamp) {
        let moved = entry.note_use(now, short(address));
        if entry.use_waits.load(Ordering::Relaxed) && !moved {
            return;
        }
        if entry.use_waits.swap(true, Ordering::AcqRel) && !moved {
            return;
        }
        let entry = Arc::clone(entry);
        self.wait(Waiting { entry, address });
    }

    fn wait(&self, use_of_token: Waiting) {
        let mut waiting = self.waiting.lock();
        let id = use_of_token.entry.id;
        if waiting.len() < MOST_WAITING || waiting.contains_key(&id) {
            waiting.insert(id, use_of_token);
        } else {
            // It does not wait, so that its next use is noted again.
            use_of_token.entry.use_waits.store(false, Ordering::Release);
        }
    }

    /// Whether so much waits that it should be written down before its time.
    pub(super) fn is_due(&self) -> bool {
        self.waiting.lock().len() >= MOST_WAITING / 4
    }

    /// What waits to be written down.
    pub(super) fn take(&self) -> Vec<Waiting> {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        let lowered = waiting.into_values().inspect(|waiting| {
            // Lowered before the time is read: a use from here on waits for the next batch.
            waiting.entry.use_waits.store(false, Ordering::Release);
        });
        lowered.collect()
    }

    /// What could not be written down waits again, unless a later use does.
    pub(super) fn put_back(&self, uses: impl IntoIterator<Item = Waiting>) {
        for use_of_token in uses {
            if !use_of_token.entry.use_waits.swap(true, Ordering::AcqRel) {
                self.wait(use_of_token);
            }
        }
    }
}

/// An address in 32 bits, never zero: enough to notice that it is another one.
fn short(address: ClientAddress) -> u32 {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    u32::try_from(hasher.finish() >> 32).expect("32 bits are left") | 1
}
