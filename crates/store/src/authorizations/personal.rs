//! What users do with their personal tokens on pages: put another one in the place of one, delete
//! all of them.

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{
    Authorization, DeletionRefused, Kind, NoSuchToken, RegenerationRefused, TokenLimits,
};
use counterfoil_domain::change::Change as Announced;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::on_pages::refuse_too_many_on_pages;
use crate::authorizations::{Changed, Refusable, end, find, make, refuse, rows, subject_of};
use crate::engine::Store;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    RENEW = "UPDATE authorizations SET expires_at = $3,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL RETURNING updated_at";
    PERSONAL_OF_ACCOUNT = "SELECT id, created_at, last_used_at, expires_at FROM authorizations
        WHERE account_id = $1 AND app_id IS NULL AND ended_at IS NULL AND kind = 'personal'";
}

/// Another token in the place of a personal one, as its owner wishes for it.
#[derive(Clone, Debug)]
pub struct Regeneration {
    /// What is kept of the new token.
    pub token: KeptSecret,
    /// From when on the new token is refused.
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// Puts another token in the place of a user's live personal one. The old token ends with it;
    /// record, name and scopes stay.
    pub async fn regenerate_token(
        &self,
        (owner, id): (AccountId, AuthorizationId),
        new: Regeneration,
        limits: TokenLimits,
        by: Attribution,
    ) -> Changed<Authorization, RegenerationRefused> {
        // Nothing else is made for the user meanwhile, so that the bound holds.
        let (operation, locks) = (Operation::RegenerateToken, Locks::none().account(owner));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                refuse_too_many_on_pages(tx, owner, limits, by.at).await?;
                regenerate(tx, (owner, id), &new, by.at).await
            })
        })
        .await
    }

    /// Ends all live personal tokens of a user, if they are as many as `expected`, and says how
    /// many that were.
    pub async fn delete_personal_tokens(
        &self,
        owner: AccountId,
        expected: u64,
        by: Attribution,
    ) -> Changed<u64, DeletionRefused> {
        let (operation, locks) = (
            Operation::DeletePersonalTokens,
            Locks::none().account(owner),
        );
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { delete_all(tx, owner, expected, by.at).await })
        })
        .await
    }
}

async fn regenerate(
    tx: &mut Tx,
    (owner, id): (AccountId, AuthorizationId),
    new: &Regeneration,
    now: Timestamp,
) -> Refusable<Outcome<Authorization>, RegenerationRefused> {
    let gone = || refuse(NoSuchToken);
    make::lock_one(tx, id).await?;
    let found = find::one(tx, owner, id, now).await?;
    let (held, _) = found
        .filter(|(held, _)| held.kind == Kind::Personal)
        .ok_or(gone())?;
    // The authorization comes before its digests, as when it ends with them.
    let row = params![id, now, new.expires_at];
    let mut renewed = tx.optional(RENEW, row).await?.ok_or(gone())?;
    if end::tokens(tx, id, EndReason::Reset, now).await? == 0 {
        return Err(gone());
    }
    rows::keep_token(tx, id, &new.token, now).await?;
    let subject = Subject {
        token: Some(new.token.digest),
        ..subject_of(&held, None)
    };
    let regenerated = Authorization {
        token: new.token.clone(),
        updated_at: renewed.timestamp(0)?,
        expires_at: new.expires_at,
        ..held
    };
    let event = Event::new(Action::AuthorizationReset, subject);
    Ok(Outcome::new(regenerated, event))
}

async fn delete_all(
    tx: &mut Tx,
    owner: AccountId,
    expected: u64,
    now: Timestamp,
) -> Refusable<Outcome<u64>, DeletionRefused> {
    let rows = tx.rows(PERSONAL_OF_ACCOUNT, params![owner]).await?;
    tx.announce(Announced::Account(owner), now);
    let reason = EndReason::DeletedByOwner;
    let live = end::all(tx, rows, reason, now).await?;
    if live != expected {
        return Err(refuse(DeletionRefused::OtherNumber { live }));
    }
    if live == 0 {
        return Ok(Outcome::unchanged(0));
    }
    let subject = Subject {
        account: Some(owner),
        ..Subject::default()
    };
    let event = Event::new(Action::AuthorizationRevoked, subject)
        .with(Detail::Reason(reason.as_str().to_owned()))
        .with(Detail::Count(live));
    Ok(Outcome::new(live, event))
}
