//! When and from where tokens were last used: noted in memory on each use, written down in batches.
//!
//! A use is no change that anybody decides by at once, so it is neither audited nor synced by itself; a crash loses at most
//! the uses since the last batch.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::TokenUse;
use parking_lot::Mutex;

use crate::checks::entry::TokenEntry;

/// Uses that wait at most, since each takes the room of half a remembered token. What is used beyond it is noted with its
/// next use after a batch was written; [`LastUsed::is_due`] says that it is time for one long before.
const MOST_WAITING: usize = 1 << 16;

#[derive(Default)]
pub(super) struct LastUsed {
    waiting: Mutex<Vec<(Arc<TokenEntry>, ClientAddress)>>,
}

impl LastUsed {
    /// Notes a use of a token.
    pub(super) fn note(&self, entry: &Arc<TokenEntry>, from: ClientAddress, now: Timestamp) {
        let moved = entry.note_use(now, short(from));
        let waits = entry.use_waits.load(Ordering::Relaxed);
        if waits && !moved {
            return;
        }
        let waited = entry.use_waits.swap(true, Ordering::AcqRel);
        if waited && !moved {
            return;
        }
        let mut waiting = self.waiting.lock();
        if waiting.len() < MOST_WAITING {
            waiting.push((Arc::clone(entry), from));
        } else if !waited {
            // It does not wait, so that its next use is noted again.
            entry.use_waits.store(false, Ordering::Release);
        }
    }

    /// Whether so much waits that it should be written down before its time.
    pub(super) fn is_due(&self) -> bool {
        self.waiting.lock().len() >= MOST_WAITING / 4
    }

    /// What waits to be written down, each token once with its last address.
    pub(super) fn take(&self) -> Vec<TokenUse> {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        let mut uses: HashMap<AuthorizationId, TokenUse> = HashMap::with_capacity(waiting.len());
        for (entry, address) in waiting {
            // Lowered first: a use from here on waits for the next batch.
            entry.use_waits.store(false, Ordering::Release);
            let at = entry.last_used();
            let id = entry.id;
            uses.insert(id, TokenUse { id, at, address });
        }
        uses.into_values().collect()
    }
}

/// An address in 32 bits, never zero: enough to notice that it is another one.
fn short(address: ClientAddress) -> u32 {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    u32::try_from(hasher.finish() >> 32).expect("32 bits are left") | 1
}
