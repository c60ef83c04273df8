//! A mutex for each login at each address: attempts on one go one after another.

use std::collections::HashMap;
use std::sync::Arc;

use counterfoil_domain::sign_in::SignInSubject;
use parking_lot::Mutex;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

type Pair = (SignInSubject, String);

/// Who is trying at present. A pair has an entry as long as somebody holds or awaits its turn.
#[derive(Clone, Default)]
pub(crate) struct AttemptMutex(Arc<Mutex<HashMap<Pair, Arc<Turn<()>>>>>);

/// A turn, given on when dropped. Whatever outlives the request that took it can take it along.
pub(crate) struct AttemptGuard {
    mutex: AttemptMutex,
    pair: Pair,
    guard: Option<OwnedMutexGuard<()>>,
}

impl AttemptMutex {
    pub(crate) async fn take(&self, subject: SignInSubject, address_key: &str) -> AttemptGuard {
        let pair = (subject, address_key.to_owned());
        let turn = Arc::clone(self.0.lock().entry(pair.clone()).or_default());
        // Made before waiting, so that a caller that goes away while it waits cleans up as well.
        let mut taken = AttemptGuard {
            mutex: self.clone(),
            pair,
            guard: None,
        };
        taken.guard = Some(turn.lock_owned().await);
        taken
    }
}

impl Drop for AttemptGuard {
    fn drop(&mut self) {
        let mut mutex = self.mutex.0.lock();
        drop(self.guard.take());
        // Others clone the handle under the same lock, so a count of one is the map's own.
        if mutex
            .get(&self.pair)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            mutex.remove(&self.pair);
        }
    }
}
