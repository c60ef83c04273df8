//! Asking for mail: by an operator or administrator for somebody, and by strangers who say that
//! they forgot their password.

use counterfoil_domain::account::Verification;
use counterfoil_domain::audit::{Action, Outcome};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::link::{LinkKind, LinkRefused};
use counterfoil_domain::mail::{MailBounds, MailKind};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::primary_email;
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::links::{maker, refuse_for, told};
use crate::outbox::put::{NewMail, Put, put};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Note, Operation};

statements! {
    CAUSED = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE cause = $1 AND made_at > $2 LIMIT $3) AS counted";
    ASKED = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE account_id = $1 AND made_at > $2 AND kind = $3 LIMIT $4) AS counted";
}

/// Somebody says that they forgot their password.
#[derive(Clone, Debug)]
pub struct ResetAsked {
    /// A keyed digest of what they typed: another one of the same adds no mail.
    pub subject: [u8; 32],
    /// What they typed, sealed. Whose account that is, is looked up when the mail goes.
    pub typed: Vec<u8>,
    /// From where, which is what their number is bounded by.
    pub cause: String,
}

/// Whether a user asked for as many mails of a kind within an hour as one recipient may get.
pub(crate) async fn asked_lately(
    tx: &mut Tx,
    kind: MailKind,
    id: AccountId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let most = tx.context().mail_bounds().per_recipient;
    asked_as_often(tx, kind, id, most, now).await
}

async fn asked_as_often(
    tx: &mut Tx,
    kind: MailKind,
    id: AccountId,
    most: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let of_user = params![id, now.minus(MailBounds::WINDOW), kind.as_str(), most];
    Ok(tx.one(ASKED, of_user).await?.small_count(0)? >= most)
}

/// Whether as many mails came of a network address within an hour as may.
async fn caused_as_many(tx: &mut Tx, cause: &str, now: Timestamp) -> Result<bool, StoreError> {
    let most = tx.context().mail_bounds().resets_per_address;
    let of_cause = params![cause, now.minus(MailBounds::WINDOW), most];
    Ok(tx.one(CAUSED, of_cause).await?.small_count(0)? >= most)
}

/// Has a link mailed to a user, who is held.
pub(super) async fn request(
    tx: &mut Tx,
    kind: MailKind,
    id: AccountId,
    by: &Attribution,
) -> Result<Outcome<()>, WriteError<LinkRefused>> {
    let refused = |reason| Err(WriteError::Refused(reason));
    let link = kind.link().unwrap_or(LinkKind::Reset);
    refuse_for(tx, id, link).await?;
    let primary = primary_email(tx, id).await?;
    let is_reached = primary.is_some_and(|held| {
        kind == MailKind::Invitation || held.verification == Verification::Verified
    });
    if !is_reached {
        return refused(LinkRefused::NoAddress);
    }
    let mail = NewMail {
        maker: maker(by),
        ..NewMail::about(kind, id)
    };
    if put(tx, &mail, by).await? == Put::Full {
        return refused(LinkRefused::OutboxFull);
    }
    let requested = told(Action::LinkRequested, Some(id), link);
    Ok(Outcome::new((), requested))
}

impl Store {
    /// Has a link mailed to a user.
    pub async fn request_link(
        &self,
        kind: MailKind,
        id: AccountId,
        by: Attribution,
    ) -> Result<(), ChangeError<LinkRefused>> {
        let (operation, locks) = (Operation::RequestLink, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { request(tx, kind, id, by).await })
        })
        .await
    }

    /// Has a link mailed by which a user turns a second factor on, to their verified address if
    /// they have one, as often as a link for a forgotten password and no more. Whether it is
    /// mailed is told to nobody: the caller has shown a password, and may have stolen it.
    pub async fn ask_enrolment(
        &self,
        id: AccountId,
        cause: String,
        by: Attribution,
    ) -> Result<(), ChangeError<LinkRefused>> {
        let (operation, locks) = (Operation::AskEnrolment, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                refuse_for(tx, id, LinkKind::Enrolment).await?;
                let most = tx.context().mail_bounds().resets_per_account;
                let kind = MailKind::Enrolment;
                if asked_as_often(tx, kind, id, most, by.at).await?
                    || caused_as_many(tx, &cause, by.at).await?
                {
                    return Ok(Outcome::unchanged(()));
                }
                let mail = NewMail {
                    cause: Some(cause),
                    ..NewMail::about(kind, id)
                };
                if put(tx, &mail, by).await? == Put::Full {
                    return Err(WriteError::Refused(LinkRefused::OutboxFull));
                }
                let requested = told(Action::LinkRequested, Some(id), LinkKind::Enrolment);
                Ok(Outcome::new((), requested))
            })
        })
        .await
    }

    /// Has a link mailed to whoever has a verified address under what was typed, if anybody does.
    /// What is done here is the same whether somebody does or not, and it leaves no event, so that
    /// strangers cannot fill the trail.
    pub async fn ask_reset(&self, asked: ResetAsked, by: Attribution) -> Result<(), StoreError> {
        self.note(Note::ResetAsked, move |tx| {
            Box::pin(async move {
                if caused_as_many(tx, &asked.cause, by.at).await? {
                    return Ok(());
                }
                let mail = NewMail {
                    kind: MailKind::ResetAsked,
                    subject: asked.subject.to_vec(),
                    account: None,
                    link: None,
                    maker: None,
                    typed: Some(asked.typed),
                    cause: Some(asked.cause),
                    to: None,
                };
                put(tx, &mail, &by).await.map(drop)
            })
        })
        .await
    }
}
