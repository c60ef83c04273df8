//! Sending: what is due, to whom it goes and with which link, and what came of it.
//!
//! Whoever sends has the lease, which is looked at in each of these transactions. A mail's link is
//! made, and its digest committed, before the mail goes; another try makes another one, which ends
//! the one before.

use std::time::Duration;

use counterfoil_domain::account::{Account, HeldEmail, TwoFactor, Verification};
use counterfoil_domain::audit::{Action, Detail, Event, Subject};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::{AccountId, LinkId, MailId};
use counterfoil_domain::link::{LinkKind, LinkLives};
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::{DeliveryId, MailBounds, MailKind, MailOutcome, MailWords};
use counterfoil_domain::preferences::Preferences;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{
    find_by_id, find_ended, has_password, lock_account, own_email, preferences, primary_email,
    sought_by, verified_holder,
};
use crate::engine::Store;
use crate::error::StoreError;
use crate::leases::{Lease, holds};
use crate::links::{self, FreshLink};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;
use crate::writing::Note;

/// How long a mail that somebody makes is left to them.
const UNDER_WAY: Duration = Duration::from_mins(1);

statements! {
    IS_PAUSED = "SELECT sending_paused FROM installation WHERE id = 1";
    DUE = "SELECT id, typed, tries, made_at FROM outbox WHERE finished_at IS NULL AND next_at <= $1 ORDER BY next_at LIMIT $2";
    FIND = "SELECT o.kind, o.account_id, o.link_id, o.delivery_id, o.recipient, m.login, o.made_at, o.maker_account_id
        FROM outbox o LEFT JOIN accounts m ON m.id = o.maker_account_id WHERE o.id = $1 AND o.finished_at IS NULL";
    OF_RECIPIENT = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE recipient = $1 AND made_at > $2 AND id <> $3
        AND (outcome IS NULL OR outcome = 'sent') LIMIT $4) AS counted";
    RESETS_OF_ACCOUNT = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE account_id = $1 AND made_at > $2 AND id <> $3
        AND kind = 'reset_asked' AND (outcome IS NULL OR outcome = 'sent') LIMIT $4) AS counted";
    UNDER_WAY_TO = "UPDATE outbox SET account_id = $2, recipient = $3, next_at = $4, tries = tries + 1, typed = NULL
        WHERE id = $1";
    LATER = "UPDATE outbox SET next_at = $2 WHERE id = $1 AND finished_at IS NULL";
    FINISH = "UPDATE outbox SET finished_at = $2, outcome = $3, typed = NULL WHERE id = $1 AND finished_at IS NULL
        RETURNING account_id, kind";
}

/// A mail whose time has come.
#[derive(Clone, Debug)]
pub struct DueMail {
    /// Its row.
    pub id: MailId,
    /// What was typed, sealed, where nobody looked yet whose account that is.
    pub typed: Option<Vec<u8>>,
    /// How often it was tried.
    pub tries: u32,
    /// When it was asked for.
    pub made_at: Timestamp,
}

/// A mail that is to be made.
#[derive(Clone, Debug)]
pub struct MailToMake {
    /// Its row.
    pub id: MailId,
    /// The right to send it.
    pub lease: Lease,
    /// What was typed, opened.
    pub typed: Option<String>,
    /// What is kept of the secret that its link gets, if it has a link.
    pub link: SecretDigest,
    /// For how long links work.
    pub lives: LinkLives,
}

/// A mail that goes now.
#[derive(Clone, Debug)]
pub struct MadeMail {
    /// What stays the same over all tries.
    pub delivery: DeliveryId,
    /// What it says.
    pub words: MailWords,
    /// To whom it goes.
    pub to: EmailAddress,
    /// The login of the account that it is about.
    pub login: Login,
    /// The user who had it made, if one did.
    pub maker: Option<Login>,
    /// The language and time zone that the user chose whom it is about.
    pub preferences: Preferences,
    /// When what it tells of happened, or was asked for.
    pub made_at: Timestamp,
    /// Until when its link works, if it has one.
    pub expires_at: Option<Timestamp>,
}

