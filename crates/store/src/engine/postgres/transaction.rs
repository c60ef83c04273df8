//! Transactions on a connection of the pool: how they begin and end, with what they gathered.

use crate::engine::postgres::failure::PostgresFailure;
use crate::tx::Tx;

/// Begins a transaction that writes.
pub(super) async fn begin(tx: &mut Tx) -> Result<(), PostgresFailure> {
    tx.forget_gathered();
    tx.postgres().begin().await
}

/// Ends the transaction, and tells other nodes if it announced something.
pub(super) async fn commit(tx: &mut Tx) -> Result<(), PostgresFailure> {
    debug_assert!(!tx.is_unwritten(), "events were put off and not written");
    if tx.has_noted() {
        tx.postgres().commit_and_notify().await
    } else {
        tx.postgres().commit().await
    }
}

/// Undoes the transaction.
pub(super) async fn roll_back(tx: &mut Tx) -> Result<(), PostgresFailure> {
    tx.forget_gathered();
    tx.postgres().roll_back().await
}

/// Undoes the transaction after a failure, if the connection is still good for that.
pub(super) async fn undo(tx: &mut Tx) {
    tx.forget_gathered();
    tx.postgres().undo().await;
}
