//! The installation's keys: where they come from, and how they are added, rotated and retired while
//! serving.

pub(crate) mod keyring;

use counterfoil_domain::key::{
    InstallationKey, KeyId, KeyRefused, SealBroken, Sealed, SealedPlace,
};
use counterfoil_store::{ChangeError, KeyRecord, KeyState, StoreError};

use crate::authority::Authority;
use crate::keys::keyring::KeySourceError;
use crate::principal::Operator;

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
                self.attribute_to(operator.principal()),
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
            .rotate_keys(id.clone(), reseal, self.attribute_to(operator.principal()))
            .await?;
        Ok((id, moved))
    }

    /// Retires a key that nothing is sealed under any more.
    pub async fn retire_key(&self, id: &KeyId, operator: &Operator) -> Result<(), KeyError> {
        self.store()
            .retire_key(id.clone(), self.attribute_to(operator.principal()))
            .await?;
        Ok(self.keyring().source.remove(id)?)
    }
}
