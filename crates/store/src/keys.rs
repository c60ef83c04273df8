//! The installation's record and the keys it knows; never a key itself.
//!
//! A rotation moves what is sealed to another key in one transaction; a key is retired only when
//! nothing is sealed under it. Seeds that wait for their first code wait for minutes: both forget
//! them, and who was shown one begins again.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::{KeyId, KeyRefused, SealBroken, Sealed, SealedPlace};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation, SystemChange, SystemOperation};

type Refusable<T> = Result<T, WriteError<KeyRefused>>;
type Changed<T> = Result<T, ChangeError<KeyRefused>>;

statements! {
    FIND_INSTALLATION = "SELECT generation, digest_key_id, digest_key_sealed FROM installation WHERE id = 1";
    LIST_KEYS = "SELECT k.key_id, k.check_value, k.is_primary, k.ended_at, k.added_at,
            (SELECT count(*) FROM totp_seeds WHERE key_id = k.key_id)
            + (SELECT count(*) FROM installation WHERE digest_key_id = k.key_id)
            + (SELECT count(*) FROM audit_keys WHERE key_id = k.key_id)
        FROM installation_keys k ORDER BY k.added_at, k.key_id";
    LIVE_KEYS = "SELECT key_id, check_value FROM installation_keys WHERE ended_at IS NULL ORDER BY key_id";
    INSERT_KEY = "INSERT INTO installation_keys (key_id, check_value, is_primary, added_at, primary_since)
        VALUES ($1, $2, $3, $4, $5)";
    CLEAR_PRIMARY = "UPDATE installation_keys SET is_primary = 0 WHERE is_primary = 1";
    SET_PRIMARY = "UPDATE installation_keys SET is_primary = 1, primary_since = $2 WHERE key_id = $1 AND ended_at IS NULL";
    END_KEY = "UPDATE installation_keys SET ended_at = $2, end_reason = $3 WHERE key_id = $1 AND ended_at IS NULL";
    LOCK_INSTALLATION = @Exclusive "SELECT 1 FROM installation WHERE id = 1";
    LOCK_KEYS = @Exclusive "SELECT 1 FROM installation_keys ORDER BY key_id";
    KEEP_KEY = @Shared "SELECT 1 FROM installation_keys WHERE key_id = $1";
    IS_LIVE = "SELECT 1 FROM installation_keys WHERE key_id = $1 AND ended_at IS NULL";
    SET_DIGEST_KEY = "UPDATE installation SET digest_key_id = $1, digest_key_sealed = $2 WHERE id = 1";
    AUDIT_KEYS = "SELECT id, log_id, key_id, sealed FROM audit_keys ORDER BY made_at DESC, id";
    INSERT_AUDIT_KEY = "INSERT INTO audit_keys (id, log_id, key_id, sealed, made_at) VALUES ($1, $2, $3, $4, $5)";
    SET_AUDIT_KEY = "UPDATE audit_keys SET key_id = $2, sealed = $3 WHERE id = $1";
    FORGET_WAITING = "DELETE FROM totp_enrolments";
    FORGET_WAITING_UNDER = "DELETE FROM totp_enrolments WHERE key_id = $1";
    SEEDS = @Exclusive "SELECT account_id, key_id, sealed_seed FROM totp_seeds WHERE ended_at IS NULL AND key_id <> $1";
    SET_SEED = "UPDATE totp_seeds SET key_id = $2, sealed_seed = $3 WHERE account_id = $1";
}

/// Where the sealed digest key stands.
pub const DIGEST_KEY_PLACE: SealedPlace<'static> = SealedPlace {
    table: "installation",
    column: "digest_key_sealed",
    row: "1",
};

/// Where the sealed secret of an audit key stands: in the row of its id, in hexadecimal digits.
pub fn audit_key_place(id: &str) -> SealedPlace<'_> {
    SealedPlace {
        table: "audit_keys",
        column: "sealed",
        row: id,
    }
}

/// Where a user's sealed seed stands. `row` is the account's id as text.
pub const fn totp_seed_place(row: &str) -> SealedPlace<'_> {
    SealedPlace {
        table: "totp_seeds",
        column: "sealed_seed",
        row,
    }
}

/// A key under which events are vouched for, as the database holds it.
#[derive(Clone, Debug)]
pub struct AuditKeyRecord {
    /// Its id.
    pub id: [u8; 4],
    /// The id of the log whose events it vouches for.
    pub log: [u8; 16],
    /// Its secret, sealed for [`audit_key_place`].
    pub sealed: Sealed,
}

