//! A database of Counterfoil with many users and tokens, made at the speed of the disk.
//!
//! The installation was made by Counterfoil itself; here rows are added as it would add them,
//! without the audit events, which no request under measurement reads. What the schema asks for and
//! is not given here fails loudly.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, Transaction, params};

use crate::tokens;

/// What is to be in the database.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// Of how many users.
    pub users: u64,
    /// How many tokens, spread evenly.
    pub tokens: u64,
    /// What their tokens follow from.
    pub key: &'a str,
    /// The prefix of personal access tokens.
    pub prefix: &'a str,
    /// Scopes as the database holds them.
    pub scopes: &'a str,
    /// The key of that set.
    pub scope_set_key: &'a str,
    /// The login of a user whose password every new user gets too.
    pub password_of: &'a str,
}

/// The login of a new user, by number from 0. All are equally long.
pub fn login(number: u64) -> String {
    format!("filled-{number:07}")
}

/// Tables that are filled, and whose indices are made anew afterwards: sorting once is much faster
/// than inserting at random.
const TABLES: [&str; 2] = ["authorizations", "token_digests"];

/// Any moment of the past, in microseconds: 2025-01-01.
const MADE_AT: i64 = 1_735_689_600_000_000;

/// Adds users and tokens to the database in `file`, which nobody else may have open.
pub fn fill(file: &Path, filling: &Filling<'_>) -> Result<()> {
    let mut connection =
        Connection::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    // Whoever makes this database throws it away when it is not made to its end.
    connection.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY; PRAGMA threads = 2;",
    )?;
    let transaction = connection.transaction()?;
    let indices = drop_indices(&transaction)?;
    let first_user = insert_users(&transaction, filling)?;
    insert_tokens(&transaction, first_user, filling)?;
    for index in indices {
        transaction.execute_batch(&index)?;
    }
    transaction.commit()?;
    connection.execute_batch("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

/// Takes the indices away, and gives the statements that make them.
fn drop_indices(transaction: &Transaction<'_>) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for table in TABLES {
        let mut listed = transaction.prepare(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL",
        )?;
        let found: Vec<(String, String)> = listed
            .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        ensure!(
            !found.is_empty(),
            "{table} has no indices: is this a database of Counterfoil?"
        );
        for (name, statement) in found {
            transaction.execute_batch(&format!("DROP INDEX {name}"))?;
            statements.push(statement);
        }
    }
    Ok(statements)
}

fn insert_users(transaction: &Transaction<'_>, filling: &Filling<'_>) -> Result<i64> {
    let last: Option<i64> =
        transaction.query_row("SELECT max(id) FROM accounts", [], |row| row.get(0))?;
    let first = last.unwrap_or(0) + 1;
    let phc: Option<String> = transaction
        .query_row(
            "SELECT password_phc FROM accounts WHERE login = ?1",
            [filling.password_of],
            |row| row.get(0),
        )
        .with_context(|| format!("there is no user {}", filling.password_of))?;
    let mut insert = transaction.prepare(
        "INSERT INTO accounts (id, kind, login, login_key, site_administrator, password_phc, credential_version, created_at,
             updated_at) VALUES (?1, 'user', ?2, ?2, 0, ?3, 1, ?4, ?4)",
    )?;
    for number in 0..filling.users {
        let id = first + i64::try_from(number)?;
        insert.execute(params![id, login(number), phc, MADE_AT])?;
    }
    Ok(first)
}

fn insert_tokens(
    transaction: &Transaction<'_>,
    first_user: i64,
    filling: &Filling<'_>,
) -> Result<()> {
    let last: Option<i64> =
        transaction.query_row("SELECT max(id) FROM authorizations", [], |row| row.get(0))?;
    let first = last.unwrap_or(0) + 1;
    let mut insert_authorization = transaction.prepare(
        "INSERT INTO authorizations (id, account_id, kind, provenance, scopes, scope_set_key, note, created_at, updated_at)
         VALUES (?1, ?2, 'personal', 'command_line', ?3, ?4, ?5, ?6, ?6)",
    )?;
    let mut insert_digest = transaction.prepare(
        "INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let each = filling.tokens.div_ceil(filling.users.max(1));
    for number in 0..filling.tokens {
        let token = tokens::token(filling.prefix, filling.key, number);
        let digest = tokens::digest(&token);
        let head = i64::from_be_bytes(digest[..8].try_into()?);
        let id = first + i64::try_from(number)?;
        let user = first_user + i64::try_from(number / each)?;
        insert_authorization.execute(params![
            id,
            user,
            filling.scopes,
            filling.scope_set_key,
            format!("filled {number}"),
            MADE_AT,
        ])?;
        insert_digest.execute(params![
            id,
            head,
            digest.as_slice(),
            &token[token.len() - 8..],
            MADE_AT,
        ])?;
    }
    Ok(())
}
