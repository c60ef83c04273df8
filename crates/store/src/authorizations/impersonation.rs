//! Tokens that site administrators make to act as somebody else, and what administrators see of the
//! tokens of all users.
//!
//! Each administrator has at most one for each user, and it ends with the administrator's rights.

use counterfoil_domain::account::Account;
use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{Authorization, Kind, Provenance};
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts;
use crate::authorizations::end::DirtyGrants;
use crate::authorizations::{GotOrCreated, end, find, make, rows};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::outbox;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    OWN = "SELECT id FROM authorizations WHERE account_id = $1 AND maker_account_id = $2 AND kind = 'impersonation'
        AND ended_at IS NULL";
    ALL_OF_OWNER = "SELECT id FROM authorizations WHERE account_id = $1 AND kind = 'impersonation' AND ended_at IS NULL ORDER BY id";
    INSERT = "INSERT INTO authorizations (account_id, kind, provenance, scopes, scope_set_key, created_at, updated_at,
        expires_at, maker_account_id) VALUES ($1, 'impersonation', $2, $3, $4, $5, $5, $6, $7) RETURNING id";
    RENEW = "UPDATE authorizations SET scopes = $2, scope_set_key = $3, expires_at = $5,
        updated_at = CASE WHEN updated_at > $4 THEN updated_at ELSE $4 END WHERE id = $1 AND ended_at IS NULL";
}

/// A token to be made by a site administrator to act as somebody else.
#[derive(Clone, Debug)]
pub struct NewImpersonation {
    /// As whom.
    pub owner: AccountId,
    /// The administrator.
    pub maker: AccountId,
    /// What it may do: nothing that is for administrators. `None` leaves the scopes of one that is
    /// there, and gives none to a new one.
    pub scopes: Option<ScopeSet>,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// What is kept of the token.
    pub token: KeptSecret,
}

/// Why an administrator's wish about tokens was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AdministratorRefused {
    /// There is no such live user or token.
    #[error("there is no such user or token")]
    NotFound,
    /// The user is suspended: no token acts for them.
    #[error("this user is suspended")]
    Suspended,
    /// The caller is no site administrator any more.
    #[error("the caller is no site administrator any more")]
    MakerLostRights,
}

type Refusable<T> = Result<T, WriteError<AdministratorRefused>>;
type Changed<T> = Result<T, ChangeError<AdministratorRefused>>;

const fn refuse(reason: AdministratorRefused) -> WriteError<AdministratorRefused> {
    WriteError::Refused(reason)
}

impl Store {
    /// The administrator's authorization to act as a user, made or the live one that is there, with
    /// this token: the one that the latter had ends.
    pub async fn impersonate(
        &self,
        new: NewImpersonation,
        by: Attribution,
    ) -> Changed<GotOrCreated> {
        let locks = Locks::none().account(new.owner).keeping_account(new.maker);
        self.change(
            Operation::Impersonate,
            by,
            locks,
            move |Change { tx, by, .. }| Box::pin(async move { impersonate(tx, &new, by).await }),
        )
        .await
    }

    /// Ends every live token that some administrator made to act as a user.
    pub async fn end_impersonation(&self, owner: AccountId, by: Attribution) -> Changed<()> {
        let (operation, locks) = (Operation::EndImpersonation, Locks::none().account(owner));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { end_all(tx, owner, by.at).await })
        })
        .await
    }

    /// One page of all users' live personal tokens, ascending by id.
    pub async fn personal_tokens(
        &self,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<Authorization>, StoreError> {
        self.read(move |tx| Box::pin(async move { find::personal_page(tx, page, now).await }))
            .await
    }

    /// Ends a live personal token of whichever user.
    pub async fn revoke_personal_token(&self, id: AuthorizationId, by: Attribution) -> Changed<()> {
        let (operation, locks) = (Operation::RevokePersonalToken, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { revoke_personal(tx, id, by.at).await })
        })
        .await
    }
}

async fn impersonate(
    tx: &mut Tx,
    new: &NewImpersonation,
    by: &Attribution,
) -> Refusable<Outcome<GotOrCreated>> {
    let now = by.at;
    refuse_who_is_no_administrator(tx, new.maker).await?;
    let owner = accounts::find_by_id(tx, new.owner)
        .await?
        .ok_or(refuse(AdministratorRefused::NotFound))?;
    if owner.is_suspended() {
        return Err(refuse(AdministratorRefused::Suspended));
    }
    let mut touched = DirtyGrants::default();
    end::lapsed(tx, new.owner, now, &mut touched).await?;
    let own = hold_own(tx, new).await?;
    end::recompute(tx, touched, now).await?;
    if let Some(id) = own {
        return Ok(renew(tx, id, new, now).await?.map(GotOrCreated::Existing));
    }
    outbox::tell(tx, MailKind::Impersonated, new.owner, by).await?;
    Ok(make_new(tx, new, now).await?.map(GotOrCreated::Created))
}

/// The maker's live token for the owner, which stays live until the transaction ends.
async fn hold_own(tx: &mut Tx, new: &NewImpersonation) -> Refusable<Option<AuthorizationId>> {
    let own = params![new.owner, new.maker];
    let Some(mut row) = tx.optional(OWN, own).await? else {
        return Ok(None);
    };
    make::lock_one(tx, AuthorizationId(row.integer(0)?)).await?;
    // Whoever waited for the row may find that it has ended.
    let held = tx.optional(OWN, own).await?;
    Ok(held
        .map(|mut row| row.integer(0).map(AuthorizationId))
        .transpose()?)
}

