//! Reading apps, and holding on to them.

use counterfoil_domain::app::{
    App, AppSummary, AppSwitch, AppSwitches, AppUrl, ClientId, DeviceFlow, ExpiringTokens,
    KnownClient, KnownSecret, NoSuchApp, SeenTokens,
};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, ClientSecretId};
use counterfoil_domain::login::Login;
use counterfoil_domain::principal::ClientProof;
use counterfoil_domain::text::DisplayName;

use crate::apps::Refusable;
use crate::error::{StoreError, WriteError};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

/// The columns that [`app_from`] reads.
macro_rules! live_apps {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.owner_account_id, p.name, p.url, p.client_id, p.device_flow, p.created_at, p.updated_at,
                p.expiring_tokens, p.exact_match, p.require_pkce, p.send_iss, p.standard_errors, p.suspended_at,
                p.resource_server
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
        WHERE p.id = $1 AND p.ended_at IS NULL AND p.suspended_at IS NULL AND s.digest = $2";
    MAY_ACT = "SELECT 1 FROM apps p
        JOIN accounts o ON o.id = p.owner_account_id AND o.ended_at IS NULL AND o.suspended_at IS NULL
        WHERE p.id = $1 AND p.ended_at IS NULL AND p.suspended_at IS NULL";
    LOCK = @Exclusive "SELECT 1 FROM apps WHERE id = $1";
    FIND = live_apps!("AND p.id = $1");
    FIND_BY_CLIENT_ID = live_apps!("AND p.client_id = $1");
    LIST = live_apps!("ORDER BY p.id");
    OWNERS = "SELECT id, login FROM accounts
        WHERE id IN (SELECT owner_account_id FROM apps WHERE ended_at IS NULL) ORDER BY id";
    LIST_OF_OWNER = live_apps!("AND p.owner_account_id = $1 ORDER BY p.id");
    // An app that is suspended, or whose owner is, is found, and has no secret that counts.
    CLIENT_SECRETS = "SELECT p.id, p.name, p.url, p.client_id, s.digest, p.updated_at, s.id, s.published_at,
            p.exact_match, p.require_pkce, p.send_iss, p.standard_errors, p.resource_server FROM apps p
        LEFT JOIN accounts o ON o.id = p.owner_account_id AND o.ended_at IS NULL AND o.suspended_at IS NULL
        LEFT JOIN client_secrets s ON s.app_id = p.id AND s.ended_at IS NULL AND o.id IS NOT NULL AND p.suspended_at IS NULL
        WHERE p.client_id = $1 AND p.ended_at IS NULL ORDER BY s.id";
    EXPIRING_TOKENS = "SELECT expiring_tokens FROM apps WHERE id = $1";
    CALLBACK_URLS = "SELECT url FROM callback_urls WHERE app_id = $1 AND ended_at IS NULL ORDER BY id";
}

/// Keeps an app as it is until the transaction ends; others may do the same. Whatever decides by an
/// app calls it first.
pub(crate) async fn keep_app(tx: &mut Tx, id: AppId) -> Result<(), StoreError> {
    tx.lock(KEEP, params![id]).await
}

/// [`keep_app`] for a live app.
pub(crate) async fn keep_live(tx: &mut Tx, id: AppId) -> Result<Option<AppSummary>, StoreError> {
    let row = tx.optional(KEEP_LIVE, params![id]).await?;
    row.map(|mut row| summary_from(&mut row, [0, 1, 2, 3, 4]))
        .transpose()
}

/// Whether an app, which is kept, is live, and neither it nor its owner is suspended: only then it
/// begins anything, and gets anything.
pub(crate) async fn may_act(tx: &mut Tx, id: AppId) -> Result<bool, StoreError> {
    Ok(tx.optional(MAY_ACT, params![id]).await?.is_some())
}

/// Whether tokens that an app, which is kept, gets from now on expire.
pub(crate) async fn expiring_tokens(tx: &mut Tx, id: AppId) -> Result<ExpiringTokens, StoreError> {
    let mut row = tx.one(EXPIRING_TOKENS, params![id]).await?;
    row.flag(0).map(ExpiringTokens::when)
}

/// The app of a proof, which is kept, if the secret is still its own and neither the app nor its
/// owner is suspended.
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
pub(crate) async fn lock_app(tx: &mut Tx, id: AppId) -> Result<(), StoreError> {
    tx.lock(LOCK, params![id]).await
}

