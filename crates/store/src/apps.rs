//! OAuth apps, their client secrets and callback URLs.

use counterfoil_domain::app::{
    App, AppChange, AppRefused, AppSummary, AppUrl, ClientId, DeviceFlow, KeptSecret, NewApp,
};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::change as feed;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::{Attribution, ClientProof};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{accounts, authorizations, grants};

type Refusable<T> = Result<T, WriteError<AppRefused>>;
type Changed<T> = Result<T, ChangeError<AppRefused>>;

/// The columns that [`app_from`] reads.
macro_rules! live_apps {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.owner_account_id, p.name, p.url, p.client_id, p.device_flow, p.created_at, p.updated_at
            FROM apps p WHERE p.ended_at IS NULL ",
            $rest
        )
    };
}

statements! {
    KEEP = @Shared "SELECT 1 FROM apps WHERE id = $1";
    KEEP_LIVE = @Shared "SELECT p.id, p.name, p.url, p.client_id, p.updated_at FROM apps p
        WHERE p.id = $1 AND p.ended_at IS NULL";
    PROVEN = "SELECT p.id, p.name, p.url, p.client_id, p.updated_at FROM apps p
        JOIN client_secrets s ON s.app_id = p.id AND s.ended_at IS NULL
        JOIN accounts o ON o.id = p.owner_account_id AND o.ended_at IS NULL AND o.suspended_at IS NULL
        WHERE p.id = $1 AND p.ended_at IS NULL AND s.digest = $2";
    LOCK = @Exclusive "SELECT 1 FROM apps WHERE id = $1";
    FIND = live_apps!("AND p.id = $1");
    FIND_BY_CLIENT_ID = live_apps!("AND p.client_id = $1");
    LIST = live_apps!("ORDER BY p.id");
    LIST_OF_OWNER = live_apps!("AND p.owner_account_id = $1 ORDER BY p.id");
    // An app whose owner is suspended is found, and has no secret that counts.
    CLIENT_SECRETS = "SELECT p.id, p.name, p.url, p.client_id, s.digest, p.updated_at FROM apps p
        LEFT JOIN accounts o ON o.id = p.owner_account_id AND o.ended_at IS NULL AND o.suspended_at IS NULL
        LEFT JOIN client_secrets s ON s.app_id = p.id AND s.ended_at IS NULL AND o.id IS NOT NULL
        WHERE p.client_id = $1 AND p.ended_at IS NULL ORDER BY s.id";
    CALLBACK_URLS = "SELECT url FROM callback_urls WHERE app_id = $1 AND ended_at IS NULL ORDER BY id";
    CLIENT_ID_TAKEN = "SELECT 1 FROM apps WHERE client_id = $1";
    COUNT_OF_OWNER = "SELECT count(*) FROM apps WHERE owner_account_id = $1 AND ended_at IS NULL";
    INSERT = "INSERT INTO apps (owner_account_id, name, url, client_id, device_flow, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id";
    INSERT_SECRET = "INSERT INTO client_secrets (app_id, digest, last_eight, created_at) VALUES ($1, $2, $3, $4)";
    INSERT_CALLBACK_URL = "INSERT INTO callback_urls (app_id, url, created_at) VALUES ($1, $2, $3)";
    UPDATE = "UPDATE apps SET name = $2, url = $3, device_flow = $4,
        updated_at = CASE WHEN updated_at > $5 THEN updated_at ELSE $5 END WHERE id = $1 AND ended_at IS NULL";
    TOUCH = "UPDATE apps SET updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL";
    END = "UPDATE apps SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL";
    END_SECRETS = "UPDATE client_secrets SET ended_at = $2, end_reason = $3 WHERE app_id = $1 AND ended_at IS NULL";
    END_CALLBACK_URLS = "UPDATE callback_urls SET ended_at = $2, end_reason = $3 WHERE app_id = $1 AND ended_at IS NULL";
}

/// What ended together with an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedApp {
    /// Live tokens.
    pub tokens: u64,
    /// Live grants.
    pub grants: u64,
}

