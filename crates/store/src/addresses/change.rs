//! Asking for an address, choosing one, and taking one away.

use counterfoil_domain::account::{NoSuchUser, Verification};
use counterfoil_domain::audit::{Action, Event, Outcome};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::link::{LinkKind, LinkLives};
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::{Attribution, Proof};

use crate::accounts::{
    Credential, count_emails, end_email, find_by_id, own_email, primary_email, set_primary,
    subject_of, touch,
};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::links::{self, FreshLink, told};
use crate::outbox::{NewMail, Put, asked_lately, put};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    GO_ON = "UPDATE sessions SET credential_version = (SELECT credential_version FROM accounts WHERE id = sessions.account_id)
        WHERE id = $1 AND ended_at IS NULL";
}

/// Live addresses that one user may have.
pub const MOST_ADDRESSES: u32 = 10;

/// Why an address was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AddressRefused {
    /// The user is not there.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user has the address already.
    #[error("you have this address already")]
    Known,
    /// The user has as many as may be.
    #[error("you have as many addresses as you may have")]
    TooMany,
    /// The user asked for too many within an hour.
    #[error("you asked for too many addresses within an hour")]
    TooOften,
    /// The user does not have the address, or did not show that it is theirs.
    #[error("you have no such verified address")]
    Unknown,
    /// The primary address stays until another one is chosen.
    #[error("this is your primary address; choose another one first")]
    Primary,
    /// As much mail waits as may.
    #[error("too much mail waits to be sent")]
    OutboxFull,
}

impl From<NoSuchUser> for AddressRefused {
    fn from(NoSuchUser: NoSuchUser) -> Self {
        Self::NoSuchUser
    }
}

type Changed = Result<(), ChangeError<AddressRefused>>;

impl Store {
    /// Has a link mailed to an address that a user wants to have. What is done is the same whether
    /// it is somebody's or not: that is looked at when the mail goes.
    pub async fn ask_address(
        &self,
        id: AccountId,
        address: EmailAddress,
        lives: LinkLives,
        by: Attribution,
    ) -> Changed {
        let (operation, locks) = (Operation::AskAddress, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { ask(tx, id, address, lives, by).await })
        })
        .await
    }

    /// Makes one of a user's verified addresses the primary one.
    pub async fn choose_address(
        &self,
        id: AccountId,
        address: EmailAddress,
        lives: LinkLives,
        by: Attribution,
    ) -> Changed {
        let (operation, locks) = (Operation::ChooseAddress, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let held = own_email(tx, id, &address).await?;
                let held = held.filter(|held| held.verification == Verification::Verified);
                let held = held.ok_or(WriteError::Refused(AddressRefused::Unknown))?;
                if held.primary {
                    return Ok(Outcome::unchanged(()));
                }
                tell_primary(tx, id, lives, by).await?;
                set_primary(tx, id, &address).await?;
                touch(tx, id, Credential::Kept, by.at).await?;
                Ok(Outcome::new(
                    (),
                    Event::new(Action::EmailChosen, subject_of(id)),
                ))
            })
        })
        .await
    }

    /// Takes an address away from a user, which signs them in no more.
    pub async fn remove_address(
        &self,
        id: AccountId,
        address: EmailAddress,
        lives: LinkLives,
        by: Attribution,
    ) -> Changed {
        let (operation, locks) = (Operation::RemoveAddress, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let held = own_email(tx, id, &address).await?;
                let held = held.ok_or(WriteError::Refused(AddressRefused::Unknown))?;
                match held.verification {
                    Verification::Verified if held.primary => {
                        return Err(WriteError::Refused(AddressRefused::Primary));
                    }
                    Verification::Verified => {
                        tell_former(tx, id, held.address, lives, by).await?;
                    }
                    Verification::Unverified => {}
                }
                end_email(tx, id, &address, by.at).await?;
                touch(tx, id, Credential::Changed, by.at).await?;
                // Whoever removes it stays signed in; everywhere else the sessions end.
                if let Proof::Session(_, session) = &by.principal.proof {
                    tx.execute(GO_ON, params![session.id]).await?;
                }
                Ok(Outcome::new(
                    (),
                    Event::new(Action::EmailRemoved, subject_of(id)),
                ))
            })
        })
        .await
    }
}

async fn ask(
    tx: &mut Tx,
    id: AccountId,
    address: EmailAddress,
    lives: LinkLives,
    by: &Attribution,
) -> Result<Outcome<()>, WriteError<AddressRefused>> {
    let refused = |reason| Err(WriteError::Refused(reason));
    if find_by_id(tx, id).await?.is_none() {
        return refused(AddressRefused::NoSuchUser);
    }
    let held = own_email(tx, id, &address).await?;
    match held.map(|held| held.verification) {
        Some(Verification::Verified) => return refused(AddressRefused::Known),
        None if count_emails(tx, id).await? >= MOST_ADDRESSES => {
            return refused(AddressRefused::TooMany);
        }
        Some(Verification::Unverified) | None => {}
    }
    if asked_lately(tx, MailKind::Address, id, by.at).await? {
        return refused(AddressRefused::TooOften);
    }
    let mail = (MailKind::Address, LinkKind::Address);
    if mail_link(tx, mail, id, address, lives, by).await? == Put::Full {
        return refused(AddressRefused::OutboxFull);
    }
    Ok(Outcome::new(
        (),
        told(Action::LinkRequested, Some(id), LinkKind::Address),
    ))
}

/// Tells the primary address of an account, if it is verified, that the addresses change.
pub(super) async fn tell_primary(
    tx: &mut Tx,
    id: AccountId,
    lives: LinkLives,
    by: &Attribution,
) -> Result<(), StoreError> {
    let primary = primary_email(tx, id).await?;
    match primary.filter(|held| held.verification == Verification::Verified) {
        Some(held) => tell_former(tx, id, held.address, lives, by).await,
        None => Ok(()),
    }
}

/// Tells an address of an account that the addresses change, by a link that takes it back. That too
/// much waits keeps nobody from changing them.
async fn tell_former(
    tx: &mut Tx,
    id: AccountId,
    address: EmailAddress,
    lives: LinkLives,
    by: &Attribution,
) -> Result<(), StoreError> {
    if !tx.context().sends_mail() {
        return Ok(());
    }
    let mail = (MailKind::AddressChanged, LinkKind::AddressUndo);
    mail_link(tx, mail, id, address, lives, by).await.map(drop)
}

/// Has a link of an account mailed to one address. The mail is about the link and not about the
/// account: of several none takes the place of another, and the bounds count each of them.
async fn mail_link(
    tx: &mut Tx,
    (mail, link): (MailKind, LinkKind),
    id: AccountId,
    address: EmailAddress,
    lives: LinkLives,
    by: &Attribution,
) -> Result<Put, StoreError> {
    let link = FreshLink {
        kind: link,
        account: Some(id),
        digest: None,
        address: Some(address),
        maker: None,
        expires_at: by.at.plus(lives.of(link)),
    };
    let link = links::insert(tx, &link, by.at).await?;
    let mail = NewMail {
        subject: link.0.to_be_bytes().to_vec(),
        link: Some(link),
        ..NewMail::about(mail, id)
    };
    put(tx, &mail, by).await
}
