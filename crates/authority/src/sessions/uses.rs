//! When and from where sessions were last used: noted in memory, written down in batches, as last
//! uses of tokens are.

use std::collections::HashMap;
use std::time::Duration;

use counterfoil_domain::id::SessionId;
use counterfoil_domain::principal::Origin;
use counterfoil_domain::session::Session;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::SessionUse;
use parking_lot::Mutex;

/// A session whose use was written down this short a while ago is not noted again, unless it is
/// used from elsewhere.
const NOTED_EVERY: Duration = Duration::from_secs(45);
/// Sessions that wait at most. What is used beyond it is noted at its next use after a batch.
const MOST_WAITING: usize = 1 << 14;

/// Uses that wait to be written down, each session once.
#[derive(Default)]
pub(crate) struct SessionUses(Mutex<HashMap<SessionId, SessionUse>>);

impl SessionUses {
    pub(crate) fn note(&self, session: &Session, origin: &Origin, now: Timestamp) {
        let is_elsewhere =
            session.address != origin.address || session.agent.as_deref() != origin.agent();
        if !is_elsewhere && now.since(session.last_used_at) < NOTED_EVERY {
            return;
        }
        let mut waiting = self.0.lock();
        if waiting.len() < MOST_WAITING || waiting.contains_key(&session.id) {
            let used = SessionUse {
                id: session.id,
                at: now,
                address: origin.address,
                agent: origin.agent().map(str::to_owned),
            };
            waiting.insert(session.id, used);
        }
    }

    pub(super) fn take(&self) -> Vec<SessionUse> {
        std::mem::take(&mut *self.0.lock()).into_values().collect()
    }

    /// What could not be written down waits again, unless a later use does.
    pub(super) fn put_back(&self, uses: Vec<SessionUse>) {
        let mut waiting = self.0.lock();
        for used in uses {
            waiting.entry(used.id).or_insert(used);
        }
    }
}
