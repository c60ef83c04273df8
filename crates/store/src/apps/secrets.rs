//! The secrets of an app: made, used and ended each on its own.

use counterfoil_domain::app::{AppSecret, KeptSecret, SecretCreationRefused, SecretEndRefused};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::change as feed;
use counterfoil_domain::id::{AppId, ClientSecretId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::apps::find::live;
use crate::apps::reach::ReachedApp;
use crate::apps::{Changed, Refusable, subject_of};
use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::nodes::{self, Feature};
use crate::outbox;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Note, Operation};

statements! {
    INSERT = "INSERT INTO client_secrets (app_id, digest, last_eight, created_at) VALUES ($1, $2, $3, $4) RETURNING id";
    LIST = "SELECT id, last_eight, created_at, last_used_at, published_at FROM client_secrets WHERE app_id = $1 AND ended_at IS NULL ORDER BY id";
    END = "UPDATE client_secrets SET ended_at = $3, end_reason = $4 WHERE id = $1 AND app_id = $2 AND ended_at IS NULL";
    PUBLISH = "UPDATE client_secrets SET published_at = $3 WHERE id = $1 AND app_id = $2 AND ended_at IS NULL AND published_at IS NULL";
    // An update of several rows takes them in any order.
    HOLD = @Exclusive "SELECT id FROM client_secrets WHERE app_id = $1 AND ended_at IS NULL ORDER BY id";
    END_ALL = "UPDATE client_secrets SET ended_at = $2, end_reason = $3 WHERE app_id = $1 AND ended_at IS NULL";
    USED = "UPDATE client_secrets SET last_used_at = $2 WHERE id = $1 AND ended_at IS NULL
        AND (last_used_at IS NULL OR last_used_at < $2)";
}

