//! What every command is given: the options of all commands, the environment, and who is asking.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, ValueHint};
use counterfoil_authority::{Clock, Operator};
use counterfoil_domain::timestamp::Timestamp;

use crate::commands::UsageError;
use crate::config::{
    ConfigError, DEFAULT_FILES, LogFormat, Overrides, Settings, SettingsFile, check_variables,
};
use crate::data_folder::shown;
use crate::installation::{Installation, Opening};
use crate::operator;

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of all commands")]
pub(crate) struct GlobalOptions {
    /// The settings file [variable: `COUNTERFOIL_CONFIG`; default: counterfoil.toml here, else
    /// /etc/counterfoil/counterfoil.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// The folder that holds the data [variable: `COUNTERFOIL_DATA_DIR`; default:
    /// ./counterfoil-data]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,
    /// The database: sqlite:PATH or `postgres://USER@HOST:PORT/NAME` [variable:
    /// `COUNTERFOIL_DATABASE_URL`; default: the SQLite file in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Print one JSON document on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// A command's surroundings.
#[derive(Clone)]
pub(crate) struct Console {
    options: GlobalOptions,
    clock: Arc<dyn Clock>,
}

impl Console {
    /// Surroundings with these options.
    pub(crate) fn new(options: GlobalOptions, clock: Arc<dyn Clock>) -> Self {
        Self { options, clock }
    }

    /// Whether the answer is to be a JSON document.
    pub(crate) fn json(&self) -> bool {
        self.options.json
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The data folder as it was given on the command line; none where the settings decide.
    pub(crate) fn given_data_folder(&self) -> Option<&PathBuf> {
        self.options.data_dir.as_ref()
    }

    /// The settings file that is read, if there is one.
    fn settings_file(&self) -> Option<SettingsFile> {
        SettingsFile::find(self.options.config.clone(), &variable, &DEFAULT_FILES)
    }

    /// The settings for work on an installation. A settings file that nobody named is named on
    /// standard error: who stands in another folder than they think should see it.
    pub(crate) fn settings_for_work(&self) -> anyhow::Result<Settings> {
        let settings = self.settings()?;
        if let Some(SettingsFile {
            path,
            was_named: false,
        }) = self.settings_file()
        {
            writeln!(
                io::stderr(),
                "note: the settings are those of {}",
                shown(&path).display()
            )
            .context("cannot write to standard error")?;
        }
        Ok(settings)
    }

    /// The settings, without the flags that only some commands have.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        self.settings_with(Overrides::default())
    }

    /// The settings with the flags of a command, where a flag that may not be is a usage error. A
    /// database that cannot be used is none, wherever it is named.
    pub(crate) fn settings_with(&self, flags: Overrides) -> anyhow::Result<Settings> {
        self.reload(flags).map_err(|error| match &error {
            ConfigError::Value { place, .. } | ConfigError::Entry { place, .. }
                if place.starts_with("--") && place != "--database-url" =>
            {
                UsageError::of(error.to_string())
            }
            _ => error.into(),
        })
    }

    /// The settings with the flags of a command. The options of all commands are filled in here.
    pub(crate) fn reload(&self, flags: Overrides) -> Result<Settings, ConfigError> {
        let overrides = self.with_options(flags);
        check_variables(variables())?;
        Settings::load(self.settings_file().as_ref(), &variable, &overrides)
    }

    /// A command's flags, with the options of all commands filled in.
    fn with_options(&self, flags: Overrides) -> Overrides {
        Overrides {
            data_dir: self.options.data_dir.clone(),
            database_url: self.options.database_url.clone(),
            ..flags
        }
    }

    /// How a server logs, as far as the settings can be read: they may be what is wrong.
    pub(crate) fn log_format(&self) -> Option<LogFormat> {
        Settings::log_format(self.settings_file().as_ref(), &variable)
    }

    /// Who gives the command.
    #[expect(
        clippy::unused_self,
        reason = "who asks belongs to the surroundings, as the environment does"
    )]
    pub(crate) fn operator(&self) -> Operator {
        Operator::named(operator::current(&variable))
    }

    /// The installation that the settings name.
    pub(crate) async fn open(&self, opening: Opening) -> anyhow::Result<Installation> {
        self.open_with(self.settings_for_work()?, opening).await
    }

    /// The installation that these settings name.
    pub(crate) async fn open_with(
        &self,
        settings: Settings,
        opening: Opening,
    ) -> anyhow::Result<Installation> {
        let clock = Arc::clone(&self.clock);
        Installation::open(settings, self.operator(), clock, opening).await
    }
}

/// A variable of the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the environment that settings and operator are passed"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// All variables of the environment. What is no text is no name or value of ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().map(|(name, value)| {
        let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
        (text(name), text(value))
    })
}
