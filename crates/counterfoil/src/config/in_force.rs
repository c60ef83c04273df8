//! Which value each setting has, and where it comes from.

use std::path::PathBuf;

use counterfoil_store::PostgresOptions;

use super::error::ConfigError;
use super::key::variable;
use super::section::Section;
use super::sources::{Source, Sources};
use super::{
    ACME_ACCOUNT_KEY_VARIABLE, DATABASE_PASSWORD_VARIABLE, Environment, KEY_VARIABLE,
    MAIL_PASSWORD_VARIABLE, Settings,
};

/// A setting with the value that it has.
#[derive(Clone, Debug, PartialEq)]
pub struct InForce {
    /// Its full name.
    pub key: &'static str,
    /// Its value as TOML, without what is secret in it; none if it is not set.
    pub value: Option<toml::Value>,
    /// Where the value comes from.
    pub source: Source,
    /// The variable that sets it.
    pub variable: String,
}

/// A secret that the settings file has no key for. No more is told of it than whether it is set,
/// and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretInForce {
    /// What it is.
    pub name: &'static str,
    /// The variable, the file or the key that has it; none if it is not set.
    pub source: Option<String>,
}

impl InForce {
    /// All settings, in the order of the settings file.
    pub(super) fn all(
        settings: &Settings,
        sources: &Sources<'_>,
    ) -> Result<Vec<Self>, ConfigError> {
        let in_force = values(settings).into_iter().map(|(key, value)| {
            Ok(Self {
                key,
                value,
                source: sources.source(key)?,
                variable: variable(key),
            })
        });
        in_force.collect()
    }

    /// The flag, the variable or the file that has the value, and nothing for a default. The file's
    /// name is enough where the key is the same.
    pub fn given_by(&self) -> Option<String> {
        match &self.source {
            Source::Default => None,
            Source::File { file, key } if *key == self.key => Some(file.clone()),
            source => Some(source.to_string()),
        }
    }
}

impl SecretInForce {
    /// All of them.
    pub(super) fn all(settings: &Settings, environment: Environment<'_>) -> Vec<Self> {
        let is_set = |name: &str| environment(name).is_some_and(|value| !value.is_empty());
        let in_variable = |name: &str| is_set(name).then(|| name.to_owned());
        let in_url = settings
            .database()
            .server()
            .is_some_and(PostgresOptions::has_password);
        let in_file = |file: Option<&PathBuf>| file.map(|file| file.display().to_string());
        let database = match &settings.database_password {
            None => in_url.then(|| "database_url".to_owned()),
            Some(_) => in_variable(DATABASE_PASSWORD_VARIABLE)
                .or_else(|| in_file(settings.database.password_file.as_ref())),
        };
        let mail = settings.mail_password.as_ref().and_then(|_| {
            in_variable(MAIL_PASSWORD_VARIABLE)
                .or_else(|| in_file(settings.mail.password_file.as_ref()))
        });
        let acme = settings.acme_account_key.as_ref().and_then(|_| {
            in_variable(ACME_ACCOUNT_KEY_VARIABLE)
                .or_else(|| in_file(settings.acme.external_account_key_file.as_ref()))
        });
        let key = settings.environment_key.is_some();
        vec![
            Self {
                name: "installation key",
                source: key.then(|| KEY_VARIABLE.to_owned()),
            },
            Self {
                name: "database password",
                source: database,
            },
            Self {
                name: "mail password",
                source: mail,
            },
            Self {
                name: "ACME account key",
                source: acme,
            },
        ]
    }
}

fn values(settings: &Settings) -> Vec<(&'static str, Option<toml::Value>)> {
    [
        settings.general.values(),
        settings.database.values(),
        settings.tls.values(),
        settings.acme.values(),
        settings.limits.values(),
        settings.sign_in.values(),
        settings.sessions.values(),
        settings.pages.values(),
        settings.accounts.values(),
        settings.two_factor.values(),
        settings.passwords.values(),
        settings.tokens.values(),
        settings.gateway.values(),
        settings.checks.values(),
        settings.rate_limits.values(),
        settings.retention.values(),
        settings.apps.values(),
        settings.oauth.values(),
        settings.device.values(),
        settings.links.values(),
        settings.mail.values(),
        settings.keys.values(),
        settings.logging.values(),
        settings.traces.values(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use crate::config::catalog::keys;

    #[test]
    fn every_key_is_told_in_the_order_of_the_file() {
        let told = values(&Settings::default());
        let told: Vec<_> = told.into_iter().map(|(key, _)| key).collect();
        let known: Vec<_> = keys().into_iter().map(|key| key.name).collect();
        assert_eq!(told, known);
    }
    #[test]
    fn each_setting_is_told_with_its_source_and_a_secret_by_no_more_than_that() {
        let environment = |name: &str| match name {
            "COUNTERFOIL_APPS__PER_USER" => Some("7".to_owned()),
            DATABASE_PASSWORD_VARIABLE => Some("very-secret".to_owned()),
            _ => None,
        };
        let overrides = Overrides {
            insecure_http: true,
            ..Overrides::default()
        };
        let settings = Settings::load(None, &environment, &overrides).expect("they are in order");
        let told = |key: &str| {
            let mut all = settings.in_force.iter();
            let setting = all.find(|setting| setting.key == key).expect("it is one");
            let value = setting.value.as_ref().map(ToString::to_string);
            (value.unwrap_or_default(), setting.given_by())
        };
        let expected = |value: &str, source: &str| (value.to_owned(), Some(source.to_owned()));
        assert_eq!(
            told("apps.per_user"),
            expected("7", "COUNTERFOIL_APPS__PER_USER")
        );
        assert_eq!(told("insecure_http"), expected("true", "--insecure-http"));
        assert_eq!(told("pages.brand").1, None);
        let sources = settings
            .secrets
            .iter()
            .map(|secret| secret.source.as_deref());
        let sources: Vec<_> = sources.collect();
        assert_eq!(
            sources,
            [None, Some(DATABASE_PASSWORD_VARIABLE), None, None]
        );
        let all = format!("{:?} {:?}", settings.in_force, settings.secrets);
        assert!(!all.contains("very-secret"), "{all}");
    }
}
