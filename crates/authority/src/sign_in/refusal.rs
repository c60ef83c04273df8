//! A refusal waits until its time tells nothing of the password, nor of how it is kept.

use std::time::Duration;

use counterfoil_store::StoreError;

use crate::authority::Authority;

/// How long what was read of the store is taken for true. A class that comes meanwhile shows itself
/// at its first verification.
const LOOK_EVERY: Duration = Duration::from_secs(10);

impl Authority {
    /// How long a refused password takes at present, from the beginning of its verification.
    pub fn refusal_time(&self) -> Duration {
        self.passwords().refusal_time().in_all()
    }

    /// Waits until a refusal tells nothing by its time, whatever the verification that began then
    /// was about. Takes no place and no thread; whoever does not care for the answer any more drops
    /// it, and with it the wait.
    pub(crate) async fn wait_for_refusal(&self, began: Duration) {
        if let Err(error) = self.look_for_classes().await {
            tracing::warn!(cause = %error.causes(), "the costs of password hashes were not read; refusals may differ in time");
        }
        let elapsed = self.monotonic().saturating_sub(began);
        let left = self.refusal_time().saturating_sub(elapsed);
        if !left.is_zero() {
            self.clock().pause(left).await;
        }
    }

    /// Reads which classes there are among the accounts that were not looked at before, and
    /// measures what is new.
    async fn look_for_classes(&self) -> Result<(), StoreError> {
        let time = self.passwords().refusal_time();
        let mut looked = time.looking.lock().await;
        let now = self.monotonic();
        if looked.at.is_some_and(|at| at + LOOK_EVERY > now) && time.unmeasured().is_none() {
            return Ok(());
        }
        loop {
            let portion = self.store().hash_classes(looked.to).await?;
            for class in portion.classes {
                time.meet(class);
            }
            looked.to = portion.looked_to;
            if !portion.has_more {
                break;
            }
            // A million accounts are read in portions, between which others are served.
            tokio::task::yield_now().await;
        }
        looked.at = Some(now);
        while let Some(class) = time.unmeasured() {
            // A full queue: the next one who is refused tries again.
            if self.measure_verification(class).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}
