//! Keys that live as long as the test.

use counterfoil_authority::{KeySource, KeySourceError};
use counterfoil_domain::key::{InstallationKey, KeyId};
use parking_lot::Mutex;

/// See the module.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<Vec<InstallationKey>>);

impl KeySource for MemoryKeys {
    fn load(&self) -> Result<Vec<InstallationKey>, KeySourceError> {
        Ok(self.0.lock().clone())
    }

    fn append(&self, key: &InstallationKey) -> Result<(), KeySourceError> {
        self.0.lock().push(key.clone());
        Ok(())
    }

    fn remove(&self, id: &KeyId) -> Result<(), KeySourceError> {
        self.0.lock().retain(|key| key.id() != id);
        Ok(())
    }
}
