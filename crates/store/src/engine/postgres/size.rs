//! How much room the database takes.

use crate::error::StoreError;
use crate::statement::statements;
use crate::tx::Tx;

statements! {
    SIZE = "SELECT pg_database_size(current_database())";
}

/// What the server says of the database that it is asked over, in bytes.
pub(crate) async fn size(tx: &mut Tx) -> Result<u64, StoreError> {
    let bytes = tx.one(SIZE, &[]).await?.integer(0)?;
    Ok(u64::try_from(bytes).unwrap_or_default())
}
