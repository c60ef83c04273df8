//! A database of a test's own.

use std::sync::atomic::{AtomicU64, Ordering};

use counterfoil_domain::audit::WriterId;
use counterfoil_store::{
    DatabaseClock, DatabaseLocation, Durability, OpenOptions, PostgresOptions, SchemaState, Store,
};

use super::cluster::Cluster;
use super::contents::contents;
use super::programs;
use super::session::Session;
use crate::secrets;

/// Connections of a world: so few that many worlds fit one server.
const CONNECTIONS: usize = 4;
/// The database that others are copied from.
const TEMPLATE: &str = "counterfoil_template";

/// Takes a lock on every table that readers alone get past.
const HOLD: &str = "BEGIN; DO $$
DECLARE held record;
BEGIN
    FOR held IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1 LOOP
        EXECUTE format('LOCK TABLE %I IN EXCLUSIVE MODE', held.tablename);
    END LOOP;
END $$";

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A database with the schema in it and nothing else. It is dropped with the value, whoever is
/// still connected.
#[derive(Debug)]
pub struct Database {
    cluster: &'static Cluster,
    name: String,
}

/// See [`Database::hold`].
#[derive(Debug)]
pub struct HeldTables(Session);

/// A transaction that was begun and not ended. Dropping it undoes it.
#[derive(Debug)]
pub struct OpenTransaction(Session);

impl Database {
    /// A new one in the server that all tests share.
    #[expect(clippy::new_without_default, reason = "making one is work")]
    pub fn new() -> Self {
        let cluster = super::shared();
        let name = new_name();
        cluster.create_database(&name);
        Self::begun(cluster, name)
    }

    fn begun(cluster: &'static Cluster, name: String) -> Self {
        let read = |url: &str| contents(url).expect("a database can be read until it goes");
        secrets::begins(&name, cluster.url(&name), read);
        Self { cluster, name }
    }

    /// A new one in which nothing is yet, the schema neither.
    pub fn empty() -> Self {
        let cluster = super::shared();
        let name = new_name();
        cluster.run(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE template0 {}", as_files()),
        );
        Self::begun(cluster, name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, over loopback.
    pub fn url(&self) -> String {
        self.cluster.url(&self.name)
    }

    /// Its URL over a Unix socket, which is reached from other network namespaces too.
    pub fn socket_url(&self) -> String {
        self.cluster.socket_url(&self.name)
    }

    /// How a world connects: sparingly, and with the world's clock.
    pub fn options(&self) -> PostgresOptions {
        options(&self.url())
    }

    /// Lets nobody write until the value is dropped; who reads does not notice.
    pub fn hold(&self) -> HeldTables {
        let session = Session::open(&self.url()).expect("the server runs");
        session.run(HOLD).expect("nobody else holds the tables");
        HeldTables(session)
    }

    /// Runs statements in it, in a transaction that stays open.
    #[track_caller]
    pub fn begin(&self, sql: &str) -> OpenTransaction {
        let session = Session::open(&self.url()).expect("the server runs");
        let begun = session.run(&format!("BEGIN; {sql}"));
        begun.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        OpenTransaction(session)
    }

    /// Runs statements in it.
    #[track_caller]
    pub fn run(&self, sql: &str) {
        self.cluster.run(&self.name, sql);
    }

    /// The rows that a statement answers with, as texts.
    #[track_caller]
    pub fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.cluster.rows(&self.name, sql)
    }

    /// The first column of the first row that a statement answers with.
    #[track_caller]
    pub fn look_up(&self, sql: &str) -> Option<String> {
        self.cluster.look_up(&self.name, sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let found = secrets::ends(&self.name);
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        self.cluster.run("postgres", &drop);
        // A test that fails already is read for that.
        assert!(found.is_empty() || std::thread::panicking(), "{found:#?}");
    }
}

impl OpenTransaction {
    /// Commits it.
    #[track_caller]
    pub fn commit(self) {
        self.0.run("COMMIT").expect("it can be committed");
    }
}

impl Drop for HeldTables {
    fn drop(&mut self) {
        // The end of the connection would end it too, only later.
        drop(self.0.run("ROLLBACK"));
    }
}

impl Cluster {
    /// Makes a database of this name with the schema in it, for servers that a test has for itself.
    /// It goes with the server.
    pub fn create_database(&self, name: &str) {
        self.template.get_or_init(|| {
            self.run(
                "postgres",
                &format!("CREATE DATABASE {TEMPLATE} TEMPLATE template0"),
            );
            migrate(&self.url(TEMPLATE));
        });
        self.run(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} {}", as_files()),
        );
    }
}

/// How a database is copied: file by file. Unless it is told to, PostgreSQL writes every page to
/// its log as well, which takes twice the time for databases as small as these.
fn as_files() -> &'static str {
    // An older one knows no other way, and no word for it.
    match programs::version() {
        Some(15..) => "STRATEGY FILE_COPY",
        _ => "",
    }
}

