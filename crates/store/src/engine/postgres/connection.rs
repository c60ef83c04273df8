//! A PostgreSQL connection.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row as PostgresRow};

use crate::engine::postgres::failure::PostgresFailure;
use crate::engine::postgres::options::StatementMode;
use crate::engine::postgres::value::row_from;
use crate::error::StoreError;
use crate::statement::{Lock, Row, Statement, Value, params, statements};

/// The channel on which nodes tell each other that the feed of changes has grown.
pub(super) const CHANNEL: &str = "counterfoil_changes";

statements! {
    TAKE_TURN = "SELECT pg_advisory_xact_lock($1)::text";
    TRY_TURN = "SELECT CASE WHEN pg_try_advisory_xact_lock($1) THEN 1 ELSE 0 END";
    ANALYZE_TOKENS = "ANALYZE authorizations";
}

/// What a statement is known by once it is prepared: where its text is, which is the same for as
/// long as the program runs, and its lock, since two statements that differ in nothing else may be
/// one text.
type StatementId = (usize, usize, Lock);

const SYNCHRONOUS_COMMIT: &str = "SELECT current_setting('synchronous_commit')";
/// How long a connection may take to show that it is still there.
const CATCHING_UP: Duration = Duration::from_millis(250);
/// What a round trip may take without being held against its transaction.
const USUAL: Duration = Duration::from_millis(100);

/// What an answer that took no longer than that makes good again: a transaction of a million
/// statements meets some checkpoints.
const REGAINED: Duration = Duration::from_millis(1);

/// Whether a connection may be given to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing is open on it.
    Idle,
    /// A transaction is open on it.
    InTransaction,
    /// A transaction is open on it in which a statement failed: nothing but undoing it is left.
    Failed,
    /// Nobody knows what is open on it.
    Unknown,
}

/// A connection that runs statements, and knows whether a transaction is open on it.
pub(crate) struct PostgresConnection {
    client: Client,
    /// What carries the connection.
    driver_task: AbortHandle,
    prepared: HashMap<StatementId, tokio_postgres::Statement>,
    mode: StatementMode,
    /// How long an answer may take: longer than the server lets a statement run.
    time_limit: Duration,
    /// What every transaction begins with, a pooler's connections being anybody's.
    settings: String,
    condition: Condition,
    /// How much slower than usual the answers to this transaction may still be, all together: many
    /// quick statements may take their time, but a network that drips must not make somebody wait
    /// for a time-out with each of them.
    latency_budget: Duration,
    /// An answer is on its way that somebody asked for and may not have waited for.
    is_asked: bool,
}

/// How transactions run on a connection.
#[derive(Clone, Debug)]
pub(super) struct SessionOptions {
    pub(super) statements: StatementMode,
    pub(super) time_limit: Duration,
    pub(super) settings: String,
}

