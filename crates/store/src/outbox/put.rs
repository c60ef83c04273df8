//! Putting mail into the outbox, within bounds.

use std::time::Duration;

use counterfoil_domain::audit::{Action, Detail, Event, Subject};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::{AccountId, LinkId};
use counterfoil_domain::mail::{DeliveryId, MailKind, MailOutcome, Urgency};
use counterfoil_domain::principal::Attribution;

use crate::error::StoreError;
use crate::leases::once_in;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    WAITING = "SELECT count(*) FROM
        (SELECT 1 FROM outbox WHERE finished_at IS NULL AND next_at > 0 LIMIT $1) AS counted";
    DROP_NOTICE = "UPDATE outbox SET finished_at = $1, outcome = $2, typed = NULL WHERE id =
        (SELECT id FROM outbox WHERE finished_at IS NULL AND is_urgent = 0 ORDER BY id LIMIT 1)";
    // What waits already about the same is sent once, about the newest link.
    INSERT = "INSERT INTO outbox (delivery_id, kind, subject, is_urgent, account_id, link_id, maker_account_id, typed, cause,
            recipient, asked, made_at, next_at, tries)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11, 0)
        ON CONFLICT (kind, subject) WHERE finished_at IS NULL
        DO UPDATE SET asked = outbox.asked + 1, link_id = excluded.link_id, maker_account_id = excluded.maker_account_id";
}

/// How often the audit trail is told that too much waits.
const FULL_TOLD_EVERY: Duration = Duration::from_hours(1);

/// A mail to be sent.
#[derive(Clone, Debug)]
pub(crate) struct NewMail {
    pub(crate) kind: MailKind,
    /// What it is about: another one about the same adds none while it waits.
    pub(crate) subject: Vec<u8>,
    pub(crate) account: Option<AccountId>,
    pub(crate) link: Option<LinkId>,
    pub(crate) maker: Option<AccountId>,
    /// What was typed, sealed, where nobody looked yet whose account that is.
    pub(crate) typed: Option<Vec<u8>>,
    /// The network address behind it, where it is no user's.
    pub(crate) cause: Option<String>,
    /// The address that it goes to, where that is none of the account's any more.
    pub(crate) to: Option<EmailAddress>,
}

impl NewMail {
    /// One about an account and nothing else.
    pub(crate) fn about(kind: MailKind, account: AccountId) -> Self {
        Self {
            kind,
            subject: account.0.to_be_bytes().to_vec(),
            account: Some(account),
            link: None,
            maker: None,
            typed: None,
            cause: None,
            to: None,
        }
    }
}

/// Whether a mail will be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It waits, or another one about the same does.
    Waits,
    /// Too much waits.
    Full,
}

/// Puts a mail into the outbox. Where too much waits, notices give way.
pub(crate) async fn put(tx: &mut Tx, mail: &NewMail, by: &Attribution) -> Result<Put, StoreError> {
    let most = tx.context().mail_bounds().waiting;
    if tx.one(WAITING, params![most]).await?.small_count(0)? >= most {
        tell_full(tx, by).await?;
        let dropped = match mail.kind.urgency() {
            Urgency::Notice => 0,
            Urgency::Security => {
                let dropped = params![by.at, MailOutcome::Dropped.as_str()];
                tx.execute(DROP_NOTICE, dropped).await?
            }
        };
        if dropped == 0 {
            return Ok(Put::Full);
        }
    }
    let delivery = DeliveryId::of(&by.personal_salt, mail.kind, &mail.subject);
    let row = params![
        &delivery.0,
        mail.kind.as_str(),
        mail.subject.as_slice(),
        mail.kind.urgency() == Urgency::Security,
        mail.account,
        mail.link,
        mail.maker,
        mail.typed.clone(),
        mail.cause.as_deref(),
        mail.to.as_ref().map(EmailAddress::key),
        by.at
    ];
    tx.execute(INSERT, row).await?;
    Ok(Put::Waits)
}

/// Tells a user by mail what happened to their account, where mail is sent at all. That the outbox
/// is full keeps nothing from happening.
pub(crate) async fn tell(
    tx: &mut Tx,
    kind: MailKind,
    id: AccountId,
    by: &Attribution,
) -> Result<(), StoreError> {
    if tx.context().sends_mail() {
        put(tx, &NewMail::about(kind, id), by).await?;
    }
    Ok(())
}

/// Tells the address that an account had, if it was a verified one, what happened to the account,
/// where mail is sent at all.
pub(crate) async fn tell_former_address(
    tx: &mut Tx,
    kind: MailKind,
    id: AccountId,
    former: Option<&EmailAddress>,
    by: &Attribution,
) -> Result<(), StoreError> {
    if let Some(former) = former.filter(|_| tx.context().sends_mail()) {
        let mail = NewMail {
            to: Some(former.clone()),
            ..NewMail::about(kind, id)
        };
        put(tx, &mail, by).await?;
    }
    Ok(())
}

/// Says in the audit trail that some mail is not sent; once an hour at most.
async fn tell_full(tx: &mut Tx, by: &Attribution) -> Result<(), StoreError> {
    if once_in(tx, "outbox full", FULL_TOLD_EVERY, by.at).await? {
        let event = Event::new(Action::OutboxFull, Subject::default())
            .with(Detail::Count(u64::from(tx.context().mail_bounds().waiting)));
        tx.record(by, event).await?;
    }
    Ok(())
}
