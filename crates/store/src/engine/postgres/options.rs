//! Which PostgreSQL, and how to talk to it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::engine::postgres::encryption::{Encryption, encryption};

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
    /// Connections for requests at most, half of them for reading; one more follows what other
    /// nodes change.
    pub connections: usize,
    /// How long to wait for a connection to be made, or for one that is free.
    pub connect_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a row that another transaction holds.
    pub lock_timeout: Duration,
    /// Whether statements are kept prepared.
    pub statements: StatementMode,
    /// Whether and how the connection is encrypted.
    pub encryption: Encryption,
    /// Where notifications of changes are listened for, if not where statements go.
    pub(crate) listen: Option<Config>,
    /// Which clock times are judged by.
    pub clock: DatabaseClock,
}

/// Whether statements are kept prepared on a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatementMode {
    /// Each is prepared once on each connection.
    #[default]
    Prepared,
    /// Each is sent whole every time, for a pooler that gives every transaction another connection.
    Unnamed,
}

/// Which clock times are judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DatabaseClock {
    /// The database's, which all nodes share.
    #[default]
    Followed,
    /// The caller's, for tests that move it: a reading of the feed may then take as long as any
    /// statement, since that clock stands still meanwhile.
    Ignored,
}

/// Why a text is not the URL of a PostgreSQL database, in one sentence that shows no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadDatabaseUrl(String);

impl PostgresOptions {
    /// Reads `postgres://user@host:port/database?sslmode=…`. A host that is a folder,
    /// percent-encoded or as `host=`, is that of a Unix socket.
    pub fn parse(url: &str) -> Result<Self, BadDatabaseUrl> {
        let (config, encryption) = read(url)?;
        Ok(Self {
            config,
            connections: CONNECTIONS,
            connect_timeout: CONNECT_TIMEOUT,
            statement_timeout: STATEMENT_TIMEOUT,
            lock_timeout: LOCK_TIMEOUT,
            statements: StatementMode::default(),
            encryption,
            listen: None,
            clock: DatabaseClock::default(),
        })
    }

    /// Gives the password, which then need not stand in the URL.
    pub fn set_password(&mut self, password: &str) {
        self.config.password(password);
        if let Some(listen) = &mut self.listen
            && listen.get_password().is_none()
        {
            listen.password(password);
        }
    }

    /// Listens for notifications elsewhere: past a pooler, which cannot pass them on. User and
    /// password are those of the place itself where it names any; everything else is as for other
    /// connections.
    pub fn listen_at(&mut self, place: &Self) {
        let mut listen = place.config.clone();
        if let (None, Some(password)) = (listen.get_password(), self.config.get_password()) {
            listen.password(password);
        }
        self.listen = Some(listen);
    }

    /// Whether a password is known, from the URL or since.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Whether the URL says in so many words that connections are not to be encrypted.
    pub fn declines_encryption(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Disable
    }

    /// Why the authorities that certificates are verified by cannot be used, in the rest of a
    /// sentence. Nobody is asked.
    pub fn check_authorities(&self) -> Result<(), String> {
        encryption(&self.encryption).map(drop)
    }

    /// Whether every host is a folder of Unix sockets, over which nothing is encrypted.
    pub fn is_on_sockets(&self) -> bool {
        let hosts = self.config.get_hosts();
        hosts.iter().all(|host| matches!(host, Host::Unix(_)))
    }

    /// The hosts that are reached over a network, as the URL names them.
    fn network_hosts(&self) -> impl Iterator<Item = &str> {
        self.config
            .get_hosts()
            .iter()
            .filter_map(|host| match host {
                Host::Tcp(name) => Some(name.as_str()),
                Host::Unix(_) => None,
            })
    }

    /// The hosts on other machines, as the URL names them: not loopback, and no folder of Unix
    /// sockets. An address that stands beside a name (`hostaddr`) is what is connected to.
    pub fn hosts_elsewhere(&self) -> impl Iterator<Item = String> + '_ {
        let addresses = self.config.get_hostaddrs();
        let here = |name: &str| {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback())
        };
        let names = self
            .network_hosts()
            .filter(move |name| addresses.is_empty() && !here(name));
        let addresses = addresses
            .iter()
            .filter(|ip| !ip.to_canonical().is_loopback());
        names
            .map(str::to_owned)
            .chain(addresses.map(IpAddr::to_string))
    }

    /// Where notifications of changes are listened for.
    pub(crate) fn listening_place(&self) -> Option<&Config> {
        match self.statements {
            StatementMode::Prepared => Some(self.listen.as_ref().unwrap_or(&self.config)),
            // Behind such a pooler there is no connection of one's own to listen on.
            StatementMode::Unnamed => self.listen.as_ref(),
        }
    }
}

