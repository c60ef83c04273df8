//! What an app could still get of what a user gave it: codes that it has not exchanged, and devices
//! that were let in and have not polled since. Both end together.

use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::tx::Tx;
use crate::{codes, devices};

/// Ends what one user gave one app.
pub(crate) async fn end_all_of_pair(
    tx: &mut Tx,
    pair: (AccountId, AppId),
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    codes::end_all_of_pair(tx, pair, reason, now).await?;
    devices::end_all_of_pair(tx, pair, reason, now).await
}

/// Ends what a user gave apps.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    account: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    codes::end_all_of_account(tx, account, reason, now).await?;
    devices::end_all_of_account(tx, account, reason, now).await
}

/// Ends what users gave an app, and what it asks of them on devices.
pub(crate) async fn end_all_of_app(
    tx: &mut Tx,
    app: AppId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    codes::end_all_of_app(tx, app, reason, now).await?;
    devices::end_all_of_app(tx, app, reason, now).await
}
