//! A refresh token in exchange for the next one. The old tokens' end, the new ones, the event and
//! the place in the feed are one transaction; who loses a race waits for the pair and is judged by
//! what the row then says.

use std::convert::Infallible;

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{Authorization, NoSuchToken, Provenance};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::oauth::{ClientStanding, KeptRefreshToken, RefreshAttempt, judge_refresh};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::oauth::finish::FlowResult;
use crate::refresh_tokens::HeldRefreshToken;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{accounts, apps, authorizations, grants, outbox, refresh_tokens};

statements! {
    WHOSE = "SELECT a.id, a.account_id FROM refresh_tokens r JOIN authorizations a ON a.id = r.authorization_id
        WHERE r.digest = $1 AND a.app_id = $2 AND a.ended_at IS NULL";
    HOW_MADE = "SELECT provenance FROM authorizations WHERE id = $1";
    LIVE = "SELECT id, grant_id FROM authorizations WHERE id = $1 AND ended_at IS NULL";
}

/// An app's attempt to get other tokens for a refresh token.
#[derive(Clone, Debug)]
pub struct TokenRefresh {
    /// What is kept of the refresh token that it brings.
    pub refresh: SecretDigest,
    /// The app.
    pub app: AppId,
    /// Whether a secret is among what the caller proved.
    pub client: ClientStanding,
    /// What is kept of the token that it gets.
    pub token: KeptSecret,
    /// What is kept of the refresh token that it gets.
    pub next: SecretDigest,
}

/// What an attempt to refresh led to.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// The app has other tokens.
    Issued(Box<FlowResult>),
    /// There is no such refresh token, any more or at all, or not for this app; or it was replaced
    /// before.
    Refused,
}

/// The authorization of a refresh token, and whose it is.
#[derive(Clone, Copy, Debug)]
struct Family {
    id: AuthorizationId,
    owner: AccountId,
}

impl Store {
    /// Puts other tokens in the place of those that a refresh token is beside, if it counts.
    pub async fn refresh_token(
        &self,
        refresh: TokenRefresh,
        by: Attribution,
    ) -> Result<Refreshed, ChangeError<Infallible>> {
        let Some(family) = self.family_of(refresh.refresh, refresh.app).await? else {
            return Ok(Refreshed::Refused);
        };
        let locks = Locks::none()
            .keeping_account(family.owner)
            .keeping_app(refresh.app);
        self.change(
            Operation::RefreshToken,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { Ok(attempt(tx, family, &refresh, by).await?) })
            },
        )
        .await
    }

    /// Ends what a user gave an app, by the refresh token that counts.
    pub async fn revoke_by_refresh_token(
        &self,
        app: AppId,
        refresh: SecretDigest,
        by: Attribution,
    ) -> Result<(), ChangeError<NoSuchToken>> {
        let family = self.family_of(refresh, app).await?;
        let family = family.ok_or(ChangeError::Refused(NoSuchToken))?;
        let locks = Locks::none().keeping_app(app);
        self.change(
            Operation::RevokeByRefreshToken,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let held = hold(tx, family, (app, refresh), by.at).await?;
                    let held = held.filter(|held| held.refresh.replaced_at.is_none());
                    let held = held.ok_or(WriteError::Refused(NoSuchToken))?;
                    let reason = EndReason::RevokedByApp;
                    end_family(tx, family, reason, by.at).await?;
                    let event = event(Action::AuthorizationRevoked, &held)
                        .with(Detail::Reason(reason.as_str().to_owned()));
                    Ok(Outcome::new((), event))
                })
            },
        )
        .await
    }

    /// Whose a refresh token of an app is, and of which live authorization. It says what is to be
    /// locked, and never changes.
    async fn family_of(
        &self,
        refresh: SecretDigest,
        app: AppId,
    ) -> Result<Option<Family>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let sought = params![refresh.as_bytes(), app];
                let row = tx.optional(WHOSE, sought).await?;
                row.map(|mut row| {
                    Ok(Family {
                        id: AuthorizationId(row.integer(0)?),
                        owner: AccountId(row.integer(1)?),
                    })
                })
                .transpose()
            })
        })
        .await
    }
}

/// A refresh token with its live authorization and the grant of that, which nobody changes
/// meanwhile.
struct Held {
    authorization: Authorization,
    grant: Option<GrantId>,
    refresh: HeldRefreshToken,
}

async fn hold(
    tx: &mut Tx,
    family: Family,
    (app, refresh): (AppId, SecretDigest),
    now: Timestamp,
) -> Result<Option<Held>, StoreError> {
    grants::lock_pair(tx, family.owner, app, now).await?;
    authorizations::lock_one(tx, family.id).await?;
    let found = authorizations::anybodys(tx, family.id, now).await?;
    let Some((authorization, grant)) = found else {
        return Ok(None);
    };
    let refresh = refresh_tokens::find(tx, family.id, refresh).await?;
    Ok(refresh.map(|refresh| Held {
        authorization,
        grant,
        refresh,
    }))
}

