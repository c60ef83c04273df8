//! `counterfoil db`: the database itself.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use counterfoil_store::Store;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::config::Settings;
use crate::data_folder::DataFolder;
use crate::installation::{Opening, open_store, start_authority};

/// The commands about the database.
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Make the database, or bring it up to date with this program
    ///
    /// `counterfoil serve` does so by itself when it starts. Programs of the release before can go on using a
    /// database that was migrated.
    Migrate,
    /// Copy the database to a new file, while it is in use
    ///
    /// The copy is complete and consistent, and only its owner may read it. It does not hold the keys: back up
    /// the file `keys` of the data folder too, and keep it apart.
    #[command(after_help = "\
Example:
  counterfoil db backup /var/backups/counterfoil-$(date +%F).db")]
    Backup(BackupArguments),
}

/// Where to.
#[derive(Args, Debug)]
pub(crate) struct BackupArguments {
    /// The file to write, which must not exist
    file: PathBuf,
}

/// Runs one of the commands.
pub(crate) async fn run(command: DbCommand, console: &Console) -> anyhow::Result<Answer> {
    let settings = console.settings()?;
    match command {
        DbCommand::Migrate => migrate(&settings).await,
        DbCommand::Backup(arguments) => backup(&arguments.file, &settings).await,
    }
}

async fn migrate(settings: &Settings) -> anyhow::Result<Answer> {
    DataFolder::existing_or_new(&settings.general.data_dir)?;
    let store = open_store(settings, Opening::Migrate)?;
    let migrated = describe(settings, &store).await;
    store.close().await;
    migrated
}

async fn describe(settings: &Settings, store: &Store) -> anyhow::Result<Answer> {
    // A new database gets its first key here, so that what is made is complete.
    start_authority(settings, store).await?;
    let schema = store.schema().await?;
    let database = settings.database();
    let sentence = format!(
        "{database} is at schema {} ({})",
        schema.number, schema.name
    );
    let document = json!({
        "database": database.to_string(),
        "schema": {"number": schema.number, "name": schema.name},
    });
    Ok(Answer::done(document, sentence))
}

async fn backup(file: &Path, settings: &Settings) -> anyhow::Result<Answer> {
    DataFolder::existing(&settings.general.data_dir)?;
    let store = open_store(settings, Opening::Existing)?;
    let copied = store.backup(file.to_owned()).await;
    store.close().await;
    copied?;
    let metadata = std::fs::metadata(file)
        .with_context(|| format!("cannot read the copy {}", file.display()))?;
    let sentence = format!(
        "copied {} to {}; the keys are not in it, back up {} too",
        settings.database(),
        file.display(),
        settings.key_file().display()
    );
    let document = json!({"file": file, "bytes": metadata.len()});
    Ok(Answer::done(document, sentence))
}
