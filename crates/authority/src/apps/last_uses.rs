//! Last uses of client secrets are written down.

use counterfoil_store::StoreError;

use crate::authority::Authority;

/// Uses that are written in one transaction.
const AT_A_TIME: usize = 200;

impl Authority {
    /// Writes down when client secrets were used since the last time.
    pub async fn flush_secret_uses(&self) -> Result<(), StoreError> {
        let mut uses = self.secret_uses().take();
        while !uses.is_empty() {
            let rest = uses.split_off(uses.len().min(AT_A_TIME));
            if let Err(error) = self.store().note_secret_uses(uses.clone()).await {
                uses.extend(rest);
                self.secret_uses().put_back(uses);
                return Err(error);
            }
            uses = rest;
        }
        Ok(())
    }
}
