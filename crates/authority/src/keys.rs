//! The installation's keys: where they come from, and how they are added, rotated and retired while
//! serving.

use std::sync::Arc;

use counterfoil_domain::entropy::{Entropy, random_bytes};
use counterfoil_domain::key::{
    DigestKey, InstallationKey, KeyId, KeyRefused, SealBroken, Sealed, SealedPlace,
};
use counterfoil_store::{
    ChangeError, DIGEST_KEY_PLACE, InstallationRecord, KeyRecord, KeyState, Store, StoreError,
};
use parking_lot::RwLock;
use zeroize::Zeroizing;

use crate::authority::{Authority, StartError};
use crate::clock::Clock;
use crate::principal::Operator;

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

/// Why a key was not added, rotated or retired, or a value not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database knows the key, and this process was not given it.
    #[error("key {0} was not given to this process")]
    NotGiven(KeyId),
    /// No key was added that could be rotated to, and other nodes would not have one that is made
    /// now.
    #[error("no key was added that nothing is sealed under yet")]
    NoneAdded,
    /// A rule said no.
    #[error(transparent)]
    Refused(KeyRefused),
    /// A sealed value does not open.
    #[error(transparent)]
    Broken(#[from] SealBroken),
    /// The keys cannot be read or written.
    #[error(transparent)]
    Source(#[from] KeySourceError),
    /// The caller's proof no longer holds.
    #[error("the caller's credentials changed meanwhile")]
    CallerGone,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError<KeyRefused>> for KeyError {
    fn from(error: ChangeError<KeyRefused>) -> Self {
        match error {
            ChangeError::Refused(refused) => Self::Refused(refused),
            ChangeError::Lapsed(_) => Self::CallerGone,
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

/// The keys this process has.
pub(crate) struct Keyring {
    source: Arc<dyn KeySource>,
    keys: RwLock<Vec<InstallationKey>>,
}

impl Keyring {
    pub(crate) async fn open(
        store: &Store,
        source: Arc<dyn KeySource>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(Self, DigestKey), StartError> {
        let record = match store.installation().await? {
            Some(record) => record,
            None => initialise(store, source.as_ref(), clock, entropy).await?,
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
        Ok((keyring, digest_key))
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

    /// A key by its id. One that another process added meanwhile is found by looking at the source
    /// again.
    fn find(&self, id: &KeyId) -> Option<InstallationKey> {
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
/// safely before it is used.
async fn initialise(
    store: &Store,
    source: &dyn KeySource,
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
    // Another process may make it together with this one; what the database then holds is what
    // counts.
    store
        .initialise(
            key.id().clone(),
            key.check_value(),
            digest_key,
            random_bytes(entropy),
            clock.now(),
        )
        .await?;
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

impl Authority {
    /// Seals under the key that is primary now. Sealing is rare, so the database is asked each
    /// time: another process may have rotated the keys.
    pub(crate) async fn seal(
        &self,
        place: SealedPlace<'_>,
        plain: &[u8],
    ) -> Result<Sealed, KeyError> {
        let records = self.list_keys().await?;
        let primary = records
            .into_iter()
            .find(|record| record.state == KeyState::Primary);
        let id = primary
            .ok_or(StoreError::Inconsistent {
                table: "installation_keys",
                column: "primary_since",
            })?
            .id;
        let key = self
            .keyring()
            .find(&id)
            .ok_or_else(|| KeyError::NotGiven(id.clone()))?;
        Ok(key.seal(place, plain, self.entropy()))
    }

    /// The keys that the database knows.
    pub async fn list_keys(&self) -> Result<Vec<KeyRecord>, StoreError> {
        self.store().key_records().await
    }

    /// Adds a key, new or given, which nothing is sealed under yet: so that all nodes can be given
    /// it first.
    pub async fn add_key(
        &self,
        given: Option<InstallationKey>,
        operator: &Operator,
    ) -> Result<KeyId, KeyError> {
        let key = given.unwrap_or_else(|| InstallationKey::generate(self.entropy()));
        self.keyring().source.append(&key)?;
        self.store()
            .add_key(
                key.id().clone(),
                key.check_value(),
                self.by_operator(operator),
            )
            .await?;
        Ok(key.id().clone())
    }

    /// Moves everything that is sealed to another key: the newest that was added, or a new one
    /// where no other node needs it. Says to which, and how many values were moved.
    pub async fn rotate_keys(&self, operator: &Operator) -> Result<(KeyId, u64), KeyError> {
        let newer_than_primary = self
            .list_keys()
            .await?
            .into_iter()
            .rev()
            .take_while(|record| record.state != KeyState::Primary);
        let added = newer_than_primary
            .into_iter()
            .find(|record| record.state == KeyState::Secondary && record.sealed_values == 0);
        let id = match added {
            Some(record) => record.id,
            None if self.store().is_shared() => return Err(KeyError::NoneAdded),
            None => self.add_key(None, operator).await?,
        };
        let target = self
            .keyring()
            .find(&id)
            .ok_or_else(|| KeyError::NotGiven(id.clone()))?;
        let authority = self.clone();
        let reseal = move |place: SealedPlace<'_>, sealed: &Sealed| {
            let plain = authority.keyring().open_sealed(place, sealed)?;
            Ok(target.seal(place, &plain, authority.entropy()))
        };
        let moved = self
            .store()
            .rotate_keys(id.clone(), reseal, self.by_operator(operator))
            .await?;
        Ok((id, moved))
    }

    /// Retires a key that nothing is sealed under any more.
    pub async fn retire_key(&self, id: &KeyId, operator: &Operator) -> Result<(), KeyError> {
        self.store()
            .retire_key(id.clone(), self.by_operator(operator))
            .await?;
        Ok(self.keyring().source.remove(id)?)
    }
}
