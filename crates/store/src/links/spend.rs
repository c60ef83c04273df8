//! What is done by a link: its row proves that whoever brings it may.
//!
//! Everything is one transaction that uses the link up. Of two that bring the same one, one is told
//! that it is used.

use counterfoil_domain::account::{Account, AccountCreationRefused, NewAccount, NoSuchUser};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::link::{LinkKind, LinkSpendRefused};
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::password::PasswordHash;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::sign_in::SignInSubject;

use crate::accounts::{
    self, PasswordSet, RevokeTokens, find_by_id, is_administered, lock_account, set_password_of,
    subject_of, verify_primary_email,
};
use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::links::make::told;
use crate::links::rows::{self, SpentLink};
use crate::outbox;
use crate::sign_in;
use crate::statement::{params, statements};
use crate::turn::Turn;
use crate::tx::Tx;
use crate::writing::{SystemChange, SystemOperation};

type Spent<T> = Result<Outcome<T>, WriteError<LinkSpendRefused>>;

statements! {
    ACCOUNT_OF = "SELECT account_id FROM links WHERE digest = $1 AND kind = $2 AND ended_at IS NULL AND expires_at > $3";
}

/// The first administrator, to be made by a link.
#[derive(Clone, Debug)]
pub struct SetUpAccount {
    /// The link.
    pub link: SecretDigest,
    /// Who it is to be.
    pub account: NewAccount,
}

/// A password that somebody chose who has a link.
#[derive(Clone, Debug)]
pub struct LinkPassword {
    /// The link.
    pub link: SecretDigest,
    /// What is kept of the password.
    pub password: PasswordHash,
}

impl Store {
    /// Makes the first administrator by a link.
    pub async fn set_up(
        &self,
        set_up: SetUpAccount,
        by: Attribution,
    ) -> Result<Result<Account, LinkSpendRefused>, StoreError> {
        self.by_link(by, move |SystemChange { tx, by }| {
            Box::pin(async move { answered(make_first(tx, &set_up, by).await) })
        })
        .await
    }

    /// Gives an account that somebody made its first password. The address that the link was for
    /// counts as verified from here on.
    pub async fn accept_invitation(
        &self,
        chosen: LinkPassword,
        by: Attribution,
    ) -> Result<Result<AccountId, LinkSpendRefused>, StoreError> {
        self.by_link(by, move |SystemChange { tx, by }| {
            Box::pin(async move { answered(accept(tx, &chosen, by).await) })
        })
        .await
    }

    /// Gives an account another password by a link, which ends its sessions and lifts the locks on
    /// its sign-in: those of `subjects`, under which its names are counted.
    pub async fn reset_password(
        &self,
        chosen: LinkPassword,
        tokens: RevokeTokens,
        subjects: Vec<SignInSubject>,
        by: Attribution,
    ) -> Result<Result<(AccountId, PasswordSet), LinkSpendRefused>, StoreError> {
        self.by_link(by, move |SystemChange { tx, by }| {
            Box::pin(async move { answered(reset(tx, &chosen, tokens, subjects, by).await) })
        })
        .await
    }

