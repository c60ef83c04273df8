//! How sessions begin, go on and end.

use std::convert::Infallible;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, SessionId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::{Attribution, Proof};
use counterfoil_domain::session::{SessionLife, SignInRepeated};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::outbox;
use crate::removal;
use crate::sessions::{half, live_sessions};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    INSERT = "INSERT INTO sessions
        (account_id, digest, credential_version, created_at, confirmed_at, last_used_at, address, agent)
        SELECT id, $2, credential_version, $3, $3, $3, $4, $5 FROM accounts WHERE id = $1 RETURNING id";
    BEYOND_LIMIT = live_sessions!(
        "s.id",
        "s.account_id = $1 ORDER BY s.last_used_at DESC, s.id DESC LIMIT 1000 OFFSET $4"
    );
    END = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL";
    END_OF_ACCOUNT = "UPDATE sessions SET ended_at = $2, end_reason = $3
        WHERE id = $1 AND account_id = $4 AND ended_at IS NULL";
    END_OTHERS = "UPDATE sessions SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND id <> $2 AND ended_at IS NULL";
    CONFIRM = "UPDATE sessions SET digest = $2, confirmed_at = $3 WHERE id = $1 AND ended_at IS NULL";
    END_ALL = "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL";
    FORGET_HALVES = "DELETE FROM half_sign_ins";
}

/// A session that is to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Whose it is; what they proved is the caller's proof.
    pub account: AccountId,
    /// What is kept of its secret.
    pub digest: SecretDigest,
    /// From where; personal.
    pub address: ClientAddress,
    /// The program that the browser says it is; personal.
    pub agent: Option<String>,
    /// The password that waited for its code, which becomes this session.
    pub half: Option<SecretDigest>,
}

impl Store {
    /// Begins a session of the caller. Where the user has as many as they may, the one that was
    /// used least recently ends.
    pub async fn start_session(
        &self,
        new: NewSession,
        life: SessionLife,
        by: Attribution,
    ) -> Result<SessionId, ChangeError<SignInRepeated>> {
        let account = new.account;
        let locks = Locks::none().account(account);
        let operation = Operation::StartSession;
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                if let Some(half) = new.half
                    && !half::end(tx, half, by.at).await?
                {
                    return Err(WriteError::Refused(SignInRepeated));
                }
                let beyond = params![
                    account,
                    life.made_since(by.at),
                    life.idle_since(by.at),
                    life.most_per_user.saturating_sub(1)
                ];
                let beyond = removal::ids(tx, BEYOND_LIMIT, beyond).await?;
                for id in &beyond {
                    let ended = params![*id, by.at, EndReason::TooManySessions.as_str()];
                    tx.execute(END, ended).await?;
                }
                let address = new.address.to_string();
                let row = params![account, new.digest.as_bytes(), by.at, address, new.agent];
                let id = SessionId(tx.one(INSERT, row).await?.integer(0)?);
                let mut event = event(Action::SessionStarted, account, id);
                if !beyond.is_empty() {
                    event = event.with(Detail::Count(beyond.len() as u64));
                }
                if let Proof::Passkey(_) = by.principal.proof {
                    let proof = match new.half {
                        Some(_) => "password, passkey",
                        None => "passkey",
                    };
                    event = event.with(Detail::Proof(proof.to_owned()));
                }
                Ok(Outcome::new(id, event))
            })
        })
        .await
    }

    /// Has a session go on under another secret, since its user proved anew who they are; `false`
    /// when it ended meanwhile.
    pub async fn confirm_session(
        &self,
        account: AccountId,
        id: SessionId,
        digest: SecretDigest,
        by: Attribution,
    ) -> Result<bool, ChangeError<Infallible>> {
        let locks = Locks::none().account(account);
        let operation = Operation::ConfirmSession;
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let renewed = params![id, digest.as_bytes(), by.at];
                if tx.execute(CONFIRM, renewed).await? == 0 {
                    return Ok(Outcome::unchanged(false));
                }
                let event = event(Action::SessionConfirmed, account, id);
                Ok(Outcome::new(true, event))
            })
        })
        .await
    }

    /// Ends a session of a user; `false` when none such lives.
    pub async fn end_session(
        &self,
        account: AccountId,
        id: SessionId,
        reason: EndReason,
        by: Attribution,
    ) -> Result<bool, ChangeError<Infallible>> {
        let locks = Locks::none().account(account);
        self.change(
            Operation::EndSession,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let ended = params![id, by.at, reason.as_str(), account];
                    if tx.execute(END_OF_ACCOUNT, ended).await? == 0 {
                        return Ok(Outcome::unchanged(false));
                    }
                    let event = event(Action::SessionEnded, account, id)
                        .with(Detail::Reason(reason.as_str().to_owned()));
                    Ok(Outcome::new(true, event))
                })
            },
        )
        .await
    }

    /// Ends all sessions of a user but this one, and says how many.
    pub async fn end_other_sessions(
        &self,
        account: AccountId,
        kept: SessionId,
        by: Attribution,
    ) -> Result<u64, ChangeError<Infallible>> {
        let locks = Locks::none().account(account);
        let operation = Operation::EndOtherSessions;
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let reason = EndReason::EndedByOwner.as_str();
                let others = params![account, kept, by.at, reason];
                let ended = tx.execute(END_OTHERS, others).await?;
                if ended == 0 {
                    return Ok(Outcome::unchanged(0));
                }
                let event = event(Action::SessionEnded, account, kept)
                    .with(Detail::Reason(reason.to_owned()))
                    .with(Detail::Count(ended));
                Ok(Outcome::new(ended, event))
            })
        })
        .await
    }

    /// Ends all sessions of a user for somebody else, and says how many.
    pub async fn end_sessions_of(
        &self,
        account: AccountId,
        by: Attribution,
    ) -> Result<u64, ChangeError<Infallible>> {
        /// No session has it.
        const NONE: SessionId = SessionId(0);
        let locks = Locks::none().account(account);
        let operation = Operation::EndOtherSessions;
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let reason = EndReason::RevokedByOperator.as_str();
                let all = params![account, NONE, by.at, reason];
                let ended = tx.execute(END_OTHERS, all).await?;
                if ended == 0 {
                    return Ok(Outcome::unchanged(0));
                }
                outbox::tell(tx, MailKind::SessionsEnded, account, by).await?;
                let about = Subject {
                    account: Some(account),
                    ..Subject::default()
                };
                let event = Event::new(Action::SessionEnded, about)
                    .with(Detail::Reason(reason.to_owned()))
                    .with(Detail::Count(ended));
                Ok(Outcome::new(ended, event))
            })
        })
        .await
    }
}

/// The event of something that happened to a session.
fn event(action: Action, account: AccountId, id: SessionId) -> Event {
    let about = Subject {
        account: Some(account),
        ..Subject::default()
    };
    Event::new(action, about).with(Detail::Session(id.0.unsigned_abs()))
}

/// Ends all sessions and what waits for a code: of a restored database nobody can say which of them
/// had ended.
pub(crate) async fn end_all(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET_HALVES, &[]).await?;
    let ended = params![now, EndReason::Restored.as_str()];
    tx.execute(END_ALL, ended).await
}
