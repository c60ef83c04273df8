//! Telling those who look after what belongs to an account: the user, or the owners of the
//! organization, which has no address of its own.

use counterfoil_domain::id::AccountId;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::organization::Role;
use counterfoil_domain::principal::Attribution;

use crate::error::StoreError;
use crate::outbox::put::tell;
use crate::statement::{params, statements};
use crate::tx::Tx;

/// Owners of one organization who are told of the same thing, so that one change asks for no flood
/// of mail.
const MOST_TOLD: u32 = 20;

statements! {
    OWNERS = "SELECT id FROM accounts WHERE id = $1 AND kind = 'user' AND ended_at IS NULL
        UNION ALL SELECT account_id FROM organization_members
            WHERE organization_id = $1 AND role = $2 AND ended_at IS NULL
        ORDER BY 1 LIMIT $3";
}

/// Tells them by mail what happened to something of this account, where mail is sent at all.
pub(crate) async fn tell_owners(
    tx: &mut Tx,
    kind: MailKind,
    account: AccountId,
    by: &Attribution,
) -> Result<(), StoreError> {
    if !tx.context().sends_mail() {
        return Ok(());
    }
    let sought = params![account, Role::Admin.as_str(), MOST_TOLD];
    for mut row in tx.rows(OWNERS, sought).await? {
        let owner = AccountId(row.integer(0)?);
        tell(tx, kind, owner, by).await?;
    }
    Ok(())
}
