//! Authorizations and the digests of their tokens.
//!
//! Whatever decides by what a user gave an app locks that pair first, so that of two who ask for
//! the same thing at the same time one makes it and the other finds it. An authorization that
//! expired or is idle is as good as ended: it is neither found nor in the way.

mod asleep;
mod count;
mod end;
mod find;
mod given;
mod impersonated;
mod impersonation;
mod inspect;
mod make;
mod of_app;
mod on_pages;
mod own;
mod personal;
mod refreshed;
mod rows;
mod take_over;

use std::convert::Infallible;

use counterfoil_domain::account::Account;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, AuthorizationChangeRefused, CreationRefused, ForApp,
    NewAuthorization, NoSuchToken, Provenance, TokenLimits,
};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

pub(crate) use crate::authorizations::asleep::asleep;
pub use crate::authorizations::count::TokenCounts;
pub(crate) use crate::authorizations::end::{
    digest_from, end_all_of_account, end_all_of_app, end_all_of_grant, end_all_of_maker, end_each,
    expired_digests, recompute,
};
use crate::authorizations::find::Wanted;
pub(crate) use crate::authorizations::find::anybodys;
pub(crate) use crate::authorizations::given::{token_given, tokens_given};
pub(crate) use crate::authorizations::impersonated::impersonations;
pub use crate::authorizations::impersonation::{AdministratorRefused, NewImpersonation};
pub use crate::authorizations::inspect::TokenRecord;
pub(crate) use crate::authorizations::make::{create, lock_one};
pub use crate::authorizations::personal::Regeneration;
pub(crate) use crate::authorizations::refreshed::{begin, end_refreshed_of_account, go_on};
pub(crate) use crate::authorizations::rows::times_from;
pub(crate) use crate::authorizations::take_over::{Elsewhere, TakenOver};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{accounts, flows, grants, outbox};

type Refusable<T, R> = Result<T, WriteError<R>>;
type Changed<T, R> = Result<T, ChangeError<R>>;

#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 15] = [
    asleep::STATEMENTS,
    count::STATEMENTS,
    end::STATEMENTS,
    find::STATEMENTS,
    given::STATEMENTS,
    impersonated::STATEMENTS,
    impersonation::STATEMENTS,
    inspect::STATEMENTS,
    make::STATEMENTS,
    of_app::STATEMENTS,
    on_pages::STATEMENTS,
    own::STATEMENTS,
    personal::STATEMENTS,
    refreshed::STATEMENTS,
    rows::STATEMENTS,
];

/// What get-or-create found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GotOrCreated {
    /// A live authorization was there. Get-or-create changes nothing of it.
    Existing(Authorization),
    /// There was none, and this one was made.
    Created(Authorization),
}

/// A token's record with the account it belongs to, as a check needs it.
#[derive(Clone, Debug)]
pub struct TokenOwner {
    /// The record.
    pub authorization: Authorization,
    /// Whose it is, as the account stands now.
    pub account: Account,
}

/// A token's record as operators see it.
#[derive(Clone, Debug)]
pub struct OwnedAuthorization {
    /// The record.
    pub authorization: Authorization,
    /// How it was made.
    pub provenance: Provenance,
}

/// Whose tokens are to be revoked together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// All tokens of a user.
    Account(AccountId),
    /// All tokens of an app, whoever's.
    App(AppId),
}

