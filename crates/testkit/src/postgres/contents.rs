//! All that is in a database.

use data_encoding::HEXLOWER;

use super::session::Session;
use crate::secrets::Tables;

/// The tables of a database, as a statement names them.
const TABLES: &str =
    "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";

/// Every row of every table in the database of this URL. Bytes stand there as they are, texts and
/// all else as the server writes them.
pub(super) fn contents(url: &str) -> Result<Tables, tokio_postgres::Error> {
    let session = Session::open(url)?;
    session.run("SET lock_timeout = '10s'")?;
    let mut tables = Tables::new();
    for table in session.rows(TABLES)?.into_iter().flatten().flatten() {
        let mut rows = Vec::new();
        let values = session.rows(&format!("SELECT * FROM {table}"))?;
        for value in values.into_iter().flatten().flatten() {
            let bytes = value.strip_prefix("\\x").map(str::as_bytes);
            match bytes.and_then(|digits| HEXLOWER.decode(digits).ok()) {
                Some(bytes) => rows.extend_from_slice(&bytes),
                None => rows.extend_from_slice(value.as_bytes()),
            }
            // Values of neighbours make no secret together.
            rows.push(0);
        }
        tables.push((table, rows));
    }
    Ok(tables)
}
