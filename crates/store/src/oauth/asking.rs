//! What a page needs to know of an app that asks, and of what a user gave it before.

use std::time::Duration;

use counterfoil_domain::app::{App, AppUrl, ClientId};
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::login::Login;
use counterfoil_domain::oauth::{
    AppRequest, ConsentNeed, EarlierConsent, MOST_USERS_COUNTED, WhatWasAsked, allowed_before,
    consent_need,
};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::{apps, codes};

/// For how long codes that were redeemed are counted.
const LATELY: Duration = Duration::from_hours(1);

statements! {
    OWNER = "SELECT login, suspended_at FROM accounts WHERE id = $1";
    // Bounded: somebody waits for the page.
    USERS = "SELECT count(*) FROM (SELECT 1 FROM grants WHERE app_id = $1 AND ended_at IS NULL LIMIT $2) AS counted";
    KEPT_SECRETS = "SELECT count(*) FROM client_secrets WHERE app_id = $1 AND ended_at IS NULL AND published_at IS NULL";
    CALLBACK_SINCE = "SELECT max(created_at) FROM callback_urls WHERE app_id = $1 AND url = $2 AND ended_at IS NULL";
    GRANT = "SELECT 1 FROM grants WHERE account_id = $1 AND app_id = $2 AND ended_at IS NULL";
    CONSENTS = concat!(
        "SELECT consented_scopes, scopes, consented_at FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND kind = 'app' AND provenance = 'web_flow' AND ended_at IS NULL
            AND consented_scopes IS NOT NULL AND consented_at IS NOT NULL AND ",
        live_at!("", "$3", "$4"),
        " ORDER BY id"
    );
}

/// An app that somebody is to let in.
#[derive(Clone, Debug)]
pub struct AskingApp {
    /// The app.
    pub app: App,
    /// Whose it is.
    pub owner: Login,
    /// Whether it is suspended: by itself, or because its owner is.
    pub is_suspended: bool,
    /// Whether it keeps no secret, so that anybody can claim to be it.
    pub is_public: bool,
    /// How many users gave it something, at most [`MOST_USERS_COUNTED`].
    pub users: u64,
}

/// What stands between a user and an app.
#[derive(Clone, Debug)]
pub struct WhatStands {
    /// The scopes that are asked for; those that were allowed before if the app names none.
    pub asked: ScopeSet,
    /// What the user agreed to before, behind tokens that live.
    pub earlier: Vec<EarlierConsent>,
    /// Since when the callback stands there, and the app belongs to whom it belongs to; nothing if
    /// it stands there no more.
    pub stands_since: Option<Timestamp>,
    /// Codes for these scopes that were redeemed within an hour.
    pub redeemed_lately: u64,
}

/// A request that a user is not asked about, since a page found that they agreed to as much before.
#[derive(Clone, Debug)]
pub struct ReusedConsent {
    /// What the app would get.
    pub request: AppRequest,
    /// The app, as the page read it.
    pub app: App,
    /// The callback that allows where the answer goes.
    pub callback: AppUrl,
    /// The scopes that are asked for; those that were allowed before if the app named none.
    pub asked: ScopeSet,
}

impl Store {
    /// The live app of a client id, as a page shows it to whom it asks.
    pub async fn find_asking_app(
        &self,
        client_id: &ClientId,
    ) -> Result<Option<AskingApp>, StoreError> {
        let client_id = client_id.clone();
        self.read(move |tx| {
            Box::pin(async move {
                let app = apps::by_client_id(tx, &client_id).await?;
                asking(tx, app).await
            })
        })
        .await
    }

