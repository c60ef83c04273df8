//! Which database: a SQLite file, or PostgreSQL.

use std::fmt;
use std::path::{Path, PathBuf};

use counterfoil_store::{DatabaseLocation, PostgresOptions};

use super::rule::{Text, TextRefused};

/// A database, as its URL names it. Shown without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file, written `sqlite:PATH`.
    Sqlite(PathBuf),
    /// A PostgreSQL database, written `postgres://USER@HOST:PORT/DATABASE`.
    Postgres(Box<PostgresOptions>),
}

impl Database {
    /// The database that a URL on the command line names. The error says what the URL must be.
    pub fn from_url(url: &str) -> Result<Self, String> {
        parse(url).map_err(|refused| match refused {
            TextRefused::Form => DATABASE.expected.to_owned(),
            TextRefused::Is(what) => format!("{}; this is {what}", DATABASE.expected),
            TextRefused::Since(sentence) => format!("{}; {sentence}", DATABASE.expected),
        })
    }

    /// The file that it lies in, if it lies in one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// How to reach PostgreSQL, if it is one of its databases.
    pub fn server(&self) -> Option<&PostgresOptions> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(options) => Some(options),
        }
    }

    /// Where the store finds it.
    pub fn location(self) -> DatabaseLocation {
        match self {
            Self::Sqlite(path) => DatabaseLocation::Sqlite(path),
            Self::Postgres(options) => DatabaseLocation::Postgres(options),
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(options) => options.fmt(f),
        }
    }
}

/// A URL of either.
pub(super) const DATABASE: Text<Database> = Text {
    expected: "sqlite:PATH, the path of a file, or postgres://USER@HOST:PORT/DATABASE",
    example: "postgres://counterfoil@db.example.org/counterfoil?sslmode=require",
    parse,
    write: Database::to_string,
};

/// A URL of PostgreSQL alone.
pub(super) const POSTGRES: Text<PostgresOptions> = Text {
    expected: "postgres://USER@HOST:PORT/DATABASE",
    example: "postgres://counterfoil@db.example.org/counterfoil?sslmode=require",
    parse: parse_postgres,
    write: PostgresOptions::to_string,
};

fn parse(text: &str) -> Result<Database, TextRefused> {
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Ok(Database::Postgres(Box::new(parse_postgres(text)?)));
    }
    let path = text.strip_prefix("sqlite:").ok_or(TextRefused::Form)?;
    // `sqlite:///var/x.db` is how other programs write an absolute path.
    let path = path.strip_prefix("//").unwrap_or(path);
    if path == ":memory:" {
        return Err(TextRefused::Is(
            "a database in memory, which would forget what was acknowledged",
        ));
    }
    let usable = !path.is_empty() && !path.contains(['?', '\0']);
    usable
        .then(|| Database::Sqlite(path.into()))
        .ok_or(TextRefused::Form)
}

fn parse_postgres(text: &str) -> Result<PostgresOptions, TextRefused> {
    PostgresOptions::parse(text).map_err(|error| TextRefused::Since(error.to_string()))
}