impl PostgresConnection {
    pub(super) fn new(
        (client, driver_task): (Client, AbortHandle),
        session_options: &SessionOptions,
    ) -> Self {
        Self {
            client,
            driver_task,
            prepared: HashMap::new(),
            mode: session_options.statements,
            time_limit: session_options.time_limit,
            settings: session_options.settings.clone(),
            condition: Condition::Idle,
            latency_budget: session_options.time_limit,
            is_asked: false,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn condition(&self) -> Condition {
        self.condition
    }

    /// Makes sure that whoever gets this connection next does not wait for what somebody else asked
    /// and then left: on a connection whose other end is gone that answer never comes.
    pub(super) async fn catch_up(&mut self) -> Result<(), PostgresFailure> {
        if self.is_asked {
            in_time(CATCHING_UP, self.client.batch_execute("")).await?;
            self.is_asked = false;
        }
        self.latency_budget = self.time_limit;
        Ok(())
    }

    /// Refuses a server that confirms what it may lose.
    pub(super) async fn demand_lasting_commits(&self) -> Result<(), PostgresFailure> {
        let setting = self.look_up(SYNCHRONOUS_COMMIT).await?;
        if setting.as_deref() == Some("off") {
            let why = "the server's setting synchronous_commit is off";
            return Err(PostgresFailure::broken(why));
        }
        Ok(())
    }

    /// Nobody is to use this connection any more.
    pub(super) fn give_up(&mut self) {
        self.condition = Condition::Unknown;
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin(&mut self) -> Result<(), PostgresFailure> {
        self.latency_budget = self.time_limit;
        let begin = format!("BEGIN;{}", self.settings);
        self.control(&begin, Condition::InTransaction).await
    }

    /// Begins a transaction whose statements all see the same state.
    pub(super) async fn begin_reading(&mut self) -> Result<(), PostgresFailure> {
        self.latency_budget = self.time_limit;
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;{}",
            self.settings
        );
        self.control(&begin, Condition::InTransaction).await
    }

    /// Ends the transaction.
    pub(super) async fn commit(&mut self) -> Result<(), PostgresFailure> {
        self.commit_after("").await
    }

    /// Ends the transaction, and tells other nodes that the feed of changes has grown.
    pub(super) async fn commit_and_notify(&mut self) -> Result<(), PostgresFailure> {
        self.commit_after(&format!("NOTIFY {CHANNEL};")).await
    }

    async fn commit_after(&mut self, first: &str) -> Result<(), PostgresFailure> {
        if self.condition != Condition::InTransaction {
            return Err(PostgresFailure::aborted());
        }
        // A commit that waits for a standby and runs out of time is confirmed, though the standby
        // never had it. So its time is ours to measure: who runs out of it knows nothing, and says
        // so.
        let commit = format!("{first}SET LOCAL statement_timeout=0;COMMIT");
        self.control(&commit, Condition::Idle).await
    }

    /// Ends a transaction that only read.
    pub(super) async fn end_reading(&mut self) -> Result<(), PostgresFailure> {
        self.control("COMMIT", Condition::Idle).await
    }

    /// Undoes the transaction.
    pub(super) async fn roll_back(&mut self) -> Result<(), PostgresFailure> {
        if self.condition == Condition::Unknown {
            // Nobody answers on it: to wait for one answer more would only keep somebody waiting.
            return Err(PostgresFailure::broken("it was given up"));
        }
        self.control("ROLLBACK", Condition::Idle).await
    }

    /// Undoes the transaction after a failure. Where no answer came none is asked for again: the
    /// connection is given up, and the server undoes what was open on it. So it does when this
    /// fails too.
    pub(super) async fn undo(&mut self) {
        if self.condition != Condition::Unknown {
            drop(self.roll_back().await);
        }
    }

    async fn control(
        &mut self,
        statements: &str,
        afterwards: Condition,
    ) -> Result<(), PostgresFailure> {
        // Whoever stops waiting in the middle leaves a connection that nobody knows anything about.
        self.condition = Condition::Unknown;
        let outcome = in_time(self.time_limit, self.client.batch_execute(statements)).await;
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
        let begun = self.begin_asking();
        let outcome = self.change(statement, params).await;
        self.end_asking(begun);
        self.note_outcome(outcome)
    }

    async fn change(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<u64, PostgresFailure> {
        match self.mode {
            StatementMode::Prepared => {
                let prepared = self.prepare(statement, params).await?;
                in_time(self.limit(), self.client.execute_raw(&prepared, params)).await
            }
            StatementMode::Unnamed => {
                let (text, typed) = (text_of(statement), typed(params));
                in_time(self.limit(), self.client.execute_typed(&text, &typed)).await
            }
        }
    }

    fn begin_asking(&mut self) -> Instant {
        self.is_asked = true;
        Instant::now()
    }

    fn end_asking(&mut self, begun: Instant) {
        self.is_asked = false;
        let late = begun.elapsed().saturating_sub(USUAL);
        self.latency_budget = if late.is_zero() {
            (self.latency_budget + REGAINED).min(self.time_limit)
        } else {
            self.latency_budget.saturating_sub(late)
        };
    }

    /// How long the next answer may take.
    fn limit(&self) -> Duration {
        self.latency_budget + USUAL
    }

    /// Remembers what a failed statement makes of the connection: a refusal leaves nothing to do
    /// but to undo the transaction, and where no answer came there may still be one to come.
    fn note_outcome<T>(&mut self, outcome: Result<T, PostgresFailure>) -> Result<T, StoreError> {
        if let Err(failure) = &outcome {
            self.condition = match self.condition {
                _ if !failure.is_the_servers() => Condition::Unknown,
                Condition::InTransaction => Condition::Failed,
                other => other,
            };
        }
        Ok(outcome?)
    }

    pub(crate) async fn rows(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let begun = self.begin_asking();
        let asked = self.ask(statement, params).await;
        self.end_asking(begun);
        let rows = self.note_outcome(asked)?;
        rows.iter().map(|row| row_from(row, statement)).collect()
    }

    pub(crate) async fn optional(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let begun = self.begin_asking();
        let asked = self.ask(statement, params).await;
        self.end_asking(begun);
        let rows = self.note_outcome(asked)?;
        rows.first().map(|row| row_from(row, statement)).transpose()
    }

    async fn ask(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Vec<PostgresRow>, PostgresFailure> {
        match self.mode {
            StatementMode::Prepared => {
                let prepared = self.prepare(statement, params).await?;
                let references = params.iter().map(|value| value as &(dyn ToSql + Sync));
                let references: Vec<_> = references.collect();
                in_time(self.limit(), self.client.query(&prepared, &references)).await
            }
            StatementMode::Unnamed => {
                let (text, typed) = (text_of(statement), typed(params));
                in_time(self.limit(), self.client.query_typed(&text, &typed)).await
            }
        }
    }

    /// Waits for the turn of this number until the transaction ends.
    pub(crate) async fn take_turn(&mut self, number: i64) -> Result<(), StoreError> {
        self.rows(TAKE_TURN, params![number]).await.map(drop)
    }

    /// Takes the turn of this number until the transaction ends, unless somebody else has it.
    pub(crate) async fn try_turn(&mut self, number: i64) -> Result<bool, StoreError> {
        let taken = self.optional(TRY_TURN, params![number]).await?;
        taken.map_or(Ok(false), |mut row| row.flag(0))
    }

    /// Takes the statistics of the tables of tokens anew; every plan that was made before is made
    /// again.
    pub(crate) async fn analyze_tokens(&mut self) -> Result<(), StoreError> {
        self.rows(ANALYZE_TOKENS, params![]).await.map(drop)
    }

    async fn prepare(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<tokio_postgres::Statement, PostgresFailure> {
        let text = statement.text;
        let id = (text.as_ptr() as usize, text.len(), statement.lock);
        if let Some(prepared) = self.prepared.get(&id) {
            return Ok(prepared.clone());
        }
        let types: Vec<Type> = params.iter().map(Value::postgres_type).collect();
        let text = text_of(statement);
        let asked = self.client.prepare_typed(&text, &types);
        let prepared = in_time(self.time_limit, asked).await?;
        self.prepared.insert(id, prepared.clone());
        Ok(prepared)
    }

    /// Adds rows by `COPY … FROM STDIN (FORMAT binary)`.
    pub(super) async fn copy_in(
        &self,
        statement: &str,
        types: &[Type],
        rows: &[Row],
    ) -> Result<(), PostgresFailure> {
        let sink = in_time(self.time_limit, self.client.copy_in(statement)).await?;
        let mut writer = std::pin::pin!(BinaryCopyInWriter::new(sink, types));
        let copied = async {
            for row in rows {
                let values = row.values.iter().map(|value| value as &(dyn ToSql + Sync));
                writer.as_mut().write_raw(values).await?;
            }
            writer.as_mut().finish().await
        };
        in_time(self.time_limit, copied).await.map(drop)
    }

    /// What a simple question of the engine's own answers, as text.
    pub(super) async fn look_up(&self, question: &str) -> Result<Option<String>, PostgresFailure> {
        let rows = in_time(self.time_limit, self.client.query_typed(question, &[])).await?;
        Ok(rows.first().and_then(|row| row.get(0)))
    }

    /// Runs statements that are no transaction of the store's operations.
    pub(super) async fn run(&self, statements: &str) -> Result<(), PostgresFailure> {
        in_time(self.time_limit, self.client.batch_execute(statements)).await
    }
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        if self.condition == Condition::Unknown {
            // It would wait for an answer that may never come, and hold the connection for as long.
            self.driver_task.abort();
        }
    }
}

impl std::fmt::Debug for PostgresConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresConnection({:?})", self.condition)
    }
}

/// The text with the words by which PostgreSQL locks what the statement reads.
pub(super) fn text_of(statement: Statement) -> std::borrow::Cow<'static, str> {
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
    time_limit: Duration,
    asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, PostgresFailure> {
    match timeout(time_limit, asked).await {
        Ok(answered) => answered.map_err(PostgresFailure::from),
        Err(_) => Err(PostgresFailure::TimedOut),
    }
}