/// Standing counts when the token is made, not when the request came.
async fn refuse_who_is_no_administrator(tx: &mut Tx, maker: AccountId) -> Refusable<()> {
    let is_one = |account: Account| account.standing == Standing::SiteAdministrator;
    let found = accounts::find_by_id(tx, maker).await?;
    if found.is_some_and(is_one) {
        Ok(())
    } else {
        Err(refuse(AdministratorRefused::MakerLostRights))
    }
}

async fn make_new(
    tx: &mut Tx,
    new: &NewImpersonation,
    now: Timestamp,
) -> Refusable<Outcome<Authorization>> {
    let provenance = Provenance::Impersonation.as_str();
    let scopes = new.scopes.clone().unwrap_or_default();
    let row = params![
        new.owner,
        provenance,
        scopes.to_string(),
        scopes.canonical_key(),
        now,
        new.expires_at,
        new.maker,
    ];
    let id = AuthorizationId(tx.one(INSERT, row).await?.integer(0)?);
    rows::keep_token(tx, id, &new.token, now).await?;
    let event = Event::new(Action::AuthorizationCreated, with_token(new.owner, id, new))
        .with(Detail::Provenance(provenance.to_owned()))
        .with(Detail::Maker(new.maker.0.cast_unsigned()))
        .with(Detail::Scopes(scopes.clone()));
    Ok(Outcome::new(written(tx, id).await?, event))
}

/// Puts another token in the place of the one that is there, which nobody can be shown again.
async fn renew(
    tx: &mut Tx,
    id: AuthorizationId,
    new: &NewImpersonation,
    now: Timestamp,
) -> Refusable<Outcome<Authorization>> {
    let held = written(tx, id).await?;
    let scopes = new.scopes.as_ref().unwrap_or(&held.scopes);
    let row = params![
        id,
        scopes.to_string(),
        scopes.canonical_key(),
        now,
        new.expires_at
    ];
    // The authorization comes before its digests, as when it ends with them.
    tx.execute(RENEW, row).await?;
    end::tokens(tx, id, EndReason::Replaced, now).await?;
    rows::keep_token(tx, id, &new.token, now).await?;
    let event = Event::new(Action::AuthorizationReset, with_token(held.owner, id, new))
        .with(Detail::Provenance(
            Provenance::Impersonation.as_str().to_owned(),
        ))
        .with(Detail::Maker(new.maker.0.cast_unsigned()))
        .with(Detail::ScopesBefore(held.scopes.clone()))
        .with(Detail::Scopes(scopes.clone()));
    Ok(Outcome::new(written(tx, id).await?, event))
}

/// A live authorization that was just written or read.
async fn written(tx: &mut Tx, id: AuthorizationId) -> Refusable<Authorization> {
    let missing = StoreError::Inconsistent {
        table: "authorizations",
        column: "id",
    };
    let beginning = Timestamp::from_microseconds(i64::MIN);
    let found = find::anybodys(tx, id, beginning).await?;
    Ok(found.ok_or(missing)?.0)
}

async fn end_all(tx: &mut Tx, owner: AccountId, now: Timestamp) -> Refusable<Outcome<()>> {
    let mut touched = DirtyGrants::default();
    end::lapsed(tx, owner, now, &mut touched).await?;
    let rows = tx.rows(ALL_OF_OWNER, params![owner]).await?;
    let mut ended = Vec::with_capacity(rows.len());
    for mut row in rows {
        let id = AuthorizationId(row.integer(0)?);
        if end::one(tx, id, EndReason::RevokedByAdministrator, now).await? {
            ended.push(id);
        }
    }
    end::recompute(tx, touched, now).await?;
    let first = *ended
        .first()
        .ok_or(refuse(AdministratorRefused::NotFound))?;
    let event = Event::new(Action::AuthorizationRevoked, subject(owner, first))
        .with(Detail::Reason(
            EndReason::RevokedByAdministrator.as_str().to_owned(),
        ))
        .with(Detail::Count(ended.len() as u64));
    Ok(Outcome::new((), event))
}

async fn revoke_personal(
    tx: &mut Tx,
    id: AuthorizationId,
    now: Timestamp,
) -> Refusable<Outcome<()>> {
    let found = find::anybodys(tx, id, now).await?;
    let (held, _) = found
        .filter(|(held, _)| held.kind == Kind::Personal)
        .ok_or(refuse(AdministratorRefused::NotFound))?;
    let reason = EndReason::RevokedByAdministrator;
    if !end::one(tx, id, reason, now).await? {
        return Err(refuse(AdministratorRefused::NotFound));
    }
    let event = Event::new(Action::AuthorizationRevoked, subject(held.owner, id))
        .with(Detail::Reason(reason.as_str().to_owned()));
    Ok(Outcome::new((), event))
}

/// [`subject`], with the token that it has from now on.
fn with_token(owner: AccountId, id: AuthorizationId, new: &NewImpersonation) -> Subject {
    Subject {
        token: Some(new.token.digest),
        ..subject(owner, id)
    }
}

fn subject(owner: AccountId, id: AuthorizationId) -> Subject {
    Subject {
        account: Some(owner),
        authorization: Some(id),
        ..Subject::default()
    }
}
