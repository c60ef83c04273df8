//! The one way to change something, and the one way to note something.
//!
//! [`Store::change`] begins the transaction, takes the locks in the order that everybody takes them
//! in, verifies the caller's proof again, runs the operation, records its event, writes the feed
//! and commits. None of it is left to the operation: one that returns no event does not compile,
//! and one that is not in the list of [`Operation`]s cannot be named. [`Store::note`] is for what
//! leaves no event, a closed list with a reason for each.

mod locks;
mod notes;
mod operations;
mod proof;

use counterfoil_domain::audit::Outcome;
use counterfoil_domain::principal::{Lapsed, Principal};
use futures_util::future::BoxFuture;

use crate::audit;
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::tx::Tx;

pub(crate) use crate::writing::locks::Locks;
pub(crate) use crate::writing::notes::Note;
pub use crate::writing::operations::Operation;
pub(crate) use crate::writing::proof::Proven;

#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 2] =
    [locks::STATEMENTS, proof::STATEMENTS];

/// What an operation works with, once its locks are held and the caller's proof was verified under
/// them.
#[derive(Debug)]
pub(crate) struct Change<'t> {
    /// The open transaction.
    pub(crate) tx: &'t mut Tx,
    /// The caller, as of the moment at which their turn came.
    pub(crate) by: &'t Principal,
    /// What was read of the caller when the proof was verified.
    pub(crate) proven: Proven,
}

/// Why the transaction of an operation is undone.
enum Undone<T, R> {
    /// A rule said no.
    Refused(R),
    /// The caller's proof no longer holds.
    Lapsed(Lapsed),
    /// The operation found nothing to change.
    Unchanged(T),
}

impl Store {
    /// Runs an operation for a caller whose proof still holds then.
    ///
    /// When it refuses, or finds nothing to change, everything that it did is undone. When this
    /// returns, what it did is durable. Once begun it runs to its end even if the caller goes away.
    pub(crate) async fn change<T, R, W>(
        &self,
        operation: Operation,
        by: Principal,
        locks: Locks,
        work: W,
    ) -> Result<T, ChangeError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        W: for<'t> FnOnce(Change<'t>) -> BoxFuture<'t, Result<Outcome<T>, WriteError<R>>>
            + Clone
            + Send
            + 'static,
    {
        let done = self.write(move |tx| {
            Box::pin(async move {
                let by = tx.renewed(by);
                locks.take(tx, &by).await?;
                let proven = match proof::look_again(tx, &by).await? {
                    Ok(proven) => proven,
                    Err(lapsed) => return Err(WriteError::Refused(Undone::Lapsed(lapsed))),
                };
                let change = Change {
                    tx: &mut *tx,
                    by: &by,
                    proven,
                };
                let outcome = work(change).await.map_err(undone)?;
                let (value, event) = outcome.into_parts();
                let Some(event) = event else {
                    return Err(WriteError::Refused(Undone::Unchanged(value)));
                };
                debug_assert!(
                    operation.events().contains(&event.action),
                    "{operation:?} left {event:?}"
                );
                audit::record(tx, &by, event).await?;
                Ok(value)
            })
        });
        match done.await {
            Ok(value) | Err(WriteError::Refused(Undone::Unchanged(value))) => Ok(value),
            Err(WriteError::Refused(Undone::Refused(refused))) => {
                Err(ChangeError::Refused(refused))
            }
            Err(WriteError::Refused(Undone::Lapsed(lapsed))) => Err(ChangeError::Lapsed(lapsed)),
            Err(WriteError::Store(error)) => Err(ChangeError::Store(error)),
        }
    }

    /// Runs work of a kind that needs no event, whoever asked for it: see [`Note`] for the reasons.
    pub(crate) async fn note<T, W>(&self, kind: Note, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>>
            + Clone
            + Send
            + 'static,
    {
        tracing::trace!(note = ?kind, "writing without an event");
        self.write_freely(move |tx| Box::pin(async move { Ok(work(tx).await?) }))
            .await
    }
}

/// Records what was done as a part of a larger operation, which records itself at its end.
pub(crate) async fn record_part<T>(
    tx: &mut Tx,
    by: &Principal,
    outcome: Outcome<T>,
) -> Result<T, StoreError> {
    let (value, event) = outcome.into_parts();
    if let Some(event) = event {
        audit::record(tx, by, event).await?;
    }
    Ok(value)
}

/// The same reason, for the transaction.
fn undone<T, R>(error: WriteError<R>) -> WriteError<Undone<T, R>> {
    match error {
        WriteError::Refused(refused) => WriteError::Refused(Undone::Refused(refused)),
        WriteError::Store(error) => WriteError::Store(error),
    }
}
