//! The SQLite engine: one thread that writes, commits in groups and answers after the commit; readers that never wait for it.
//!
//! The writer takes what has queued up while the last commit was being synced, runs each piece of work inside a savepoint of
//! one `BEGIN IMMEDIATE` transaction, commits once, and only then answers all of them. Other processes (the command line)
//! may write to the same file: every piece of work reads what it decides by inside the transaction.
//!
//! Readers run on the calling thread. A read is a few pages from memory: handing it to another thread would cost more than
//! the read. What a reader may not do is wait for the writer, and in WAL mode it does not.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use crate::engine::{Durability, OpenOptions};
use crate::error::{OpenError, StoreError, WriteError};
use crate::statement::Statement;
use crate::tx::{Row, Tx, Value};

/// Why a future of this engine may be asked once and no more.
const READY: &str = "futures of the SQLite engine are ready at once";
const BEGIN_READ: Statement = Statement { name: "BEGIN_READ", text: "BEGIN" };
const END_READ: Statement = Statement { name: "END_READ", text: "COMMIT" };
/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pieces of work in one commit at most.
const LARGEST_GROUP: usize = 512;
/// Pieces of work that may wait for the writer before callers wait too.
const LONGEST_QUEUE: usize = 4096;
/// Pages after which the log is copied back into the database: 16 MiB, since each copy dirties whole pages.
const CHECKPOINT_PAGES: u32 = 4096;

/// A piece of work on the writer's thread. It gets the open transaction, or the reason why there is none.
type Work = Box<dyn FnOnce(Result<&mut Tx, &str>) -> Ran + Send>;
/// Answers a caller with the outcome of the commit that carried its work.
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

/// What a piece of work left behind.
struct Ran {
    /// Whether its savepoint is to be kept.
    keep: bool,
    /// Answers the caller once the commit's outcome is known.
    answer: Answer,
}

/// An open SQLite database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    queue: mpsc::SyncSender<Work>,
    readers: Mutex<Vec<Tx>>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        let unusable = |error: rusqlite::Error| OpenError::Unusable { path: path.to_owned(), reason: error.to_string() };
        let mut connection = Connection::open(path).map_err(unusable)?;
        set_up(&connection, options.durability).map_err(unusable)?;
        options.schema.bring_about(&mut connection, path)?;
        let (queue, work) = mpsc::sync_channel(LONGEST_QUEUE);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_until_closed(&mut Tx::Sqlite(SqliteTx(connection)), &work))
            .map_err(|error| OpenError::Unusable { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Self { path: path.to_owned(), queue, readers: Mutex::new(Vec::new()) })
    }

    pub(crate) async fn write<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: Work = Box::new(move |tx| {
            let outcome = match tx {
                Ok(tx) => work(tx).now_or_never().expect(READY),
                Err(reason) => Err(WriteError::Store(StoreError::NotCommitted(reason.to_owned()))),
            };
            let keep = outcome.is_ok();
            let answer = Box::new(move |committed: Result<(), String>| {
                let outcome = match (outcome, committed) {
                    // A refusal was decided by what the transaction saw, so it too stands only if the transaction did.
                    (outcome, Ok(())) => outcome,
                    (_, Err(reason)) => Err(WriteError::Store(StoreError::NotCommitted(reason))),
                };
                // The caller may have gone away; what was committed stays.
                drop(sender.send(outcome));
            });
            Ran { keep, answer }
        });
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::TrySendError::Full(_) => StoreError::Unavailable("too many writes are waiting".into()),
            mpsc::TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        receiver.await.map_err(|_| StoreError::Closed)?
    }

    pub(crate) fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>>,
    {
        let pooled = self.readers.lock().pop();
        let mut tx = match pooled {
            Some(tx) => tx,
            None => Tx::Sqlite(SqliteTx(self.open_reader()?)),
        };
        // One transaction, so that several statements see one state.
        tx.execute(BEGIN_READ, &[]).now_or_never().expect(READY)?;
        let outcome = work(&mut tx).now_or_never().expect(READY);
        tx.execute(END_READ, &[]).now_or_never().expect(READY)?;
        // A connection that failed is not used again: it is closed with its transaction.
        let value = outcome?;
        self.readers.lock().push(tx);
        Ok(value)
    }

    /// A connection of its own that can only read.
    pub(crate) fn open_reader(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(256);
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }
}

fn set_up(connection: &Connection, durability: Durability) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::None => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
}

/// The writer's life: ends when the last sender is gone.
fn write_until_closed(tx: &mut Tx, queue: &mpsc::Receiver<Work>) {
    while let Ok(first) = queue.recv() {
        let mut waiting = vec![first];
        waiting.extend(queue.try_iter().take(LARGEST_GROUP - 1));
        write_group(tx, waiting);
    }
}

