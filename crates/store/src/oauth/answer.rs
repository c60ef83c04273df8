//! What a user answers an app, and the code that goes to it.

use counterfoil_domain::app::NoSuchApp;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AppId, SessionId};
use counterfoil_domain::oauth::{AppRequest, CodeDigest};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::timestamp::Timestamp;

use crate::codes::FreshCode;
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
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

/// A code that is to be issued.
#[derive(Clone, Copy, Debug)]
pub struct NewCode {
    /// What is kept of it.
    pub digest: CodeDigest,
    /// When the user agreed on a page to what it is for.
    pub consented_at: Timestamp,
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
                    issue::<AnswerRefused>(tx, &request, new, by.at).await?;
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

    /// Issues a code for what a user agreed to before.
    pub async fn reuse_consent(
        &self,
        request: AppRequest,
        code: NewCode,
        by: Attribution,
    ) -> Answered<(), NoSuchApp> {
        let locks = Locks::none().keeping_app(request.app);
        self.change(
            Operation::ReuseConsent,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    issue::<NoSuchApp>(tx, &request, code, by.at).await?;
                    let event =
                        event(Action::ConsentReused, &request).with(Detail::Scopes(request.scopes));
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

async fn issue<R: From<NoSuchApp>>(
    tx: &mut Tx,
    request: &AppRequest,
    code: NewCode,
    now: Timestamp,
) -> Result<(), WriteError<R>> {
    let gone = || WriteError::Refused(R::from(NoSuchApp));
    // Who suspends it waits until this is done, or was before.
    apps::keep_app(tx, request.app).await?;
    if !apps::may_act(tx, request.app).await? {
        return Err(gone());
    }
    // The caller, whose proof has been looked at.
    let owner = accounts::standing(tx, request.account).await?;
    let owner = owner.ok_or_else(gone)?;
    grants::lock_pair(tx, request.account, request.app, now).await?;
    let given_by = given_by(owner.standing, &request.scopes);
    let fresh = FreshCode {
        digest: code.digest,
        account: request.account,
        app: request.app,
        session: request.session,
        credential_version: owner.credential_version,
        redirect: &request.redirect,
        scopes: &request.scopes,
        administrator_epoch: given_by.and_then(|given| given.stamp(owner.administrator_epoch)),
        consented_at: code.consented_at,
        challenge: request.challenge.as_ref(),
    };
    Ok(codes::issue(tx, &fresh, now).await?)
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
