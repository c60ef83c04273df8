//! `counterfoil db`: the database itself.

mod backup;
mod copy;
mod restore;

use std::sync::Arc;

use clap::Subcommand;
use counterfoil_authority::{Clock, StartError, make_audit_key, open_audit_key};
use counterfoil_domain::audit::form::AuditKey;
use counterfoil_domain::entropy::random_bytes;
use counterfoil_domain::principal::Attribution;
use counterfoil_store::{
    AuditKeyRecord, InstallationRecord, KeyRecord, KeyState, Store, StoreError, TrailKey,
};
use serde_json::json;

use crate::clock::{SystemClock, SystemEntropy};

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::progress;
use crate::config::Settings;
use crate::installation::{
    Opening, key_source, open_folder, open_store, start_authority, unfinished,
};

/// The commands about the database.
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Bring the database up to date with this program
    ///
    /// `counterfoil serve` does so by itself when it starts. Programs of the release before can go
    /// on using a database that was migrated.
    Migrate,
    /// Copy the database to a new file, while it is in use
    ///
    /// The copy is complete and consistent, and only its owner may read it. It ends with a seal, by
    /// which `db verify` and `db restore` know that it is whole. It does not hold the keys: back up
    /// the file `keys` of the data folder too, and keep it apart. A PostgreSQL database is backed
    /// up with `pg_dump`.
    #[command(after_help = "\
Example:
  counterfoil db backup /var/backups/counterfoil-$(date +%F).db")]
    Backup(backup::BackupArguments),
    /// Say whether a backup is whole and sound, and what is in it
    ///
    /// Reads the file and changes nothing: not the file, and nothing beside it. Where the data
    /// folder has the keys that the backup needs, they are compared as well.
    #[command(after_help = "\
Example:
  counterfoil db verify /var/backups/counterfoil-2026-01-31.db")]
    Verify(backup::VerifyArguments),
    /// Put a backup in the place of the database, which nobody may be using
    ///
    /// What was revoked after the backup stays revoked: the database that is replaced is asked, and
    /// its passwords, second factors, client secrets, suspensions and audit trail are taken over.
    /// Where it cannot be read, or is not there, every token of the backup ends. The replaced file
    /// is kept beside the new one.
    #[command(after_help = "\
Example:
  counterfoil db restore /var/backups/counterfoil-2026-01-31.db")]
    Restore(restore::RestoreArguments),
    /// End every token after the database was restored by other means
    ///
    /// For PostgreSQL, restored by `pg_restore` or to a point in time: nobody knows which tokens
    /// were revoked after the state that it is in. All nodes begin anew with what they remember.
    #[command(after_help = "\
Example:
  counterfoil db after-restore --end-all-tokens")]
    AfterRestore(restore::AfterRestoreArguments),
    /// Copy everything into an empty database, of another kind or elsewhere
    ///
    /// From SQLite to PostgreSQL and back. Stop `counterfoil serve` first, on PostgreSQL every node
    /// of it: what is written or revoked after the copy began is not in the copy. A server on the
    /// same data folder is refused; nobody can see those on others. Every row is compared before
    /// the copy is kept. The keys are not copied: whoever serves from the new database needs the
    /// same key file.
    #[command(after_help = "\
Examples:
  counterfoil db copy --to 'postgres://counterfoil@db.example.org/counterfoil?sslmode=require'
  counterfoil db copy --to sqlite:/var/lib/counterfoil/counterfoil.db \\
      --database-url 'postgres://counterfoil@db.example.org/counterfoil?sslmode=require'")]
    Copy(copy::CopyArguments),
}