/// What came of a try to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailResult {
    /// A server took it.
    Sent,
    /// None did; it is tried again.
    TryAgain(Timestamp),
    /// It is not tried again.
    GivenUp,
}

impl Store {
    /// The mails whose time has come, those first that wait longest; none while nothing may be
    /// sent.
    pub async fn due_mails(&self, now: Timestamp, limit: u32) -> Result<Vec<DueMail>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let paused = tx.optional(IS_PAUSED, &[]).await?;
                if paused.map(|mut row| row.flag(0)).transpose()? != Some(false) {
                    return Ok(Vec::new());
                }
                let rows = tx.rows(DUE, params![now, limit]).await?;
                rows.into_iter().map(due_from).collect()
            })
        })
        .await
    }

    /// Says to whom a mail goes, gives its link the secret, and takes it under way; none where it
    /// goes to nobody, or somebody else sends by now.
    pub async fn make_mail(
        &self,
        ask: MailToMake,
        by: Attribution,
    ) -> Result<Option<MadeMail>, StoreError> {
        let process = self.process().0.clone();
        self.note(Note::MailSent, move |tx| {
            Box::pin(async move {
                if !holds(tx, ask.lease, &process, by.at).await? {
                    return Ok(None);
                }
                let Some(waiting) = find(tx, ask.id).await? else {
                    return Ok(None);
                };
                match addressed(tx, &ask, &waiting, by.at).await? {
                    Ok(to) => under_way(tx, &ask, waiting, to, &by).await.map(Some),
                    Err(outcome) => {
                        let finished = params![ask.id, by.at, outcome.as_str()];
                        tx.optional(FINISH, finished).await?;
                        Ok(None)
                    }
                }
            })
        })
        .await
    }

    /// Writes down what came of a try. Nothing is written by who has lost the lease.
    pub async fn finish_mail(
        &self,
        id: MailId,
        result: MailResult,
        lease: Lease,
        by: Attribution,
    ) -> Result<(), StoreError> {
        let process = self.process().0.clone();
        self.note(Note::MailSent, move |tx| {
            Box::pin(async move {
                if !holds(tx, lease, &process, by.at).await? {
                    return Ok(());
                }
                let outcome = match result {
                    MailResult::TryAgain(next) => {
                        return tx.execute(LATER, params![id, next]).await.map(drop);
                    }
                    MailResult::Sent => MailOutcome::Sent,
                    MailResult::GivenUp => MailOutcome::GivenUp,
                };
                let finished = params![id, by.at, outcome.as_str()];
                let row = tx.optional(FINISH, finished).await?;
                if let (MailOutcome::GivenUp, Some(mut row)) = (outcome, row) {
                    let subject = Subject {
                        account: row.optional_integer(0)?.map(AccountId),
                        ..Subject::default()
                    };
                    let event = Event::new(Action::MailGivenUp, subject);
                    tx.record(&by, event.with(Detail::Mail(row.text(1)?)))
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }
}

fn due_from(mut row: Row) -> Result<DueMail, StoreError> {
    Ok(DueMail {
        id: MailId(row.integer(0)?),
        typed: row.optional_blob(1)?,
        tries: row.small_count(2)?,
        made_at: row.timestamp(3)?,
    })
}

/// A row of the outbox.
struct Waiting {
    kind: MailKind,
    account: Option<AccountId>,
    link: Option<LinkId>,
    delivery: DeliveryId,
    /// To whom it went before.
    recipient: Option<EmailAddress>,
    maker: Option<(AccountId, Login)>,
    made_at: Timestamp,
}

/// To whom a mail goes.
struct Addressed {
    account: Account,
    to: EmailAddress,
    words: MailWords,
}

async fn find(tx: &mut Tx, id: MailId) -> Result<Option<Waiting>, StoreError> {
    let Some(mut row) = tx.optional(FIND, params![id]).await? else {
        return Ok(None);
    };
    let inconsistent = |column| StoreError::Inconsistent {
        table: "outbox",
        column,
    };
    // One of a kind that a later program writes waits for that one, and keeps nothing else waiting.
    let Some(kind) = MailKind::from_stored(&row.text(0)?) else {
        return Ok(None);
    };
    let delivery = row.blob(3)?.try_into();
    let maker = row.optional_integer(7)?.map(AccountId);
    Ok(Some(Waiting {
        kind,
        account: row.optional_integer(1)?.map(AccountId),
        link: row.optional_integer(2)?.map(LinkId),
        delivery: DeliveryId(delivery.map_err(|_| inconsistent("delivery_id"))?),
        recipient: row.optional_text(4)?.map(EmailAddress::from_stored),
        maker: maker.zip(row.optional_text(5)?.map(Login::from_stored)),
        made_at: row.timestamp(6)?,
    }))
}

/// Looks whose account a mail is about, holds it, and says to which address it goes.
async fn addressed(
    tx: &mut Tx,
    ask: &MailToMake,
    waiting: &Waiting,
    now: Timestamp,
) -> Result<Result<Addressed, MailOutcome>, StoreError> {
    let nobody = Ok(Err(MailOutcome::Nobody));
    // The address that somebody typed, if it was one.
    let mut typed = waiting.recipient.clone();
    let mut subject = match waiting.link {
        Some(link) => links::waiting(tx, link).await?.map(|(id, address)| {
            typed = Some(address);
            id
        }),
        None => waiting.account,
    };
    if let (None, Some(text)) = (subject, &ask.typed) {
        subject = sought_by(tx, text).await?;
        typed = EmailAddress::parse(text).ok();
    }
    let Some(id) = subject else { return nobody };
    lock_account(tx, id).await?;
    let account = match waiting.kind {
        MailKind::Deleted => find_ended(tx, id).await?,
        _ => find_by_id(tx, id).await?,
    };
    let Some(account) = account else {
        return nobody;
    };
    let Some(to) = address_of(tx, &account, waiting.kind, typed).await? else {
        return nobody;
    };
    let mut addressed = Addressed {
        account,
        to,
        words: MailWords::OfKind(waiting.kind),
    };
    if waiting.kind == MailKind::Address
        && let Some(holder) = verified_holder(tx, &addressed.to).await?
        && holder != id
        && let Some(holder) = find_by_id(tx, holder).await?
    {
        addressed.account = holder;
        addressed.words = MailWords::AddressTaken;
    }
    if has_too_many(tx, ask.id, waiting.kind, &addressed, now).await? {
        return Ok(Err(MailOutcome::TooMany));
    }
    Ok(Ok(addressed))
}

/// The address that a mail of this kind goes to; `typed` is the one that it was asked for.
async fn address_of(
    tx: &mut Tx,
    account: &Account,
    kind: MailKind,
    typed: Option<EmailAddress>,
) -> Result<Option<EmailAddress>, StoreError> {
    let verified =
        |held: HeldEmail| (held.verification == Verification::Verified).then_some(held.address);
    Ok(match kind {
        MailKind::Invitation if has_password(tx, account.id).await? => None,
        MailKind::Invitation => primary_email(tx, account.id)
            .await?
            .map(|held| held.address),
        MailKind::Address | MailKind::AddressChanged | MailKind::AddressSet | MailKind::Deleted => {
            typed
        }
        MailKind::Reset | MailKind::ResetAsked | MailKind::Enrolment if account.is_suspended() => {
            None
        }
        MailKind::Enrolment if account.two_factor == TwoFactor::On => None,
        MailKind::ResetAsked => match typed {
            Some(typed) => own_email(tx, account.id, &typed).await?.and_then(verified),
            None => account.email.clone(),
        },
        MailKind::Reset
        | MailKind::Enrolment
        | MailKind::PasswordChanged
        | MailKind::TwoFactorOn
        | MailKind::TwoFactorOff
        | MailKind::RecoveryCodeUsed
        | MailKind::RecoveryCodesReplaced
        | MailKind::WrongCodes
        | MailKind::CodesExhausted
        | MailKind::PasskeyAdded
        | MailKind::PasskeyRemoved
        | MailKind::PasskeyStalled
        | MailKind::AdministratorScopes
        | MailKind::RefreshRepeated
        | MailKind::Renamed
        | MailKind::AppTransferred
        | MailKind::AppSuspended
        | MailKind::AppUnsuspended
        | MailKind::AppSecretPublished
        | MailKind::ResourceServerChanged
        | MailKind::MembershipChanged
        | MailKind::OrganizationDeleted
        | MailKind::StandingChanged
        | MailKind::Suspended
        | MailKind::Unsuspended
        | MailKind::Impersonated
        | MailKind::TokensRevoked
        | MailKind::Unlocked
        | MailKind::SessionsEnded => account.email.clone(),
    })
}

async fn has_too_many(
    tx: &mut Tx,
    id: MailId,
    kind: MailKind,
    addressed: &Addressed,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let bounds = tx.context().mail_bounds();
    let since = now.minus(MailBounds::WINDOW);
    let of_recipient = params![addressed.to.key(), since, id, bounds.per_recipient];
    let sent = tx.one(OF_RECIPIENT, of_recipient).await?.small_count(0)?;
    if sent >= bounds.per_recipient {
        return Ok(true);
    }
    if kind != MailKind::ResetAsked {
        return Ok(false);
    }
    let most = bounds.resets_per_account;
    let of_account = params![addressed.account.id, since, id, most];
    let resets = tx.one(RESETS_OF_ACCOUNT, of_account).await?;
    let mut resets = resets;
    Ok(resets.small_count(0)? >= most)
}

/// Gives the link of a mail its secret, and notes to whom it goes.
async fn under_way(
    tx: &mut Tx,
    ask: &MailToMake,
    waiting: Waiting,
    addressed: Addressed,
    by: &Attribution,
) -> Result<MadeMail, StoreError> {
    let Addressed { account, to, words } = addressed;
    let link = match words {
        MailWords::OfKind(kind) => kind.link(),
        MailWords::AddressTaken => None,
    };
    let expires_at = link.map(|kind| by.at.plus(ask.lives.of(kind)));
    if let (Some(kind), Some(until)) = (link, expires_at) {
        give_secret(tx, ask, &waiting, (kind, until), (&account, &to), by).await?;
    }
    let key = to.key();
    let preferences = preferences(tx, account.id).await?;
    let next = by.at.plus(UNDER_WAY);
    tx.execute(UNDER_WAY_TO, params![ask.id, account.id, key, next])
        .await?;
    Ok(MadeMail {
        delivery: waiting.delivery,
        words,
        to,
        login: account.login,
        maker: waiting.maker.map(|(_, login)| login),
        preferences,
        made_at: waiting.made_at,
        expires_at,
    })
}

async fn give_secret(
    tx: &mut Tx,
    ask: &MailToMake,
    waiting: &Waiting,
    (kind, until): (LinkKind, Timestamp),
    (account, to): (&Account, &EmailAddress),
    by: &Attribution,
) -> Result<(), StoreError> {
    if let Some(link) = waiting.link {
        links::stamp(tx, link, ask.link, until).await?;
    } else {
        let link = FreshLink {
            kind,
            account: Some(account.id),
            digest: Some(ask.link),
            address: Some(to.clone()),
            maker: waiting.maker.as_ref().map(|(id, _)| *id),
            expires_at: until,
        };
        links::insert(tx, &link, by.at).await?;
    }
    tx.record(by, links::made(Some(account.id), kind, until))
        .await
}