/// Runs a group in one transaction, commits and answers. A failure of the transaction is the failure of all.
fn write_group(tx: &mut Tx, group: Vec<Work>) {
    let mut outcome = batch(tx, "BEGIN IMMEDIATE");
    let mut answers: Vec<Answer> = Vec::with_capacity(group.len());
    for work in group {
        let (answer, state) = match &outcome {
            Ok(()) => in_savepoint(tx, work),
            Err(reason) => (work(Err(reason)).answer, Err(reason.clone())),
        };
        answers.push(answer);
        outcome = state;
    }
    let outcome = outcome.and_then(|()| batch(tx, "COMMIT"));
    if let Err(reason) = &outcome {
        tracing::error!(reason, "a group of writes was not committed");
        let Tx::Sqlite(sqlite) = tx;
        if !sqlite.0.is_autocommit() {
            // A failed COMMIT can leave the transaction open; nothing of it may stay.
            drop(batch(tx, "ROLLBACK"));
        }
    }
    for answer in answers {
        answer(outcome.clone());
    }
}

fn batch(tx: &mut Tx, statements: &str) -> Result<(), String> {
    let Tx::Sqlite(sqlite) = tx;
    sqlite.0.execute_batch(statements).map_err(|error| error.to_string())
}

/// Runs one piece of work inside a savepoint. An error beside the answer means that the whole transaction cannot go on.
fn in_savepoint(tx: &mut Tx, work: Work) -> (Answer, Result<(), String>) {
    if let Err(reason) = batch(tx, "SAVEPOINT work") {
        return (work(Err(&reason)).answer, Err(reason));
    }
    let ran = work(Ok(tx));
    let Tx::Sqlite(sqlite) = tx;
    // Some failures (disk full, input/output) make SQLite end the whole transaction by itself.
    if sqlite.0.is_autocommit() {
        return (ran.answer, Err("the database ended the transaction".to_owned()));
    }
    let end = if ran.keep { "RELEASE work" } else { "ROLLBACK TO work; RELEASE work" };
    let state = batch(tx, end);
    (ran.answer, state)
}

/// A SQLite connection with the transaction that is open on it.
#[derive(Debug)]
pub(crate) struct SqliteTx(pub(crate) Connection);

impl SqliteTx {
    pub(crate) fn execute(&mut self, statement: Statement, params: &[Value]) -> Result<u64, StoreError> {
        let mut prepared = self.0.prepare_cached(statement.text)?;
        bind(&mut prepared, params)?;
        Ok(prepared.raw_execute()? as u64)
    }

    pub(crate) fn rows(&mut self, statement: Statement, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        self.each(statement, params, |row| {
            rows.push(row);
            true
        })?;
        Ok(rows)
    }

    pub(crate) fn optional(&mut self, statement: Statement, params: &[Value]) -> Result<Option<Row>, StoreError> {
        let mut first = None;
        self.each(statement, params, |row| {
            first = Some(row);
            // Statements with RETURNING must be stepped to their end to take effect; they give one row where this is used.
            false
        })?;
        Ok(first)
    }

    fn each(&mut self, statement: Statement, params: &[Value], mut keep: impl FnMut(Row) -> bool) -> Result<(), StoreError> {
        let mut prepared = self.0.prepare_cached(statement.text)?;
        bind(&mut prepared, params)?;
        let columns = prepared.column_count();
        let mut rows = prepared.raw_query();
        let mut wanted = true;
        while let Some(row) = rows.next()? {
            if wanted {
                let values: rusqlite::Result<Vec<Value>> = (0..columns).map(|column| Ok(value_of(row.get_ref(column)?))).collect();
                wanted = keep(Row(values?));
            }
        }
        Ok(())
    }
}

/// Binds `$n` to the nth parameter. SQLite numbers `$1` by where it first stands, so the number is read from its name.
fn bind(prepared: &mut rusqlite::CachedStatement<'_>, params: &[Value]) -> Result<(), StoreError> {
    for index in 1..=prepared.parameter_count() {
        let number = prepared.parameter_name(index).and_then(|name| name.strip_prefix('$')).and_then(|n| n.parse::<usize>().ok());
        let value = number.and_then(|number| params.get(number.wrapping_sub(1)));
        let Some(value) = value else {
            return Err(StoreError::Unavailable("a statement has a parameter that was not given".into()));
        };
        match value {
            Value::Null => prepared.raw_bind_parameter(index, rusqlite::types::Null)?,
            Value::Integer(integer) => prepared.raw_bind_parameter(index, integer)?,
            Value::Text(text) => prepared.raw_bind_parameter(index, text)?,
            Value::Blob(blob) => prepared.raw_bind_parameter(index, blob)?,
        }
    }
    Ok(())
}

fn value_of(value: rusqlite::types::ValueRef<'_>) -> Value {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        // No column is REAL and tables are STRICT, so this arm is never taken.
        ValueRef::Real(real) => Value::Text(real.to_string()),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(blob) => Value::Blob(blob.to_vec()),
    }
}
