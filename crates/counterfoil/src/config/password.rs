//! Passwords by which this program signs in elsewhere, which no settings file holds: each stands in
//! a variable of the environment or in a file.

use std::fmt;
use std::fs;
use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::{
    ACME_ACCOUNT_KEY_VARIABLE, DATABASE_PASSWORD_VARIABLE, Environment, MAIL_PASSWORD_VARIABLE,
};
use crate::data_folder::check_file;

/// A password by which this program signs in elsewhere. It does not print.
#[derive(Clone)]
pub struct Password(SecretString);

/// Whose password it is, and where it is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct PasswordPlace {
    variable: &'static str,
    key: &'static str,
    of: &'static str,
}

/// The password for PostgreSQL.
pub(super) const DATABASE: PasswordPlace = PasswordPlace {
    variable: DATABASE_PASSWORD_VARIABLE,
    key: "database.password_file",
    of: "PostgreSQL",
};

/// The password for the mail server.
pub(super) const MAIL: PasswordPlace = PasswordPlace {
    variable: MAIL_PASSWORD_VARIABLE,
    key: "mail.password_file",
    of: "the mail server",
};

/// The key of an account at an authority for certificates.
pub(super) const ACME_ACCOUNT: PasswordPlace = PasswordPlace {
    variable: ACME_ACCOUNT_KEY_VARIABLE,
    key: "acme.external_account_key_file",
    of: "the account at the authority",
};

impl Password {
    /// The password that the environment holds, else the one in the file.
    pub(super) fn find(
        place: PasswordPlace,
        environment: Environment<'_>,
        file: Option<&Path>,
    ) -> Result<Option<Self>, ConfigError> {
        let given = environment(place.variable).filter(|text| !text.is_empty());
        match (given, file) {
            (Some(password), _) => Ok(Some(Self(password.into()))),
            (None, Some(file)) => Self::read(place, file).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn read(place: PasswordPlace, file: &Path) -> Result<Self, ConfigError> {
        check_file(file).map_err(|source| ConfigError::PasswordFileRefused {
            key: place.key,
            source,
        })?;
        let text = fs::read_to_string(file).map(Zeroizing::new);
        let text = text.map_err(|source| ConfigError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        // Editors end a file with a line end, which is no part of the password.
        let password = text.trim_end_matches(['\n', '\r']);
        if password.is_empty() || password.contains(['\n', '\0']) {
            return Err(ConfigError::NotAPassword {
                file: file.to_owned(),
                of: place.of,
            });
        }
        Ok(Self(password.to_owned().into()))
    }

    /// The password itself, for whoever connects.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The bytes of a key that binds an account, which authorities give in base64url, some with the
/// padding and some without; none if it is not written so.
pub(crate) fn account_key(key: &Password) -> Option<Zeroizing<Vec<u8>>> {
    let text = key.expose().trim_end_matches('=');
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    Some(Zeroizing::new(bytes)).filter(|bytes| !bytes.is_empty())
}

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