/// What identifies an installation, and the keys it needs.
#[derive(Clone, Debug)]
pub struct InstallationRecord {
    /// Random; another after a restore, which empties every cache.
    pub generation: [u8; 16],
    /// The key under which short secrets are digested, sealed for [`DIGEST_KEY_PLACE`].
    pub digest_key: Sealed,
    /// The key under which events are vouched for; none in a database that an older program made.
    pub audit_key: Option<AuditKeyRecord>,
    /// Every key the database ever knew, oldest first.
    pub keys: Vec<KeyRecord>,
}

/// What the database knows of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its id.
    pub id: KeyId,
    /// What recognises it.
    pub check_value: [u8; 32],
    /// What it is used for now.
    pub state: KeyState,
    /// How many values are sealed under it.
    pub sealed_values: u64,
    /// When it was added.
    pub added_at: Timestamp,
}

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// It seals new values.
    Primary,
    /// It opens what was sealed under it.
    Secondary,
    /// For nothing any more.
    Retired,
}

/// Whether a database was made an installation's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initialised {
    /// It was.
    Now,
    /// It is one already, or holds data, and stayed as it was.
    Already,
}

impl Store {
    /// What identifies the installation; nothing for a database that was just made.
    pub async fn installation(&self) -> Result<Option<InstallationRecord>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let Some(mut row) = tx.optional(FIND_INSTALLATION, &[]).await? else {
                    return Ok(None);
                };
                let generation = row
                    .blob(0)?
                    .try_into()
                    .map_err(|_| inconsistent("generation"))?;
                let digest_key = sealed_from(&mut row, 1, 2)?;
                Ok(Some(InstallationRecord {
                    generation,
                    digest_key,
                    audit_key: audit_keys(tx).await?.into_iter().next(),
                    keys: list(tx).await?,
                }))
            })
        })
        .await
    }

    /// Gives a database that an older program made its key for the audit trail. Of two processes
    /// that try at the same time one finds what the other wrote. [`Store::vouch_by`] goes before
    /// it, with the same key.
    pub async fn add_first_audit_key(
        &self,
        key: AuditKeyRecord,
        by: Attribution,
    ) -> Result<Initialised, StoreError> {
        self.change_by_system(
            SystemOperation::MakeAuditKey,
            by,
            move |SystemChange { tx, by, .. }| {
                Box::pin(async move {
                    tx.lock(LOCK_INSTALLATION, &[]).await?;
                    if !audit_keys(tx).await?.is_empty() {
                        return Ok(Outcome::unchanged(Initialised::Already));
                    }
                    insert_audit_key(tx, key, by.at).await?;
                    let event = Event::new(Action::AuditKeyMade, Subject::default());
                    Ok(Outcome::new(Initialised::Now, event))
                })
            },
        )
        .await
    }

    /// Every key the database ever knew, oldest first.
    pub async fn key_records(&self) -> Result<Vec<KeyRecord>, StoreError> {
        self.read(move |tx| Box::pin(async move { list(tx).await }))
            .await
    }

    /// The keys that something may be sealed under, each with what recognises it.
    pub async fn live_keys(&self) -> Result<Vec<(KeyId, [u8; 32])>, StoreError> {
        let rows = self.read_one(|tx| Box::pin(async move { tx.rows(LIVE_KEYS, &[]).await }));
        let keys = rows.await?.into_iter().map(|mut row| {
            let id = KeyId::parse(&row.text(0)?).ok_or(inconsistent("key_id"))?;
            Ok((id, check_value(&mut row)?))
        });
        keys.collect()
    }

    /// Makes a key known. It seals nothing before a rotation to it.
    pub async fn add_key(&self, id: KeyId, check_value: [u8; 32], by: Attribution) -> Changed<()> {
        let (operation, locks) = (Operation::AddKey, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                lock(tx).await?;
                if list(tx).await?.iter().any(|key| key.id == id) {
                    return Err(WriteError::Refused(KeyRefused::Known));
                }
                let row = params![id.as_str(), &check_value, false, by.at, None::<Timestamp>];
                tx.execute(INSERT_KEY, row).await?;
                Ok(Outcome::new((), event(Action::KeyAdded, &id)))
            })
        })
        .await
    }

    /// Makes `to` the primary key and seals every value under it that is sealed under another.
    /// `reseal` opens a value in its place and seals it again. Says how many values moved; when one
    /// does not open nothing changes.
    pub async fn rotate_keys<F>(&self, to: KeyId, reseal: F, by: Attribution) -> Changed<u64>
    where
        F: Fn(SealedPlace<'_>, &Sealed) -> Result<Sealed, SealBroken> + Clone + Send + 'static,
    {
        let (operation, locks) = (Operation::RotateKeys, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                lock(tx).await?;
                usable(tx, &to).await?;
                let sealed = sealed_elsewhere(tx, &to).await?;
                let moved = sealed
                    .into_iter()
                    .map(|(owner, sealed)| move_one(&reseal, owner, &sealed, &to));
                let moved = moved.collect::<Result<Vec<_>, _>>()?;
                let count = moved.len() as u64;
                tx.execute(FORGET_WAITING, &[]).await?;
                for (owner, sealed) in moved {
                    keep(tx, owner, sealed).await?;
                }
                tx.execute(CLEAR_PRIMARY, &[]).await?;
                tx.execute(SET_PRIMARY, params![to.as_str(), by.at]).await?;
                let event = event(Action::KeyRotated, &to).with(Detail::Values(count));
                Ok(Outcome::new(count, event))
            })
        })
        .await
    }

    /// Ends a key that is neither the primary one nor needed to open anything.
    pub async fn retire_key(&self, id: KeyId, by: Attribution) -> Changed<()> {
        let (operation, locks) = (Operation::RetireKey, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                lock(tx).await?;
                let key = usable(tx, &id).await?;
                if key.state == KeyState::Primary {
                    return Err(refuse(KeyRefused::Primary));
                }
                if key.sealed_values > 0 {
                    return Err(refuse(KeyRefused::InUse));
                }
                tx.execute(FORGET_WAITING_UNDER, params![id.as_str()])
                    .await?;
                tx.execute(
                    END_KEY,
                    params![
                        id.as_str(),
                        by.at,
                        EndReason::of_deletion_by(&by.principal.proof).as_str()
                    ],
                )
                .await?;
                Ok(Outcome::new((), event(Action::KeyRetired, &id)))
            })
        })
        .await
    }
}

