//! What only this engine can be asked: whether the server understands what it is told.

use counterfoil_testkit::postgres::Database;

use super::*;
use crate::engine::sqlite::tests::statements::all_statements;
use crate::statement::Statement;

/// Those that are PostgreSQL's alone.
fn own_statements() -> impl Iterator<Item = (String, Statement)> {
    let files = [
        ("postgres", STATEMENTS),
        ("postgres::connection", connection::STATEMENTS),
        ("postgres::schema", schema::STATEMENTS),
    ];
    files.into_iter().flat_map(|(file, statements)| {
        let named =
            move |statement: &Statement| (format!("{file}::{}", statement.name), *statement);
        statements.iter().map(named)
    })
}

#[tokio::test]
async fn every_statement_is_one_that_the_server_understands() {
    let database = Database::new();
    let (client, connection) = tokio_postgres::connect(&database.url(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let mut failures = Vec::new();
    let (mut prepared, mut locking) = (0, 0);
    for (name, statement) in all_statements().into_iter().chain(own_statements()) {
        let text = connection::text_of(statement);
        if let Err(error) = client.prepare(&text).await {
            failures.push(format!("{name}: {:?}", error.as_db_error()));
        }
        prepared += 1;
        locking += usize::from(statement.lock != crate::statement::Lock::None);
    }
    assert_eq!(failures, [] as [String; 0]);
    assert!(
        prepared > 150 && locking > 5,
        "{prepared}, {locking} of them lock"
    );
    drop(client);
    driver.await.unwrap().unwrap();
}