impl Store {
    /// Makes an app with its first secret. `per_user_limit` bounds how many live apps one account
    /// may own.
    pub async fn create_app(
        &self,
        new: NewApp,
        per_user_limit: u32,
        by: Attribution,
    ) -> Changed<App> {
        let locks = Locks::none().account(new.owner);
        self.change(
            Operation::CreateApp,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { create(tx, &new, per_user_limit, by).await })
            },
        )
        .await
    }

    /// The live app of a client id.
    pub async fn find_app(&self, client_id: &ClientId) -> Result<Option<App>, StoreError> {
        let client_id = client_id.clone();
        self.read(move |tx| {
            Box::pin(async move {
                match tx
                    .optional(FIND_BY_CLIENT_ID, params![client_id.as_str()])
                    .await?
                {
                    Some(row) => app_from(tx, row).await.map(Some),
                    None => Ok(None),
                }
            })
        })
        .await
    }

    /// Live apps in the order they were made: of one owner or of all.
    pub async fn list_apps(&self, owner: Option<AccountId>) -> Result<Vec<App>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let rows = match owner {
                    Some(owner) => tx.rows(LIST_OF_OWNER, params![owner]).await?,
                    None => tx.rows(LIST, &[]).await?,
                };
                let mut apps = Vec::with_capacity(rows.len());
                for row in rows {
                    apps.push(app_from(tx, row).await?);
                }
                Ok(apps)
            })
        })
        .await
    }

    /// The live app of a client id, with the digests of the secrets by which it may act: its live
    /// ones, and none while its owner is suspended.
    pub async fn find_client_secrets(
        &self,
        client_id: &ClientId,
    ) -> Result<Option<(AppSummary, Vec<SecretDigest>)>, StoreError> {
        let client_id = client_id.as_str().to_owned();
        self.read_one(move |tx| {
            Box::pin(async move {
                let mut client = None;
                for mut row in tx.rows(CLIENT_SECRETS, params![client_id]).await? {
                    let has_secret = !row.is_null(4);
                    let digest = has_secret.then(|| row.blob(4)).transpose()?;
                    let summary = summary_from(&mut row, [0, 1, 2, 3, 5])?;
                    let (_, secrets) = client.get_or_insert((summary, Vec::new()));
                    if let Some(digest) = digest {
                        let digest = SecretDigest::from_stored(&digest);
                        secrets.push(digest.ok_or(StoreError::Inconsistent {
                            table: "client_secrets",
                            column: "digest",
                        })?);
                    }
                }
                Ok(client)
            })
        })
        .await
    }

    /// Changes an app.
    pub async fn change_app(&self, id: AppId, change: AppChange, by: Attribution) -> Changed<App> {
        let locks = Locks::none().app(id);
        self.change(
            Operation::ChangeApp,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { change_one(tx, id, change, by.at).await })
            },
        )
        .await
    }

    /// Gives an app a new secret; all earlier ones end.
    pub async fn rotate_app_secret(
        &self,
        id: AppId,
        secret: KeptSecret,
        by: Attribution,
    ) -> Changed<()> {
        let locks = Locks::none().app(id);
        self.change(
            Operation::RotateAppSecret,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { rotate(tx, id, &secret, by.at).await })
            },
        )
        .await
    }

    /// Ends an app with its secrets, tokens and grants. Its client id stays taken.
    pub async fn delete_app(&self, id: AppId, by: Attribution) -> Changed<DeletedApp> {
        let locks = Locks::none().app(id);
        self.change(
            Operation::DeleteApp,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let deleted = end(tx, id, EndReason::of_deletion_by(&by.actor()), by.at)
                        .await?
                        .ok_or(WriteError::Refused(AppRefused::NotFound))?;
                    let event = Event::new(Action::AppDeleted, subject_of(id))
                        .with(Detail::Tokens(deleted.tokens))
                        .with(Detail::Grants(deleted.grants));
                    Ok(Outcome::new(deleted, event))
                })
            },
        )
        .await
    }
}

