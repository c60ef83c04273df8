//! Grants, and the lock on what one user gives one app.

mod access;
mod change;
mod end;
mod find;

use counterfoil_domain::grant::{Grant, GrantRefused};
use counterfoil_domain::id::{AccountId, GrantId};
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
pub(crate) use crate::grants::change::{find_or_make, lock_pair, recompute, touch};
pub(crate) use crate::grants::end::{end, end_all_of_account, end_all_of_app};
use crate::outbox;
use crate::writing::{Change, Locks, Operation};

#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 4] = [
    access::STATEMENTS,
    change::STATEMENTS,
    end::STATEMENTS,
    find::STATEMENTS,
];

impl Store {
    /// One page of a user's live grants, ascending by id. `client_id` leaves only the one of that
    /// app.
    pub async fn list_grants(
        &self,
        owner: AccountId,
        client_id: Option<String>,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<Grant>, StoreError> {
        let client_id = client_id.unwrap_or_default();
        self.read(move |tx| {
            Box::pin(async move { find::page_of(tx, owner, &client_id, page, now).await })
        })
        .await
    }

    /// A user's live grant. Whosever it is when `owner` is `None`.
    pub async fn find_grant(
        &self,
        owner: Option<AccountId>,
        id: GrantId,
        now: Timestamp,
    ) -> Result<Option<Grant>, StoreError> {
        self.read(move |tx| Box::pin(async move { find::one(tx, owner, id, now).await }))
            .await
    }

    /// Ends a live grant and every token under it, and says how many those were. Whosever it is
    /// when `owner` is `None`.
    pub async fn revoke_grant(
        &self,
        owner: Option<AccountId>,
        id: GrantId,
        by: Attribution,
    ) -> Result<u64, ChangeError<GrantRefused>> {
        let (operation, locks) = (Operation::RevokeGrant, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let grant = find::one(tx, owner, id, by.at)
                    .await?
                    .ok_or(WriteError::Refused(GrantRefused::NotFound))?;
                let pair = (grant.owner, grant.app.id);
                lock_pair(tx, pair.0, pair.1, by.at).await?;
                let ended = end(tx, id, pair, by).await?;
                let ended = ended.ok_or(WriteError::Refused(GrantRefused::NotFound))?;
                if owner.is_none() {
                    outbox::tell(tx, MailKind::TokensRevoked, grant.owner, by).await?;
                }
                Ok(ended)
            })
        })
        .await
    }
}