/// The live apps of an account.
pub(crate) async fn live_of_owner(tx: &mut Tx, owner: AccountId) -> Result<Vec<AppId>, StoreError> {
    let rows = tx.rows(LIST_OF_OWNER, params![owner]).await?;
    rows.into_iter()
        .map(|mut row| row.integer(0).map(AppId))
        .collect()
}

/// The live app that is to be changed. It is held.
pub(super) async fn live<R: From<NoSuchApp>>(tx: &mut Tx, id: AppId) -> Refusable<App, R> {
    let row = tx.optional(FIND, params![id]).await?;
    let row = row.ok_or_else(|| WriteError::Refused(R::from(NoSuchApp)))?;
    Ok(app_from(tx, row).await?)
}

/// An app that was just made.
pub(super) async fn made(tx: &mut Tx, id: AppId) -> Result<App, StoreError> {
    let row = tx.one(FIND, params![id]).await?;
    app_from(tx, row).await
}

/// The live app of a client id.
pub(crate) async fn by_client_id(
    tx: &mut Tx,
    client_id: &ClientId,
) -> Result<Option<App>, StoreError> {
    match tx
        .optional(FIND_BY_CLIENT_ID, params![client_id.as_str()])
        .await?
    {
        Some(row) => app_from(tx, row).await.map(Some),
        None => Ok(None),
    }
}

/// The live app of an id.
pub(crate) async fn by_id(tx: &mut Tx, id: AppId) -> Result<Option<App>, StoreError> {
    match tx.optional(FIND, params![id]).await? {
        Some(row) => app_from(tx, row).await.map(Some),
        None => Ok(None),
    }
}

/// Live apps in the order they were made: of one owner or of all.
pub(super) async fn all(tx: &mut Tx, owner: Option<AccountId>) -> Result<Vec<App>, StoreError> {
    let rows = match owner {
        Some(owner) => tx.rows(LIST_OF_OWNER, params![owner]).await?,
        None => tx.rows(LIST, &[]).await?,
    };
    let mut apps = Vec::with_capacity(rows.len());
    for row in rows {
        apps.push(app_from(tx, row).await?);
    }
    Ok(apps)
}

/// Who owns live apps, with their logins.
pub(super) async fn owners(tx: &mut Tx) -> Result<Vec<(AccountId, Login)>, StoreError> {
    let rows = tx.rows(OWNERS, &[]).await?;
    rows.into_iter()
        .map(|mut row| {
            let id = AccountId(row.integer(0)?);
            Ok((id, Login::from_stored(row.text(1)?)))
        })
        .collect()
}

/// The live app of a client id, with the secrets by which it may act.
pub(super) async fn client(
    tx: &mut Tx,
    client_id: &ClientId,
) -> Result<Option<KnownClient>, StoreError> {
    let mut client = None;
    for mut row in tx.rows(CLIENT_SECRETS, params![client_id.as_str()]).await? {
        let has_secret = !row.is_null(4);
        let digest = has_secret.then(|| row.blob(4)).transpose()?;
        let id = row.optional_integer(6)?.map(ClientSecretId);
        let is_published = !row.is_null(7);
        let switches = switches_from(&mut row, 8)?;
        let seen_tokens = SeenTokens::when(row.flag(12)?);
        let app = summary_from(&mut row, [0, 1, 2, 3, 5])?;
        let client = client.get_or_insert(KnownClient {
            app,
            switches,
            seen_tokens,
            secrets: Vec::new(),
        });
        if let Some((id, digest)) = id.zip(digest) {
            let digest = SecretDigest::from_stored(&digest);
            let digest = digest.ok_or(StoreError::Inconsistent {
                table: "client_secrets",
                column: "digest",
            })?;
            client.secrets.push(KnownSecret {
                id,
                digest,
                is_published,
            });
        }
    }
    Ok(client)
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

/// What is switched on for an app, from its columns in the order of all switches, the first of
/// which stands there.
pub(crate) fn switches_from(row: &mut Row, first: usize) -> Result<AppSwitches, StoreError> {
    let mut switches = AppSwitches::default();
    for (place, switch) in AppSwitch::ALL.into_iter().enumerate() {
        switches = switches.with(switch, row.flag(first + place)?);
    }
    Ok(switches)
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
        device_flow: DeviceFlow::when(row.flag(5)?),
        expiring_tokens: ExpiringTokens::when(row.flag(8)?),
        switches: switches_from(&mut row, 9)?,
        seen_tokens: SeenTokens::when(row.flag(14)?),
        suspended_at: row.optional_timestamp(13)?,
        created_at: row.timestamp(6)?,
    })
}
