//! Tokens with scopes for administrators: what a change of scopes leaves, those that count for
//! nothing, and those that counted before anybody kept account of when they were given.

use counterfoil_domain::audit::{Action, Detail, Event, Subject};
use counterfoil_domain::authorization::{Authorization, Kind, ScopeChange};
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::{AdministratorEpoch, ScopeSet, Standing};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts;
use crate::authorizations::{OwnedAuthorization, find};
use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::statements;
use crate::tx::Tx;
use crate::writing::Note;

statements! {
    IS_TO_TELL = "SELECT 1 FROM installation WHERE id = 1 AND administrator_scopes_told = 0";
    TELL = "UPDATE installation SET administrator_scopes_told = 1 WHERE id = 1 AND administrator_scopes_told = 0";
    ADMINISTRATORS = "SELECT id FROM accounts WHERE site_administrator = 1 AND kind = 'user' AND ended_at IS NULL ORDER BY id";
}

/// Tokens that are read at a time.
const AT_A_TIME: u32 = 1_000;
/// Tokens that an event names.
const NAMED: usize = 1_000;

impl Store {
    /// The live tokens of an account that carry scopes for administrators which count for nothing
    /// now, ascending by id.
    pub async fn tokens_asleep(
        &self,
        owner: AccountId,
        now: Timestamp,
    ) -> Result<Vec<OwnedAuthorization>, StoreError> {
        self.read(move |tx| Box::pin(async move { asleep(tx, owner, now).await }))
            .await
    }

    /// Writes down which tokens of present administrators keep their scopes for administrators,
    /// where the database comes from a program that let such scopes count whenever they had been
    /// given. Once, whoever comes first.
    pub async fn tell_kept_administrator_scopes(&self, by: Attribution) -> Result<(), StoreError> {
        let is_to_tell = self
            .read_one(|tx| {
                Box::pin(async move { Ok(tx.optional(IS_TO_TELL, &[]).await?.is_some()) })
            })
            .await?;
        if !is_to_tell {
            return Ok(());
        }
        self.note(Note::KeptScopesTold, move |tx| {
            Box::pin(async move { tell_kept(tx, &by).await })
        })
        .await
    }
}

/// The stamp of a token after a change of its scopes by its owner, with a password.
pub(super) async fn stamp_after(
    tx: &mut Tx,
    held: &Authorization,
    change: &ScopeChange,
) -> Result<Option<AdministratorEpoch>, StoreError> {
    // What stays as it is needs no look at the owner, and no password gives an app what is for
    // administrators.
    let is_given = held.kind == Kind::Personal && *change != ScopeChange::Keep;
    let owner = if is_given {
        accounts::find_by_id(tx, held.owner).await?
    } else {
        None
    };
    let now = owner.and_then(|owner| owner.standing.stamp(owner.administrator_epoch));
    Ok(change.stamp(held.administrator_epoch, now))
}

/// Whether a token with these scopes and this stamp may do something as an administrator that it
/// might not as it was held.
pub(super) fn gives_more(
    scopes: &ScopeSet,
    stamp: Option<AdministratorEpoch>,
    held: &Authorization,
) -> bool {
    let is_new = |scope| stamp != held.administrator_epoch || !held.scopes.covers(scope);
    stamp.is_some() && scopes.for_administrators().any(is_new)
}

/// See [`Store::tokens_asleep`].
pub(crate) async fn asleep(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
) -> Result<Vec<OwnedAuthorization>, StoreError> {
    let Some(account) = accounts::find_by_id(tx, owner).await? else {
        return Ok(Vec::new());
    };
    let epoch = account.administrator_epoch;
    let mut found = carrying(tx, owner, now).await?;
    found.retain(|owned| {
        let stamp = owned.authorization.administrator_epoch;
        account.standing.of_token(epoch, stamp) == Standing::Ordinary
    });
    Ok(found)
}

/// The live tokens of an account that carry scopes for administrators.
async fn carrying(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
) -> Result<Vec<OwnedAuthorization>, StoreError> {
    let carries = |owned: &OwnedAuthorization| {
        let mut scopes = owned.authorization.scopes.for_administrators();
        scopes.next().is_some()
    };
    let mut found = Vec::new();
    let mut after = AuthorizationId(0);
    loop {
        let page = find::after(tx, Some(owner), after, AT_A_TIME, now).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = last.authorization.id;
        found.extend(page.into_iter().filter(carries));
    }
}

async fn tell_kept(tx: &mut Tx, by: &Attribution) -> Result<(), StoreError> {
    if tx.execute(TELL, &[]).await? == 0 {
        return Ok(());
    }
    let mut ids = Vec::new();
    for mut row in tx.rows(ADMINISTRATORS, &[]).await? {
        let administrator = AccountId(row.integer(0)?);
        let carrying = carrying(tx, administrator, by.at).await?.into_iter();
        let kept = carrying.filter(|owned| owned.authorization.administrator_epoch.is_some());
        ids.extend(kept.map(|owned| owned.authorization.id));
    }
    if ids.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = ids.iter().take(NAMED).map(ToString::to_string).collect();
    let event = Event::new(Action::AdministratorScopesKept, Subject::default())
        .with(Detail::Count(ids.len() as u64))
        .with(Detail::TokenIds(named));
    tx.record(by, event).await
}