    /// The same, of an app that is known by its id.
    pub async fn find_asking_app_by_id(&self, id: AppId) -> Result<Option<AskingApp>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let app = apps::by_id(tx, id).await?;
                asking(tx, app).await
            })
        })
        .await
    }

    /// Whether a user gave an app something.
    pub async fn has_grant(&self, account: AccountId, app: AppId) -> Result<bool, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let found = tx.optional(GRANT, params![account, app]).await?;
                Ok(found.is_some())
            })
        })
        .await
    }

    /// What stands between a user and an app that asks for these scopes, or for none by name.
    pub async fn what_stands(
        &self,
        (account, app): (AccountId, AppId),
        callback: AppUrl,
        asked: Option<ScopeSet>,
        now: Timestamp,
    ) -> Result<WhatStands, StoreError> {
        self.read(move |tx| {
            Box::pin(async move { stands_between(tx, (account, app), &callback, asked, now).await })
        })
        .await
    }
}

async fn stands_between(
    tx: &mut Tx,
    (account, app): (AccountId, AppId),
    callback: &AppUrl,
    asked: Option<ScopeSet>,
    now: Timestamp,
) -> Result<WhatStands, StoreError> {
    let earlier = consents(tx, (account, app), now).await?;
    let asked = asked.unwrap_or_else(|| allowed_before(&earlier));
    let since = params![app, callback.as_str()];
    let stands_since = tx.one(CALLBACK_SINCE, since).await?.optional_timestamp(0)?;
    let lately = now.minus(LATELY);
    let redeemed = codes::redeemed_since(tx, (account, app), &asked, lately);
    Ok(WhatStands {
        redeemed_lately: redeemed.await?,
        stands_since,
        asked,
        earlier,
    })
}

/// When the user agreed to what a page took to be agreed to, of an app that is kept; nothing if it
/// is not so any more.
pub(super) async fn is_given_still(
    tx: &mut Tx,
    reused: &ReusedConsent,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let request = &reused.request;
    let pair = (request.account, request.app);
    let asked = Some(reused.asked.clone());
    let stands = stands_between(tx, pair, &reused.callback, asked, now).await?;
    let asked = WhatWasAsked {
        scopes: &stands.asked,
        redirect: &request.redirect,
        stands_since: stands.stands_since,
        // Who is to choose was asked.
        wants_choice: false,
        redeemed_lately: stands.redeemed_lately,
        is_public: is_public(tx, request.app).await?,
    };
    Ok(match consent_need(asked, &stands.earlier) {
        ConsentNeed::Given(at) => Some(at),
        ConsentNeed::Ask | ConsentNeed::AskedOften => None,
    })
}

/// Whether an app is still what a page read, once it is kept.
pub(super) async fn is_as_read(tx: &mut Tx, read: &App) -> Result<bool, StoreError> {
    let found = apps::by_id(tx, read.summary.id).await?;
    Ok(found.is_some_and(|app| app == *read))
}

/// Whether an app keeps no secret.
async fn is_public(tx: &mut Tx, app: AppId) -> Result<bool, StoreError> {
    Ok(tx.one(KEPT_SECRETS, params![app]).await?.count(0)? == 0)
}

async fn asking(tx: &mut Tx, app: Option<App>) -> Result<Option<AskingApp>, StoreError> {
    let Some(app) = app else {
        return Ok(None);
    };
    let Some(mut owner) = tx.optional(OWNER, params![app.owner]).await? else {
        return Ok(None);
    };
    let counted = params![app.summary.id, MOST_USERS_COUNTED];
    Ok(Some(AskingApp {
        is_public: is_public(tx, app.summary.id).await?,
        users: tx.one(USERS, counted).await?.count(0)?,
        owner: Login::from_stored(owner.text(0)?),
        is_suspended: app.suspended_at.is_some() || !owner.is_null(1),
        app,
    }))
}

async fn consents(
    tx: &mut Tx,
    (account, app): (AccountId, AppId),
    now: Timestamp,
) -> Result<Vec<EarlierConsent>, StoreError> {
    let sought = params![account, app, now, tx.idle_since(now)];
    let rows = tx.rows(CONSENTS, sought).await?.into_iter();
    rows.map(|mut row| {
        Ok(EarlierConsent {
            consented: ScopeSet::from_stored(&row.text(0)?),
            held: ScopeSet::from_stored(&row.text(1)?),
            at: row.timestamp(2)?,
        })
    })
    .collect()
}