async fn attempt(
    tx: &mut Tx,
    family: Family,
    asked: &TokenRefresh,
    by: &Attribution,
) -> Result<Outcome<Refreshed>, StoreError> {
    let refused = Outcome::unchanged(Refreshed::Refused);
    let sought = (asked.app, asked.refresh);
    let Some(held) = hold(tx, family, sought, by.at).await? else {
        return Ok(refused);
    };
    let kept = KeptRefreshToken {
        expires_at: held.refresh.expires_at,
        replaced_at: held.refresh.replaced_at,
        was_last: held.refresh.was_last,
        needs_secret: needs_secret(tx, &held.authorization).await?,
    };
    match judge_refresh(kept, asked.client, by.at) {
        RefreshAttempt::Refuse => Ok(refused),
        RefreshAttempt::Repeated { ends_family } => {
            repeated(tx, family, &held, ends_family, by).await
        }
        RefreshAttempt::Rotate => {
            // Without a secret, nothing else has looked at whether the app may act.
            let may_act = apps::may_act(tx, asked.app).await?;
            let owner = accounts::standing(tx, family.owner).await?;
            if !may_act || owner.is_none_or(|owner| owner.is_suspended) {
                return Ok(refused);
            }
            rotate(tx, held, asked, by).await
        }
    }
}

/// Whether only who has the app's secret may refresh. A device needs none, unless it has scopes for
/// administrators, which it got by that secret.
async fn needs_secret(tx: &mut Tx, authorization: &Authorization) -> Result<bool, StoreError> {
    let how = params![authorization.id];
    let how = tx.one(HOW_MADE, how).await?.text(0)?;
    let is_of_device = Provenance::from_stored(&how) == Some(Provenance::DeviceFlow);
    let mut for_administrators = authorization.scopes.for_administrators();
    Ok(!is_of_device || for_administrators.next().is_some())
}

async fn rotate(
    tx: &mut Tx,
    held: Held,
    asked: &TokenRefresh,
    by: &Attribution,
) -> Result<Outcome<Refreshed>, StoreError> {
    let subject = event(Action::AuthorizationRefreshed, &held).subject;
    let (token, next) = (&asked.token, asked.next);
    if !refresh_tokens::replace(tx, held.refresh.id, by.at).await? {
        // Nobody else has it while its authorization is held.
        return Err(StoreError::Inconsistent {
            table: "refresh_tokens",
            column: "ended_at",
        });
    }
    let gone_on = authorizations::go_on(tx, held.authorization, token, next, by).await?;
    let Some((authorization, life)) = gone_on else {
        return Ok(Outcome::unchanged(Refreshed::Refused));
    };
    let subject = Subject {
        token: Some(token.digest),
        ..subject
    };
    let event =
        Event::new(Action::AuthorizationRefreshed, subject).with(Detail::Until(life.refresh_until));
    let result = FlowResult {
        authorization,
        life: Some(life),
    };
    Ok(Outcome::new(Refreshed::Issued(Box::new(result)), event))
}

/// Somebody has a refresh token that was replaced.
async fn repeated(
    tx: &mut Tx,
    family: Family,
    held: &Held,
    ends_family: bool,
    by: &Attribution,
) -> Result<Outcome<Refreshed>, StoreError> {
    let repeated = event(Action::RefreshRepeated, held);
    if !ends_family {
        let event = repeated.with(Detail::Tokens(0));
        return Ok(Outcome::new(Refreshed::Refused, event));
    }
    let ended = end_family(tx, family, EndReason::RefreshRepeated, by.at).await?;
    outbox::tell(tx, MailKind::RefreshRepeated, family.owner, by).await?;
    // What is about the user and no token stands on the page about the account.
    let about_the_user = Subject {
        account: repeated.subject.account,
        app: repeated.subject.app,
        ..Subject::default()
    };
    let outcome = Outcome::new(Refreshed::Refused, repeated.with(Detail::Tokens(ended)));
    Ok(outcome.and(Event::new(Action::RefreshFamilyEnded, about_the_user)))
}

async fn end_family(
    tx: &mut Tx,
    family: Family,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let live = tx.rows(LIVE, params![family.id]).await?;
    authorizations::end_each(tx, live, reason, now).await
}

fn event(action: Action, held: &Held) -> Event {
    let subject = authorizations::subject_of(&held.authorization, held.grant);
    Event::new(action, subject)
}
