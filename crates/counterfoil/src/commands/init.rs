//! `counterfoil init`: an installation, made on purpose.

use clap::Args;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::table::facts;
use crate::installation::{Installation, Opening, Whereabouts};

/// Make an installation: a data folder, a database and the key that its secrets are sealed under
///
/// `serve` does so too on an empty or absent folder or an empty PostgreSQL database, and so does
/// `quickstart`; no other command does, so that a mistyped folder is an error and not a second
/// installation. One that is there already is left as it is, and the exit status is 1. Keys that
/// are in the key file already are used.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil init
  counterfoil init --data-dir /var/lib/counterfoil
  counterfoil init --database-url 'postgres://counterfoil@db.example.org/counterfoil?sslmode=require'")]
pub(crate) struct InitArguments {}

/// Makes the installation that the settings name.
pub(crate) async fn run(console: &Console) -> anyhow::Result<Answer> {
    let installation = console.open(Opening::Make).await?;
    installation.make_changes_known().await;
    let answer = answer(&installation);
    installation.close().await;
    Ok(answer)
}

fn answer(made: &Installation) -> Answer {
    let whereabouts = made.whereabouts();
    let Whereabouts {
        folder,
        database,
        key_file,
    } = &whereabouts;
    let mut pairs = Vec::new();
    if let Some(folder) = folder {
        pairs.push(("data folder", folder.display().to_string()));
    }
    pairs.push(("database", database.clone()));
    let key = key_file.as_ref().map_or_else(
        || "in COUNTERFOIL_KEY".to_owned(),
        |file| file.display().to_string(),
    );
    pairs.push(("key", key));
    let document = json!({"data_dir": folder, "database": database, "key_file": key_file});
    Answer::data(document, facts(&pairs)).with_note(whereabouts.advice())
}
