//! Putting the layers together: the data folder, the database, the keys and the use cases over them. This is the one place
//! that chooses the system's clock, the system's randomness and a database that lasts.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context;
use counterfoil_authority::{Authority, KeySource, Operator};
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::entropy::random_hex;
use counterfoil_store::{Durability, OpenError, OpenOptions, SchemaState, Store};

use crate::clock::{SystemClock, SystemEntropy};
use crate::config::Settings;
use crate::control;
use crate::data_folder::{DataFolder, ServeLock, check_file, holds_database, prepare_database};
use crate::keys_file::{EnvironmentKey, FileKeys};

/// An installation that is open: what a command works on.
pub struct Installation {
    /// The use cases.
    pub authority: Authority,
    /// The database, for what has no use case: backups and checks.
    pub store: Store,
    /// The folder that the data lies in.
    pub folder: DataFolder,
    /// Who gave the command.
    pub operator: Operator,
    /// The settings in force.
    pub settings: Settings,
    /// Held by a server for as long as it lives.
    _lock: Option<ServeLock>,
}

/// What is done where there is no installation yet, or an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It must be there, at this program's schema.
    Existing,
    /// It is made where there is none; one that is there must be at this program's schema.
    OrMake,
    /// It is made or brought up to date.
    Migrate,
    /// It is made or brought up to date, and no other `serve` may work on it from then on.
    Serve,
}

impl Installation {
    /// Opens the installation that the settings name.
    pub async fn open(
        settings: Settings,
        operator: Operator,
        opening: Opening,
    ) -> anyhow::Result<Self> {
        let folder = match opening {
            Opening::Existing => DataFolder::existing(&settings.general.data_dir)?,
            Opening::OrMake | Opening::Migrate | Opening::Serve => {
                DataFolder::existing_or_new(&settings.general.data_dir)?
            }
        };
        // Before the database is touched: another server may be at work on it.
        let lock = match opening {
            Opening::Serve => Some(folder.lock_for_serving()?),
            Opening::Existing | Opening::OrMake | Opening::Migrate => None,
        };
        let store = open_store(&settings, opening)?;
        let authority = start_authority(&settings, &store).await?;
        Ok(Self {
            authority,
            store,
            folder,
            operator,
            settings,
            _lock: lock,
        })
    }

    /// Returns when no live process accepts what was true before the last change of this one. A command that changed
    /// something calls it before it exits.
    pub async fn make_changes_known(&self) {
        if self.store.stats().commits > 0 {
            control::make_known(&self.folder, &self.settings).await;
        }
    }

    /// Commits what waits and closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// Opens the database alone.
pub fn open_store(settings: &Settings, opening: Opening) -> anyhow::Result<Store> {
    let database = settings.database();
    if let Some(file) = database.file() {
        prepare_file(file, opening)?;
    }
    let schema = match opening {
        Opening::Existing => SchemaState::Require,
        Opening::OrMake => SchemaState::Make,
        Opening::Migrate | Opening::Serve => SchemaState::Migrate,
    };
    let options = OpenOptions {
        location: database.location(),
        writer: WriterId(random_hex(&SystemEntropy, 8)),
        schema,
        durability: Durability::Full,
    };
    Store::open(&options).map_err(OpenError::into)
}

/// Demands a file that is closed to others, made if that was asked for.
fn prepare_file(path: &Path, opening: Opening) -> anyhow::Result<()> {
    if opening == Opening::Existing && !holds_database(path) {
        anyhow::bail!(
            "there is no database {}; `counterfoil serve` and `counterfoil user add` make one, --data-dir names another folder",
            path.display()
        );
    }
    prepare_database(path)?;
    for companion in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(companion);
        check_file(name.as_ref())?;
    }
    Ok(())
}

/// Starts the use cases over a database.
pub async fn start_authority(settings: &Settings, store: &Store) -> anyhow::Result<Authority> {
    let cores = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let authority = Authority::start(
        store.clone(),
        key_source(settings),
        Arc::new(SystemClock::default()),
        Arc::new(SystemEntropy),
        settings.authority(cores),
    );
    authority
        .await
        .with_context(|| format!("cannot open {}", settings.database()))
}

/// Where the keys are kept, by the settings.
pub fn key_source(settings: &Settings) -> Arc<dyn KeySource> {
    let file = FileKeys::new(settings.key_file());
    match &settings.environment_key {
        Some(key) => Arc::new(EnvironmentKey::new(key.clone(), file)),
        None => Arc::new(file),
    }
}
