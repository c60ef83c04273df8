//! A PostgreSQL connection with the transaction that is open on it.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::audit::WriterId;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row as PostgresRow};

use crate::changes::Announcements;
use crate::engine::postgres::failure::PostgresFailure;
use crate::engine::postgres::options::StatementManner;
use crate::engine::postgres::value::row_from;
use crate::error::StoreError;
use crate::liveness::Liveness;
use crate::statement::{Lock, Statement};
use crate::tx::{Row, Value};

/// The channel on which nodes tell each other that the feed of changes has grown.
pub(super) const CHANNEL: &str = "counterfoil_changes";

/// What a statement is known by once it is prepared: where its text is, which is the same for as long as the program runs.
type StatementId = (usize, usize);

/// Whether a connection may be given to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing is open on it.
    Idle,
    /// A transaction is open on it.
    InTransaction,
    /// Nobody knows what is open on it.
    Unknown,
}

/// A connection, and the writer under whose id its transactions record events. A connection runs one transaction at a time,
/// so each has a writer of its own, and no two transactions wait for each other's number.
pub(crate) struct PostgresTx {
    client: Client,
    writer: Arc<WriterId>,
    pub(crate) announcements: Announcements,
    pub(crate) liveness: Liveness,
    prepared: HashMap<StatementId, tokio_postgres::Statement>,
    manner: StatementManner,
    /// How long an answer may take: longer than the server lets a statement run.
    patience: Duration,
    /// What every transaction begins with, a pooler's connections being anybody's.
    settings: String,
    condition: Condition,
}

/// How transactions run on a connection.
#[derive(Clone, Debug)]
pub(super) struct Manners {
    pub(super) statements: StatementManner,
    pub(super) patience: Duration,
    pub(super) settings: String,
}

impl PostgresTx {
    pub(super) fn new(
        client: Client,
        writer: Arc<WriterId>,
        liveness: Liveness,
        manners: &Manners,
    ) -> Self {
        Self {
            client,
            writer,
            announcements: Announcements::default(),
            liveness,
            prepared: HashMap::new(),
            manner: manners.statements,
            patience: manners.patience,
            settings: manners.settings.clone(),
            condition: Condition::Idle,
        }
    }

    pub(crate) fn writer(&self) -> Arc<WriterId> {
        Arc::clone(&self.writer)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn condition(&self) -> Condition {
        self.condition
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin(&mut self) -> Result<(), PostgresFailure> {
        let begin = format!("BEGIN;{}", self.settings);
        self.control(&begin, Condition::InTransaction).await
    }

    /// Begins a transaction whose statements all see the same state.
    pub(super) async fn begin_reading(&mut self) -> Result<(), PostgresFailure> {
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;{}",
            self.settings
        );
        self.control(&begin, Condition::InTransaction).await
    }

    /// Ends the transaction, and tells other nodes if it announced something.
    pub(super) async fn commit(&mut self) -> Result<(), PostgresFailure> {
        let commit = if self.announcements.noted.is_empty() {
            "COMMIT".to_owned()
        } else {
            format!("NOTIFY {CHANNEL};COMMIT")
        };
        self.control(&commit, Condition::Idle).await
    }

    /// Undoes the transaction.
    pub(super) async fn roll_back(&mut self) -> Result<(), PostgresFailure> {
        self.announcements.clear();
        self.control("ROLLBACK", Condition::Idle).await
    }

    async fn control(
        &mut self,
        statements: &str,
        afterwards: Condition,
    ) -> Result<(), PostgresFailure> {
        // Whoever stops waiting in the middle leaves a connection that nobody knows anything about.
        self.condition = Condition::Unknown;
        let outcome = in_time(self.patience, self.client.batch_execute(statements)).await;
        if outcome.is_ok() {
            self.condition = afterwards;
        }
        outcome
    }

    pub(crate) async fn execute(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        match self.manner {
            StatementManner::Prepared => {
                let prepared = self.prepare(statement, params).await?;
                let asked = self.client.execute_raw(&prepared, params);
                Ok(in_time(self.patience, asked).await?)
            }
            StatementManner::Unnamed => {
                let text = text_of(statement);
                let typed = typed(params);
                Ok(in_time(self.patience, self.client.execute_typed(&text, &typed)).await?)
            }
        }
    }

    pub(crate) async fn rows(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let rows = self.ask(statement, params).await?;
        rows.iter().map(row_from).collect()
    }

    pub(crate) async fn optional(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let rows = self.ask(statement, params).await?;
        rows.first().map(row_from).transpose()
    }

    async fn ask(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Vec<PostgresRow>, StoreError> {
        match self.manner {
            StatementManner::Prepared => {
                let prepared = self.prepare(statement, params).await?;
                let references = params.iter().map(|value| value as &(dyn ToSql + Sync));
                let references: Vec<_> = references.collect();
                Ok(in_time(self.patience, self.client.query(&prepared, &references)).await?)
            }
            StatementManner::Unnamed => {
                let text = text_of(statement);
                let typed = typed(params);
                Ok(in_time(self.patience, self.client.query_typed(&text, &typed)).await?)
            }
        }
    }

    async fn prepare(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<tokio_postgres::Statement, PostgresFailure> {
        let id = (statement.text.as_ptr() as usize, statement.text.len());
        if let Some(prepared) = self.prepared.get(&id) {
            return Ok(prepared.clone());
        }
        let types: Vec<Type> = params.iter().map(Value::postgres_type).collect();
        let text = text_of(statement);
        let asked = self.client.prepare_typed(&text, &types);
        let prepared = in_time(self.patience, asked).await?;
        self.prepared.insert(id, prepared.clone());
        Ok(prepared)
    }

    /// What a simple question of the engine's own answers, as text.
    pub(super) async fn look_up(&self, question: &str) -> Result<Option<String>, PostgresFailure> {
        let rows = in_time(self.patience, self.client.query_typed(question, &[])).await?;
        Ok(rows.first().and_then(|row| row.get(0)))
    }

    /// Runs statements that are no transaction of the store's operations.
    pub(super) async fn run(&self, statements: &str) -> Result<(), PostgresFailure> {
        in_time(self.patience, self.client.batch_execute(statements)).await
    }
}

impl std::fmt::Debug for PostgresTx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresTx({})", self.writer.0)
    }
}

/// The text with the words by which PostgreSQL locks what the statement reads.
fn text_of(statement: Statement) -> std::borrow::Cow<'static, str> {
    match statement.lock {
        Lock::None => statement.text.into(),
        Lock::Shared => format!("{} FOR SHARE", statement.text).into(),
        Lock::Exclusive => format!("{} FOR NO KEY UPDATE", statement.text).into(),
    }
}

fn typed(params: &[Value]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    let with_type = |value| {
        let value: &Value = value;
        (value as &(dyn ToSql + Sync), value.postgres_type())
    };
    params.iter().map(with_type).collect()
}

async fn in_time<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, PostgresFailure> {
    match timeout(patience, asked).await {
        Ok(answered) => answered.map_err(PostgresFailure::from),
        Err(_) => Err(PostgresFailure::TimedOut),
    }
}