/// What a URL looks like.
const FORM: &str = "postgres://USER@HOST:PORT/DATABASE";

fn read(url: &str) -> Result<(Config, Encryption), BadDatabaseUrl> {
    let refuse = |why: &str| BadDatabaseUrl(format!("the database URL {why}"));
    let rest = ["postgres://", "postgresql://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme))
        .ok_or_else(|| refuse(&format!("is not of the form {FORM}")))?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    // What follows could be taken for a host, and then be shown.
    if authority.matches('@').count() > 1 || path.contains('@') || query.contains('@') {
        return Err(refuse(
            "has an @, a / or a ? in its user name or password; write %40, %2F or %3F there",
        ));
    }
    if rest.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Err(refuse("has a space in it; write %20"));
    }
    let mut manner = SslMode::Prefer;
    let mut others = Vec::new();
    for option in query.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("sslmode", mode)) => manner = encryption_manner(mode)?,
            Some((name, _)) => {
                refuse_unusable_option(name)?;
                others.push(option);
            }
            None => return Err(refuse("has an option without a value")),
        }
    }
    let known = format!("postgres://{place}?{}", others.join("&"));
    let mut config = Config::from_str(&known).map_err(|error| {
        // The driver names the part it does not understand, never the value of another one.
        let reason = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string);
        refuse(&format!("is not of the form {FORM}: {reason}"))
    })?;
    if let Some(missing) = missing_part(&config) {
        return Err(refuse(&format!("names no {missing}; write {FORM}")));
    }
    let on_sockets = config
        .get_hosts()
        .iter()
        .all(|host| matches!(host, Host::Unix(_)));
    if on_sockets && manner == SslMode::Require {
        return Err(refuse(
            "asks for encryption over a Unix socket, where there is none; leave sslmode out",
        ));
    }
    config.ssl_mode(manner);
    // Of several hosts one takes writes, and that is the one that knows what was revoked.
    if config.get_hosts().len() > 1 {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_application_name().is_none() {
        config.application_name("counterfoil");
    }
    let encryption = match manner {
        SslMode::Require => Encryption::SystemRoots,
        _ => Encryption::Off,
    };
    Ok((config, encryption))
}

/// What a URL must name and this one does not.
fn missing_part(config: &Config) -> Option<&'static str> {
    if config.get_hosts().is_empty() {
        return Some("host");
    }
    if config.get_dbname().is_none() {
        return Some("database");
    }
    config
        .get_user()
        .is_none_or(str::is_empty)
        .then_some("user")
}

/// Whether to encrypt. What is encrypted is always verified, so the words for that mean the same.
fn encryption_manner(mode: &str) -> Result<SslMode, BadDatabaseUrl> {
    match mode {
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        "disable" => Ok(SslMode::Disable),
        "allow" | "prefer" => Err(BadDatabaseUrl(format!(
            "the database URL says sslmode={mode}, by which anybody on the way could turn encryption off; write sslmode=require or sslmode=disable"
        ))),
        _ => Err(BadDatabaseUrl(
            "the database URL has an sslmode that is not known; write sslmode=require or sslmode=disable".to_owned(),
        )),
    }
}

/// Options that other programs take in a URL and this one elsewhere, or not at all.
fn refuse_unusable_option(name: &str) -> Result<(), BadDatabaseUrl> {
    let instead = match name {
        "connect_timeout" => "set database.connect_timeout",
        "sslrootcert" => "set database.tls_ca_file",
        "passfile" => "set database.password_file",
        "sslcert" | "sslkey" | "sslpassword" => "certificates of clients are not supported",
        "options" => "let the server's administrator set what it says for the user, by ALTER ROLE",
        _ => return Ok(()),
    };
    Err(BadDatabaseUrl(format!(
        "the database URL has the option {name}, which is not for a URL; {instead}"
    )))
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
            write!(f, "{}@", InUrl(user))?;
        }
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) if name.contains(':') => write!(f, "[{name}]")?,
                Host::Tcp(name) => write!(f, "{}", InUrl(name))?,
                Host::Unix(folder) => write!(f, "{}", InUrl(&folder.to_string_lossy()))?,
            }
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(index).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(
            f,
            "/{}",
            InUrl(self.config.get_dbname().unwrap_or_default())
        )
    }
}

/// A part of a URL, with what would end it percent-encoded.
struct InUrl<'a>(&'a str);

impl fmt::Display for InUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '/' | '?' | '#' | '@' | ':' | '%' | ',' | ' ' => {
                    write!(f, "%{:02X}", u32::from(letter))?;
                }
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresOptions({self})")
    }
}

/// Shared by all connections of a store.
pub(crate) type SharedOptions = Arc<PostgresOptions>;
