//! The settings: flags beat the environment, the environment beats the settings file, and that
//! beats the defaults.
//!
//! Each section is declared once, in a file of its own under `sections/`, with its keys, their
//! defaults, what they may be and what they mean. The parser, the error messages, the reference
//! page and the example file all come from that declaration, so none of them can tell another story
//! than the rest.
//!
//! The variable for a key is its full name in capitals, with `__` for the dot and `COUNTERFOIL_`
//! before it: `limits.body_bytes` is `COUNTERFOIL_LIMITS__BODY_BYTES`, `data_dir` is
//! `COUNTERFOIL_DATA_DIR`. Lists are separated by commas. An empty variable counts as not set.
//! Any other variable that begins with `COUNTERFOIL_` stops the start, but for those that
//! Kubernetes makes for every service and those of the tests ([`check_variables`]).
//!
//! Whatever is wrong stops the start with one sentence that names the key, its value and what it
//! may be. A secret is never repeated.

mod catalog;
mod check;
mod collector_url;
mod database;
mod directory_url;
mod error;
mod file;
mod in_force;
mod key;
mod layers;
mod password;
mod reference;
mod reload;
mod renamed;
mod rule;
mod section;
mod sections;
mod sources;
mod variables;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use counterfoil_domain::key::InstallationKey;

pub use catalog::{keys, section_docs};
pub use collector_url::CollectorUrl;
pub use database::Database;
pub use directory_url::DirectoryUrl;
pub use error::{ConfigError, Conflict};
pub use file::{DEFAULT_FILES, SettingsFile};
pub use in_force::{InForce, SecretInForce};
pub use key::{Key, WhenApplied};
pub use password::Password;
pub(crate) use password::account_key;
pub use reference::{example_file, reference};
pub use reload::{applied_live, needs_restart};
pub use sections::{
    Accounts, Acme, Apps, Checks, DatabaseSection, Device, Gateway, General, Keys, Limits, Links,
    LogFormat, LogLevel, Logging, Mail, MailEncryption, Oauth, Pages, Passwords, RateLimits,
    Retention, Sessions, SignIn, Tls, Tokens, TokensWithout, Traces, TwoFactor,
};
pub use sources::{Overrides, Source};
pub use variables::check_variables;

use section::Section;
use sources::Sources;

/// The variable that names the settings file.
pub const FILE_VARIABLE: &str = "COUNTERFOIL_CONFIG";
/// The variable that holds an installation key beside those in the key file: `ID:BASE64`. A secret.
pub const KEY_VARIABLE: &str = "COUNTERFOIL_KEY";

/// The variable that holds the password for PostgreSQL. A secret.
pub const DATABASE_PASSWORD_VARIABLE: &str = "COUNTERFOIL_DATABASE_PASSWORD";

/// The variable that holds the password for the mail server. A secret.
pub const MAIL_PASSWORD_VARIABLE: &str = "COUNTERFOIL_MAIL_PASSWORD";

/// The variable that holds the key that binds an account at an authority for certificates to one
/// that it knows already. A secret.
pub const ACME_ACCOUNT_KEY_VARIABLE: &str = "COUNTERFOIL_ACME_EXTERNAL_ACCOUNT_KEY";

/// Reads one variable of the environment: `|name| std::env::var(name).ok()` in the program, a map
/// in tests.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// All settings, checked: each value by itself and those that depend on each other together.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The keys at the top of the file, outside any section.
    pub general: General,
    /// `[database]`
    pub database: DatabaseSection,
    /// `[tls]`
    pub tls: Tls,
    /// `[acme]`
    pub acme: Acme,
    /// `[limits]`
    pub limits: Limits,
    /// `[sign_in]`
    pub sign_in: SignIn,
    /// `[sessions]`
    pub sessions: Sessions,
    /// `[pages]`
    pub pages: Pages,
    /// `[accounts]`
    pub accounts: Accounts,
    /// `[two_factor]`
    pub two_factor: TwoFactor,
    /// `[passwords]`
    pub passwords: Passwords,
    /// `[tokens]`
    pub tokens: Tokens,
    /// `[gateway]`
    pub gateway: Gateway,
    /// `[checks]`
    pub checks: Checks,
    /// `[rate_limits]`
    pub rate_limits: RateLimits,
    /// `[retention]`
    pub retention: Retention,
    /// `[apps]`
    pub apps: Apps,
    /// `[oauth]`
    pub oauth: Oauth,
    /// `[device]`
    pub device: Device,
    /// `[links]`
    pub links: Links,
    /// `[mail]`
    pub mail: Mail,
    /// `[keys]`
    pub keys: Keys,
    /// `[logging]`
    pub logging: Logging,
    /// `[traces]`
    pub traces: Traces,
    /// The key that the environment holds beside the key file. A secret, so no key of the settings
    /// file.
    pub environment_key: Option<InstallationKey>,
    /// The password for PostgreSQL, from the environment or the file that `database.password_file`
    /// names.
    pub database_password: Option<Password>,
    /// The password for the mail server, from the environment or the file that
    /// `mail.password_file` names.
    pub mail_password: Option<Password>,
    /// The key that binds an account at an authority for certificates to one that it knows already,
    /// from the environment or the file that `acme.external_account_key_file` names.
    pub acme_account_key: Option<Password>,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
    /// What is to be said of settings that were given by an earlier name, a sentence each.
    pub renamed: Vec<String>,
    /// Every setting with where it comes from, in the order of the settings file; nothing of
    /// settings that were not read.
    pub in_force: Vec<InForce>,
    /// What is told of the secrets that are no keys of the settings file.
    pub secrets: Vec<SecretInForce>,
}

