//! Putting the layers together: the data folder, the database, the keys and the use cases over
//! them. This is the one place that chooses the system's randomness and a database that lasts; the
//! clock is given to the program (`main.rs`).

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context;
use counterfoil_authority::{Authority, Clock, KeySource, Operator};
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::entropy::random_hex;
use counterfoil_store::{Durability, OpenError, OpenOptions, SchemaState, Store};

use crate::clock::SystemEntropy;
use crate::config::{Database, Settings};
use crate::control;
use crate::data_folder::{
    DataFolder, DataFolderError, ServeLock, check_file, holds_database, prepare_database, shown,
};
use crate::keys_file::{EnvironmentKey, FileKeys};

/// An installation that is open: what a command works on.
pub struct Installation {
    /// The use cases.
    pub authority: Authority,
    /// The database, for what has no use case: backups and checks.
    pub store: Store,
    /// The folder that the data lies in. None where nothing needs one: the database is
    /// PostgreSQL's, `keys.file` says where the keys are, and nobody made the folder.
    pub folder: Option<DataFolder>,
    /// Who gave the command.
    pub operator: Operator,
    /// The settings in force.
    pub settings: Settings,
    made: bool,
    /// Held by a server for as long as it lives.
    _lock: Option<ServeLock>,
}

/// What is done where there is no installation yet, or an older one. One is made by
/// [`Opening::Make`] and [`Opening::Serve`] alone, so that a folder that was mistyped is never a
/// new installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It must be there, at this program's schema.
    Existing,
    /// It must be there, and is brought up to date.
    Update,
    /// It must not be there, and is made.
    Make,
    /// It is made or brought up to date, and no other `serve` may work on it from then on.
    Serve,
}

/// Where the parts of an installation are, as people are told.
#[derive(Clone, Debug)]
pub struct Whereabouts {
    /// The data folder, if there is one.
    pub folder: Option<PathBuf>,
    /// The database's URL, without a password.
    pub database: String,
    /// The key file. None where the key is in the environment alone.
    pub key_file: Option<PathBuf>,
}

impl Installation {
    /// Opens the installation that the settings name.
    pub async fn open(
        settings: Settings,
        operator: Operator,
        clock: Arc<dyn Clock>,
        opening: Opening,
    ) -> anyhow::Result<Self> {
        let folder = open_folder(&settings, opening)?;
        // Before the database is touched: another server may be at work on it.
        let lock = match (opening, &folder) {
            (Opening::Serve, Some(folder)) => Some(folder.lock_for_serving()?),
            _ => None,
        };
        let store = open_store(&settings, opening)?;
        let made = match store.installation().await? {
            None => match opening {
                Opening::Existing | Opening::Update => return Err(unfinished(&settings)),
                Opening::Make | Opening::Serve => true,
            },
            Some(_) => match opening {
                Opening::Make => anyhow::bail!(
                    "there is an installation in {} already; nothing was changed",
                    settings.database()
                ),
                Opening::Existing | Opening::Update | Opening::Serve => false,
            },
        };
        let authority = start_authority(&settings, &store, clock).await?;
        Ok(Self {
            authority,
            store,
            folder,
            operator,
            settings,
            made,
            _lock: lock,
        })
    }

    /// Whether it was made by this process.
    pub fn was_made(&self) -> bool {
        self.made
    }

    /// Where its parts are.
    pub fn whereabouts(&self) -> Whereabouts {
        let key_file = self.settings.key_file();
        let database = match self.settings.database() {
            Database::Sqlite(path) => Database::Sqlite(shown(&path)),
            server @ Database::Postgres(_) => server,
        };
        Whereabouts {
            folder: self.folder.as_ref().map(|folder| shown(folder.path())),
            database: database.to_string(),
            key_file: key_file.exists().then(|| shown(&key_file)),
        }
    }

    /// Returns when no live process accepts what was true before the last change of this one. A
    /// command that changed something calls it before it exits.
    pub async fn make_changes_known(&self) {
        if self.store.stats().commits > 0 {
            control::make_known(self.folder.as_ref(), &self.settings).await;
        }
    }

    /// Commits what waits and closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }
}

impl Whereabouts {
    /// What to keep safe, in a sentence.
    pub fn advice(&self) -> String {
        match &self.key_file {
            Some(file) => format!(
                "back up {} now, apart from the database: without it the database opens nowhere",
                file.display()
            ),
            None => "keep the key of COUNTERFOIL_KEY safe, apart from the database: without it the database opens nowhere"
                .to_owned(),
        }
    }
}

/// The data folder that the settings name. Where nothing needs one it may be absent.
pub fn open_folder(settings: &Settings, opening: Opening) -> anyhow::Result<Option<DataFolder>> {
    let path = &settings.general.data_dir;
    let needed = settings.needs_data_folder();
    let found = match opening {
        Opening::Make | Opening::Serve if needed => DataFolder::existing_or_new(path),
        Opening::Existing | Opening::Update | Opening::Make | Opening::Serve => {
            DataFolder::existing(path)
        }
    };
    match found {
        Err(DataFolderError::Missing(_)) if !needed => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// Opens the database alone.
pub fn open_store(settings: &Settings, opening: Opening) -> anyhow::Result<Store> {
    let database = settings.database();
    if let Some(file) = database.file() {
        prepare_file(file, settings, opening)?;
    }
    let schema = match opening {
        Opening::Existing => SchemaState::Require,
        Opening::Update => SchemaState::Update,
        Opening::Make => SchemaState::Make,
        Opening::Serve => SchemaState::Migrate,
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
fn prepare_file(path: &Path, settings: &Settings, opening: Opening) -> Result<(), DataFolderError> {
    if !holds_database(path)? {
        let key_file = settings.key_file();
        match opening {
            Opening::Existing | Opening::Update => {
                return Err(DataFolderError::NoDatabase(shown(path)));
            }
            // Keys in the folder are there before the database only if the database was lost.
            Opening::Serve if settings.keys.file.is_none() && key_file.exists() => {
                return Err(DataFolderError::KeysWithoutDatabase {
                    keys: shown(&key_file),
                    database: shown(path),
                });
            }
            Opening::Make | Opening::Serve => {}
        }
    }
    prepare_database(path)?;
    for companion in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(companion);
        check_file(name.as_ref())?;
    }
    Ok(())
}

/// That a database has tables and no key yet: somebody was stopped who made an installation.
pub fn unfinished(settings: &Settings) -> anyhow::Error {
    anyhow::anyhow!(
        "there is no installation in {} yet, only tables; `counterfoil init` makes one of it",
        settings.database()
    )
}

/// Starts the use cases over a database.
pub async fn start_authority(
    settings: &Settings,
    store: &Store,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Authority> {
    let cores = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let authority = Authority::start(
        store.clone(),
        key_source(settings),
        clock,
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
