//! Which PostgreSQL, and how to talk to it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// The default of [`PostgresOptions::connections`].
const CONNECTIONS: usize = 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// A PostgreSQL database, and how to talk to it. `Debug` and `Display` never show the password.
#[derive(Clone)]
pub struct PostgresOptions {
    /// Host, port, user, database and password.
    pub(crate) config: Config,
    /// Connections for requests at most, half of them for reading; one more follows what other nodes change.
    pub connections: usize,
    /// How long to wait for a connection to be made, or for one that is free.
    pub connect_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a row that another transaction holds.
    pub lock_timeout: Duration,
    /// Whether statements are kept prepared.
    pub statements: StatementManner,
    /// Whether and how the connection is encrypted.
    pub encryption: Encryption,
    /// Where notifications of changes are listened for, if not where statements go.
    pub(crate) listen: Option<Config>,
    /// Which clock times are judged by.
    pub clock: DatabaseClock,
}

/// Whether statements are kept prepared on a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatementManner {
    /// Each is prepared once on each connection.
    #[default]
    Prepared,
    /// Each is sent whole every time, for a pooler that gives every transaction another connection.
    Unnamed,
}

/// Whether a connection is encrypted. When it is, the server's certificate is always verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// It is not.
    #[default]
    Off,
    /// With a certificate that a well-known authority of this system has signed.
    SystemRoots,
    /// With a certificate that one of the authorities in this PEM file has signed.
    Authorities(PathBuf),
}

/// Which clock times are judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DatabaseClock {
    /// The database's, which all nodes share.
    #[default]
    Followed,
    /// The caller's, for tests that move it.
    Ignored,
}

/// Why a text is not the URL of a PostgreSQL database, in one sentence that shows no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadDatabaseUrl(String);

impl PostgresOptions {
    /// Reads `postgres://user@host:port/database?sslmode=…`. A host that is a folder, percent-encoded or as `host=`, is that
    /// of a Unix socket.
    pub fn parse(url: &str) -> Result<Self, BadDatabaseUrl> {
        let (config, encryption) = read(url)?;
        Ok(Self {
            config,
            connections: CONNECTIONS,
            connect_timeout: CONNECT_TIMEOUT,
            statement_timeout: STATEMENT_TIMEOUT,
            lock_timeout: LOCK_TIMEOUT,
            statements: StatementManner::default(),
            encryption,
            listen: None,
            clock: DatabaseClock::default(),
        })
    }

    /// Gives the password, which then need not stand in the URL.
    pub fn set_password(&mut self, password: &str) {
        self.config.password(password);
        if let Some(listen) = &mut self.listen {
            listen.password(password);
        }
    }

    /// Listens for notifications elsewhere: past a pooler, which cannot pass them on.
    pub fn listen_at(&mut self, url: &str) -> Result<(), BadDatabaseUrl> {
        let (mut listen, _) = read(url)?;
        if let (None, Some(password)) = (listen.get_password(), self.config.get_password()) {
            listen.password(password);
        }
        self.listen = Some(listen);
        Ok(())
    }

    /// The name of the database.
    pub fn database(&self) -> Option<&str> {
        self.config.get_dbname()
    }

    /// This with another database of the same server.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.config.dbname(name);
        other
    }

    /// Where notifications of changes are listened for.
    pub(crate) fn listening_place(&self) -> Option<&Config> {
        match self.statements {
            StatementManner::Prepared => Some(self.listen.as_ref().unwrap_or(&self.config)),
            // Behind such a pooler there is no connection of one's own to listen on.
            StatementManner::Unnamed => self.listen.as_ref(),
        }
    }
}

fn read(url: &str) -> Result<(Config, Encryption), BadDatabaseUrl> {
    // Which certificates to believe is not the driver's to decide, so it does not know these words.
    let verified = url.contains("sslmode=verify-full") || url.contains("sslmode=verify-ca");
    let known = url
        .replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require");
    let mut config = Config::from_str(&known).map_err(|error| {
        // The driver names the part it does not understand, never the value of another one.
        let reason = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string);
        BadDatabaseUrl(format!(
            "the database URL is not of the form postgres://user@host:port/database: {reason}"
        ))
    })?;
    if config.get_hosts().is_empty() {
        return Err(BadDatabaseUrl(
            "the database URL names no host; write postgres://user@host:port/database".to_owned(),
        ));
    }
    if config.get_dbname().is_none() {
        return Err(BadDatabaseUrl(
            "the database URL names no database; write postgres://user@host:port/database"
                .to_owned(),
        ));
    }
    let encryption = if verified || config.get_ssl_mode() == SslMode::Require {
        Encryption::SystemRoots
    } else {
        Encryption::Off
    };
    if config.get_application_name().is_none() {
        config.application_name("counterfoil");
    }
    Ok((config, encryption))
}

impl PartialEq for PostgresOptions {
    fn eq(&self, other: &Self) -> bool {
        self.config == other.config
            && self.listen == other.listen
            && self.connections == other.connections
            && self.connect_timeout == other.connect_timeout
            && self.statement_timeout == other.statement_timeout
            && self.lock_timeout == other.lock_timeout
            && self.statements == other.statements
            && self.encryption == other.encryption
            && self.clock == other.clock
    }
}

impl Eq for PostgresOptions {}

/// The URL without a password.
impl fmt::Display for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                Host::Unix(folder) => write!(f, "{}", folder.display())?,
            }
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(index).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresOptions({self})")
    }
}

/// Shared by all connections of a store.
pub(crate) type SharedOptions = Arc<PostgresOptions>;
