//! The apps of a user as the user's pages show them, and how many one may register there.

use std::time::Duration;

use counterfoil_domain::app::{App, AppLimits, NewApp, OwnApp, RegistrationRefused};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::principal::Attribution;

use crate::apps::change::create;
use crate::apps::{Changed, find};
use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    USE = "SELECT count(*), max(last_used_at) FROM grants WHERE app_id = $1 AND ended_at IS NULL";
    // Those that ended too: who registers and deletes makes as much work.
    MADE_SINCE = "SELECT count(*) FROM apps WHERE owner_account_id = $1 AND created_at > $2";
}

impl Store {
    /// A user's live apps in the order they were made, with how much they are used.
    pub async fn own_apps(&self, owner: AccountId) -> Result<Vec<OwnApp>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let mut apps = Vec::new();
                for app in find::all(tx, Some(owner)).await? {
                    apps.push(with_use(tx, app).await?);
                }
                Ok(apps)
            })
        })
        .await
    }

    /// How much a live app is used.
    pub async fn use_of_app(&self, app: App) -> Result<OwnApp, StoreError> {
        self.read(move |tx| Box::pin(async move { with_use(tx, app).await }))
            .await
    }

    /// Makes an app with its first secret, for a user who registers it on a page.
    pub async fn register_app(
        &self,
        new: NewApp,
        limits: AppLimits,
        by: Attribution,
    ) -> Changed<App, RegistrationRefused> {
        // Nothing else is made for the user meanwhile, so that the bounds hold.
        let (operation, locks) = (Operation::CreateApp, Locks::none().account(new.owner));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let hour_ago = by.at.minus(Duration::from_hours(1));
                let mut made = tx.one(MADE_SINCE, params![new.owner, hour_ago]).await?;
                let limit = limits.on_pages_per_hour;
                if made.count(0)? >= u64::from(limit) {
                    let refused = RegistrationRefused::TooManyOnPages { limit };
                    return Err(WriteError::Refused(refused));
                }
                let created = create(tx, &new, limits.per_user, by).await;
                created.map_err(|error| match error {
                    WriteError::Refused(refused) => WriteError::Refused(refused.into()),
                    WriteError::Store(error) => WriteError::Store(error),
                })
            })
        })
        .await
    }
}

async fn with_use(tx: &mut Tx, app: App) -> Result<OwnApp, StoreError> {
    let mut used = tx.one(USE, params![app.summary.id]).await?;
    Ok(OwnApp {
        users: used.count(0)?,
        last_used_at: used.optional_timestamp(1)?,
        app,
    })
}
