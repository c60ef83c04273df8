//! The password for PostgreSQL, which no settings file holds.

use std::fmt;
use std::fs;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::{DATABASE_PASSWORD_VARIABLE, Environment};
use crate::data_folder::check_file;

/// A password for PostgreSQL. It does not print.
#[derive(Clone)]
pub struct DatabasePassword(SecretString);

impl DatabasePassword {
    /// The password that the environment holds, else the one in the file.
    pub(super) fn find(
        environment: Environment<'_>,
        file: Option<&Path>,
    ) -> Result<Option<Self>, ConfigError> {
        let given = environment(DATABASE_PASSWORD_VARIABLE).filter(|text| !text.is_empty());
        match (given, file) {
            (Some(password), _) => Ok(Some(Self(password.into()))),
            (None, Some(file)) => Self::read(file).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn read(file: &Path) -> Result<Self, ConfigError> {
        check_file(file).map_err(|source| ConfigError::PasswordFileRefused { source })?;
        let text = fs::read_to_string(file).map(Zeroizing::new);
        let text = text.map_err(|source| ConfigError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        // Editors end a file with a line end, which is no part of the password.
        let password = text.trim_end_matches(['\n', '\r']);
        if password.is_empty() || password.contains(['\n', '\0']) {
            let file = file.to_owned();
            return Err(ConfigError::NotAPassword { file });
        }
        Ok(Self(password.to_owned().into()))
    }

    /// The password itself, for whoever connects.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for DatabasePassword {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for DatabasePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabasePassword(…)")
    }
}