impl Store {
    /// One page of a user's live authorizations: personal ones first, then by app, fingerprint and
    /// id. `client_id` leaves only those of one app.
    pub async fn list_authorizations(
        &self,
        owner: AccountId,
        client_id: Option<String>,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<Authorization>, StoreError> {
        let client_id = client_id.unwrap_or_default();
        self.read(move |tx| {
            Box::pin(async move { find::page_of(tx, owner, &client_id, page, now).await })
        })
        .await
    }

    /// A user's live authorization.
    pub async fn find_authorization(
        &self,
        owner: AccountId,
        id: AuthorizationId,
        now: Timestamp,
    ) -> Result<Option<Authorization>, StoreError> {
        let found = self
            .read_one(move |tx| Box::pin(async move { find::one(tx, owner, id, now).await }))
            .await?;
        Ok(found.map(|(authorization, _)| authorization))
    }

    /// The live token with this digest.
    pub async fn find_token(
        &self,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<Authorization>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { find::by_digest(tx, digest, now).await }))
            .await
    }

    /// The live token with this digest, and whose it is.
    pub async fn find_by_digest(
        &self,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<TokenOwner>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let Some(authorization) = find::by_digest(tx, digest, now).await? else {
                    return Ok(None);
                };
                let account = accounts::find_by_id(tx, authorization.owner).await?;
                Ok(account.map(|account| TokenOwner {
                    authorization,
                    account,
                }))
            })
        })
        .await
    }

    /// Live tokens with ids above `after`, ascending, at most `limit`; of one user or of all.
    pub async fn tokens_after(
        &self,
        owner: Option<AccountId>,
        after: AuthorizationId,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OwnedAuthorization>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move { find::after(tx, owner, after, limit, now).await })
        })
        .await
    }

    /// Makes an authorization, and for an app its grant.
    pub async fn create_authorization(
        &self,
        new: NewAuthorization,
        limits: TokenLimits,
        by: Attribution,
    ) -> Changed<Authorization, CreationRefused> {
        let locks = Locks::none().account(new.owner);
        self.change(Operation::CreateAuthorization, by, locks, move |change| {
            Box::pin(async move { create(change, &new, limits).await })
        })
        .await
    }

    /// The user's oldest live authorization for an app and fingerprint, or a new one.
    pub async fn get_or_create_authorization(
        &self,
        new: NewAuthorization<ForApp>,
        limits: TokenLimits,
        by: Attribution,
    ) -> Changed<GotOrCreated, CreationRefused> {
        let wanted = Wanted {
            owner: new.owner,
            app: new.purpose.app,
            fingerprint: new.purpose.fingerprint.clone(),
        };
        let new = NewAuthorization::from(new);
        let (sought, now) = (wanted.clone(), by.at);
        // Most calls find one. Looking first spares them the transaction; those that find none look
        // again inside it.
        let found = self
            .read(move |tx| Box::pin(async move { find::for_app(tx, &sought, now).await }))
            .await?;
        if let Some(existing) = found {
            return Ok(GotOrCreated::Existing(existing));
        }
        let locks = Locks::none().account(wanted.owner).keeping_app(wanted.app);
        self.change(
            Operation::GetOrCreateAuthorization,
            by,
            locks,
            move |change| {
                Box::pin(async move {
                    let now = change.by.at;
                    grants::lock_pair(change.tx, wanted.owner, wanted.app, now).await?;
                    let found = find::for_app(change.tx, &wanted, now).await?;
                    if let Some(existing) = found {
                        return Ok(Outcome::unchanged(GotOrCreated::Existing(existing)));
                    }
                    let made = create(change, &new, limits).await?;
                    Ok(made.map(GotOrCreated::Created))
                })
            },
        )
        .await
    }

    /// Changes a user's live authorization.
    pub async fn change_authorization(
        &self,
        owner: AccountId,
        id: AuthorizationId,
        change: AuthorizationChange,
        by: Attribution,
    ) -> Changed<Authorization, AuthorizationChangeRefused> {
        let (operation, locks) = (Operation::ChangeAuthorization, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { make::change(tx, (owner, id), &change, by).await })
        })
        .await
    }

    /// Ends a live authorization and its token; of one user, or whosever it is when `owner` is
    /// `None`.
    pub async fn revoke_authorization(
        &self,
        owner: Option<AccountId>,
        id: AuthorizationId,
        reason: EndReason,
        by: Attribution,
    ) -> Changed<Authorization, NoSuchToken> {
        let (operation, locks) = (Operation::RevokeAuthorization, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let found = match owner {
                    Some(owner) => find::one(tx, owner, id, by.at).await?,
                    None => anybodys(tx, id, by.at).await?,
                };
                let (authorization, grant) = found.ok_or(refuse(NoSuchToken))?;
                if !end::one(tx, id, reason, by.at).await? {
                    return Err(refuse(NoSuchToken));
                }
                if let Some(grant) = grant {
                    grants::recompute(tx, grant, by.at).await?;
                }
                if reason == EndReason::RevokedByOperator {
                    outbox::tell(tx, MailKind::TokensRevoked, authorization.owner, by).await?;
                }
                let event = Event::new(
                    Action::AuthorizationRevoked,
                    subject_of(&authorization, grant),
                )
                .with(Detail::Reason(reason.as_str().to_owned()));
                Ok(Outcome::new(authorization, event))
            })
        })
        .await
    }

    /// Ends all live tokens of a user or an app, and says how many there were.
    pub async fn revoke_all(&self, whose: Whose, by: Attribution) -> Changed<u64, Infallible> {
        // Nothing new comes while it is held.
        let locks = match whose {
            Whose::Account(account) => Locks::none().account(account),
            Whose::App(app) => Locks::none().app(app),
        };
        self.change(
            Operation::RevokeAll,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    Ok(match whose {
                        Whose::Account(account) => {
                            let reason = EndReason::RevokedByOperator;
                            flows::end_all_of_account(tx, account, reason, by.at).await?;
                            let count = end_all_of_account(tx, account, reason, by.at).await?;
                            if count > 0 {
                                outbox::tell(tx, MailKind::TokensRevoked, account, by).await?;
                            }
                            let subject = Subject {
                                account: Some(account),
                                ..Subject::default()
                            };
                            all_revoked(subject, count)
                        }
                        Whose::App(app) => revoke_all_of_app(tx, app, by.at).await?,
                    })
                })
            },
        )
        .await
    }
}

/// Ends all live tokens of an app, which is held, and what it could still get.
pub(crate) async fn revoke_all_of_app(
    tx: &mut Tx,
    app: AppId,
    now: Timestamp,
) -> Result<Outcome<u64>, StoreError> {
    let reason = EndReason::RevokedByOperator;
    flows::end_all_of_app(tx, app, reason, now).await?;
    let count = end_all_of_app(tx, app, reason, now).await?;
    let subject = Subject {
        app: Some(app),
        ..Subject::default()
    };
    Ok(all_revoked(subject, count))
}

fn all_revoked(subject: Subject, count: u64) -> Outcome<u64> {
    let reason = EndReason::RevokedByOperator.as_str().to_owned();
    let event = Event::new(Action::AuthorizationRevoked, subject)
        .with(Detail::Reason(reason))
        .with(Detail::Count(count));
    Outcome::new(count, event)
}

fn refuse<R>(reason: impl Into<R>) -> WriteError<R> {
    WriteError::Refused(reason.into())
}

pub(crate) fn subject_of(authorization: &Authorization, grant: Option<GrantId>) -> Subject {
    Subject {
        account: Some(authorization.owner),
        app: authorization.kind.app().map(|app| app.id),
        authorization: Some(authorization.id),
        grant,
        ..Subject::default()
    }
}
