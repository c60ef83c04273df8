//! The one way to change something, and the one way to note something.
//!
//! [`Store::change`] begins the transaction, takes the locks in the order that everybody takes them
//! in, verifies the caller's proof again, runs the operation, records its event, writes the feed
//! and commits. None of it is left to the operation: one that returns no event does not compile,
//! and one that is not in the list of [`Operation`]s cannot be named. [`Store::change_by_system`]
//! is for what the program does by itself and for the steps of a sign-in, where nothing is proven
//! that could lapse: a closed list ([`SystemOperation`]), whose events are as little left to it.
//! [`Store::note`] is for what may leave no event, a closed list with a reason for each. Nothing
//! else opens a transaction that writes: [`Store::write`] wants a [`Permit`], and only this module
//! makes one.

mod locks;
mod notes;
mod operations;
pub(crate) mod permit;
mod proof;
mod system;

use std::convert::Infallible;

use counterfoil_domain::audit::{Action, Outcome};
use counterfoil_domain::principal::{Attribution, Lapsed, Proof};
use futures_util::future::BoxFuture;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::sessions;
use crate::tx::Tx;
use crate::writing::permit::Permit;

pub(crate) use crate::writing::locks::Locks;
pub(crate) use crate::writing::notes::Note;
pub use crate::writing::operations::Operation;
pub(crate) use crate::writing::proof::Proven;
pub(crate) use crate::writing::system::SystemOperation;

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
    pub(crate) by: &'t Attribution,
    /// What was read of the caller when the proof was verified.
    pub(crate) proven: Proven,
}

/// What an operation of the system works with, once its turn has come.
#[derive(Debug)]
pub(crate) struct SystemChange<'t> {
    /// The open transaction.
    pub(crate) tx: &'t mut Tx,
    /// For whom it is done, as of the moment at which its turn came.
    pub(crate) by: &'t Attribution,
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
        by: Attribution,
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
        let done = self.write(Permit(()), move |tx| {
            Box::pin(async move {
                let by = tx.renewed(by);
                locks.take(tx, &by).await?;
                let proven = match proof::look_again(tx, &by, operation).await? {
                    Ok(proven) => proven,
                    Err(lapsed) => return Err(WriteError::Refused(Undone::Lapsed(lapsed))),
                };
                let change = Change {
                    tx: &mut *tx,
                    by: &by,
                    proven,
                };
                let outcome = work(change)
                    .await
                    .map_err(|error| undone(error, Undone::Refused))?;
                if let Proof::Session(_, session) = &by.principal.proof
                    && let Some(next) = session.next
                {
                    sessions::go_on(tx, session.id, next).await?;
                }
                finish(tx, &by, outcome, operation.events())
                    .await
                    .map_err(|error| undone(error, Undone::Unchanged))
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

    /// Runs an operation that no proof is needed for. When it finds nothing to change, everything
    /// that it did is undone; when this returns, what it did is durable.
    pub(crate) async fn change_by_system<T, W>(
        &self,
        operation: SystemOperation,
        by: Attribution,
        work: W,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> FnOnce(SystemChange<'t>) -> BoxFuture<'t, Result<Outcome<T>, StoreError>>
            + Clone
            + Send
            + 'static,
    {
        let done = self.write(Permit(()), move |tx| {
            Box::pin(async move {
                let by = tx.renewed(by);
                let change = SystemChange {
                    tx: &mut *tx,
                    by: &by,
                };
                let outcome = work(change).await?;
                finish(tx, &by, outcome, operation.events()).await
            })
        });
        match done.await {
            // There is no refusal but that nothing was to change.
            Ok(value) | Err(WriteError::Refused(value)) => Ok(value),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Runs work of a kind that may leave no event, whoever asked for it: see [`Note`] for the
    /// reasons.
    pub(crate) async fn note<T, W>(&self, kind: Note, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>>
            + Clone
            + Send
            + 'static,
    {
        tracing::trace!(note = ?kind, "writing without an event");
        let done = self.write(Permit(()), move |tx| {
            Box::pin(async move { Ok(work(tx).await?) })
        });
        done.await.map_err(|error| match error {
            WriteError::Store(error) => error,
            WriteError::Refused(never) => {
                let never: Infallible = never;
                match never {}
            }
        })
    }
}

/// Records what an operation did. One that changed nothing is refused with its value, so that its
/// transaction is undone.
async fn finish<T>(
    tx: &mut Tx,
    by: &Attribution,
    outcome: Outcome<T>,
    allowed: &[Action],
) -> Result<T, WriteError<T>> {
    let (value, events) = outcome.into_parts();
    if events.is_empty() {
        return Err(WriteError::Refused(value));
    }
    for event in events {
        debug_assert!(
            allowed.contains(&event.action),
            "{event:?} is not one of {allowed:?}"
        );
        tx.record(by, event).await?;
    }
    tx.record_endings(by).await?;
    Ok(value)
}

/// Records what was done as a part of a larger operation, which records itself at its end.
pub(crate) async fn record_part<T>(
    tx: &mut Tx,
    by: &Attribution,
    outcome: Outcome<T>,
) -> Result<T, StoreError> {
    let (value, events) = outcome.into_parts();
    for event in events {
        tx.record(by, event).await?;
    }
    tx.record_endings(by).await?;
    Ok(value)
}

/// The same error, with its reason as the transaction is undone for it.
fn undone<R, U>(error: WriteError<R>, reason: impl FnOnce(R) -> U) -> WriteError<U> {
    match error {
        WriteError::Refused(refused) => WriteError::Refused(reason(refused)),
        WriteError::Store(error) => WriteError::Store(error),
    }
}
