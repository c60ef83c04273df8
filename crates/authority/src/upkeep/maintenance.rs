//! What keeps an installation in order: health, backup, seeding.

use std::convert::Infallible;

use counterfoil_store::{ChangeError, PoolStats, StoreError, StoreStats};

use crate::authority::Authority;
use crate::principal::Operator;

impl Authority {
    /// Writes a heartbeat: one durable write, which fails when the database cannot take writes.
    pub async fn heartbeat(&self) -> Result<(), StoreError> {
        self.store().heartbeat(self.now()).await
    }

    /// Writes that a seed file with this digest, in hexadecimal digits, was applied as a whole.
    pub async fn record_seeding(
        &self,
        digest: String,
        operator: &Operator,
    ) -> Result<(), ChangeError<Infallible>> {
        self.store()
            .record_seeding(digest, self.attribute_to(operator.principal()))
            .await
    }

    /// Whether a seed file with this digest was applied as a whole before.
    pub async fn was_seeded(&self, digest: &str) -> Result<bool, StoreError> {
        self.store().was_seeded(digest).await
    }

    /// What the store has done since it was opened.
    pub fn store_stats(&self) -> StoreStats {
        self.store().stats()
    }

    /// What connections to the database server do; none where there is no server.
    pub fn pool_stats(&self) -> Option<PoolStats> {
        self.store().pool_stats()
    }

    /// Password computations that wait for a thread at present.
    pub fn passwords_waiting(&self) -> usize {
        self.passwords().waiting()
    }

    /// Password computations that were begun since the start.
    pub fn passwords_computed(&self) -> u64 {
        self.passwords().computed()
    }
}