/// Runs one of the commands.
pub(crate) async fn run(command: DbCommand, console: &Console) -> anyhow::Result<Answer> {
    let settings = console.settings_for_work()?;
    match command {
        DbCommand::Migrate => migrate(&settings).await,
        DbCommand::Backup(arguments) => backup::backup(&arguments, &settings).await,
        DbCommand::Verify(arguments) => backup::verify(&arguments, &settings),
        DbCommand::Restore(arguments) => restore::restore(&arguments, &settings, console),
        DbCommand::AfterRestore(_) => Box::pin(restore::after_restore(&settings, console)).await,
        DbCommand::Copy(arguments) => Box::pin(copy::copy(arguments, &settings, console)).await,
    }
}

async fn migrate(settings: &Settings) -> anyhow::Result<Answer> {
    open_folder(settings, Opening::Update)?;
    let shown = progress::show_waiting("db migrate", "migrating");
    let store = open_store(settings, Opening::Update)?;
    let migrated = describe(settings, &store).await;
    drop(shown);
    store.close().await;
    migrated
}

async fn describe(settings: &Settings, store: &Store) -> anyhow::Result<Answer> {
    if store.installation().await?.is_none() {
        return Err(unfinished(settings));
    }
    // A migration may have left work to the use cases, and a key that is missing should be missed
    // now.
    let clock = Arc::new(SystemClock::default());
    start_authority(settings, store, clock).await?;
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

/// Who gives the command, where no use cases run that would say so.
fn attribution(console: &Console) -> Attribution {
    Attribution {
        principal: console.operator().principal().clone(),
        at: SystemClock::default().now(),
        personal_salt: random_bytes(&SystemEntropy),
    }
}

/// What the keys at hand lack of those that a database needs, in a sentence; nothing when all are
/// there and right.
fn lacking_keys(needed: &[KeyRecord], settings: &Settings) -> Option<String> {
    let given = match key_source(settings).load() {
        Ok(given) => given,
        Err(error) => return Some(error.to_string()),
    };
    let live = needed
        .iter()
        .filter(|record| record.state != KeyState::Retired);
    for record in live {
        match given.iter().find(|key| *key.id() == record.id) {
            None => {
                return Some(format!(
                    "the key {} that it needs is not in {}; put the key file of that time there",
                    record.id,
                    settings.key_file().display()
                ));
            }
            Some(key) if key.check_value() != record.check_value => {
                return Some(format!(
                    "the key {} in {} is another one than the one it needs",
                    record.id,
                    settings.key_file().display()
                ));
            }
            Some(_) => {}
        }
    }
    None
}

/// The key under which a database vouches for its events, opened with the keys at hand, or made
/// where it has none. None of those that it needs is lacking.
fn trail_key(
    needed: &[KeyRecord],
    known: Option<&AuditKeyRecord>,
    settings: &Settings,
) -> Result<TrailKey, StartError> {
    let given = key_source(settings).load()?;
    if let Some(known) = known {
        let key = open_audit_key(&given, known)?;
        return Ok(TrailKey { key, made: None });
    }
    let primary = needed
        .iter()
        .find(|record| record.state == KeyState::Primary)
        .and_then(|record| given.iter().find(|key| *key.id() == record.id));
    let primary = primary.ok_or(StoreError::Inconsistent {
        table: "installation_keys",
        column: "is_primary",
    })?;
    let (key, made) = make_audit_key(primary, &SystemEntropy);
    Ok(TrailKey {
        key,
        made: Some(made),
    })
}

/// The key under which a database vouches for its events, opened with the keys at hand.
fn known_trail_key(record: &InstallationRecord, settings: &Settings) -> anyhow::Result<AuditKey> {
    let known = record.audit_key.as_ref().ok_or_else(|| {
        anyhow::anyhow!(
            "the database has no key for its audit trail yet; run `counterfoil db migrate` first"
        )
    })?;
    Ok(open_audit_key(&key_source(settings).load()?, known)?)
}

/// The ids of the keys that a database needs.
fn needed_keys(keys: &[KeyRecord]) -> Vec<&str> {
    let live = keys.iter().filter(|key| key.state != KeyState::Retired);
    live.map(|key| key.id.as_str()).collect()
}
