//! `counterfoil db backup` and `db verify`.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use counterfoil_store::{Progress, verify_backup};
use serde_json::{Map, json};

use crate::commands::answer::Answer;
use crate::commands::db::{lacking_keys, needed_keys};
use crate::commands::progress;
use crate::commands::table::{Table, count};
use crate::config::{Database, Settings};
use crate::installation::{Opening, open_folder, open_store};

/// Where to.
#[derive(Args, Debug)]
pub(crate) struct BackupArguments {
    /// The file to write, which must not exist
    file: PathBuf,
}

/// Which one.
#[derive(Args, Debug)]
pub(crate) struct VerifyArguments {
    /// The backup
    file: PathBuf,
}

pub(super) async fn backup(
    arguments: &BackupArguments,
    settings: &Settings,
) -> anyhow::Result<Answer> {
    let file = &arguments.file;
    if let Database::Postgres(_) = settings.database() {
        anyhow::bail!(
            "a PostgreSQL database is backed up with pg_dump, such as `pg_dump --format=custom --file={} …`; see docs/run/backup.md",
            file.display()
        );
    }
    open_folder(settings, Opening::Existing)?;
    let store = open_store(settings, Opening::Existing)?;
    let progress = Progress::default();
    let shown = progress::show("db backup", &progress);
    progress.begin("copying and checking", None);
    let copied = store.backup(file.clone()).await;
    drop(shown);
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

pub(super) fn verify(arguments: &VerifyArguments, settings: &Settings) -> anyhow::Result<Answer> {
    let file = &arguments.file;
    let progress = Progress::default();
    let shown = progress::show("db verify", &progress);
    progress.begin("reading and checking", None);
    let backup = verify_backup(file)?;
    drop(shown);
    let keys = needed_keys(&backup.keys);
    let lacking = lacking_keys(&backup.keys, settings);
    let mut table = Table::new(["TABLE", "ROWS"]);
    let mut rows = Map::new();
    for (name, count) in &backup.rows {
        table.push([name.clone(), count.to_string()]);
        rows.insert(name.clone(), json!(count));
    }
    let newest_event = backup.newest_event.map(|at| at.to_string());
    let mut text = table.to_text();
    write!(
        text,
        "\n{} is whole and sound: schema {} ({}), {}, newest event {}, sealed under {}",
        file.display(),
        backup.schema.number,
        backup.schema.name,
        count(backup.bytes, "byte"),
        newest_event.as_deref().unwrap_or("none"),
        if keys.is_empty() {
            "keys that an older program can name".to_owned()
        } else {
            format!("key {}", keys.join(", "))
        },
    )
    .expect("a text takes more text");
    let document = json!({
        "file": file,
        "schema": {"number": backup.schema.number, "name": backup.schema.name, "current": backup.is_current},
        "bytes": backup.bytes,
        "newest_event": newest_event,
        "keys": keys,
        "keys_at_hand": lacking.is_none(),
        "rows": rows,
    });
    let answer = Answer::data(document, text);
    Ok(match lacking {
        None => answer,
        Some(sentence) => answer.with_note(format!("it cannot be served from here: {sentence}")),
    })
}