    /// Runs what a link does.
    pub(crate) async fn by_link<T, W>(&self, by: Attribution, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> FnOnce(
                SystemChange<'t>,
            )
                -> futures_util::future::BoxFuture<'t, Result<Outcome<T>, StoreError>>
            + Clone
            + Send
            + 'static,
    {
        self.change_by_system(SystemOperation::UseLink, by, work)
            .await
    }
}

/// A refusal as a value: its transaction is undone, since it changed nothing.
pub(crate) fn answered<T>(
    spent: Spent<T>,
) -> Result<Outcome<Result<T, LinkSpendRefused>>, StoreError> {
    match spent {
        Ok(outcome) => Ok(outcome.map(Ok)),
        Err(WriteError::Refused(refused)) => Ok(Outcome::unchanged(Err(refused))),
        Err(WriteError::Store(error)) => Err(error),
    }
}

async fn make_first(tx: &mut Tx, set_up: &SetUpAccount, by: &Attribution) -> Spent<Account> {
    tx.take_turn(Turn::SettingUp).await?;
    let spent = rows::spend(tx, LinkKind::SetUp, set_up.link, by.at).await?;
    if spent.is_none() || is_administered(tx).await? {
        return Err(WriteError::Refused(LinkSpendRefused::Dead));
    }
    let made = accounts::create(tx, &set_up.account, by).await;
    let made = made.map_err(|error| match error {
        WriteError::Refused(AccountCreationRefused::LoginTaken(_)) => {
            WriteError::Refused(LinkSpendRefused::LoginTaken)
        }
        WriteError::Refused(AccountCreationRefused::EmailTaken(_)) => {
            WriteError::Refused(LinkSpendRefused::AddressTaken)
        }
        WriteError::Store(error) => WriteError::Store(error),
    })?;
    let (account, events) = made.into_parts();
    let used = told(Action::LinkUsed, Some(account.id), LinkKind::SetUp);
    let outcome = Outcome::new(account, used);
    Ok(events.into_iter().fold(outcome, Outcome::and))
}

async fn accept(tx: &mut Tx, chosen: &LinkPassword, by: &Attribution) -> Spent<AccountId> {
    let (account, spent) = spend_of_account(tx, LinkKind::Invitation, chosen.link, by).await?;
    let id = account.id;
    let set = set_password_of(tx, id, &chosen.password, RevokeTokens::Keep, by.at).await;
    let (_, events) = set.map_err(gone)?.into_parts();
    let used = told(Action::LinkUsed, Some(id), LinkKind::Invitation);
    let mut outcome = events
        .into_iter()
        .fold(Outcome::new(id, used), Outcome::and);
    if let Some(address) = &spent.address
        && verify_primary_email(tx, id, address, by.at).await?
    {
        outcome = outcome.and(Event::new(Action::EmailAdded, subject_of(id)));
    }
    Ok(outcome)
}

async fn reset(
    tx: &mut Tx,
    chosen: &LinkPassword,
    tokens: RevokeTokens,
    mut subjects: Vec<SignInSubject>,
    by: &Attribution,
) -> Spent<(AccountId, PasswordSet)> {
    // Turns come before accounts.
    sign_in::take_turns(tx, &mut subjects).await?;
    let (account, _) = spend_of_account(tx, LinkKind::Reset, chosen.link, by).await?;
    let id = account.id;
    let set = set_password_of(tx, id, &chosen.password, tokens, by.at).await;
    let (set, events) = set.map_err(gone)?.into_parts();
    let used = told(Action::LinkUsed, Some(id), LinkKind::Reset);
    let mut outcome = events
        .into_iter()
        .fold(Outcome::new((id, set), used), Outcome::and);
    let locks = sign_in::lift_locks(tx, id, &subjects, by).await?;
    if locks > 0 {
        let lifted = Event::new(Action::UserUnlocked, subject_of(id)).with(Detail::Locks(locks));
        outcome = outcome.and(lifted);
    }
    outbox::tell(tx, MailKind::PasswordChanged, id, by).await?;
    Ok(outcome)
}

/// Uses up a link of this kind of an account, which is held; `false` where it does not work, or is
/// somebody else's.
pub(crate) async fn spend_of(
    tx: &mut Tx,
    (kind, digest): (LinkKind, SecretDigest),
    id: AccountId,
    by: &Attribution,
) -> Result<bool, StoreError> {
    let asked = params![digest.as_bytes(), kind.as_str(), by.at];
    let Some(mut row) = tx.optional(ACCOUNT_OF, asked).await? else {
        return Ok(false);
    };
    if row.optional_integer(0)? != Some(id.0) {
        return Ok(false);
    }
    Ok(rows::spend(tx, kind, digest, by.at).await?.is_some())
}

/// The account of a link is gone: so is what the link was for.
pub(crate) fn gone(error: WriteError<NoSuchUser>) -> WriteError<LinkSpendRefused> {
    match error {
        WriteError::Refused(NoSuchUser) => WriteError::Refused(LinkSpendRefused::Dead),
        WriteError::Store(error) => WriteError::Store(error),
    }
}

/// Uses up a link of an account, which is held from then on and is not suspended.
pub(crate) async fn spend_of_account(
    tx: &mut Tx,
    kind: LinkKind,
    digest: SecretDigest,
    by: &Attribution,
) -> Result<(Account, SpentLink), WriteError<LinkSpendRefused>> {
    let dead = || WriteError::Refused(LinkSpendRefused::Dead);
    let asked = params![digest.as_bytes(), kind.as_str(), by.at];
    let found = tx.optional(ACCOUNT_OF, asked).await?;
    let id = found
        .map(|mut row| row.optional_integer(0))
        .transpose()?
        .flatten();
    let id = id.map(AccountId).ok_or_else(dead)?;
    lock_account(tx, id).await?;
    let spent = rows::spend(tx, kind, digest, by.at)
        .await?
        .ok_or_else(dead)?;
    let account = find_by_id(tx, id).await?.ok_or_else(dead)?;
    if account.is_suspended() {
        return Err(WriteError::Refused(LinkSpendRefused::Suspended));
    }
    Ok((account, spent))
}
