//! Backups, checks and the heartbeat.

use std::path::PathBuf;
use std::sync::Arc;

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::postgres::ServerSurvey;
use crate::engine::sqlite::BackupError;
use crate::engine::{Engine, Store};
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::Note;

statements! {
    HEARTBEAT = "UPDATE installation SET heartbeat_at = CASE WHEN heartbeat_at > $1 THEN heartbeat_at ELSE $1 END WHERE id = 1";
    NEWEST_MIGRATION = "SELECT number, name FROM schema_migrations ORDER BY number DESC LIMIT 1";
    GAPS_IN_AUDIT = "SELECT w.id, w.head - w.removed, count(e.id) FROM audit_writers w LEFT JOIN audit_events e ON e.writer_id = w.id
        GROUP BY w.id, w.head, w.removed HAVING count(e.id) <> w.head - w.removed OR max(e.writer_number) <> w.head
        OR min(e.writer_number) <> w.removed + 1 ORDER BY w.id";
}

/// The newest migration that was applied to a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
}

impl Store {
    /// Writes a copy of the database, as it is at one moment, to a new file that only its owner can
    /// read. Reads and writes go on meanwhile. The file has its name only when it is whole, checked
    /// and synced.
    pub async fn backup(&self, to: PathBuf) -> Result<(), BackupError> {
        let sqlite = self.sqlite().ok_or(BackupError::NotAFile)?;
        let sqlite = Arc::clone(sqlite);
        let copied = tokio::task::spawn_blocking(move || sqlite.backup(&to)).await;
        copied.unwrap_or_else(|_| Err(StoreError::Unavailable("the backup panicked".into()).into()))
    }

    /// Writes the time, to show that writes last. No event: it changes nothing that anybody decides
    /// by.
    pub async fn heartbeat(&self, now: Timestamp) -> Result<(), StoreError> {
        self.note(Note::Heartbeat, move |tx| {
            Box::pin(async move {
                match tx.execute(HEARTBEAT, params![now]).await? {
                    0 => Err(StoreError::Inconsistent {
                        table: "installation",
                        column: "id",
                    }),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// What is wrong with the database, in sentences; nothing when it is sound. Reads all of it.
    pub async fn check_integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut problems = match self.sqlite() {
            Some(sqlite) => {
                let sqlite = Arc::clone(sqlite);
                let checked = tokio::task::spawn_blocking(move || sqlite.check_integrity()).await;
                checked
                    .unwrap_or_else(|_| Err(StoreError::Unavailable("the check panicked".into())))?
            }
            // PostgreSQL keeps its references and its pages itself.
            None => Vec::new(),
        };
        let gaps = self.read(move |tx| Box::pin(async move { gaps_in_audit(tx).await }));
        problems.extend(gaps.await?);
        Ok(problems)
    }

    /// What the database's server says about itself, and how its clock stands to this one; nothing
    /// for a file.
    pub async fn survey(
        &self,
        now: &(dyn Fn() -> Timestamp + Send + Sync),
    ) -> Result<Option<ServerSurvey>, StoreError> {
        match self.engine() {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(postgres) => postgres.survey(now).await.map(Some),
        }
    }

    /// The newest migration that was applied.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                newest_migration(tx).await?.ok_or(StoreError::Inconsistent {
                    table: "schema_migrations",
                    column: "number",
                })
            })
        })
        .await
    }
}

/// The newest migration that was applied, if any was.
pub(crate) async fn newest_migration(tx: &mut Tx) -> Result<Option<Schema>, StoreError> {
    let row = tx.optional(NEWEST_MIGRATION, &[]).await?;
    let schema = row.map(|mut row| {
        Ok(Schema {
            number: row.integer(0)?,
            name: row.text(1)?,
        })
    });
    schema.transpose()
}

/// What is missing from the audit trail, in sentences.
pub(crate) async fn gaps_in_audit(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let rows = tx.rows(GAPS_IN_AUDIT, &[]).await?;
    let sentences = rows.into_iter().map(|mut row| {
        let (writer, head, events) = (row.text(0)?, row.integer(1)?, row.integer(2)?);
        Ok(format!(
            "the audit trail of {writer} should have {head} events and has {events}"
        ))
    });
    sentences.collect()
}