/// Holds on to all keys until the transaction ends: whoever changes what they are used for calls it
/// first.
async fn lock(tx: &mut Tx) -> Result<(), StoreError> {
    tx.lock(LOCK_INSTALLATION, &[]).await?;
    tx.lock(LOCK_KEYS, &[]).await
}

/// Whose a sealed value is.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Installation,
    Account(AccountId),
    AuditKey([u8; 4]),
}

/// Keeps the first key of an installation, which is the primary one.
pub(crate) async fn insert_first(
    tx: &mut Tx,
    id: &KeyId,
    check_value: &[u8; 32],
    now: Timestamp,
) -> Result<Event, StoreError> {
    let row = params![id.as_str(), check_value, true, now, now];
    tx.execute(INSERT_KEY, row).await?;
    Ok(event(Action::KeyAdded, id))
}

/// Every value that is sealed under another key than `to`.
async fn sealed_elsewhere(tx: &mut Tx, to: &KeyId) -> Result<Vec<(Owner, Sealed)>, StoreError> {
    let mut row = tx.one(FIND_INSTALLATION, &[]).await?;
    let digest_key = sealed_from(&mut row, 1, 2)?;
    let mut found: Vec<_> = (digest_key.key != *to)
        .then_some((Owner::Installation, digest_key))
        .into_iter()
        .collect();
    for key in audit_keys(tx).await? {
        if key.sealed.key != *to {
            found.push((Owner::AuditKey(key.id), key.sealed));
        }
    }
    for mut row in tx.rows(SEEDS, params![to.as_str()]).await? {
        found.push((
            Owner::Account(AccountId(row.integer(0)?)),
            sealed_from(&mut row, 1, 2)?,
        ));
    }
    Ok(found)
}

