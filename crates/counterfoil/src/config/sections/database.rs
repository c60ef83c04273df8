//! How to talk to PostgreSQL.

use std::path::PathBuf;
use std::time::Duration;

use counterfoil_domain::length_of_time::LONGEST;
use counterfoil_store::PostgresOptions;

use crate::config::database::POSTGRES;
use crate::config::rule::{FilePath, Length, Maybe, Switch, whole};
use crate::config::section::section;

const TIME: Length = Length {
    least: Duration::from_secs(1),
    most: LONGEST,
    example: "5s",
    or_nothing: false,
};

section! {
    /// How to talk to PostgreSQL, where `database_url` names one of its databases. A SQLite file
    /// needs none of this.
    ///
    /// The password is best given in a file or in the variable `COUNTERFOIL_DATABASE_PASSWORD`,
    /// which beats the file; either beats one in the URL.
    pub struct Database = "database", "database." {
        /// The file that holds the password and nothing else, for its owner only.
        password_file: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/database-password" }), Restart;
        /// The file with the certificates, in PEM, of the authorities one of which must have signed
        /// the server's certificate. If it is set, every connection over IP is encrypted and the
        /// server's certificate and name are verified; else they are if the URL says
        /// `sslmode=require` or `sslmode=verify-full`, by the authorities of this system.
        tls_ca_file: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/database-ca.crt" }), Restart;
        /// How many connections one node makes at most, half of them for reading. One more follows
        /// what other nodes change, and one listens for their notifications.
        connections: u32 = 20, whole("connections", 2, 1_000), Restart;
        /// How long to wait for a connection to be made, or for one that is free.
        connect_timeout: Duration = Duration::from_secs(5), TIME, Restart;
        /// How long a statement may run.
        statement_timeout: Duration = Duration::from_secs(10), TIME, Restart;
        /// How long a statement may wait for a row that another transaction holds.
        lock_timeout: Duration = Duration::from_secs(5), TIME, Restart;
        /// Whether to send every statement whole instead of preparing it once: for PgBouncer and
        /// other poolers that give each transaction another connection. Notifications are then
        /// listened for only where `listen_url` is set, since such a pooler does not pass them on;
        /// without them other nodes hear of a change when they ask, several times a second.
        unnamed_statements: bool = false, Switch, Restart;
        /// Where notifications are listened for: the same database, past a pooler. If it is not
        /// set, it is `database_url`.
        listen_url: Option<PostgresOptions> = None, Maybe(POSTGRES), Restart;
    }
}
