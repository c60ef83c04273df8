//! The SQLite engine: one thread that writes, commits in groups and answers after the commit;
//! readers that never wait for it.
//!
//! Readers run on the calling thread. A read is a few pages from memory: handing it to another
//! thread would cost more than the read. What a reader may not do is wait for the writer, and in
//! WAL mode it does not.
//!
//! Other processes (the command line) may write to the same file: every piece of work reads what it
//! decides by inside the transaction.

mod backup;
mod bulk;
mod catalogue;
mod connection;
mod file;
mod restore;
mod schema;
mod seal;
#[cfg(test)]
pub(crate) mod tests;
mod verify;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use counterfoil_domain::audit::WriterId;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use crate::changes::{self, CommitListeners, FeedPosition, FeedReading};
use crate::context::Context;
pub use crate::engine::sqlite::backup::BackupError;
pub(crate) use crate::engine::sqlite::bulk::SqliteBulk;
pub(crate) use crate::engine::sqlite::catalogue::all_tables;
pub(crate) use crate::engine::sqlite::connection::SqliteConnection;
use crate::engine::sqlite::file::{FilesInPlace, NoRestore};
pub(crate) use crate::engine::sqlite::restore::{LockedFolder, Moment, RestoreFiles, Restoring};
pub use crate::engine::sqlite::restore::{RestoreError, RestoredCounts, Unverifiable};
pub use crate::engine::sqlite::verify::BackupRefused;
pub(crate) use crate::engine::sqlite::verify::open_backup;
use crate::engine::sqlite::writer::{Counters, Work, Writer};
use crate::engine::{OpenOptions, StoreStats};
use crate::error::{OpenError, StoreError, WriteError};
use crate::migrations::SchemaState;
use crate::statement::{Lock, Statement};
use crate::tx::Tx;

/// Why a future of this engine may be asked once and no more.
pub(crate) const READY: &str = "futures of the SQLite engine are ready at once";
const BEGIN_READ: Statement = Statement {
    name: "BEGIN_READ",
    text: "BEGIN",
    lock: Lock::None,
};
const END_READ: Statement = Statement {
    name: "END_READ",
    text: "COMMIT",
    lock: Lock::None,
};
/// Pieces of work that may wait for the writer; more are refused.
const LONGEST_QUEUE: usize = 4096;

