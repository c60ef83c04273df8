//! The thread that writes.
//!
//! It takes what has queued up while the last commit was being synced, runs each piece of work in
//! one `BEGIN IMMEDIATE` transaction, commits once, and only then answers all of them. A refusal is
//! answered after the commit too: it was decided by what the transaction saw.
//!
//! A piece of work that fails must leave nothing behind. Most of those that fail have written
//! nothing by then. When one has, the whole transaction is undone and the group is run again with a
//! savepoint around each piece. Savepoints for all of them from the start would make SQLite copy
//! every page that a piece touches, which costs more than the piece itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::changes::{CommitListeners, CommitOutcome};
use crate::engine::StoreStats;
use crate::engine::sqlite::file::FilesInPlace;
use crate::error::{StoreError, WriteError};
use crate::tx::Tx;

/// Pieces of work in one commit at most.
const LARGEST_GROUP: usize = 512;

/// A piece of work on the writer's thread, and whoever waits for it.
pub(crate) trait Work: Send {
    /// Does it in the open transaction, or learns why there is none. When it is run again, nothing
    /// of the run before is left.
    fn run(&mut self, tx: Result<&mut Tx, &str>) -> Effect;
    /// Answers the caller with the outcome of the commit that carried the last run.
    fn answer(self: Box<Self>, committed: Result<(), String>);
}

/// What becomes of what a piece of work did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It stays.
    Kept,
    /// It is undone.
    Undone,
}

/// How the pieces of a group are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Apart {
    /// Not at all: whoever must be undone takes all with it.
    No,
    /// By a savepoint for each.
    Savepoints,
}

/// How far a group came.
#[derive(Debug, PartialEq, Eq)]
enum GroupOutcome {
    /// All have run and may be committed.
    Through,
    /// What one piece wrote must be undone, and can be undone only with all the rest.
    Undoing,
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
            ..StoreStats::default()
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
pub(crate) fn job<T, R, F>(
    work: F,
    caller: oneshot::Sender<Result<T, WriteError<R>>>,
) -> Box<dyn Work>
where
    T: Send + 'static,
    R: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>
        + Clone
        + Send
        + 'static,
{
    Box::new(Job {
        work,
        outcome: None,
        caller,
    })
}

struct Job<T, R, F> {
    work: F,
    /// That of the last run.
    outcome: Option<Result<T, WriteError<R>>>,
    caller: oneshot::Sender<Result<T, WriteError<R>>>,
}

impl<T, R, F> Work for Job<T, R, F>
where
    T: Send + 'static,
    R: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>
        + Clone
        + Send
        + 'static,
{
    fn run(&mut self, tx: Result<&mut Tx, &str>) -> Effect {
        let outcome = match tx {
            Ok(tx) => run(self.work.clone(), tx),
            Err(reason) => Err(not_committed(reason.to_owned())),
        };
        let effect = match &outcome {
            Ok(_) => Effect::Kept,
            Err(_) => Effect::Undone,
        };
        self.outcome = Some(outcome);
        effect
    }

    fn answer(self: Box<Self>, committed: Result<(), String>) {
        let never_run = || Err(not_committed("it was not run".to_owned()));
        let outcome = match (self.outcome.unwrap_or_else(never_run), committed) {
            (outcome, Ok(())) => outcome,
            // What went wrong in this very piece of work says more than the failure it led to.
            (Err(WriteError::Store(cause)), Err(_)) => Err(WriteError::Store(cause)),
            (Ok(_) | Err(WriteError::Refused(_)), Err(reason)) => Err(not_committed(reason)),
        };
        // The caller may have gone away; what was committed stays.
        drop(self.caller.send(outcome));
    }
}

fn not_committed<R>(reason: String) -> WriteError<R> {
    WriteError::Store(StoreError::NotCommitted(reason))
}

/// Runs the work to its end. A panic fails this piece of work and no other: its savepoint is undone
/// like that of any failure.
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
            tracing::error!("a database operation panicked and was rolled back");
            Err(StoreError::Unavailable("a database operation panicked".into()).into())
        }
    }
}

async fn work_and_announce<T, R, F>(work: F, tx: &mut Tx) -> Result<T, WriteError<R>>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>,
{
    let done = work(tx).await?;
    tx.write_recorded().await?;
    tx.write_announced().await?;
    Ok(done)
}

/// What the writer needs beside its connection.
pub(crate) struct Writer {
    pub(crate) counters: Arc<Counters>,
    pub(crate) files: Arc<FilesInPlace>,
    pub(crate) listening: CommitListeners,
}