/// The last use of a client secret that is to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretUse {
    /// Of which secret.
    pub id: ClientSecretId,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The live secrets of an app, in the order they were made.
    pub async fn list_app_secrets(&self, app: AppId) -> Result<Vec<AppSecret>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { list(tx, app).await }))
            .await
    }

    /// Gives an app a secret beside the one that it has.
    pub async fn create_app_secret(
        &self,
        app: impl Into<ReachedApp>,
        secret: KeptSecret,
        by: Attribution,
    ) -> Changed<AppSecret, SecretCreationRefused> {
        let app: ReachedApp = app.into();
        let (operation, locks) = (Operation::CreateAppSecret, app.locks());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                app.look_again::<SecretCreationRefused>(tx).await?;
                create(tx, app.id, &secret, by.at).await
            })
        })
        .await
    }

    /// Ends one secret of an app. It may be the last one.
    pub async fn end_app_secret(
        &self,
        app: impl Into<ReachedApp>,
        secret: ClientSecretId,
        by: Attribution,
    ) -> Changed<AppSecret, SecretEndRefused> {
        let app: ReachedApp = app.into();
        let (operation, locks) = (Operation::EndAppSecret, app.locks());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                app.look_again::<SecretEndRefused>(tx).await?;
                end_one(tx, app.id, secret, by).await
            })
        })
        .await
    }

    /// Notes that everybody may know a secret of an app, which proves nothing from then on.
    pub async fn publish_app_secret(
        &self,
        app: AppId,
        secret: ClientSecretId,
        by: Attribution,
    ) -> Changed<AppSecret, SecretEndRefused> {
        let (operation, locks) = (Operation::PublishAppSecret, Locks::none().app(app));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { publish(tx, app, secret, by).await })
        })
        .await
    }

    /// Writes down last uses. A later one that somebody else has written stays.
    pub async fn note_secret_uses(&self, mut uses: Vec<SecretUse>) -> Result<(), StoreError> {
        // In the order of their ids, as by whoever ends several.
        uses.sort_unstable_by_key(|used| used.id);
        self.note(Note::LastUses, move |tx| {
            Box::pin(async move {
                for used in &uses {
                    tx.execute(USED, params![used.id, used.at]).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn list(tx: &mut Tx, app: AppId) -> Result<Vec<AppSecret>, StoreError> {
    let rows = tx.rows(LIST, params![app]).await?;
    rows.into_iter().map(secret_from).collect()
}

async fn create(
    tx: &mut Tx,
    app: AppId,
    secret: &KeptSecret,
    now: Timestamp,
) -> Refusable<Outcome<AppSecret>, SecretCreationRefused> {
    live::<SecretCreationRefused>(tx, app).await?;
    let held = list(tx, app).await?;
    if held.len() >= AppSecret::MOST as usize {
        let refused = SecretCreationRefused::TooManySecrets;
        return Err(WriteError::Refused(refused));
    }
    let id = insert(tx, app, secret, now).await?;
    tx.announce(feed::Change::App(app), now);
    let made = AppSecret {
        id,
        last_eight: secret.last_eight.clone(),
        created_at: now,
        last_used_at: None,
        published_at: None,
    };
    Ok(Outcome::new(made, event(Action::AppSecretCreated, app, id)))
}

async fn end_one(
    tx: &mut Tx,
    app: AppId,
    id: ClientSecretId,
    by: &Attribution,
) -> Refusable<Outcome<AppSecret>, SecretEndRefused> {
    let ended = one(tx, app, id).await?;
    let reason = EndReason::of_deletion_by(&by.principal.proof);
    tx.execute(END, params![id, app, by.at, reason.as_str()])
        .await?;
    tx.announce(feed::Change::App(app), by.at);
    Ok(Outcome::new(ended, event(Action::AppSecretEnded, app, id)))
}

async fn publish(
    tx: &mut Tx,
    app: AppId,
    id: ClientSecretId,
    by: &Attribution,
) -> Refusable<Outcome<AppSecret>, SecretEndRefused> {
    let owner = live::<SecretEndRefused>(tx, app).await?.owner;
    let mut secret = one(tx, app, id).await?;
    if secret.published_at.is_some() {
        return Ok(Outcome::unchanged(secret));
    }
    nodes::demand(tx, Feature::RestrictedApps, by.at).await?;
    tx.execute(PUBLISH, params![id, app, by.at]).await?;
    tx.announce(feed::Change::App(app), by.at);
    outbox::tell_owners(tx, MailKind::AppSecretPublished, owner, by).await?;
    secret.published_at = Some(by.at);
    let event = event(Action::AppSecretPublished, app, id);
    Ok(Outcome::new(secret, event))
}

/// Notes of all live secrets of an app that was just made that everybody may know them.
pub(crate) async fn publish_secrets(
    tx: &mut Tx,
    app: AppId,
    now: Timestamp,
) -> Result<Vec<Event>, StoreError> {
    nodes::demand(tx, Feature::RestrictedApps, now).await?;
    let mut events = Vec::new();
    for AppSecret { id, .. } in list(tx, app).await? {
        tx.execute(PUBLISH, params![id, app, now]).await?;
        events.push(event(Action::AppSecretPublished, app, id));
    }
    Ok(events)
}

/// A live secret of a live app.
async fn one(
    tx: &mut Tx,
    app: AppId,
    id: ClientSecretId,
) -> Refusable<AppSecret, SecretEndRefused> {
    live::<SecretEndRefused>(tx, app).await?;
    let held = list(tx, app).await?;
    let found = held.into_iter().find(|secret| secret.id == id);
    found.ok_or(WriteError::Refused(SecretEndRefused::NoSuchSecret))
}

/// Keeps a secret of an app.
pub(super) async fn insert(
    tx: &mut Tx,
    app: AppId,
    secret: &KeptSecret,
    now: Timestamp,
) -> Result<ClientSecretId, StoreError> {
    let digest = secret.digest.as_bytes();
    let row = params![app, digest, secret.last_eight.as_str(), now];
    let id = tx.one(INSERT, row).await?.integer(0)?;
    Ok(ClientSecretId(id))
}

/// Ends the live secrets of an app.
pub(super) async fn end_all(
    tx: &mut Tx,
    app: AppId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.lock(HOLD, params![app]).await?;
    tx.execute(END_ALL, params![app, now, reason.as_str()])
        .await
        .map(drop)
}

fn event(action: Action, app: AppId, id: ClientSecretId) -> Event {
    Event::new(action, subject_of(app)).with(Detail::SecretId(id.0.unsigned_abs()))
}

fn secret_from(mut row: Row) -> Result<AppSecret, StoreError> {
    Ok(AppSecret {
        id: ClientSecretId(row.integer(0)?),
        last_eight: row.text(1)?,
        created_at: row.timestamp(2)?,
        last_used_at: row.optional_timestamp(3)?,
        published_at: row.optional_timestamp(4)?,
    })
}