impl Settings {
    /// Reads the settings from the file, if there is one, the environment and the flags.
    pub fn load(
        file: Option<&SettingsFile>,
        environment: Environment<'_>,
        overrides: &Overrides,
    ) -> Result<Self, ConfigError> {
        let sources = Sources::new(file, environment, overrides, &catalog::sections())?;
        let database = DatabaseSection::read(&sources)?;
        let mail = Mail::read(&sources)?;
        let acme = Acme::read(&sources)?;
        let mut settings = Self {
            general: General::read(&sources)?,
            database_password: Password::find(
                password::DATABASE,
                environment,
                database.password_file.as_deref(),
            )?,
            mail_password: Password::find(
                password::MAIL,
                environment,
                mail.password_file.as_deref(),
            )?,
            acme_account_key: Password::find(
                password::ACME_ACCOUNT,
                environment,
                acme.external_account_key_file.as_deref(),
            )?,
            database,
            acme,
            tls: Tls::read(&sources)?,
            limits: Limits::read(&sources)?,
            sign_in: SignIn::read(&sources)?,
            sessions: Sessions::read(&sources)?,
            pages: Pages::read(&sources)?,
            accounts: Accounts::read(&sources)?,
            two_factor: TwoFactor::read(&sources)?,
            passwords: Passwords::read(&sources)?,
            tokens: Tokens::read(&sources)?,
            gateway: Gateway::read(&sources)?,
            checks: Checks::read(&sources)?,
            rate_limits: RateLimits::read(&sources)?,
            retention: Retention::read(&sources)?,
            apps: Apps::read(&sources)?,
            oauth: Oauth::read(&sources)?,
            device: Device::read(&sources)?,
            links: Links::read(&sources)?,
            mail,
            keys: Keys::read(&sources)?,
            logging: Logging::read(&sources)?,
            traces: Traces::read(&sources)?,
            environment_key: environment_key(environment)?,
            file: file.map(|file| file.path.clone()),
            renamed: sources.renamed(),
            in_force: Vec::new(),
            secrets: Vec::new(),
        };
        check::all(&settings)?;
        settings.in_force = InForce::all(&settings, &sources)?;
        settings.secrets = SecretInForce::all(&settings, environment);
        Ok(settings)
    }

    /// How a server logs, by the file and the environment alone; none if these cannot tell, such as
    /// where another setting cannot be read at all.
    pub fn log_format(
        file: Option<&SettingsFile>,
        environment: Environment<'_>,
    ) -> Option<LogFormat> {
        let overrides = Overrides::default();
        let of = |file| {
            let sources = Sources::new(file, environment, &overrides, &catalog::sections());
            sources.and_then(|sources| Logging::read(&sources))
        };
        // Without the file the environment may still say it.
        let logging = of(file).or_else(|_| of(None)).ok()?;
        Some(logging.format)
    }

    /// Refuses a database that another option than the settings names if it is on another machine
    /// and reached in the clear.
    pub fn demand_encryption(
        &self,
        database: &Database,
        option: &'static str,
    ) -> Result<(), Conflict> {
        match database.server() {
            Some(server) => check::encrypted(self, server, option),
            None => Ok(()),
        }
    }
}

fn environment_key(environment: Environment<'_>) -> Result<Option<InstallationKey>, ConfigError> {
    match environment(KEY_VARIABLE).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => InstallationKey::parse(&text)
            .map(Some)
            .ok_or(ConfigError::KeyMalformed),
    }
}
