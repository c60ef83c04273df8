//! What links do to addresses: one shows that an address is somebody's, another takes back a
//! change.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::link::{LinkKind, LinkLives, LinkSpendRefused};
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{
    Credential, add_verified_email, end_emails_since, set_primary, subject_of, touch,
};
use crate::addresses::change::tell_primary;
use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::links::{self, FreshLink, answered, made, spend_of_account, told};
use crate::outbox;
use crate::two_factor;
use crate::tx::Tx;
use crate::writing::SystemChange;

type Spent<T> = Result<Outcome<T>, WriteError<LinkSpendRefused>>;

/// A change of addresses that was taken back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Whose addresses they are.
    pub account: AccountId,
    /// The address that is the primary one again.
    pub address: EmailAddress,
    /// How many others ended with it.
    pub ended: u64,
}

impl Store {
    /// Gives a user the address that the link was mailed to.
    pub async fn verify_address(
        &self,
        link: SecretDigest,
        lives: LinkLives,
        by: Attribution,
    ) -> Result<Result<AccountId, LinkSpendRefused>, StoreError> {
        self.by_link(by, move |SystemChange { tx, by }| {
            Box::pin(async move { answered(verify(tx, link, lives, by).await) })
        })
        .await
    }

    /// Takes back a change of addresses: the address that the link was mailed to is the primary one
    /// again, every one that came since ends, and so do all sessions and the second factors that
    /// came since. Whoever took the account still knows its password, so `reset` becomes a link for
    /// another one.
    pub async fn undo_addresses(
        &self,
        link: SecretDigest,
        reset: SecretDigest,
        lives: LinkLives,
        by: Attribution,
    ) -> Result<Result<Restored, LinkSpendRefused>, StoreError> {
        self.by_link(by, move |SystemChange { tx, by }| {
            Box::pin(async move { answered(undo(tx, link, reset, lives, by).await) })
        })
        .await
    }
}

async fn verify(
    tx: &mut Tx,
    link: SecretDigest,
    lives: LinkLives,
    by: &Attribution,
) -> Spent<AccountId> {
    let (account, spent) = spend_of_account(tx, LinkKind::Address, link, by).await?;
    let id = account.id;
    let address = spent.address.ok_or_else(without_address)?;
    tell_primary(tx, id, lives, by).await?;
    add_verified_email(tx, id, &address, by.at).await?;
    touch_live(tx, id, Credential::Kept, by).await?;
    let used = told(Action::LinkUsed, Some(id), LinkKind::Address);
    let added = Event::new(Action::EmailAdded, subject_of(id));
    Ok(Outcome::new(id, added).and(used))
}

async fn undo(
    tx: &mut Tx,
    link: SecretDigest,
    reset: SecretDigest,
    lives: LinkLives,
    by: &Attribution,
) -> Spent<Restored> {
    let (account, spent) = spend_of_account(tx, LinkKind::AddressUndo, link, by).await?;
    let id = account.id;
    let address = spent.address.ok_or_else(without_address)?;
    let ended = end_emails_since(tx, id, &address, spent.created_at, by.at).await?;
    add_verified_email(tx, id, &address, by.at).await?;
    set_primary(tx, id, &address).await?;
    links::end_later_undos(tx, id, spent.id, by.at).await?;
    let factors = end_factors(tx, id, spent.created_at, by).await?;
    touch_live(tx, id, Credential::Changed, by).await?;
    let until = by.at.plus(lives.reset);
    let next = FreshLink {
        kind: LinkKind::Reset,
        account: Some(id),
        digest: Some(reset),
        address: Some(address.clone()),
        maker: None,
        expires_at: until,
    };
    links::insert(tx, &next, by.at).await?;
    let restored = Event::new(Action::EmailRestored, subject_of(id)).with(Detail::Count(ended));
    let restored = Outcome::new(
        Restored {
            account: id,
            address,
            ended,
        },
        restored,
    );
    Ok(factors
        .into_iter()
        .fold(restored, Outcome::and)
        .and(told(Action::LinkUsed, Some(id), LinkKind::AddressUndo))
        .and(made(Some(id), LinkKind::Reset, until)))
}

/// Ends the second factors that came since a moment, which its user is told, and gives the events.
/// Whoever changed the addresses may have added them: a passkey signs in without the password that
/// is chosen now, and a code would keep its owner out.
async fn end_factors(
    tx: &mut Tx,
    id: AccountId,
    since: Timestamp,
    by: &Attribution,
) -> Result<Vec<Event>, StoreError> {
    let ended = two_factor::end_factors_since(tx, id, since, by.at).await?;
    links::end_enrolments(tx, id, by.at).await?;
    let mut events = Vec::new();
    if ended.codes {
        outbox::tell(tx, MailKind::TwoFactorOff, id, by).await?;
        events.push(Event::new(Action::OtpDisabled, subject_of(id)));
    }
    if ended.passkeys > 0 {
        outbox::tell(tx, MailKind::PasskeyRemoved, id, by).await?;
        let removed = Event::new(Action::PasskeyRemoved, subject_of(id));
        events.push(removed.with(Detail::Count(ended.passkeys)));
    }
    Ok(events)
}

/// The account is held and was found to live.
async fn touch_live(
    tx: &mut Tx,
    id: AccountId,
    credential: Credential,
    by: &Attribution,
) -> Result<(), WriteError<LinkSpendRefused>> {
    touch(tx, id, credential, by.at).await.map_err(links::gone)
}

fn without_address() -> WriteError<LinkSpendRefused> {
    WriteError::Store(StoreError::Inconsistent {
        table: "links",
        column: "address",
    })
}