/// Keeps an app as it is until the transaction ends; others may do the same. Whatever decides by an
/// app calls it first.
pub(crate) async fn keep(tx: &mut Tx, id: AppId) -> Result<(), StoreError> {
    tx.lock(KEEP, params![id]).await
}

/// [`keep`] for a live app.
pub(crate) async fn keep_live(tx: &mut Tx, id: AppId) -> Result<Option<AppSummary>, StoreError> {
    let row = tx.optional(KEEP_LIVE, params![id]).await?;
    row.map(|mut row| summary_from(&mut row, [0, 1, 2, 3, 4]))
        .transpose()
}

/// The app of a proof, which is kept, if the secret is still its own and its owner is not
/// suspended.
pub(crate) async fn proven(
    tx: &mut Tx,
    client: ClientProof,
) -> Result<Option<AppSummary>, StoreError> {
    let proof = params![client.app, client.secret.as_bytes()];
    let row = tx.optional(PROVEN, proof).await?;
    row.map(|mut row| summary_from(&mut row, [0, 1, 2, 3, 4]))
        .transpose()
}

/// Holds on to an app until the transaction ends. Whatever changes or ends an app calls it first.
pub(crate) async fn lock(tx: &mut Tx, id: AppId) -> Result<(), StoreError> {
    tx.lock(LOCK, params![id]).await
}

/// The live apps of an account.
pub(crate) async fn live_of_owner(tx: &mut Tx, owner: AccountId) -> Result<Vec<AppId>, StoreError> {
    let rows = tx.rows(LIST_OF_OWNER, params![owner]).await?;
    rows.into_iter()
        .map(|mut row| row.integer(0).map(AppId))
        .collect()
}

/// Announces the live apps of an account, which may act by their secrets no longer or again. They
/// are held: who decides by one of them either did so before, or waits and sees what has become of
/// its owner.
pub(crate) async fn announce_all_of_owner(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for app in live_of_owner(tx, owner).await? {
        tx.announce(feed::Change::App(app), now);
    }
    Ok(())
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
    tx.execute(
        END_SECRETS,
        params![id, now, EndReason::AppDeleted.as_str()],
    )
    .await?;
    tx.execute(
        END_CALLBACK_URLS,
        params![id, now, EndReason::AppDeleted.as_str()],
    )
    .await?;
    tx.announce(feed::Change::App(id), now);
    Ok(Some(DeletedApp { tokens, grants }))
}

async fn find(tx: &mut Tx, id: AppId) -> Refusable<App> {
    let row = tx.optional(FIND, params![id]).await?;
    Ok(app_from(tx, row.ok_or(WriteError::Refused(AppRefused::NotFound))?).await?)
}

/// Makes an app. Its owner is held.
pub(crate) async fn create(
    tx: &mut Tx,
    new: &NewApp,
    per_user_limit: u32,
    by: &Attribution,
) -> Refusable<Outcome<App>> {
    if !accounts::is_active(tx, new.owner).await? {
        return Err(WriteError::Refused(AppRefused::OwnerGone));
    }
    if tx
        .optional(CLIENT_ID_TAKEN, params![new.client_id.as_str()])
        .await?
        .is_some()
    {
        return Err(WriteError::Refused(AppRefused::ClientIdTaken));
    }
    if tx.one(COUNT_OF_OWNER, params![new.owner]).await?.count(0)? >= u64::from(per_user_limit) {
        return Err(WriteError::Refused(AppRefused::TooManyApps));
    }
    let row = params![
        new.owner,
        new.name.as_str(),
        new.url.as_str(),
        new.client_id.as_str(),
        new.device_flow == DeviceFlow::Enabled,
        by.at,
    ];
    let id = AppId(tx.one(INSERT, row).await?.integer(0)?);
    insert_secret(tx, id, &new.secret, by.at).await?;
    insert_callback_urls(tx, id, &new.callback_urls, by.at).await?;
    let subject = Subject {
        account: Some(new.owner),
        ..subject_of(id)
    };
    let event = Event::new(Action::AppCreated, subject)
        .with(Detail::ClientId(new.client_id.as_str().to_owned()));
    Ok(Outcome::new(find(tx, id).await?, event))
}

