//! What an operation holds on to before it reads anything that counts.
//!
//! Everybody takes locks in one order, or two transactions would wait for each other: accounts by
//! their ids, then the caller's session, then apps by theirs, then the caller's token. What lies
//! between a user and an app, and further tokens and grants, an operation takes itself, in the
//! order of decision 24. On SQLite, where nobody else writes meanwhile, nothing is to be held.

use std::collections::BTreeMap;

use counterfoil_domain::id::{AccountId, AppId, TeamId};
use counterfoil_domain::principal::Attribution;

use crate::accounts::{keep_account, lock_account};
use crate::apps::{keep_app, live_of_owner, lock_app};
use crate::error::StoreError;
use crate::organizations::{organization_of, owned_by};
use crate::sessions::keep_session;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    KEEP_TOKEN = @Shared "SELECT 1 FROM authorizations WHERE id =
        (SELECT authorization_id FROM token_digests WHERE digest_head = $1 AND digest = $2 AND ended_at IS NULL)";
}

/// How something is held until the transaction ends. The stronger one wins where both are asked
/// for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// It stays as it is; others may hold it in the same way.
    Kept,
    /// It is this transaction's to change.
    Changed,
}

/// What an operation locks beside the caller's proof, which is locked for every operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Locks {
    accounts: BTreeMap<AccountId, Hold>,
    apps: BTreeMap<AppId, Hold>,
    team: Option<TeamId>,
    owner: Option<AccountId>,
    owner_of_organizations: Option<AccountId>,
}

impl Locks {
    /// Nothing: the operation makes something that hangs on nothing.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// The account is this transaction's to change, or to hang something on.
    pub(crate) fn account(mut self, id: AccountId) -> Self {
        self.accounts.insert(id, Hold::Changed);
        self
    }

    /// The account stays as it is.
    pub(crate) fn keeping_account(mut self, id: AccountId) -> Self {
        self.accounts.entry(id).or_insert(Hold::Kept);
        self
    }

    /// The organization of a team is this transaction's to change.
    pub(crate) fn organization_of(mut self, team: TeamId) -> Self {
        self.team = Some(team);
        self
    }

    /// The live apps of an account, which must be held too, are this transaction's to change.
    pub(crate) fn apps_of(mut self, owner: AccountId) -> Self {
        self.owner = Some(owner);
        self.account(owner)
    }

    /// The organizations that somebody is an owner of are this transaction's to change.
    pub(crate) fn organizations_of_owner(mut self, owner: AccountId) -> Self {
        self.owner_of_organizations = Some(owner);
        self
    }

    /// The app is this transaction's to change.
    pub(crate) fn app(mut self, id: AppId) -> Self {
        self.apps.insert(id, Hold::Changed);
        self
    }

    /// The app stays as it is.
    pub(crate) fn keeping_app(mut self, id: AppId) -> Self {
        self.apps.entry(id).or_insert(Hold::Kept);
        self
    }

    /// Takes them, together with those of the caller's proof.
    pub(super) async fn take(mut self, tx: &mut Tx, by: &Attribution) -> Result<(), StoreError> {
        let conditions = by.principal.proof.conditions();
        if let Some(proven) = conditions.account {
            self.accounts.entry(proven.account).or_insert(Hold::Kept);
        }
        if let Some(team) = self.team {
            // A team stays in its organization for life.
            let organization = organization_of(tx, team).await?;
            self.accounts
                .extend(organization.map(|id| (id, Hold::Changed)));
        }
        if let Some(owner) = self.owner_of_organizations {
            let owned = owned_by(tx, owner).await?;
            self.accounts
                .extend(owned.into_iter().map(|id| (id, Hold::Changed)));
        }
        if let Some(client) = conditions.client {
            self.apps.entry(client.app).or_insert(Hold::Kept);
        }
        for (id, hold) in self.accounts {
            match hold {
                Hold::Changed => lock_account(tx, id).await?,
                Hold::Kept => keep_account(tx, id).await?,
            }
        }
        if let Some(owner) = self.owner {
            // Nobody makes one meanwhile, since that takes the account.
            let apps = live_of_owner(tx, owner).await?;
            self.apps
                .extend(apps.into_iter().map(|id| (id, Hold::Changed)));
        }
        if let Some(session) = conditions.session {
            keep_session(tx, session.id).await?;
        }
        for (id, hold) in self.apps {
            match hold {
                Hold::Changed => lock_app(tx, id).await?,
                Hold::Kept => keep_app(tx, id).await?,
            }
        }
        if let Some(token) = conditions.token {
            let proof = params![token.digest.head(), token.digest.as_bytes()];
            tx.lock(KEEP_TOKEN, proof).await?;
        }
        Ok(())
    }
}
