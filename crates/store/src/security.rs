//! What protects an account, and what happened to it, as its user is shown it: one reading.

use counterfoil_domain::id::AccountId;
use counterfoil_domain::security::{Impersonation, OneTimeCodes};
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations;
use crate::engine::Store;
use crate::error::StoreError;
use crate::trail::{StoredEvent, events_of_account, refusals_of_account};
use crate::two_factor;

/// What protects an account, and what happened to it.
#[derive(Clone, Debug)]
pub struct SecurityRecord {
    /// One-time codes, where they are on.
    pub codes: Option<OneTimeCodes>,
    /// Who may act as the user, the newest first.
    pub impersonations: Vec<Impersonation>,
    /// The newest events about the account, the newest first: none about tokens, no refused
    /// sign-ins.
    pub events: Vec<StoredEvent>,
    /// The newest refused sign-ins, the newest first.
    pub refusals: Vec<StoredEvent>,
}

impl Store {
    /// What protects an account, with at most so many events of each kind and so many who may act
    /// as the user.
    pub async fn security_of(
        &self,
        id: AccountId,
        most: u32,
        now: Timestamp,
    ) -> Result<SecurityRecord, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let codes = match two_factor::totp_state(tx, id).await? {
                    None => None,
                    Some((since, last_used_at)) => Some(OneTimeCodes {
                        since,
                        last_used_at,
                        recovery_codes: two_factor::count_codes(tx, id).await?,
                    }),
                };
                Ok(SecurityRecord {
                    codes,
                    impersonations: authorizations::impersonations(tx, id, most, now).await?,
                    events: events_of_account(tx, id, most).await?,
                    refusals: refusals_of_account(tx, id, most).await?,
                })
            })
        })
        .await
    }
}
