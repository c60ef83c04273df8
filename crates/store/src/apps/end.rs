//! Ending an app with all that hangs on it.

use counterfoil_domain::app::NoSuchApp;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::change as feed;
use counterfoil_domain::id::AppId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::apps::{DeletedApp, Refusable, secrets, subject_of};
use crate::error::{StoreError, WriteError};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::{authorizations, flows, grants};

statements! {
    END = "UPDATE apps SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL";
    END_CALLBACK_URLS = "UPDATE callback_urls SET ended_at = $2, end_reason = $3 WHERE app_id = $1 AND ended_at IS NULL";
}

/// Ends a live app, which is held, because somebody deleted it.
pub(super) async fn delete(
    tx: &mut Tx,
    id: AppId,
    by: &Attribution,
) -> Refusable<Outcome<DeletedApp>> {
    let deleted = end(
        tx,
        id,
        EndReason::of_deletion_by(&by.principal.proof),
        by.at,
    )
    .await?
    .ok_or(WriteError::Refused(NoSuchApp))?;
    let event = Event::new(Action::AppDeleted, subject_of(id))
        .with(Detail::Tokens(deleted.tokens))
        .with(Detail::Grants(deleted.grants));
    Ok(Outcome::new(deleted, event))
}

/// Ends a live app for `reason`, and all that hangs on it because the app was deleted. Nothing when
/// it has ended before.
pub(crate) async fn end(
    tx: &mut Tx,
    id: AppId,
    reason: EndReason,
    now: Timestamp,
) -> Result<Option<DeletedApp>, StoreError> {
    // Before anything that hangs on it, so that nothing new comes to hang on it meanwhile.
    if tx.execute(END, params![id, now, reason.as_str()]).await? == 0 {
        return Ok(None);
    }
    let tokens = authorizations::end_all_of_app(tx, id, EndReason::AppDeleted, now).await?;
    let grants = grants::end_all_of_app(tx, id, now).await?;
    flows::end_all_of_app(tx, id, EndReason::AppDeleted, now).await?;
    secrets::end_all(tx, id, EndReason::AppDeleted, now).await?;
    callback_urls(tx, id, EndReason::AppDeleted, now).await?;
    tx.announce(feed::Change::App(id), now);
    Ok(Some(DeletedApp { tokens, grants }))
}

/// Ends the callback URLs of an app.
pub(super) async fn callback_urls(
    tx: &mut Tx,
    id: AppId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(END_CALLBACK_URLS, params![id, now, reason.as_str()])
        .await
        .map(drop)
}
