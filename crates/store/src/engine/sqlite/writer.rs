//! The thread that writes.
//!
//! It takes what has queued up while the last commit was being synced, runs each piece of work inside a savepoint of one
//! `BEGIN IMMEDIATE` transaction, commits once, and only then answers all of them. A refusal is answered after the commit
//! too: it was decided by what the transaction saw.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::changes::{self, Listening, Told};
use crate::engine::StoreStats;
use crate::engine::sqlite::connection::SqliteTx;
use crate::engine::sqlite::file::FilesInPlace;
use crate::error::{StoreError, WriteError};
use crate::tx::Tx;

/// Pieces of work in one commit at most.
const LARGEST_GROUP: usize = 512;

/// A piece of work on the writer's thread. It gets the open transaction, or the reason why there is none.
pub(crate) type Work = Box<dyn FnOnce(Result<&mut Tx, &str>) -> Ran + Send>;
/// Answers a caller with the outcome of the commit that carried its work.
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

/// What a piece of work left behind.
pub(crate) struct Ran {
    /// Whether its savepoint is to be kept.
    keep: bool,
    /// Answers the caller once the commit's outcome is known.
    answer: Answer,
}

/// What the writer did so far.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    commits: AtomicU64,
    failed_commits: AtomicU64,
    writes: AtomicU64,
    largest_group: AtomicU64,
    /// Raised by those who ask, lowered by the writer.
    pub(crate) queued: AtomicU64,
}

impl Counters {
    pub(crate) fn read(&self) -> StoreStats {
        StoreStats {
            commits: self.commits.load(Ordering::Relaxed),
            failed_commits: self.failed_commits.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            queued: self.queued.load(Ordering::Relaxed),
            largest_group: self.largest_group.load(Ordering::Relaxed),
        }
    }

