//! Through whom an app is reached: operators reach every app, a user those that are theirs or an
//! organization's which they own. Whether that is still so is looked at once the app is held.

use counterfoil_domain::app::NoSuchApp;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::organization::Role;

use crate::apps::Refusable;
use crate::error::{StoreError, WriteError};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::Locks;

statements! {
    IS_OF = "SELECT 1 FROM apps WHERE id = $1 AND owner_account_id = $2 AND ended_at IS NULL";
    OWNS = "SELECT 1 FROM organization_members m JOIN accounts o ON o.id = m.organization_id AND o.ended_at IS NULL
        WHERE m.organization_id = $1 AND m.account_id = $2 AND m.role = $3 AND m.ended_at IS NULL";
}

/// An account that apps belong to, and the user who acts for it: itself, or an owner of it, which
/// is an organization then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActingFor {
    /// The user or the organization that the apps belong to.
    pub owner: AccountId,
    /// The user who asks.
    pub user: AccountId,
}

/// An app that is to be changed, and through whom it was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachedApp {
    /// The app.
    pub id: AppId,
    /// For whom a user acts; none where an operator does.
    pub acting: Option<ActingFor>,
}

/// As operators reach it.
impl From<AppId> for ReachedApp {
    fn from(id: AppId) -> Self {
        Self { id, acting: None }
    }
}

impl ActingFor {
    /// The owner stays as it is, so that nobody stops owning it meanwhile.
    pub(super) fn keep(self, locks: Locks) -> Locks {
        locks.keeping_account(self.owner)
    }

    /// Whether the user may still act for the owner, which is kept.
    pub(super) async fn holds(self, tx: &mut Tx) -> Result<bool, StoreError> {
        if self.owner == self.user {
            return Ok(true);
        }
        let role = params![self.owner, self.user, Role::Admin.as_str()];
        Ok(tx.optional(OWNS, role).await?.is_some())
    }
}

impl ReachedApp {
    /// What is held while it is changed.
    pub(crate) fn locks(self) -> Locks {
        let locks = Locks::none().app(self.id);
        match self.acting {
            Some(acting) => acting.keep(locks),
            None => locks,
        }
    }

    /// Refuses, under these locks, what is not there for whoever asks, or not any more.
    pub(crate) async fn look_again<R: From<NoSuchApp>>(self, tx: &mut Tx) -> Refusable<(), R> {
        let Some(acting) = self.acting else {
            return Ok(());
        };
        let is_of = tx.optional(IS_OF, params![self.id, acting.owner]).await?;
        if is_of.is_some() && acting.holds(tx).await? {
            Ok(())
        } else {
            Err(WriteError::Refused(R::from(NoSuchApp)))
        }
    }
}
