//! Invitations: the user is made, or changed, in the same transaction as the link, so that one that
//! is refused or repeated changes nobody.

use counterfoil_domain::account::{
    Account, AccountChange, AccountChangeRefused, AccountCreationRefused, NewAccount,
};
use counterfoil_domain::audit::Outcome;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::link::{LinkKind, LinkRefused};
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts;
use crate::engine::Store;
use crate::error::{ChangeError, WriteError};
use crate::links::{self, NewLink, refuse_for};
use crate::outbox::ask;
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

/// A user who is invited to choose a password.
#[derive(Clone, Debug)]
pub enum InvitedUser {
    /// One who is made with it.
    New(NewAccount),
    /// One who chose none yet, and what is changed of them.
    Known(AccountId, AccountChange),
}

/// How the link of an invitation gets to whom it is for.
#[derive(Clone, Copy, Debug)]
pub enum InvitationBy {
    /// By mail.
    Mail,
    /// Shown to whoever invites.
    Shown {
        /// What is kept of its secret.
        digest: SecretDigest,
        /// Until when it works.
        expires_at: Timestamp,
    },
}

/// Why nobody is invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum InvitationRefused {
    /// The user was not made.
    #[error(transparent)]
    Creation(AccountCreationRefused),
    /// The user was not changed.
    #[error(transparent)]
    Change(AccountChangeRefused),
    /// No link was made.
    #[error(transparent)]
    Link(LinkRefused),
}

impl Store {
    /// Makes or changes a user, and makes a link by which they choose a password.
    pub async fn invite(
        &self,
        invited: InvitedUser,
        to: InvitationBy,
        by: Attribution,
    ) -> Result<Account, ChangeError<InvitationRefused>> {
        let locks = match &invited {
            InvitedUser::New(_) => Locks::none(),
            InvitedUser::Known(id, _) => Locks::none().account(*id),
        };
        self.change(
            Operation::Invite,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let account = make_or_change(tx, &invited, by).await?;
                    let id = account.value().id;
                    let link = make_link(tx, id, to, by).await;
                    let ((), events) = link.map_err(of(InvitationRefused::Link))?.into_parts();
                    Ok(events.into_iter().fold(account, Outcome::and))
                })
            },
        )
        .await
    }
}

async fn make_or_change(
    tx: &mut Tx,
    invited: &InvitedUser,
    by: &Attribution,
) -> Result<Outcome<Account>, WriteError<InvitationRefused>> {
    match invited {
        InvitedUser::New(new) => {
            let made = accounts::create(tx, new, by).await;
            made.map_err(of(InvitationRefused::Creation))
        }
        InvitedUser::Known(id, change) => {
            let refused = refuse_for(tx, *id, LinkKind::Invitation).await;
            refused.map_err(of(InvitationRefused::Link))?;
            let changed = accounts::alter(tx, *id, change, by).await;
            changed.map_err(of(InvitationRefused::Change))
        }
    }
}

async fn make_link(
    tx: &mut Tx,
    id: AccountId,
    to: InvitationBy,
    by: &Attribution,
) -> Result<Outcome<()>, WriteError<LinkRefused>> {
    match to {
        InvitationBy::Mail => ask::request(tx, MailKind::Invitation, id, by).await,
        InvitationBy::Shown { digest, expires_at } => {
            let new = NewLink {
                kind: LinkKind::Invitation,
                account: Some(id),
                digest,
                expires_at,
            };
            links::issue(tx, &new, by).await
        }
    }
}

/// The refusal of a part, as one of the whole.
fn of<R>(
    whole: impl FnOnce(R) -> InvitationRefused,
) -> impl FnOnce(WriteError<R>) -> WriteError<InvitationRefused> {
    move |error| match error {
        WriteError::Refused(refused) => WriteError::Refused(whole(refused)),
        WriteError::Store(error) => WriteError::Store(error),
    }
}
