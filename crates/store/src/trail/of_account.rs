//! What a user is shown of the trail: what happened to the account, and who tried to sign in. A
//! bounded number of the newest, each by an index of its own, so that no number of strangers'
//! attempts hides what the user did.

use counterfoil_domain::id::AccountId;

use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::trail::{StoredEvent, event_columns, event_from};
use crate::tx::Tx;

/// Refused sign-ins, as the index has them: the eleventh migration.
macro_rules! refusals {
    () => {
        "('sign_in.failed', 'sign_in.locked', 'sign_in.refused', 'sign_in.suspended', 'sign_in.attacked')"
    };
}

statements! {
    OF_ACCOUNT = concat!("SELECT ", event_columns!(), " FROM audit_events
        WHERE account_id = $1 AND authorization_id IS NULL AND token_head IS NULL
        AND action <> 'consent.reused' AND action NOT IN ('user.otp_used', 'sign_in.failed', 'sign_in.locked', 'sign_in.refused', 'sign_in.suspended', 'sign_in.attacked')
        ORDER BY happened_at DESC, id DESC LIMIT $2");
    REFUSALS = concat!("SELECT ", event_columns!(), " FROM audit_events
        WHERE account_id = $1 AND action IN ", refusals!(), " ORDER BY happened_at DESC, id DESC LIMIT $2");
}

/// The newest events about an account that are neither about a token nor refused sign-ins, the
/// newest first.
pub(crate) async fn events_of_account(
    tx: &mut Tx,
    id: AccountId,
    most: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = tx.rows(OF_ACCOUNT, params![id, most]).await?;
    rows.into_iter().map(event_from).collect()
}

/// The newest refused sign-ins of an account, the newest first.
pub(crate) async fn refusals_of_account(
    tx: &mut Tx,
    id: AccountId,
    most: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = tx.rows(REFUSALS, params![id, most]).await?;
    rows.into_iter().map(event_from).collect()
}
