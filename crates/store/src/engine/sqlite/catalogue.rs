//! Which tables there are, as the migrations make them. Asked of a database in memory, so that no
//! list of tables can be forgotten when a migration adds one.

use std::sync::LazyLock;

use rusqlite::Connection;

use crate::engine::sqlite::schema;
use crate::table::{Column, ColumnKind, Table};

/// Every table of this program's schema, those first that others refer to.
pub(crate) fn all_tables() -> &'static [Table] {
    static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
        read().expect("a database in memory can be migrated, as every test shows")
    });
    &TABLES
}

fn read() -> rusqlite::Result<Vec<Table>> {
    let mut connection = Connection::open_in_memory()?;
    schema::migrate(&mut connection)?;
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut waiting = Vec::new();
    for name in names {
        waiting.push((table(&connection, &name)?, referred_to(&connection, &name)?));
    }
    Ok(in_order(waiting))
}

fn table(connection: &Connection, name: &str) -> rusqlite::Result<Table> {
    let mut key = Vec::new();
    let mut columns = Vec::new();
    let mut statement =
        connection.prepare("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid")?;
    let mut rows = statement.query([name])?;
    while let Some(row) = rows.next()? {
        let (column, kind, place): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if place > 0 {
            key.push((place, column.clone()));
        }
        let kind = match kind.as_str() {
            "INTEGER" => ColumnKind::Integer,
            "BLOB" => ColumnKind::Blob,
            _ => ColumnKind::Text,
        };
        columns.push(Column { name: column, kind });
    }
    key.sort_unstable();
    let key: Vec<String> = key.into_iter().map(|(_, column)| column).collect();
    let counted: bool = connection.query_row(
        "SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_schema WHERE type = 'table' AND name = ?1",
        [name],
        |row| row.get(0),
    )?;
    Ok(Table::new(name.to_owned(), columns, &key, counted))
}

fn referred_to(connection: &Connection, name: &str) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?1)")?
        .query_map([name], |row| row.get(0))?
        .collect()
}

fn in_order(mut waiting: Vec<(Table, Vec<String>)>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|(table, needed)| {
            let is_there =
                |name: &String| *name == table.name || ordered.iter().any(|one| one.name == *name);
            needed.iter().all(is_there)
        });
        let (table, _) =
            waiting.remove(ready.expect("tables do not refer to each other in a circle"));
        ordered.push(table);
    }
    ordered
}
