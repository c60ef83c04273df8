//! Ending grants, one with the tokens under it or all that hang on something else.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::id::{AccountId, AppId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::end_all_of_grant;
use crate::error::StoreError;
use crate::flows;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    // An update of several rows takes them in any order.
    HOLD_OF_ACCOUNT = @Exclusive "SELECT id FROM grants WHERE account_id = $1 AND ended_at IS NULL ORDER BY id";
    HOLD_OF_APP = @Exclusive "SELECT id FROM grants WHERE app_id = $1 AND ended_at IS NULL ORDER BY id";
    END = "UPDATE grants SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND ended_at IS NULL";
    END_OF_ACCOUNT = "UPDATE grants SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE account_id = $1 AND ended_at IS NULL";
    END_OF_APP = "UPDATE grants SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE app_id = $1 AND ended_at IS NULL";
}

/// Ends a live grant, whose pair is locked, with every token under it, and says how many those
/// were. Nothing when it has ended before.
pub(crate) async fn end(
    tx: &mut Tx,
    id: GrantId,
    pair: (AccountId, AppId),
    by: &Attribution,
) -> Result<Option<Outcome<u64>>, StoreError> {
    flows::end_all_of_pair(tx, pair, EndReason::GrantDeleted, by.at).await?;
    let tokens = end_all_of_grant(tx, pair, EndReason::GrantDeleted, by.at).await?;
    let reason = EndReason::of_deletion_by(&by.principal.proof);
    if tx.execute(END, params![id, by.at, reason.as_str()]).await? == 0 {
        return Ok(None);
    }
    let subject = Subject {
        account: Some(pair.0),
        app: Some(pair.1),
        grant: Some(id),
        authorization: None,
        ..Subject::default()
    };
    let event = Event::new(Action::GrantRevoked, subject).with(Detail::Tokens(tokens));
    Ok(Some(Outcome::new(tokens, event)))
}

/// Ends all live grants of a user.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.lock(HOLD_OF_ACCOUNT, params![owner]).await?;
    tx.execute(
        END_OF_ACCOUNT,
        params![owner, now, EndReason::AccountDeleted.as_str()],
    )
    .await
}

/// Ends all live grants of an app.
pub(crate) async fn end_all_of_app(
    tx: &mut Tx,
    app: AppId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.lock(HOLD_OF_APP, params![app]).await?;
    tx.execute(
        END_OF_APP,
        params![app, now, EndReason::AppDeleted.as_str()],
    )
    .await
}
