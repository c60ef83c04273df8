//! Failed sign-ins: counted, and what a lock covers forgotten.

use counterfoil_domain::audit::Attribution;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::sign_in::{FailureKind, SignInSubject};
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::turns::Taken;

/// A sign-in that went wrong.
pub(crate) struct Failure {
    /// Under what it is counted.
    pub(crate) subject: SignInSubject,
    /// Whose sign-in it was, if there is such a user.
    pub(crate) account: Option<AccountId>,
    /// From where.
    pub(crate) address_key: String,
    /// What was wrong.
    pub(crate) kind: FailureKind,
    /// For the audit trail.
    pub(crate) by: Attribution,
    /// The turn in which it went wrong: the next attempt begins when this one counts, even if its client has left.
    pub(crate) turn: Taken,
}

impl Authority {
    /// Counts a failure. From the commit to the forgetting nothing may be cancelled: a client that goes away would leave a
    /// lock that holds for everybody but those whose password is remembered. So it is part of the task that verifies.
    pub(crate) async fn count_failure(&self, failure: Failure) -> Result<(), StoreError> {
        let Failure {
            subject,
            account,
            address_key,
            kind,
            by,
            turn,
        } = failure;
        let policy = self.settings().lockout;
        let locked = self
            .store()
            .record_failure(subject, account, address_key.clone(), kind, policy, by)
            .await
            .inspect_err(|_| self.counting().note_broken())?;
        if let Some(until) = locked {
            self.memory().forget_locked(Some(subject), &address_key);
            tracing::warn!(account.id = account.map(|id| id.0), locked_until = %until, cause = kind.as_str(), "sign-in locked for an address");
        }
        // An address with too many failures is refused for all logins, also for those whose password is remembered.
        let facts = self
            .store()
            .gate_facts(subject, None, &address_key, &policy, self.now())
            .await?;
        if facts.address_failures >= policy.per_address {
            self.memory().forget_locked(None, &address_key);
        }
        drop(turn);
        Ok(())
    }
}
