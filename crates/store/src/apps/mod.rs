//! OAuth apps, their client secrets and callback URLs.

mod change;
mod end;
mod find;
mod overview;
mod own;
mod reach;
mod revive;
mod secrets;
mod suspension;
mod transfer;

use counterfoil_domain::app::{
    App, AppChange, AppCreationRefused, ClientId, KeptSecret, KnownClient, NewApp, NoSuchApp,
};
use counterfoil_domain::audit::Subject;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::login::Login;
use counterfoil_domain::principal::Attribution;

pub(crate) use crate::apps::change::{announce_all_of_owner, create, is_given};
pub(crate) use crate::apps::end::end;
pub(crate) use crate::apps::find::{
    by_client_id, by_id, expiring_tokens, keep_app, keep_live, live_of_owner, lock_app, may_act,
    proven, summary_from, switches_from,
};
pub use crate::apps::reach::{ActingFor, ReachedApp};
pub(crate) use crate::apps::revive::{ended_by_restore, revive};
pub use crate::apps::secrets::SecretUse;
pub(crate) use crate::apps::secrets::publish_secrets;
pub use crate::apps::transfer::Transfer;
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::writing::{Change, Locks, Operation};

type Refusable<T, R = NoSuchApp> = Result<T, WriteError<R>>;
type Changed<T, R = NoSuchApp> = Result<T, ChangeError<R>>;

#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 10] = [
    change::STATEMENTS,
    end::STATEMENTS,
    find::STATEMENTS,
    overview::STATEMENTS,
    own::STATEMENTS,
    reach::STATEMENTS,
    revive::STATEMENTS,
    secrets::STATEMENTS,
    suspension::STATEMENTS,
    transfer::STATEMENTS,
];

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
    ) -> Changed<App, AppCreationRefused> {
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
        self.read(move |tx| Box::pin(async move { by_client_id(tx, &client_id).await }))
            .await
    }

    /// Live apps in the order they were made: of one owner or of all.
    pub async fn list_apps(&self, owner: Option<AccountId>) -> Result<Vec<App>, StoreError> {
        self.read(move |tx| Box::pin(async move { find::all(tx, owner).await }))
            .await
    }

    /// Who owns live apps, with their logins: users, and the organization of those that come with
    /// the installation.
    pub async fn list_app_owners(&self) -> Result<Vec<(AccountId, Login)>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { find::owners(tx).await }))
            .await
    }

    /// The live app of a client id, with the secrets by which it may act: its live ones, and none
    /// while it or its owner is suspended.
    pub async fn find_client_secrets(
        &self,
        client_id: &ClientId,
    ) -> Result<Option<KnownClient>, StoreError> {
        let client_id = client_id.clone();
        self.read_one(move |tx| Box::pin(async move { find::client(tx, &client_id).await }))
            .await
    }

    /// Changes an app.
    pub async fn change_app(
        &self,
        app: impl Into<ReachedApp>,
        change: AppChange,
        by: Attribution,
    ) -> Changed<App> {
        let app: ReachedApp = app.into();
        let (operation, locks) = (Operation::ChangeApp, app.locks());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                app.look_again::<NoSuchApp>(tx).await?;
                change::change(tx, app.id, change, by).await
            })
        })
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
                Box::pin(async move { change::rotate(tx, id, &secret, by.at).await })
            },
        )
        .await
    }

    /// Ends an app with its secrets, tokens and grants. Its client id stays taken.
    pub async fn delete_app(
        &self,
        app: impl Into<ReachedApp>,
        by: Attribution,
    ) -> Changed<DeletedApp> {
        let app: ReachedApp = app.into();
        let (operation, locks) = (Operation::DeleteApp, app.locks());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                app.look_again::<NoSuchApp>(tx).await?;
                end::delete(tx, app.id, by).await
            })
        })
        .await
    }
}

/// An event's subject when it is about an app and nothing else.
fn subject_of(id: AppId) -> Subject {
    Subject {
        app: Some(id),
        ..Subject::default()
    }
}
