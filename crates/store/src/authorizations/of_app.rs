//! What an app does with a token that a user gave it: replace it, end it, end all that the user
//! gave.
//!
//! The app proved itself with its client secret: that is what its principal says. Whose token it is
//! must be the app's, too.

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{Authorization, NoSuchToken, ResetRefused};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AppId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::{
    Changed, Refusable, TokenOwner, end, find, refreshed, refuse, rows, subject_of,
};
use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{accounts, grants};

statements! {
    TOUCH = "UPDATE authorizations SET updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL RETURNING updated_at, expires_at";
}

impl Store {
    /// Replaces a live token of an app by another one of the same authorization. The old one ends
    /// with it; of several who replace one token, one succeeds.
    pub async fn reset_token_of_app(
        &self,
        app: AppId,
        token: SecretDigest,
        replacement: KeptSecret,
        by: Attribution,
    ) -> Changed<TokenOwner, ResetRefused> {
        let (operation, locks) = (Operation::ResetTokenOfApp, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { reset(tx, app, token, replacement, by.at).await })
        })
        .await
    }

    /// Ends a live token of an app.
    pub async fn revoke_token_of_app(
        &self,
        app: AppId,
        token: SecretDigest,
        by: Attribution,
    ) -> Changed<(), NoSuchToken> {
        let (operation, locks) = (Operation::RevokeTokenOfApp, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { revoke(tx, app, token, by.at).await })
        })
        .await
    }

    /// Ends the grant that a live token of an app is under, with every token under it, and says how
    /// many those were.
    pub async fn revoke_grant_of_app(
        &self,
        app: AppId,
        token: SecretDigest,
        by: Attribution,
    ) -> Changed<u64, NoSuchToken> {
        let (operation, locks) = (Operation::RevokeGrantOfApp, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let (held, grant) = find_and_lock(tx, app, token, by.at).await?;
                let grant = grant.ok_or(without_grant())?;
                let ended = grants::end(tx, grant, (held.owner, app), by).await?;
                ended.ok_or(refuse(NoSuchToken))
            })
        })
        .await
    }
}

async fn reset(
    tx: &mut Tx,
    app: AppId,
    token: SecretDigest,
    replacement: KeptSecret,
    now: Timestamp,
) -> Refusable<Outcome<TokenOwner>, ResetRefused> {
    let (held, grant) = find_and_lock(tx, app, token, now).await?;
    let account = accounts::find_by_id(tx, held.owner)
        .await?
        .filter(|account| !account.is_suspended())
        .ok_or(refuse(NoSuchToken))?;
    if rows::is_known(tx, &replacement).await? {
        return Err(refuse(ResetRefused::TokenKnown));
    }
    // Whoever came first has ended it. The authorization comes before its digests, as when it ends
    // with them.
    let mut touched = tx
        .optional(TOUCH, params![held.id, now])
        .await?
        .ok_or(refuse(NoSuchToken))?;
    if end::tokens(tx, held.id, EndReason::Reset, now).await? == 0 {
        return Err(refuse(NoSuchToken));
    }
    let until = refreshed::until(tx, &held).await?;
    rows::keep_token_until(tx, held.id, &replacement, now, until).await?;
    let subject = Subject {
        token: Some(replacement.digest),
        ..subject_of(&held, grant)
    };
    let event = Event::new(Action::AuthorizationReset, subject);
    let owner = TokenOwner {
        authorization: Authorization {
            token: replacement,
            updated_at: touched.timestamp(0)?,
            // The old token may have had less time left.
            expires_at: until.or(touched.optional_timestamp(1)?),
            ..held
        },
        account,
    };
    Ok(Outcome::new(owner, event))
}

async fn revoke(
    tx: &mut Tx,
    app: AppId,
    token: SecretDigest,
    now: Timestamp,
) -> Refusable<Outcome<()>, NoSuchToken> {
    let (held, grant) = find_and_lock(tx, app, token, now).await?;
    let reason = EndReason::RevokedByApp;
    if !end::one(tx, held.id, reason, now).await? {
        return Err(refuse(NoSuchToken));
    }
    if let Some(grant) = grant {
        grants::recompute(tx, grant, now).await?;
    }
    let event = Event::new(Action::AuthorizationRevoked, subject_of(&held, grant))
        .with(Detail::Reason(reason.as_str().to_owned()));
    Ok(Outcome::new((), event))
}

/// The app's live token, with all that its owner gave the app locked. One of another app is not
/// found.
async fn find_and_lock<R: From<NoSuchToken>>(
    tx: &mut Tx,
    app: AppId,
    token: SecretDigest,
    now: Timestamp,
) -> Refusable<(Authorization, Option<GrantId>), R> {
    let Some((held, _)) = find_own(tx, app, token, now).await? else {
        return Err(refuse(NoSuchToken));
    };
    grants::lock_pair(tx, held.owner, app, now).await?;
    // Who waited for the lock may find that the token has ended meanwhile.
    find_own(tx, app, token, now)
        .await?
        .ok_or(refuse(NoSuchToken))
}

async fn find_own(
    tx: &mut Tx,
    app: AppId,
    token: SecretDigest,
    now: Timestamp,
) -> Result<Option<(Authorization, Option<GrantId>)>, StoreError> {
    let found = find::by_digest_with_grant(tx, token, now).await?;
    Ok(found.filter(|(held, _)| held.kind.app().is_some_and(|own| own.id == app)))
}

const fn without_grant() -> StoreError {
    StoreError::Inconsistent {
        table: "authorizations",
        column: "grant_id",
    }
}
