//! `counterfoil db restore` and `db after-restore`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use counterfoil_authority::Clock;
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::entropy::{random_bytes, random_hex};
use counterfoil_domain::principal::Attribution;
use counterfoil_store::{
    AuditKeyRecord, KeyRecord, Progress, RestoreRequest, Restored, Store, UnprovenEnded,
    Unverifiable, restore as restore_file,
};
use serde_json::{Map, Value, json};

use crate::clock::{SystemClock, SystemEntropy};
use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::db::{attribution, known_trail_key, lacking_keys, trail_key};
use crate::commands::progress;
use crate::commands::table::count;
use crate::config::{Database, Settings};
use crate::control;
use crate::data_folder::{DataFolder, check_file};
use crate::installation::{Opening, open_folder, open_store};

/// From where.
#[derive(Args, Debug)]
pub(crate) struct RestoreArguments {
    /// The backup
    file: PathBuf,
}

/// A word of consent.
#[derive(Args, Debug)]
pub(crate) struct AfterRestoreArguments {
    /// Say that every token is to end
    #[arg(long, required = true)]
    end_all_tokens: bool,
}

pub(super) fn restore(
    arguments: &RestoreArguments,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Answer> {
    let database = match settings.database() {
        Database::Sqlite(path) => path,
        Database::Postgres(server) => anyhow::bail!(
            "{server} is restored with pg_restore; then run `counterfoil db after-restore`, see docs/run/backup.md"
        ),
    };
    let folder = DataFolder::existing_or_new(&settings.general.data_dir)?;
    let _lock = folder.lock_for_serving()?;
    check_file(&database)?;
    let mut set_aside = database.clone().into_os_string();
    set_aside.push(format!(".replaced-{}", today()));
    let refused = |sentence: String| {
        let file = arguments.file.display();
        format!("{file} cannot be restored here: {sentence}")
    };
    let open_keys =
        |needed: &[KeyRecord], known: Option<&AuditKeyRecord>| match lacking_keys(needed, settings)
        {
            None => trail_key(needed, known, settings).map_err(|error| refused(error.to_string())),
            Some(sentence) => Err(refused(sentence)),
        };
    let progress = Progress::default();
    let shown = progress::show("db restore", &progress);
    progress.begin("copying, checking and taking over what is newer", None);
    let restored = restore_file(&RestoreRequest {
        backup: arguments.file.clone(),
        database: database.clone(),
        set_aside: set_aside.into(),
        writer: WriterId(random_hex(&SystemEntropy, 8)),
        generation: random_bytes(&SystemEntropy),
        by: attribution(console),
        open_keys: &open_keys,
    })?;
    drop(shown);
    let mut sentence = format!(
        "restored {} from {}",
        settings.database(),
        arguments.file.display()
    );
    if let Some(aside) = &restored.set_aside {
        write!(sentence, "; what was there is now {}", aside.display())
            .expect("a text takes more text");
    }
    let counts = tell_counts(&restored, &mut sentence);
    let document = json!({
        "database": settings.database().to_string(),
        "replaced": restored.set_aside,
        "proof": restored.unverifiable.is_none(),
        "why_no_proof": restored.unverifiable.as_ref().map(reason),
        "schema": {"number": restored.schema.number, "name": restored.schema.name},
        "counts": counts,
    });
    let answer = Answer::done(document, sentence);
    Ok(match note(&restored) {
        Some(note) => answer.with_note(note),
        None => answer,
    })
}

/// Appends a line for each count that is not zero, and returns all of them.
fn tell_counts(restored: &Restored, sentence: &mut String) -> Map<String, Value> {
    let mut counts = Map::new();
    for (name, number) in &restored.counts.named {
        counts.insert((*name).to_owned(), json!(number));
        if *number > 0 {
            write!(sentence, "\n  {}: {number}", name.replace('_', " "))
                .expect("a text takes more text");
        }
    }
    counts
}

fn reason(beyond: &Unverifiable) -> String {
    match beyond {
        Unverifiable::NothingThere => "there was no database to replace".to_owned(),
        Unverifiable::Unreadable(why) => {
            format!("the database that was replaced cannot be read ({why})")
        }
        Unverifiable::AnotherInstallation => {
            "the database that was replaced is another installation's".to_owned()
        }
        Unverifiable::NotAfterTheBackup => {
            "the database that was replaced does not hold all that the backup holds".to_owned()
        }
    }
}

fn note(restored: &Restored) -> Option<String> {
    let why = restored.unverifiable.as_ref().map(reason)?;
    Some(format!(
        "{why}, so nothing proved which tokens still live, and all have ended; passwords, second factors, client secrets and \
         suspensions are those of the backup: look through them"
    ))
}

/// The date and time, as a name takes it.
fn today() -> String {
    let now = SystemClock::default().now().to_string();
    now.replace([':', '-'], "")
        .replace('T', "-")
        .replace('Z', "")
}

pub(super) async fn after_restore(
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Answer> {
    let folder = open_folder(settings, Opening::Existing)?;
    let store = open_store(settings, Opening::Existing)?;
    let progress = Progress::default();
    let shown = progress::show("db after-restore", &progress);
    progress.begin("ending every token", None);
    let ended = Box::pin(end_unproven(&store, settings, attribution(console))).await;
    drop(shown);
    control::make_known(folder.as_ref(), settings).await;
    store.close().await;
    let ended = ended?;
    Ok(Answer::done(
        json!({"tokens_ended": ended.tokens}),
        format!(
            "ended {}; every node forgets what it remembered",
            count(ended.tokens, "token")
        ),
    ))
}

async fn end_unproven(
    store: &Store,
    settings: &Settings,
    by: Attribution,
) -> anyhow::Result<UnprovenEnded> {
    if let Some(record) = store.installation().await? {
        store.vouch_by(known_trail_key(&record, settings)?);
    }
    Box::pin(store.leap_over_lost_ids()).await?;
    let generation = random_bytes(&SystemEntropy);
    Ok(store.end_unproven(generation, by).await?)
}
