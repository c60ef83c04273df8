//! Deleting rows by their ids, many with one statement.
//!
//! What is to go is found first. A deletion with a limited search in it, `id IN (SELECT … LIMIT
//! …)`, leaves it to PostgreSQL whether to search once or once for each row, and how it decides
//! changes with the statistics that it has: 1,000 rows were seen to take 570,000 readings. A list
//! of ids is looked up in the index.

use crate::error::StoreError;
use crate::statement::{Statement, Value};
use crate::tx::Tx;

/// Ids in one statement.
const IDS: usize = 64;

/// The list that a statement for [`by_id`] compares with.
macro_rules! id_list {
    () => {
        concat!(
            "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, ",
            "$18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, ",
            "$34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, ",
            "$50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64)",
        )
    };
}
pub(crate) use id_list;

/// Deletes what a statement finds, whose first column is the id. Says how many rows went.
pub(crate) async fn found(
    tx: &mut Tx,
    find: Statement,
    wanted: &[Value],
    remove: Statement,
) -> Result<u64, StoreError> {
    let ids = ids(tx, find, wanted).await?;
    by_id(tx, remove, &ids).await
}

/// The first column of what a statement finds.
pub(crate) async fn ids(
    tx: &mut Tx,
    find: Statement,
    wanted: &[Value],
) -> Result<Vec<i64>, StoreError> {
    let rows = tx.rows(find, wanted).await?;
    rows.into_iter().map(|mut row| row.integer(0)).collect()
}

/// The ids in portions for a statement that has [`id_list`] in it. One text for any number of them:
/// a short list names its last one again.
pub(crate) fn padded(ids: &[i64]) -> impl Iterator<Item = Vec<Value>> {
    ids.chunks(IDS).map(|portion| {
        let last = portion[portion.len() - 1];
        let id = |place| Value::from(*portion.get(place).unwrap_or(&last));
        (0..IDS).map(id).collect()
    })
}

/// Deletes the rows with these ids by a statement that has [`id_list`] in it. Says how many went.
pub(crate) async fn by_id(tx: &mut Tx, remove: Statement, ids: &[i64]) -> Result<u64, StoreError> {
    let mut removed = 0;
    for portion in padded(ids) {
        removed += tx.execute(remove, &portion).await?;
    }
    Ok(removed)
}
