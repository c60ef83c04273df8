//! An app of the installation lives again that a restore ended, since the backup did not know it.

use counterfoil_domain::app::{App, ClientId, NewApp};
use counterfoil_domain::audit::{Action, Event, Outcome, Subject};
use counterfoil_domain::change as feed;
use counterfoil_domain::id::AppId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::timestamp::Timestamp;

use crate::apps::change::insert_callback_urls;
use crate::apps::find::made;
use crate::apps::{secrets, subject_of};
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    ENDED = "SELECT a.id FROM apps a JOIN accounts o ON o.id = a.owner_account_id
        WHERE a.client_id = $1 AND a.end_reason = $2 AND o.login_key = $3";
    REVIVE = "UPDATE apps SET ended_at = NULL, end_reason = NULL,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND end_reason = $3";
}

/// The app of a client id, if it belonged to whoever has this login and nothing but a restore ended
/// it.
pub(crate) async fn ended_by_restore(
    tx: &mut Tx,
    client_id: &ClientId,
    owner: &Login,
) -> Result<Option<AppId>, StoreError> {
    let reason = EndReason::Restored.as_str();
    let sought = params![client_id.as_str(), reason, owner.key()];
    let row = tx.optional(ENDED, sought).await?;
    row.map(|mut row| row.integer(0).map(AppId)).transpose()
}

/// Has an app live again that a restore ended, with the callbacks and the secret of a new one. What
/// else it was told, it still is; what users gave it has ended. Nothing if it lives by now.
pub(crate) async fn revive(
    tx: &mut Tx,
    id: AppId,
    new: &NewApp,
    now: Timestamp,
) -> Result<Option<Outcome<App>>, StoreError> {
    let ended = params![id, now, EndReason::Restored.as_str()];
    if tx.execute(REVIVE, ended).await? == 0 {
        return Ok(None);
    }
    secrets::insert(tx, id, &new.secret, now).await?;
    insert_callback_urls(tx, id, &new.callback_urls, now).await?;
    tx.announce(feed::Change::App(id), now);
    let subject = Subject {
        account: Some(new.owner),
        ..subject_of(id)
    };
    let event = Event::new(Action::AppRevived, subject);
    Ok(Some(Outcome::new(made(tx, id).await?, event)))
}