    fn note_group(&self, size: u64, committed: bool) {
        if committed {
            self.commits.fetch_add(1, Ordering::Relaxed);
            self.writes.fetch_add(size, Ordering::Relaxed);
            self.largest_group.fetch_max(size, Ordering::Relaxed);
        } else {
            self.failed_commits.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A caller's work in the form that the queue holds, with the way back to the caller.
pub(crate) fn job<T, R, F>(work: F, caller: oneshot::Sender<Result<T, WriteError<R>>>) -> Work
where
    T: Send + 'static,
    R: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>> + Send + 'static,
{
    Box::new(move |tx| {
        let outcome = match tx {
            Ok(tx) => run(work, tx),
            Err(reason) => Err(WriteError::Store(StoreError::NotCommitted(
                reason.to_owned(),
            ))),
        };
        let keep = outcome.is_ok();
        let answer = Box::new(move |committed: Result<(), String>| {
            let outcome = match (outcome, committed) {
                (outcome, Ok(())) => outcome,
                // What went wrong in this very piece of work says more than the failure it led to.
                (Err(WriteError::Store(cause)), Err(_)) => Err(WriteError::Store(cause)),
                (Ok(_) | Err(WriteError::Refused(_)), Err(reason)) => {
                    Err(WriteError::Store(StoreError::NotCommitted(reason)))
                }
            };
            // The caller may have gone away; what was committed stays.
            drop(caller.send(outcome));
        });
        Ran { keep, answer }
    })
}

/// Runs the work to its end. A panic fails this piece of work and no other: its savepoint is undone like that of any failure.
fn run<T, R, F>(work: F, tx: &mut Tx) -> Result<T, WriteError<R>>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>,
{
    let work = |tx: &mut Tx| work_and_announce(work, tx).now_or_never();
    match catch_unwind(AssertUnwindSafe(|| work(tx))) {
        Ok(Some(outcome)) => outcome,
        Ok(None) => {
            Err(StoreError::Unavailable("a piece of work waited for something else".into()).into())
        }
        Err(_) => {
            tracing::error!("a piece of work in the store panicked; it was undone");
            Err(StoreError::Unavailable("a piece of work panicked".into()).into())
        }
    }
}

async fn work_and_announce<T, R, F>(work: F, tx: &mut Tx) -> Result<T, WriteError<R>>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>,
{
    let done = work(tx).await?;
    changes::write_announced(tx).await?;
    Ok(done)
}

/// What the writer needs beside its connection.
pub(crate) struct Writer {
    pub(crate) counters: Arc<Counters>,
    pub(crate) files: Arc<FilesInPlace>,
    pub(crate) listening: Listening,
}

impl Writer {
    /// The writer's life: ends when the last sender is gone and what was sent is done.
    pub(crate) fn write_until_closed(&self, tx: &mut Tx, queue: &mpsc::Receiver<Work>) {
        while let Ok(first) = queue.recv() {
            let mut group = vec![first];
            group.extend(queue.try_iter().take(LARGEST_GROUP - 1));
            let size = group.len() as u64;
            self.counters.queued.fetch_sub(size, Ordering::Relaxed);
            let (answers, outcome) = self.write_group(tx, group);
            let noted = tx.announcements().take_noted();
            // Told before anybody is answered: what was revoked is forgotten when its revocation is acknowledged. After a
            // failure nothing is known to be written, and nothing is lost by forgetting too much.
            self.listening.tell(match &outcome {
                Ok(()) => Told::Committed(&noted),
                Err(_) => Told::Uncertain(&noted),
            });
            // Counted before anybody is answered, so that who was answered finds the commit counted.
            self.counters.note_group(size, outcome.is_ok());
            for answer in answers {
                answer(outcome.clone());
            }
        }
    }

    /// Runs a group in one transaction and commits. A failure of the transaction is the failure of all.
    fn write_group(&self, tx: &mut Tx, group: Vec<Work>) -> (Vec<Answer>, Result<(), String>) {
        let mut outcome = self
            .files
            .check()
            .and_then(|()| control(tx, "BEGIN IMMEDIATE"));
        let mut answers: Vec<Answer> = Vec::with_capacity(group.len());
        for work in group {
            let (answer, state) = match &outcome {
                Ok(()) => in_savepoint(tx, work),
                Err(reason) => (work(Err(reason)).answer, Err(reason.clone())),
            };
            answers.push(answer);
            outcome = state;
        }
        // Looked at again before anybody is answered: what was committed to a file that is gone is gone with it.
        let outcome = outcome
            .and_then(|()| control(tx, "COMMIT"))
            .and_then(|()| self.files.check());
        if let Err(reason) = &outcome {
            tracing::error!(
                reason,
                writes = answers.len(),
                "a group of writes was not committed"
            );
            // A failed COMMIT can leave the transaction open; nothing of it may stay.
            if sqlite(tx).is_in_transaction()
                && let Err(reason) = control(tx, "ROLLBACK")
            {
                tracing::error!(reason, "a group of writes was not rolled back");
            }
        }
        (answers, outcome)
    }
}

fn control(tx: &mut Tx, statement: &str) -> Result<(), String> {
    sqlite(tx)
        .control(statement)
        .map_err(|error| error.to_string())
}

/// Runs one piece of work inside a savepoint. An error beside the answer means that the whole transaction cannot go on.
fn in_savepoint(tx: &mut Tx, work: Work) -> (Answer, Result<(), String>) {
    if let Err(reason) = control(tx, "SAVEPOINT work") {
        return (work(Err(&reason)).answer, Err(reason));
    }
    let noted_before = tx.announcements().noted.len();
    let ran = work(Ok(tx));
    if !ran.keep {
        tx.announcements().undo_beyond(noted_before);
    }
    // Some failures (disk full, input/output) make SQLite end the whole transaction by itself.
    if !sqlite(tx).is_in_transaction() {
        return (
            ran.answer,
            Err("the database ended the transaction".to_owned()),
        );
    }
    let undone = if ran.keep {
        Ok(())
    } else {
        control(tx, "ROLLBACK TO work")
    };
    let state = undone.and_then(|()| control(tx, "RELEASE work"));
    (ran.answer, state)
}

/// The transaction that this thread made.
fn sqlite(tx: &Tx) -> &SqliteTx {
    match tx {
        Tx::Sqlite(sqlite) => sqlite,
        Tx::Postgres(_) => unreachable!("this thread writes to SQLite"),
    }
}