async fn insert_secret(
    tx: &mut Tx,
    id: AppId,
    secret: &KeptSecret,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = params![
        id,
        secret.digest.as_bytes(),
        secret.last_eight.as_str(),
        now
    ];
    tx.execute(INSERT_SECRET, row).await.map(drop)
}

async fn insert_callback_urls(
    tx: &mut Tx,
    id: AppId,
    urls: &[AppUrl],
    now: Timestamp,
) -> Result<(), StoreError> {
    for url in urls {
        tx.execute(INSERT_CALLBACK_URL, params![id, url.as_str(), now])
            .await?;
    }
    Ok(())
}

async fn rotate(
    tx: &mut Tx,
    id: AppId,
    secret: &KeptSecret,
    now: Timestamp,
) -> Refusable<Outcome<()>> {
    find(tx, id).await?;
    let reason = EndReason::Replaced.as_str();
    tx.execute(END_SECRETS, params![id, now, reason]).await?;
    insert_secret(tx, id, secret, now).await?;
    tx.execute(TOUCH, params![id, now]).await?;
    tx.announce(feed::Change::App(id), now);
    let event = Event::new(Action::AppSecretRotated, subject_of(id));
    Ok(Outcome::new((), event))
}

async fn change_one(
    tx: &mut Tx,
    id: AppId,
    change: AppChange,
    now: Timestamp,
) -> Refusable<Outcome<App>> {
    let held = find(tx, id).await?;
    let name = change.name.unwrap_or_else(|| held.summary.name.clone());
    let url = change.url.unwrap_or_else(|| held.summary.url.clone());
    let device_flow = change.device_flow.unwrap_or(held.device_flow);
    let row = params![
        id,
        name.as_str(),
        url.as_str(),
        device_flow == DeviceFlow::Enabled,
        now
    ];
    tx.execute(UPDATE, row).await?;
    if let Some(urls) = change
        .callback_urls
        .filter(|urls| *urls != held.callback_urls)
    {
        tx.execute(
            END_CALLBACK_URLS,
            params![id, now, EndReason::Replaced.as_str()],
        )
        .await?;
        insert_callback_urls(tx, id, &urls, now).await?;
    }
    tx.announce(feed::Change::App(id), now);
    let event = Event::new(Action::AppChanged, subject_of(id));
    Ok(Outcome::new(find(tx, id).await?, event))
}

fn subject_of(id: AppId) -> Subject {
    Subject {
        app: Some(id),
        ..Subject::default()
    }
}

/// What bodies show of an app, from the columns that hold its id, name, URL, client id and the time
/// of its last change.
pub(crate) fn summary_from(
    row: &mut Row,
    [id, name, url, client_id, updated_at]: [usize; 5],
) -> Result<AppSummary, StoreError> {
    Ok(AppSummary {
        id: AppId(row.integer(id)?),
        name: DisplayName::from_stored(row.text(name)?),
        url: AppUrl::from_stored(row.text(url)?),
        client_id: ClientId::from_stored(row.text(client_id)?),
        updated_at: row.timestamp(updated_at)?,
    })
}

async fn app_from(tx: &mut Tx, mut row: Row) -> Result<App, StoreError> {
    let summary = summary_from(&mut row, [0, 2, 3, 4, 7])?;
    let urls = tx.rows(CALLBACK_URLS, params![summary.id]).await?;
    let callback_urls = urls
        .into_iter()
        .map(|mut row| row.text(0).map(AppUrl::from_stored));
    Ok(App {
        callback_urls: callback_urls.collect::<Result<_, _>>()?,
        updated_at: summary.updated_at,
        summary,
        owner: AccountId(row.integer(1)?),
        device_flow: if row.flag(5)? {
            DeviceFlow::Enabled
        } else {
            DeviceFlow::Disabled
        },
        created_at: row.timestamp(6)?,
    })
}