/// An open SQLite database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    files: Arc<FilesInPlace>,
    pub(crate) id: Arc<WriterId>,
    queue: Mutex<Option<mpsc::SyncSender<Box<dyn Work>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    readers: Mutex<Vec<Tx>>,
    closed: AtomicBool,
    counters: Arc<Counters>,
    pub(crate) listening: CommitListeners,
    pub(crate) context: Context,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        let unusable = |reason: String| OpenError::Unusable {
            path: path.to_owned(),
            reason,
        };
        let no_restore = NoRestore::beside(path).map_err(|reason| unusable(reason.to_owned()))?;
        match options.schema {
            SchemaState::Migrate | SchemaState::Make => {
                file::create_unless_there(path).map_err(|error| unusable(error.to_string()))?;
            }
            SchemaState::Update | SchemaState::Require => {}
        }
        let before = file::identity(path).ok();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)
            .map_err(|error| unusable(error.to_string()))?;
        connection::wait_for_others(&connection).map_err(|error| unusable(error.to_string()))?;
        // Nothing is written, not even the journal mode, before the file is known to be ours to
        // write to.
        schema::inspect(&connection, options.schema, path)?;
        // Others than our own programs may have put another file in its place.
        let replaced =
            || unusable("it was replaced while it was being opened; try again".to_owned());
        if before.is_some() && file::identity(path).ok() != before {
            return Err(replaced());
        }
        connection::set_up_writer(&connection, options.durability)
            .map_err(|error| unusable(error.to_string()))?;
        schema::bring_about(&mut connection, options.schema)?;

        connection::open_log(&connection).map_err(|error| unusable(error.to_string()))?;
        let files = Arc::new(FilesInPlace::of(path).map_err(|error| unusable(error.to_string()))?);
        if before.is_some() && !files.is_of(before) {
            return Err(replaced());
        }
        // From here on SQLite's own locks tell a restore that the database is in use.
        drop(no_restore);
        let id = Arc::new(options.writer.clone());
        let counters = Arc::new(Counters::default());
        let context = Context::default();
        let (queue, work) = mpsc::sync_channel(LONGEST_QUEUE);
        let connection = SqliteConnection::new(connection);
        let mut tx = Tx::new(connection, Arc::clone(&id), context.clone());
        let listening = CommitListeners::default();
        let writer = Writer {
            counters: Arc::clone(&counters),
            files: Arc::clone(&files),
            listening: listening.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.write_until_closed(&mut tx, &work))
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            files,
            id,
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
            readers: Mutex::new(Vec::new()),
            closed: AtomicBool::new(false),
            counters,
            listening,
            context,
        })
    }

    pub(crate) async fn write<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>
            + Clone
            + Send
            + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.enqueue(writer::job(work, sender))?;
        receiver.await.map_err(|_| StoreError::Closed)?
    }

    fn enqueue(&self, work: Box<dyn Work>) -> Result<(), StoreError> {
        let queue = self.queue.lock();
        let queue = queue.as_ref().ok_or(StoreError::Closed)?;
        // Counted first: the writer may take the work before this thread goes on.
        self.counters.queued.fetch_add(1, Ordering::Relaxed);
        queue.try_send(work).map_err(|error| {
            self.counters.queued.fetch_sub(1, Ordering::Relaxed);
            match error {
                mpsc::TrySendError::Full(_) => {
                    StoreError::Unavailable("too many writes are waiting".into())
                }
                mpsc::TrySendError::Disconnected(_) => StoreError::Closed,
            }
        })
    }

    /// Runs `work` in one transaction, so that several statements see one state.
    pub(crate) fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>>,
    {
        self.with_reader(|tx| {
            tx.execute(BEGIN_READ, &[]).now_or_never().expect(READY)?;
            let outcome = work(tx).now_or_never().expect(READY);
            tx.execute(END_READ, &[]).now_or_never().expect(READY)?;
            outcome
        })
    }

    /// Runs `work`, which is one statement and so a transaction by itself.
    pub(crate) fn read_one<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>>,
    {
        self.with_reader(|tx| work(tx).now_or_never().expect(READY))
    }

    /// Reads the feed of changes. Nobody's clock is followed.
    pub(crate) fn changes_since(&self, position: FeedPosition) -> Result<FeedReading, StoreError> {
        self.check_in_place()?;
        let read =
            self.read(move |tx| Box::pin(async move { changes::read(tx, position).await }))?;
        Ok(FeedReading {
            read,
            database_time: None,
            waited: Duration::ZERO,
        })
    }

    fn with_reader<T>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let pooled = self.readers.lock().pop();
        let mut tx = match pooled {
            Some(tx) => tx,
            None => Tx::new(
                SqliteConnection::new(self.open_reader()?),
                Arc::clone(&self.id),
                self.context.clone(),
            ),
        };
        // A connection that failed is not used again: it is closed with its transaction.
        let value = work(&mut tx)?;
        if !self.closed.load(Ordering::Acquire) {
            self.readers.lock().push(tx);
        }
        Ok(value)
    }

    /// A connection of its own that can only read.
    pub(crate) fn open_reader(&self) -> Result<Connection, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        // Another file in its place would answer from another past.
        self.check_in_place()?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection::set_up_reader(&connection)?;
        Ok(connection)
    }

    /// Fails when the files were moved, removed or replaced.
    pub(crate) fn check_in_place(&self) -> Result<(), StoreError> {
        self.files
            .check()
            .map_err(|reason| StoreError::Unavailable(reason.into()))
    }

    /// What the database's file and its log take.
    pub(crate) fn size(&self) -> Result<u64, StoreError> {
        let file = std::fs::metadata(&self.path);
        let file = file.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let log = std::fs::metadata(log).map_or(0, |log| log.len());
        Ok(file.len() + log)
    }

    pub(crate) fn stats(&self) -> StoreStats {
        self.counters.read()
    }

    /// Ends the writer when it has done what waits. The readers go first: the connection that is
    /// closed last copies the log back into the database, and only the writer's can.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.readers.lock().clear();
        drop(self.queue.lock().take());
        // Locked while waiting, so that a second caller waits too.
        let mut thread = self.thread.lock();
        if let Some(thread) = thread.take() {
            // Work that holds the last handle on the store lets go of it on the writer's own
            // thread, which cannot wait for its own end and ends next anyway.
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                tracing::error!("the writer thread panicked");
            }
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.close();
    }
}
