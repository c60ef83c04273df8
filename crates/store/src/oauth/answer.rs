//! What a user answers an app, and the code that goes to it.

use counterfoil_domain::app::NoSuchApp;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AppId, SessionId};
use counterfoil_domain::oauth::{AppRequest, CodeDigest};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::HeldStanding;
use crate::codes::FreshCode;
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::oauth::asking::{self, ReusedConsent};
use crate::oauth::requests;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{accounts, apps, codes, grants};

statements! {
    APP_OF_REQUEST = "SELECT app_id FROM app_requests WHERE digest = $1";
}

/// Why an answer counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AnswerRefused {
    /// The request is over, was answered, or was shown in another session.
    #[error("this request waits for no answer")]
    NotWaiting,
    /// The app was deleted or suspended meanwhile.
    #[error(transparent)]
    AppGone(#[from] NoSuchApp),
}

/// Why no code is issued for what a user agreed to before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReuseRefused {
    /// The app, or what the user agreed to, is not what it was when that was looked at: the user is
    /// to be asked.
    #[error("this was changed meanwhile")]
    ChangedMeanwhile,
    /// The app was deleted or suspended meanwhile.
    #[error(transparent)]
    AppGone(#[from] NoSuchApp),
}

/// A code that is to be issued.
#[derive(Clone, Copy, Debug)]
struct NewCode {
    /// What is kept of it.
    digest: CodeDigest,
    /// When the user agreed on a page to what it is for.
    consented_at: Timestamp,
}

type Answered<T, R = AnswerRefused> = Result<T, ChangeError<R>>;

impl Store {
    /// Lets an app in that asked in this session, with a code for it. The request has its answer
    /// then.
    pub async fn allow_app(
        &self,
        handle: SecretDigest,
        session: SessionId,
        code: CodeDigest,
        by: Attribution,
    ) -> Answered<AppRequest> {
        let locks = self.locks_for(handle).await?;
        self.change(
            Operation::AllowApp,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let request = take(tx, handle, session, by.at).await?;
                    let new = NewCode {
                        digest: code,
                        consented_at: by.at,
                    };
                    let user = hold::<AnswerRefused>(tx, &request, by.at).await?;
                    issue(tx, &request, user, new, by.at).await?;
                    let event = event(Action::ConsentGiven, &request)
                        .with(Detail::Scopes(request.scopes.clone()));
                    Ok(Outcome::new(request, event))
                })
            },
        )
        .await
    }

    /// Turns an app away that asked in this session.
    pub async fn deny_app(
        &self,
        handle: SecretDigest,
        session: SessionId,
        by: Attribution,
    ) -> Answered<AppRequest> {
        let locks = Locks::none();
        self.change(
            Operation::DenyApp,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let request = take(tx, handle, session, by.at).await?;
                    let event = event(Action::ConsentDenied, &request);
                    Ok(Outcome::new(request, event))
                })
            },
        )
        .await
    }

    /// Issues a code for what a user agreed to before, if all that a page took for granted is so
    /// still.
    pub async fn reuse_consent(
        &self,
        reused: ReusedConsent,
        code: CodeDigest,
        by: Attribution,
    ) -> Answered<(), ReuseRefused> {
        let locks = Locks::none().keeping_app(reused.request.app);
        self.change(
            Operation::ReuseConsent,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let request = &reused.request;
                    let user = hold::<ReuseRefused>(tx, request, by.at).await?;
                    let changed = || WriteError::Refused(ReuseRefused::ChangedMeanwhile);
                    if !asking::is_as_read(tx, &reused.app).await? {
                        return Err(changed());
                    }
                    let given = asking::is_given_still(tx, &reused, by.at).await?;
                    let new = NewCode {
                        digest: code,
                        consented_at: given.ok_or_else(changed)?,
                    };
                    issue(tx, request, user, new, by.at).await?;
                    let event = event(Action::ConsentReused, request)
                        .with(Detail::Scopes(request.scopes.clone()));
                    Ok(Outcome::new((), event))
                })
            },
        )
        .await
    }

    /// The app that asked stays as it is while its request is answered. Which one it is never
    /// changes.
    async fn locks_for(&self, handle: SecretDigest) -> Result<Locks, StoreError> {
        let found = self
            .read_one(move |tx| {
                Box::pin(async move {
                    tx.optional(APP_OF_REQUEST, params![handle.as_bytes()])
                        .await
                })
            })
            .await?;
        let Some(mut row) = found else {
            return Ok(Locks::none());
        };
        Ok(Locks::none().keeping_app(AppId(row.integer(0)?)))
    }
}

async fn take(
    tx: &mut Tx,
    handle: SecretDigest,
    session: SessionId,
    now: Timestamp,
) -> Result<AppRequest, WriteError<AnswerRefused>> {
    let request = requests::answer(tx, handle, session, now).await?;
    request.ok_or(WriteError::Refused(AnswerRefused::NotWaiting))
}

/// Keeps what a code leans on, the app that gets it and the pair that it is of, and gives the user.
async fn hold<R: From<NoSuchApp>>(
    tx: &mut Tx,
    request: &AppRequest,
    now: Timestamp,
) -> Result<HeldStanding, WriteError<R>> {
    let gone = || WriteError::Refused(R::from(NoSuchApp));
    // Who suspends it waits until this is done, or was before.
    apps::keep_app(tx, request.app).await?;
    if !apps::may_act(tx, request.app).await? {
        return Err(gone());
    }
    // The caller, whose proof has been looked at.
    let user = accounts::standing(tx, request.account).await?;
    let user = user.ok_or_else(gone)?;
    grants::lock_pair(tx, request.account, request.app, now).await?;
    Ok(user)
}

async fn issue(
    tx: &mut Tx,
    request: &AppRequest,
    user: HeldStanding,
    code: NewCode,
    now: Timestamp,
) -> Result<(), StoreError> {
    let given_by = given_by(user.standing, &request.scopes);
    let fresh = FreshCode {
        digest: code.digest,
        account: request.account,
        app: request.app,
        session: request.session,
        credential_version: user.credential_version,
        redirect: &request.redirect,
        scopes: &request.scopes,
        administrator_epoch: given_by.and_then(|given| given.stamp(user.administrator_epoch)),
        consented_at: code.consented_at,
        challenge: request.challenge.as_ref(),
    };
    codes::issue(tx, &fresh, now).await
}

/// As what the user gives scopes for administrators, if there are any.
fn given_by(standing: Standing, scopes: &ScopeSet) -> Option<Standing> {
    scopes.for_administrators().next().map(|_| standing)
}

fn event(action: Action, request: &AppRequest) -> Event {
    let subject = Subject {
        account: Some(request.account),
        app: Some(request.app),
        ..Subject::default()
    };
    Event::new(action, subject).with(Detail::Session(request.session.0.unsigned_abs()))
}
