//! Which value each setting has, and where it comes from.

use super::catalog::sections;
use super::error::ConfigError;
use super::file::SettingsFile;
use super::key::variable;
use super::section::Section;
use super::sources::{Overrides, Source, Sources};
use super::{Environment, Settings};

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

impl InForce {
    /// All settings, in the order of the settings file.
    pub fn all(
        file: Option<&SettingsFile>,
        environment: Environment<'_>,
        overrides: &Overrides,
    ) -> Result<Vec<Self>, ConfigError> {
        let settings = Settings::load(file, environment, overrides)?;
        let sources = Sources::new(file, environment, overrides, &sections())?;
        let in_force = values(&settings).into_iter().map(|(key, value)| {
            Ok(Self {
                key,
                value,
                source: sources.source(key)?,
                variable: variable(key),
            })
        });
        in_force.collect()
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
    use crate::config::catalog::keys;

    #[test]
    fn every_key_is_told_in_the_order_of_the_file() {
        let told = values(&Settings::default());
        let told: Vec<_> = told.into_iter().map(|(key, _)| key).collect();
        let known: Vec<_> = keys().into_iter().map(|key| key.name).collect();
        assert_eq!(told, known);
    }
}