impl Writer {
    /// The writer's life: ends when the last sender is gone and what was sent is done.
    pub(crate) fn write_until_closed(&self, tx: &mut Tx, queue: &mpsc::Receiver<Box<dyn Work>>) {
        while let Ok(first) = queue.recv() {
            let mut group = vec![first];
            group.extend(queue.try_iter().take(LARGEST_GROUP - 1));
            let size = group.len() as u64;
            self.counters.queued.fetch_sub(size, Ordering::Relaxed);
            let outcome = self.write_group(tx, &mut group);
            let noted = tx.take_noted();
            // Told before anybody is answered: what was revoked is forgotten when its revocation is
            // acknowledged. After a failure nothing is known to be written, and nothing is lost by
            // forgetting too much.
            self.listening.tell(match &outcome {
                Ok(()) => CommitOutcome::Committed(&noted),
                Err(_) => CommitOutcome::Uncertain(&noted),
            });
            // Counted before anybody is answered, so that who was answered finds the commit
            // counted.
            self.counters.note_group(size, outcome.is_ok());
            for work in group {
                work.answer(outcome.clone());
            }
        }
    }

    /// Runs a group in one transaction and commits. A failure of the transaction is the failure of
    /// all.
    fn write_group(&self, tx: &mut Tx, group: &mut [Box<dyn Work>]) -> Result<(), String> {
        let ran = match self.run_group(tx, group, Apart::No) {
            Ok(GroupOutcome::Undoing) => {
                control(tx, "ROLLBACK").and_then(|()| self.run_group(tx, group, Apart::Savepoints))
            }
            ran => ran,
        };
        // Looked at again before anybody is answered: what was committed to a file that is gone is
        // gone with it.
        let outcome = ran
            .and_then(|_| write_numbers(tx))
            .and_then(|()| control(tx, "COMMIT"))
            .and_then(|()| self.files.check());
        if let Err(reason) = &outcome {
            tracing::error!(
                reason,
                writes = group.len(),
                "a group of writes was not committed"
            );
            // A failed COMMIT can leave the transaction open; nothing of it may stay.
            if tx.sqlite().is_in_transaction()
                && let Err(reason) = control(tx, "ROLLBACK")
            {
                tracing::error!(reason, "a group of writes was not rolled back");
            }
        }
        outcome
    }

    /// Begins a transaction and runs the pieces in it, those after a failure of the transaction
    /// only to learn of it.
    fn run_group(
        &self,
        tx: &mut Tx,
        group: &mut [Box<dyn Work>],
        apart: Apart,
    ) -> Result<GroupOutcome, String> {
        tx.forget_gathered();
        let mut outcome = self
            .files
            .check()
            .and_then(|()| control(tx, "BEGIN IMMEDIATE"));
        for work in group {
            match &outcome {
                Ok(()) => match run_one(tx, work.as_mut(), apart) {
                    Ok(GroupOutcome::Through) => {}
                    Ok(GroupOutcome::Undoing) => return Ok(GroupOutcome::Undoing),
                    Err(reason) => outcome = Err(reason),
                },
                Err(reason) => drop(work.run(Err(reason))),
            }
        }
        outcome.map(|()| GroupOutcome::Through)
    }
}

fn control(tx: &mut Tx, statement: &str) -> Result<(), String> {
    tx.sqlite()
        .control(statement)
        .map_err(|error| error.to_string())
}

/// Writes down which number the last event of the transaction has.
fn write_numbers(tx: &mut Tx) -> Result<(), String> {
    let written = tx.write_numbers().now_or_never();
    written.map_or(Ok(()), |written| written.map_err(|error| error.to_string()))
}

/// Runs one piece of work. An error means that the whole transaction cannot go on.
fn run_one(tx: &mut Tx, work: &mut dyn Work, apart: Apart) -> Result<GroupOutcome, String> {
    if apart == Apart::Savepoints
        && let Err(reason) = control(tx, "SAVEPOINT work")
    {
        work.run(Err(&reason));
        return Err(reason);
    }
    let gathered_before = tx.gathered();
    let changes_before = tx.sqlite().changes();
    let effect = work.run(Ok(tx));
    if effect == Effect::Undone {
        tx.undo_to(gathered_before);
    }
    // Some failures (disk full, input/output) make SQLite end the whole transaction by itself.
    if !tx.sqlite().is_in_transaction() {
        return Err("the database ended the transaction".to_owned());
    }
    match (apart, effect) {
        (Apart::No, Effect::Undone) if tx.sqlite().changes() != changes_before => {
            Ok(GroupOutcome::Undoing)
        }
        (Apart::No, _) => Ok(GroupOutcome::Through),
        (Apart::Savepoints, Effect::Kept) => {
            control(tx, "RELEASE work").map(|()| GroupOutcome::Through)
        }
        (Apart::Savepoints, Effect::Undone) => control(tx, "ROLLBACK TO work")
            .and_then(|()| control(tx, "RELEASE work"))
            .map(|()| GroupOutcome::Through),
    }
}
