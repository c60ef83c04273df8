//! The form of a seed file, as it is written.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedFile {
    #[serde(default)]
    pub(super) users: Vec<UserEntry>,
    #[serde(default)]
    pub(super) organizations: Vec<OrganizationEntry>,
    #[serde(default)]
    pub(super) teams: Vec<TeamEntry>,
    #[serde(default)]
    pub(super) apps: Vec<AppEntry>,
    #[serde(default)]
    pub(super) tokens: Vec<TokenEntry>,
}

/// `[[users]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserEntry {
    pub(super) login: String,
    pub(super) password: Secret,
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) admin: bool,
    pub(super) otp_secret: Option<Secret>,
}

/// `[[organizations]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationEntry {
    pub(super) login: String,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) admins: Vec<String>,
    #[serde(default)]
    pub(super) members: Vec<String>,
}

/// `[[teams]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamEntry {
    pub(super) organization: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) members: Vec<String>,
}

/// `[[apps]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an entry of the file, with a name that people write"
)]
pub(super) struct AppEntry {
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) callback_urls: Vec<String>,
    #[serde(default)]
    pub(super) device_flow: bool,
    #[serde(default)]
    pub(super) expiring_tokens: bool,
    #[serde(default)]
    pub(super) exact_match: bool,
    #[serde(default)]
    pub(super) require_pkce: bool,
    #[serde(default)]
    pub(super) send_iss: bool,
    #[serde(default)]
    pub(super) standard_errors: bool,
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
}

/// `[[tokens]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenEntry {
    pub(super) login: String,
    pub(super) app: Option<String>,
    pub(super) token: Secret,
    pub(super) scopes: Vec<String>,
    pub(super) note: Option<String>,
    pub(super) fingerprint: Option<String>,
}

/// A value that no error may repeat, not even when it has the wrong type.
pub(super) struct Secret(SecretString);

impl Secret {
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(SecretString::from(text))),
            _ => Err(D::Error::custom("a secret must be text in quotes")),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
