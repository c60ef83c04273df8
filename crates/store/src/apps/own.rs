//! The apps of a user as the user's pages show them, and how many one may register there.

use std::time::Duration;

use counterfoil_domain::app::{
    App, AppCreationRefused, AppLimits, NewApp, NoSuchApp, OwnApp, OwnedOrganization,
    RegistrationRefused,
};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::Role;
use counterfoil_domain::principal::Attribution;

use crate::apps::change::create;
use crate::apps::reach::{ActingFor, ReachedApp};
use crate::apps::{Changed, find};
use crate::authorizations;
use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    OWNED = "SELECT o.id, o.login FROM organization_members m
        JOIN accounts o ON o.id = m.organization_id AND o.ended_at IS NULL
        WHERE m.account_id = $1 AND m.role = $2 AND m.ended_at IS NULL ORDER BY o.login_key";
    ORGANIZATION = "SELECT login FROM accounts WHERE id = $1 AND kind = 'organization'";
    USE = "SELECT count(*), max(last_used_at) FROM grants WHERE app_id = $1 AND ended_at IS NULL";
    // Those that ended or went to another owner too: who registers and deletes makes as much work.
    REGISTERED_SINCE = "SELECT count(*) FROM apps WHERE registered_by = $1 AND created_at > $2";
    REGISTERED_BY = "UPDATE apps SET registered_by = $2 WHERE id = $1";
}

impl Store {
    /// The live apps that a user has a say about, with how much they are used: first the user's own
    /// and then those of each organization that the user owns, in the order they were made.
    pub async fn own_apps(&self, user: AccountId) -> Result<Vec<OwnApp>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let mut apps = Vec::new();
                let organizations = owned(tx, user).await?;
                let organizations = organizations.into_iter().map(|owned| owned.id);
                for owner in [user].into_iter().chain(organizations) {
                    for app in find::all(tx, Some(owner)).await? {
                        apps.push(with_use(tx, app).await?);
                    }
                }
                Ok(apps)
            })
        })
        .await
    }

    /// The organizations that a user owns, by login.
    pub async fn owned_organizations(
        &self,
        user: AccountId,
    ) -> Result<Vec<OwnedOrganization>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { owned(tx, user).await }))
            .await
    }

    /// Ends all live tokens of an app that a user reached, and says how many there were.
    pub async fn revoke_all_of_app(
        &self,
        app: ReachedApp,
        by: Attribution,
    ) -> Changed<u64, NoSuchApp> {
        let (operation, locks) = (Operation::RevokeAll, app.locks());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                app.look_again::<NoSuchApp>(tx).await?;
                Ok(authorizations::revoke_all_of_app(tx, app.id, by.at).await?)
            })
        })
        .await
    }

    /// How much a live app is used.
    pub async fn use_of_app(&self, app: App) -> Result<OwnApp, StoreError> {
        self.read(move |tx| Box::pin(async move { with_use(tx, app).await }))
            .await
    }

    /// Makes an app with its first secret, for a user who registers it on a page, or for an
    /// organization that the user owns.
    pub async fn register_app(
        &self,
        new: NewApp,
        user: AccountId,
        limits: AppLimits,
        by: Attribution,
    ) -> Changed<App, RegistrationRefused> {
        let owner = new.owner;
        // Nothing else is made for the owner, or registered by the user, meanwhile, so that the
        // bounds hold.
        let locks = Locks::none().account(new.owner).account(user);
        let operation = Operation::CreateApp;
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                if !(ActingFor { owner, user }).holds(tx).await? {
                    let refused = RegistrationRefused::from(AppCreationRefused::OwnerGone);
                    return Err(WriteError::Refused(refused));
                }
                let hour_ago = by.at.minus(Duration::from_hours(1));
                let registered = params![user, hour_ago];
                let mut registered = tx.one(REGISTERED_SINCE, registered).await?;
                let limit = limits.on_pages_per_hour;
                if registered.count(0)? >= u64::from(limit) {
                    let refused = RegistrationRefused::TooManyOnPages { limit };
                    return Err(WriteError::Refused(refused));
                }
                let created = create(tx, &new, limits.per_user, by).await;
                let created = created.map_err(|error| match error {
                    WriteError::Refused(refused) => {
                        WriteError::Refused(RegistrationRefused::from(refused))
                    }
                    WriteError::Store(error) => WriteError::Store(error),
                })?;
                let id = created.value().summary.id;
                tx.execute(REGISTERED_BY, params![id, user]).await?;
                Ok(created)
            })
        })
        .await
    }
}

async fn owned(tx: &mut Tx, user: AccountId) -> Result<Vec<OwnedOrganization>, StoreError> {
    let rows = tx.rows(OWNED, params![user, Role::Admin.as_str()]).await?;
    let owned = rows.into_iter().map(|mut row| {
        Ok(OwnedOrganization {
            id: AccountId(row.integer(0)?),
            login: Login::from_stored(row.text(1)?),
        })
    });
    owned.collect()
}

async fn with_use(tx: &mut Tx, app: App) -> Result<OwnApp, StoreError> {
    let mut used = tx.one(USE, params![app.summary.id]).await?;
    let organization = tx.optional(ORGANIZATION, params![app.owner]).await?;
    let organization = organization.map(|mut row| row.text(0)).transpose()?;
    Ok(OwnApp {
        organization: organization.map(Login::from_stored),
        users: used.count(0)?,
        last_used_at: used.optional_timestamp(1)?,
        app,
    })
}
