//! The keys that this process has, where they come from, and what a database demands of them.

use std::sync::Arc;

use counterfoil_domain::audit::form::AuditKey;
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_domain::entropy::{Entropy, random_bytes};
use counterfoil_domain::key::{DigestKey, InstallationKey, KeyId, SealBroken, Sealed, SealedPlace};
use counterfoil_domain::principal::{Attribution, Principal};
use counterfoil_store::{
    AuditKeyRecord, DIGEST_KEY_PLACE, Initialised, InstallationRecord, KeyRecord, KeyState,
    NewInstallation, Store, StoreError, audit_key_place,
};
use parking_lot::RwLock;
use zeroize::Zeroizing;

use crate::clock::Clock;

/// Where keys are kept: a file in the data folder, the environment, or memory in tests.
pub trait KeySource: Send + Sync {
    /// All keys it holds.
    fn load(&self) -> Result<Vec<InstallationKey>, KeySourceError>;
    /// Keeps one more; when this returns it would survive a power cut.
    fn append(&self, key: &InstallationKey) -> Result<(), KeySourceError>;
    /// Keeps one no longer.
    fn remove(&self, id: &KeyId) -> Result<(), KeySourceError>;
}

/// Keys that cannot be read or written. One sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeySourceError(pub String);

/// A key that the database needs and this process does not have.
#[derive(Debug, thiserror::Error)]
pub enum MissingKey {
    /// No key of this id was given.
    #[error(
        "the database is sealed under key {0}, which was not given; copy the file `keys` from the data folder of a node \
         that has it, or put the key into COUNTERFOIL_KEY"
    )]
    Absent(KeyId),
    /// A key of this id was given, and it is another one.
    #[error("the key given as {0} is not the one the database is sealed under; give the right one")]
    Different(KeyId),
}

