//! Failed sign-ins, the locks they lead to, and the addresses that signed in.

use counterfoil_domain::audit::Attribution;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::sign_in::{FailureKind, GateFacts, LockoutPolicy, SignInSubject};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;

/// How many attempts were refused during a lock, to be told in one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalCount {
    /// Whose sign-in it was, if there is such a user.
    pub account: Option<AccountId>,
    /// From where.
    pub address: Option<ClientAddress>,
    /// How many attempts.
    pub count: u64,
}

impl Store {
    pub async fn gate_facts(&self, subject: SignInSubject, account: Option<AccountId>, address_key: &str, policy: &LockoutPolicy, now: Timestamp) -> Result<GateFacts, StoreError> { unimplemented!() }
    pub async fn record_failure(&self, subject: SignInSubject, account: Option<AccountId>, address_key: String, kind: FailureKind, policy: LockoutPolicy, by: Attribution) -> Result<Option<Timestamp>, StoreError> { unimplemented!() }
    pub async fn note_signed_in(&self, account: AccountId, address_key: String, now: Timestamp) -> Result<(), StoreError> { unimplemented!() }
    pub async fn unlock(&self, subjects: Vec<SignInSubject>, account: Option<AccountId>, by: Attribution) -> Result<u64, StoreError> { unimplemented!() }
    pub async fn locks_of(&self, subject: SignInSubject, now: Timestamp) -> Result<Vec<(String, Timestamp)>, StoreError> { unimplemented!() }
    pub async fn record_refusals(&self, refusals: Vec<RefusalCount>, by: Attribution) -> Result<(), StoreError> { unimplemented!() }
}
