//! Ending an account with all that hangs on it.
//!
//! What hangs on something ends by the file of its own subject that ends it, which lies below: an
//! account ends its apps, an app its grants and tokens, a grant its tokens, and none of them knows
//! what it hangs on.

use counterfoil_domain::account::{NoSuchUser, UserDeletionRefused};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;

use crate::accounts::change::{Credential, live, touch};
use crate::accounts::{Changed, DeletedAccount, Refusable, subject_of};
use crate::engine::Store;
use crate::error::WriteError;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{apps, authorizations, grants, links, organizations, outbox, passkeys, two_factor};

statements! {
    END = "UPDATE accounts SET ended_at = $2, end_reason = $3, password_phc = NULL WHERE id = $1 AND ended_at IS NULL";
    END_EMAILS = "UPDATE emails SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL";
    FORGET_ADDRESSES = "DELETE FROM sign_in_addresses WHERE account_id = $1";
}

impl Store {
    /// Ends an account as [`Store::delete_account`] does, unless it is the last owner of an
    /// organization.
    pub async fn delete_account_unless_last_owner(
        &self,
        id: AccountId,
        by: Attribution,
    ) -> Changed<DeletedAccount, UserDeletionRefused> {
        let locks = Locks::none().apps_of(id).organizations_of_owner(id);
        let operation = Operation::DeleteAccount;
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let alone = organizations::owned_alone(tx, id).await?;
                if !alone.is_empty() {
                    let refused = UserDeletionRefused::LastOwner(alone);
                    return Err(WriteError::Refused(refused));
                }
                delete::<UserDeletionRefused>(tx, id, by).await
            })
        })
        .await
    }
}

/// Ends a live account, which is held with its apps, and what hangs on it.
pub(super) async fn delete<R: From<NoSuchUser>>(
    tx: &mut Tx,
    id: AccountId,
    by: &Attribution,
) -> Refusable<Outcome<DeletedAccount>, R> {
    let now = by.at;
    let held = live(tx, id).await?;
    let reason = EndReason::AccountDeleted;
    let apps = apps::live_of_owner(tx, id).await?;
    let mut deleted = DeletedAccount {
        tokens: authorizations::end_all_of_account(tx, id, reason, now).await?,
        grants: grants::end_all_of_account(tx, id, now).await?,
        apps: 0,
    };
    authorizations::end_all_of_maker(tx, id, now).await?;
    for app in apps {
        let Some(ended) = apps::end(tx, app, reason, now).await? else {
            continue;
        };
        deleted.tokens += ended.tokens;
        deleted.grants += ended.grants;
        deleted.apps += 1;
    }
    organizations::end_all_of_account(tx, id, now).await?;
    two_factor::end_all_of_account(tx, id, reason, now).await?;
    passkeys::end_all_of_account(tx, id, reason, now).await?;
    links::end_all_of_account(tx, id, reason, now).await?;
    tx.execute(END_EMAILS, params![id, now, reason.as_str()])
        .await?;
    tx.execute(FORGET_ADDRESSES, params![id]).await?;
    touch(tx, id, Credential::Changed, now).await?;
    tx.execute(END, params![id, now, reason.as_str()]).await?;
    let former = held.email.as_ref();
    outbox::tell_former_address(tx, MailKind::Deleted, id, former, by).await?;
    let event = Event::new(Action::UserDeleted, subject_of(id))
        .with(Detail::Tokens(deleted.tokens))
        .with(Detail::Grants(deleted.grants))
        .with(Detail::Apps(deleted.apps));
    Ok(Outcome::new(deleted, event))
}
