//! `counterfoil db copy`.

use clap::Args;
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::entropy::{random_bytes, random_hex};
use counterfoil_store::{
    CopiedDatabase, CopyError, Durability, OpenOptions, Progress, SchemaState, Store,
};
use serde_json::json;

use crate::clock::SystemEntropy;
use crate::commands::UsageError;
use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::db::{attribution, known_trail_key, lacking_keys, needed_keys};
use crate::commands::progress;
use crate::commands::table::Table;
use crate::config::{Database, Settings};
use crate::data_folder::{DataFolder, DataFolderError, prepare_database};
use crate::installation::{Opening, open_folder, open_store};

/// Where to.
#[derive(Args, Debug)]
pub(crate) struct CopyArguments {
    /// The empty database to fill: postgres://USER@HOST:PORT/DATABASE or sqlite:PATH
    #[arg(long, value_name = "URL")]
    to: String,
    /// Copy although a server runs; what it writes or revokes after the copy began is not in the
    /// copy
    ///
    /// A token that is revoked meanwhile works for whoever serves from the copy. For a trial, not
    /// for a move.
    #[arg(long)]
    while_serving: bool,
}

pub(super) async fn copy(
    arguments: CopyArguments,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Answer> {
    let to = Database::from_url(&arguments.to)
        .map_err(|expected| UsageError::of(format!("--to must be {expected}")))?;
    let to = settings.as_set(to);
    settings
        .demand_encryption(&to, "--to")
        .map_err(|error| UsageError::of(error.to_string()))?;
    let folder = open_folder(settings, Opening::Existing)?;
    if to == settings.database() {
        return Err(UsageError::of(
            "--to names the database that is to be copied",
        ));
    }
    // Kept until the copy is, so that no server starts meanwhile.
    let lock = match folder
        .as_ref()
        .map(DataFolder::lock_for_serving)
        .transpose()
    {
        Ok(lock) => lock,
        Err(DataFolderError::InUse(_)) if arguments.while_serving => None,
        Err(DataFolderError::InUse(path)) => anyhow::bail!(
            "a `counterfoil serve` runs on {}, and what it revokes after the copy began would work in the copy; stop it \
             first, or copy for a trial with --while-serving",
            path.display()
        ),
        Err(error) => return Err(error.into()),
    };
    let from = open_store(settings, Opening::Existing)?;
    let copied = Box::pin(fill(&from, &to, console, settings)).await;
    from.close().await;
    let copied = copied?;
    let mut table = Table::new(["TABLE", "ROWS", "COMPARED"]);
    for (name, rows) in &copied.tables {
        table.push([name.clone(), rows.to_string(), "same".to_owned()]);
    }
    let keys = needed_keys(&copied.keys);
    let tables: Vec<_> = copied
        .tables
        .iter()
        .map(|(name, rows)| json!({"table": name, "rows": rows, "same": true}))
        .collect();
    let document = json!({
        "from": settings.database().to_string(),
        "to": to.to_string(),
        "keys": keys,
        "tables": tables,
    });
    let answer = Answer::data(document, table.to_text()).with_note(format!(
        "copied {} to {to}; the keys are not in it: who serves from it needs key {}, in {}",
        settings.database(),
        keys.join(", "),
        settings.key_file().display()
    ));
    Ok(match (lock, folder) {
        (None, Some(_)) => answer.with_note(
            "a server runs on this data folder: what it wrote or revoked after the copy began is not in the copy",
        ),
        (Some(_), _) | (None, None) => answer,
    })
}

async fn fill(
    from: &Store,
    to: &Database,
    console: &Console,
    settings: &Settings,
) -> anyhow::Result<CopiedDatabase> {
    let record = from.installation().await?.ok_or(CopyError::NothingThere)?;
    if let Some(sentence) = lacking_keys(&record.keys, settings) {
        anyhow::bail!("the database cannot be copied: {sentence}");
    }
    let trail_key = known_trail_key(&record, settings)?;
    if let Some(file) = to.file() {
        prepare_database(file)?;
    }
    let target = Store::open(&OpenOptions {
        location: to.clone().location(),
        writer: WriterId(random_hex(&SystemEntropy, 8)),
        schema: SchemaState::Migrate,
        durability: Durability::Full,
    })?;
    target.vouch_by(trail_key);
    let generation = random_bytes(&SystemEntropy);
    let progress = Progress::default();
    let shown = progress::show("db copy", &progress);
    let copying = from.copy_to(&target, generation, attribution(console), &progress);
    let copied = Box::pin(copying).await;
    drop(shown);
    target.close().await;
    Ok(copied?)
}
