//! Making links for somebody who is told them at once.

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::link::{LinkKind, LinkRefused};
use counterfoil_domain::principal::{Actor, Attribution};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{find_by_id, has_password, is_administered, primary_email};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::links::rows::{self, FreshLink};
use crate::turn::Turn;
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

/// A link that is to be made, and shown to whoever has it made.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// What it is for: anything but an address, which only mail proves.
    pub kind: LinkKind,
    /// For whom; nobody where it makes the first administrator.
    pub account: Option<AccountId>,
    /// What is kept of its secret.
    pub digest: SecretDigest,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl Store {
    /// Makes a link. One that makes the first administrator is refused once there was one.
    pub async fn issue_link(
        &self,
        new: NewLink,
        by: Attribution,
    ) -> Result<(), ChangeError<LinkRefused>> {
        let locks = new
            .account
            .map_or_else(Locks::none, |id| Locks::none().account(id));
        self.change(
            Operation::IssueLink,
            by,
            locks,
            move |Change { tx, by, .. }| Box::pin(async move { issue(tx, &new, by).await }),
        )
        .await
    }

    /// Whether the installation has, or ever had, a site administrator.
    pub async fn is_administered(&self) -> Result<bool, StoreError> {
        self.read(|tx| Box::pin(async move { is_administered(tx).await }))
            .await
    }
}

/// Makes a link for an account, which is held, or for the first administrator.
pub(crate) async fn issue(
    tx: &mut Tx,
    new: &NewLink,
    by: &Attribution,
) -> Result<Outcome<()>, WriteError<LinkRefused>> {
    let address = if let Some(id) = new.account {
        refuse_for(tx, id, new.kind).await?;
        primary_email(tx, id).await?.map(|held| held.address)
    } else {
        tx.take_turn(Turn::SettingUp).await?;
        if is_administered(tx).await? {
            return Err(WriteError::Refused(LinkRefused::SetUpDone));
        }
        None
    };
    let link = FreshLink {
        kind: new.kind,
        account: new.account,
        digest: Some(new.digest),
        address,
        maker: maker(by),
        expires_at: new.expires_at,
    };
    rows::insert(tx, &link, by.at).await?;
    let event = made(new.account, new.kind, new.expires_at);
    Ok(Outcome::new((), event))
}

/// The user who has something made, if it is one.
pub(crate) fn maker(by: &Attribution) -> Option<AccountId> {
    match by.actor() {
        Actor::Account(id) => Some(id),
        Actor::Anonymous | Actor::App(_) | Actor::OperatingSystemUser(_) | Actor::Program => None,
    }
}

/// The event of a link whose secret was made.
pub(crate) fn made(account: Option<AccountId>, kind: LinkKind, until: Timestamp) -> Event {
    told(Action::LinkMade, account, kind).with(Detail::Until(until))
}

/// An event about a link.
pub(crate) fn told(action: Action, account: Option<AccountId>, kind: LinkKind) -> Event {
    let subject = Subject {
        account,
        ..Subject::default()
    };
    Event::new(action, subject).with(Detail::Purpose(kind.as_str().to_owned()))
}

/// Refuses a link for an account, which is held, to which one of this kind is no use.
pub(crate) async fn refuse_for(
    tx: &mut Tx,
    id: AccountId,
    kind: LinkKind,
) -> Result<Account, WriteError<LinkRefused>> {
    let refused = |reason| Err(WriteError::Refused(reason));
    let Some(account) = find_by_id(tx, id).await? else {
        return refused(LinkRefused::NoSuchUser);
    };
    if account.is_suspended() {
        return refused(LinkRefused::Suspended);
    }
    if kind == LinkKind::Invitation && has_password(tx, id).await? {
        return refused(LinkRefused::HasPassword);
    }
    if kind == LinkKind::Enrolment && account.two_factor == TwoFactor::On {
        return refused(LinkRefused::HasSecondFactor);
    }
    Ok(account)
}
