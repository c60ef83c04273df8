//! Failed sign-ins: counted, and what a lock covers forgotten.

use counterfoil_domain::principal::Attribution;
use counterfoil_store::{FailedSignIn, StoreError};
use tracing::field::display;

use crate::authority::Authority;

impl Authority {
    /// Counts a failure. From the commit to the forgetting nothing may be cancelled: a client that
    /// goes away would leave a lock that holds for everybody but those whose password is
    /// remembered. So it is part of the task that verifies.
    pub(crate) async fn count_failure(
        &self,
        failed: FailedSignIn,
        by: Attribution,
    ) -> Result<(), StoreError> {
        let policy = self.settings().lockout;
        let (subject, account) = (failed.subject, failed.account.map(|id| id.0));
        let address_key = failed.address_key.clone();
        let kind = failed.kind.as_str();
        let request = by.principal.origin.as_ref();
        let request = request.and_then(|origin| origin.request).map(display);
        let counted = self
            .store()
            .record_failure(failed, policy, by)
            .await
            .inspect_err(|_| self.failure_counting().note_broken())?;
        if let Some(until) = counted.locked_until {
            self.memory().forget_locked(Some(subject), &address_key);
            tracing::warn!(request.id = request, account.id = account, locked_until = %until, cause = kind, "sign-in locked for an address");
        }
        // An address with too many failures is refused for all logins, also for those whose
        // password is remembered.
        if counted.address_failures >= policy.per_address {
            self.memory().forget_locked(None, &address_key);
        }
        if counted.begins_attack {
            tracing::warn!(
                request.id = request,
                account.id = account,
                "a login is under attack: unknown addresses are slowed down"
            );
        }
        Ok(())
    }
}