fn move_one<F>(reseal: &F, owner: Owner, sealed: &Sealed, to: &KeyId) -> Refusable<(Owner, Sealed)>
where
    F: Fn(SealedPlace<'_>, &Sealed) -> Result<Sealed, SealBroken>,
{
    let moved = match owner {
        Owner::Installation => reseal(DIGEST_KEY_PLACE, sealed),
        Owner::Account(id) => reseal(totp_seed_place(&id.to_string()), sealed),
        Owner::AuditKey(id) => reseal(audit_key_place(&hex(id)), sealed),
    };
    match moved {
        Ok(moved) if moved.key == *to => Ok((owner, moved)),
        Ok(_) => Err(refuse(KeyRefused::Broken(SealBroken))),
        Err(broken) => Err(refuse(KeyRefused::Broken(broken))),
    }
}

async fn keep(tx: &mut Tx, owner: Owner, sealed: Sealed) -> Result<(), StoreError> {
    let Sealed { key, bytes } = sealed;
    match owner {
        Owner::Installation => {
            tx.execute(SET_DIGEST_KEY, params![key.as_str(), bytes])
                .await
        }
        Owner::Account(id) => tx.execute(SET_SEED, params![id, key.as_str(), bytes]).await,
        Owner::AuditKey(id) => {
            tx.execute(SET_AUDIT_KEY, params![&id, key.as_str(), bytes])
                .await
        }
    }
    .map(drop)
}

/// The keys of the audit trail, newest first.
pub(crate) async fn audit_keys(tx: &mut Tx) -> Result<Vec<AuditKeyRecord>, StoreError> {
    let wrong = |column| StoreError::Inconsistent {
        table: "audit_keys",
        column,
    };
    let record = |mut row: Row| {
        Ok(AuditKeyRecord {
            id: row.blob(0)?.try_into().map_err(|_| wrong("id"))?,
            log: row.blob(1)?.try_into().map_err(|_| wrong("log_id"))?,
            sealed: sealed_from(&mut row, 2, 3)?,
        })
    };
    let rows = tx.rows(AUDIT_KEYS, &[]).await?;
    rows.into_iter().map(record).collect()
}

pub(crate) async fn insert_audit_key(
    tx: &mut Tx,
    key: AuditKeyRecord,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Sealed { key: under, bytes } = key.sealed;
    let row = params![&key.id, &key.log, under.as_str(), bytes, now];
    tx.execute(INSERT_AUDIT_KEY, row).await.map(drop)
}

/// An id as the place of what is sealed names it.
fn hex(id: [u8; 4]) -> String {
    data_encoding::HEXLOWER.encode(&id)
}

/// Fails for a value sealed under a key that is not live: nothing could ever open it. One that is
/// stays so meanwhile.
pub(crate) async fn refuse_gone(tx: &mut Tx, key: &KeyId) -> Result<(), StoreError> {
    tx.lock(KEEP_KEY, params![key.as_str()]).await?;
    match tx.optional(IS_LIVE, params![key.as_str()]).await? {
        Some(_) => Ok(()),
        None => Err(StoreError::KeyGone {
            key: key.to_string(),
        }),
    }
}

async fn usable(tx: &mut Tx, id: &KeyId) -> Refusable<KeyRecord> {
    let found = list(tx)
        .await?
        .into_iter()
        .find(|key| key.id == *id)
        .ok_or(refuse(KeyRefused::Unknown))?;
    match found.state {
        KeyState::Primary | KeyState::Secondary => Ok(found),
        KeyState::Retired => Err(refuse(KeyRefused::Retired)),
    }
}

/// Every key the database ever knew, oldest first.
pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<KeyRecord>, StoreError> {
    tx.rows(LIST_KEYS, &[])
        .await?
        .into_iter()
        .map(record_from)
        .collect()
}

fn check_value(row: &mut Row) -> Result<[u8; 32], StoreError> {
    let bytes = row.blob(1)?.try_into();
    bytes.map_err(|_| inconsistent("check_value"))
}

fn record_from(mut row: Row) -> Result<KeyRecord, StoreError> {
    let state = match (row.flag(2)?, row.optional_timestamp(3)?) {
        (_, Some(_)) => KeyState::Retired,
        (true, None) => KeyState::Primary,
        (false, None) => KeyState::Secondary,
    };
    Ok(KeyRecord {
        id: KeyId::parse(&row.text(0)?).ok_or(inconsistent("key_id"))?,
        check_value: check_value(&mut row)?,
        state,
        sealed_values: row.count(5)?,
        added_at: row.timestamp(4)?,
    })
}

fn sealed_from(row: &mut Row, key: usize, bytes: usize) -> Result<Sealed, StoreError> {
    let key = KeyId::parse(&row.text(key)?).ok_or(inconsistent("key_id"))?;
    Ok(Sealed {
        key,
        bytes: row.blob(bytes)?,
    })
}

fn inconsistent(column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table: "installation",
        column,
    }
}

fn refuse(reason: KeyRefused) -> WriteError<KeyRefused> {
    WriteError::Refused(reason)
}

fn event(action: Action, key: &KeyId) -> Event {
    Event::new(action, Subject::default()).with(Detail::Key(key.to_string()))
}