/// Why an authority does not start. Each is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A key is missing or another one stands under its id.
    #[error(transparent)]
    Key(#[from] MissingKey),
    /// The keys cannot be read or written.
    #[error(transparent)]
    Source(#[from] KeySourceError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The keys this process has.
pub(crate) struct Keyring {
    pub(super) source: Arc<dyn KeySource>,
    keys: RwLock<Vec<InstallationKey>>,
}

impl Keyring {
    pub(crate) async fn open(
        store: &Store,
        source: Arc<dyn KeySource>,
        first_apps: &'static [BuiltInApp],
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(Self, DigestKey), StartError> {
        let record = match store.installation().await? {
            Some(record) => record,
            None => initialise(store, source.as_ref(), first_apps, clock, entropy).await?,
        };
        let all = source.load()?;
        demand(&all, &record.keys)?;
        let keyring = Self {
            source,
            keys: RwLock::new(all),
        };
        let broken = |_| StoreError::Inconsistent {
            table: "installation",
            column: "digest_key_sealed",
        };
        let plain = keyring
            .open_sealed(DIGEST_KEY_PLACE, &record.digest_key)
            .map_err(broken)?;
        let digest_key = DigestKey::from_bytes(&plain).ok_or_else(|| broken(SealBroken))?;
        keyring.open_trail(store, record, clock, entropy).await?;
        Ok((keyring, digest_key))
    }

    /// Gives the store the key under which it vouches for events. A database that an older program
    /// made has none, and is given one.
    async fn open_trail(
        &self,
        store: &Store,
        record: InstallationRecord,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(), StartError> {
        if let Some(known) = &record.audit_key {
            store.vouch_by(open_audit_key(&self.keys.read(), known)?);
            return Ok(());
        }
        let primary = record
            .keys
            .iter()
            .find(|known| known.state == KeyState::Primary)
            .and_then(|known| self.find(&known.id))
            .ok_or(StoreError::Inconsistent {
                table: "installation_keys",
                column: "is_primary",
            })?;
        let (key, made) = make_audit_key(&primary, entropy);
        store.vouch_by(key);
        let by = Attribution {
            principal: Principal::PROGRAM,
            at: clock.now(),
            personal_salt: random_bytes(entropy),
        };
        if store.add_first_audit_key(made, by).await? == Initialised::Now {
            return Ok(());
        }
        // Another process was first: its key counts.
        let record = store.installation().await?;
        let known = record.and_then(|record| record.audit_key);
        let known = known.ok_or(StoreError::Inconsistent {
            table: "audit_keys",
            column: "id",
        })?;
        store.vouch_by(open_audit_key(&self.keys.read(), &known)?);
        Ok(())
    }

    /// Opens with the key that the value names.
    pub(crate) fn open_sealed(
        &self,
        place: SealedPlace<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
        self.find(&sealed.key)
            .ok_or(SealBroken)?
            .open(place, sealed)
    }

    /// The first of these keys that this process was not given, or under whose id it was given
    /// another one.
    pub(crate) fn lacks(&self, needed: &[(KeyId, [u8; 32])]) -> Option<KeyId> {
        let is_lacking = |(id, check_value): &&(KeyId, [u8; 32])| {
            let key = self.find(id);
            key.is_none_or(|key| key.check_value() != *check_value)
        };
        needed.iter().find(is_lacking).map(|(id, _)| id.clone())
    }

    /// A key by its id. One that another process added meanwhile is found by looking at the source
    /// again.
    pub(super) fn find(&self, id: &KeyId) -> Option<InstallationKey> {
        let known = |keys: &[InstallationKey]| keys.iter().find(|key| key.id() == id).cloned();
        if let Some(key) = known(&self.keys.read()) {
            return Some(key);
        }
        let reloaded = self.source.load().ok()?;
        let found = known(&reloaded);
        *self.keys.write() = reloaded;
        found
    }
}

/// Gives an empty database its first key: one that the source holds already, or a new one, kept
/// safely before it is used; and its first apps.
async fn initialise(
    store: &Store,
    source: &dyn KeySource,
    first_apps: &'static [BuiltInApp],
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<InstallationRecord, StartError> {
    let (key, is_new) = if let Some(given) = source.load()?.pop() {
        (given, false)
    } else {
        let new = InstallationKey::generate(entropy);
        source.append(&new)?;
        (new, true)
    };
    let digest_key = key.seal(
        DIGEST_KEY_PLACE,
        DigestKey::generate(entropy).expose(),
        entropy,
    );
    let (audit_key, made) = make_audit_key(&key, entropy);
    store.vouch_by(audit_key);
    // Another process may make it together with this one; what the database then holds is what
    // counts.
    let new = NewInstallation {
        key_id: key.id().clone(),
        check_value: key.check_value(),
        digest_key,
        audit_key: made,
        generation: random_bytes(entropy),
        apps: first_apps,
    };
    store.initialise(new, clock.now()).await?;
    let record = store.installation().await?;
    let record = record.ok_or(StoreError::Inconsistent {
        table: "installation",
        column: "id",
    })?;
    // The other process may have found this key in the file that both read, and used it.
    if is_new && !record.keys.iter().any(|known| known.id == *key.id()) {
        // Nothing was ever sealed under it, so it would only puzzle whoever finds it.
        source.remove(key.id())?;
    }
    Ok(record)
}

fn demand(given: &[InstallationKey], needed: &[KeyRecord]) -> Result<(), MissingKey> {
    for record in needed
        .iter()
        .filter(|record| record.state != KeyState::Retired)
    {
        let key = given
            .iter()
            .find(|key| *key.id() == record.id)
            .ok_or_else(|| MissingKey::Absent(record.id.clone()))?;
        if key.check_value() != record.check_value {
            return Err(MissingKey::Different(record.id.clone()));
        }
    }
    Ok(())
}

/// A new key under which events are vouched for, of a log of its own, and what a database holds of
/// it: sealed under this key.
pub fn make_audit_key(
    under: &InstallationKey,
    entropy: &dyn Entropy,
) -> (AuditKey, AuditKeyRecord) {
    let log = random_bytes(entropy);
    let key = AuditKey::generate(log, entropy);
    let id = data_encoding::HEXLOWER.encode(&key.id());
    let record = AuditKeyRecord {
        id: key.id(),
        log,
        sealed: under.seal(audit_key_place(&id), key.expose(), entropy),
    };
    (key, record)
}

/// The key under which events are vouched for, opened with one of these keys.
///
/// # Errors
///
/// The key that it is sealed under is not among them, or what the database holds does not open.
pub fn open_audit_key(
    keys: &[InstallationKey],
    record: &AuditKeyRecord,
) -> Result<AuditKey, StartError> {
    let under = keys.iter().find(|key| *key.id() == record.sealed.key);
    let under = under.ok_or_else(|| MissingKey::Absent(record.sealed.key.clone()))?;
    let id = data_encoding::HEXLOWER.encode(&record.id);
    let opened = under.open(audit_key_place(&id), &record.sealed).ok();
    let key = opened.and_then(|secret| AuditKey::from_parts(record.id, record.log, &secret));
    let broken = StoreError::Inconsistent {
        table: "audit_keys",
        column: "sealed",
    };
    key.ok_or(StartError::Store(broken))
}
