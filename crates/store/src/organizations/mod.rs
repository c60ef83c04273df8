//! Organizations, their members and their teams.

mod find;
mod members;
mod overview;
mod teams;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::change as feed;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::organization::{NewOrganization, Organization, OrganizationRefused};
use counterfoil_domain::principal::{Attribution, Proof};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use crate::organizations::find::live;
pub(crate) use crate::organizations::find::{organization_of, owned_alone, owned_by};
pub(crate) use crate::organizations::members::end_all_of_account;

use crate::accounts::{self, subject_of};
use crate::apps;
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::outbox;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

type Refusable<T> = Result<T, WriteError<OrganizationRefused>>;
type Changed<T> = Result<T, ChangeError<OrganizationRefused>>;

#[cfg(test)]
pub(crate) const ALL_STATEMENTS: [&[crate::statement::Statement]; 5] = [
    STATEMENTS,
    find::STATEMENTS,
    members::STATEMENTS,
    overview::STATEMENTS,
    teams::STATEMENTS,
];

statements! {
    INSERT = "INSERT INTO accounts (kind, login, login_key, name, site_administrator, credential_version, created_at,
        updated_at) VALUES ('organization', $1, $2, $3, 0, 1, $4, $4) RETURNING id";
    END = "UPDATE accounts SET ended_at = $2, end_reason = $3,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND kind = 'organization' AND ended_at IS NULL";
}

/// What ended together with an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedOrganization {
    /// Members it had.
    pub members: u64,
    /// Teams it had.
    pub teams: u64,
    /// Apps it had, which ended with all that users had given them.
    pub apps: u64,
}

impl Store {
    /// Makes an organization without members.
    pub async fn create_organization(
        &self,
        new: NewOrganization,
        by: Attribution,
    ) -> Changed<Organization> {
        let (operation, locks) = (Operation::CreateOrganization, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { create(tx, &new, by.at).await })
        })
        .await
    }

    /// The live organization of a login, whatever its capitals.
    pub async fn find_organization(
        &self,
        login: &Login,
    ) -> Result<Option<Organization>, StoreError> {
        let key = login.key();
        self.read_one(move |tx| Box::pin(async move { find::by_login(tx, &key).await }))
            .await
    }

    /// The live organization of an id.
    pub async fn organization_by_id(
        &self,
        id: AccountId,
    ) -> Result<Option<Organization>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { find::by_id(tx, id).await }))
            .await
    }

    /// All live organizations, by login.
    pub async fn list_organizations(&self) -> Result<Vec<Organization>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { find::all(tx).await }))
            .await
    }

    /// Ends an organization with its apps, teams and memberships. Its login stays taken.
    pub async fn delete_organization(
        &self,
        id: AccountId,
        by: Attribution,
    ) -> Changed<DeletedOrganization> {
        let (operation, locks) = (Operation::DeleteOrganization, Locks::none().apps_of(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { delete(tx, id, by).await })
        })
        .await
    }
}

async fn create(
    tx: &mut Tx,
    new: &NewOrganization,
    now: Timestamp,
) -> Refusable<Outcome<Organization>> {
    if accounts::is_taken(tx, &new.login).await? {
        return Err(WriteError::Refused(OrganizationRefused::LoginTaken));
    }
    let name = new.name.as_ref().map(DisplayName::as_str);
    let row = params![new.login.as_str(), new.login.key(), name, now];
    let id = AccountId(tx.one(INSERT, row).await?.integer(0)?);
    let event = Event::new(Action::OrganizationCreated, organization(id))
        .with(Detail::Login(new.login.as_str().to_owned()));
    Ok(Outcome::new(live(tx, id).await?, event))
}

/// An organization, which the event happened to.
fn organization(id: AccountId) -> Subject {
    Subject {
        organization: Some(id),
        ..subject_of(id)
    }
}

async fn delete(
    tx: &mut Tx,
    id: AccountId,
    by: &Attribution,
) -> Refusable<Outcome<DeletedOrganization>> {
    live(tx, id).await?;
    if matches!(by.principal.proof, Proof::Session(..)) {
        outbox::tell_owners(tx, MailKind::OrganizationDeleted, id, by).await?;
    }
    let mut deleted = DeletedOrganization {
        members: members::end_all_of_organization(tx, id, by.at).await?,
        teams: teams::end_all_of_organization(tx, id, by.at).await?,
        apps: 0,
    };
    for app in apps::live_of_owner(tx, id).await? {
        let ended = apps::end(tx, app, EndReason::OrganizationDeleted, by.at).await?;
        deleted.apps += u64::from(ended.is_some());
    }
    let reason = EndReason::of_deletion_by(&by.principal.proof);
    tx.execute(END, params![id, by.at, reason.as_str()]).await?;
    announce(tx, id, None, by.at);
    let event = Event::new(Action::OrganizationDeleted, organization(id))
        .with(Detail::Members(deleted.members))
        .with(Detail::Teams(deleted.teams))
        .with(Detail::Apps(deleted.apps));
    Ok(Outcome::new(deleted, event))
}

/// Tells a user by mail what an administrator did on a page. At the command line whole
/// organizations are filled, and a seed file has hundreds of members.
async fn tell_of_administrator(
    tx: &mut Tx,
    kind: MailKind,
    account: AccountId,
    by: &Attribution,
) -> Result<(), StoreError> {
    if matches!(by.principal.proof, Proof::Session(..)) {
        outbox::tell(tx, kind, account, by).await?;
    }
    Ok(())
}

/// Makes caches forget what they know of an organization, and of the member whom the change
/// concerns.
fn announce(tx: &mut Tx, organization: AccountId, member: Option<AccountId>, now: Timestamp) {
    tx.announce(feed::Change::Organization(organization), now);
    if let Some(member) = member {
        tx.announce(feed::Change::Account(member), now);
    }
}