fn new_name() -> String {
    format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// How a world connects to the database of this URL: sparingly, and with the world's clock.
pub(crate) fn options(url: &str) -> PostgresOptions {
    let mut options = PostgresOptions::parse(url).expect("a URL of our own");
    options.connections = CONNECTIONS;
    options.clock = DatabaseClock::Ignored;
    options
}

fn migrate(url: &str) {
    let store = Store::open(&OpenOptions {
        location: DatabaseLocation::Postgres(Box::new(options(url))),
        writer: WriterId("test-template".to_owned()),
        schema: SchemaState::Migrate,
        durability: Durability::Full,
    });
    // Dropped here: nobody may be connected to what is copied.
    drop(store.expect("an empty database is migrated"));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use data_encoding::{BASE64, HEXLOWER};

    use super::*;

    const SECRET: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

    /// What is found in a database with this row, which a program was told of by this name of its
    /// server.
    fn found_in(row: &str, server: &str) -> Vec<String> {
        let database = Database::empty();
        database.run("CREATE TABLE kept (said TEXT, held BYTEA); CREATE TABLE empty (said TEXT)");
        database.run(&format!("INSERT INTO kept VALUES (NULL, NULL), {row}"));
        let folder = Path::new("/nowhere/rows");
        secrets::hold(folder, SECRET);
        secrets::keeps_in(
            folder,
            &format!("postgres://{server}/{}?x=1", database.name),
        );
        let found = secrets::ends(&database.name);
        // What was searched is not searched again.
        assert_eq!(secrets::search(folder), [] as [&str; 0]);
        found
    }

    #[test]
    fn a_secret_in_a_row_is_found_in_each_form_whatever_way_the_program_took() {
        assert_eq!(
            found_in("('nothing', '\\x0001')", "elsewhere"),
            [] as [&str; 0]
        );
        let hex = HEXLOWER.encode(SECRET.as_bytes());
        let base64 = BASE64.encode(SECRET.as_bytes());
        for planted in [
            format!("('{SECRET}', NULL)"),
            format!("('{{\"a\": \"{base64}\"}}', NULL)"),
            format!("('', '\\x00{hex}')"),
        ] {
            let found = found_in(&planted, "127.0.0.1:1");
            assert_eq!(found.len(), 1, "{planted}: {found:?}");
            assert!(found[0].contains("in the table public.kept"), "{found:?}");
            assert!(!found[0].contains(SECRET));
        }
    }

    #[test]
    fn a_database_that_outlives_the_folder_of_its_program_is_searched_with_it() {
        let database = Database::empty();
        database.run(&format!("CREATE TABLE kept AS SELECT '{SECRET}' AS said"));
        let folder = Path::new("/nowhere/outlived");
        secrets::hold(folder, SECRET);
        secrets::keeps_in(folder, &database.url());
        assert_eq!(secrets::search(folder).len(), 1);
    }
}
