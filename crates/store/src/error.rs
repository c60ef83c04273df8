//! What can go wrong under a store call, as far as a caller can tell it apart.

use std::fmt;
use std::path::PathBuf;

use counterfoil_domain::principal::Lapsed;

/// The database failed us. Nothing that was asked for has happened, except that a
/// [`StoreError::NotCommitted`] may come to light after a crash: whether the disk kept a commit
/// that it failed to confirm is not known before.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached: disk full, input/output error, locked for too
    /// long.
    #[error("the database does not answer as it should")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The transaction that carried this call together with others failed to commit.
    #[error("the transaction was not committed: {0}")]
    NotCommitted(String),
    /// A value came sealed under a key that this database has retired or never knew: another
    /// process changed the keys since this one read them.
    #[error("the key {key} is not one of this database any more; read the keys again")]
    KeyGone {
        /// The key's id.
        key: String,
    },
    /// Nobody gave the store the key under which events are vouched for, so it can record none.
    #[error("no audit key was given, so that no change can be recorded")]
    NoAuditKey,
    /// What was asked for is something that a program of a lower level judges wrongly, and one
    /// serves from this database or did within the last minute.
    #[error(
        "a node of an older version serves from this database, or did within the last minute, and would not obey that; \
         update every node, and try again a minute after the last old one has stopped"
    )]
    OlderProgram,
    /// The store is closing and takes no more work.
    #[error("the store is closed")]
    Closed,
    /// A row that cannot be. Never mended silently.
    #[error("the database holds what it cannot hold: {table}.{column}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
}

impl StoreError {
    /// The error with what is behind it, in one line for the log. What a database quotes of its
    /// rows is not in it, nor is a password.
    pub fn causes(&self) -> impl fmt::Display + '_ {
        Causes(self)
    }

    /// Trouble of this kind, which the sentence describes; no secret in it.
    pub fn trouble(outage: Outage, sentence: String) -> Self {
        Self::Unavailable(Box::new(Trouble { outage, sentence }))
    }

    /// What kind of trouble it is, as far as whoever may ask may know.
    pub fn outage(&self) -> Outage {
        match self {
            Self::Unavailable(cause) => {
                let trouble = cause.downcast_ref::<Trouble>();
                trouble.map_or(Outage::Other, |trouble| trouble.outage)
            }
            Self::Closed => Outage::Closing,
            Self::OlderProgram => Outage::Updating,
            Self::NotCommitted(_)
            | Self::KeyGone { .. }
            | Self::NoAuditKey
            | Self::Inconsistent { .. } => Outage::Other,
        }
    }
}

/// Kinds of trouble with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// No connection can be made.
    Unreachable,
    /// It does not answer in time.
    Silent,
    /// This process is closing it.
    Closing,
    /// Nodes are being updated, and not all of them know yet what was asked for.
    Updating,
    /// Anything else: it answers, and not as it should.
    Other,
}

/// See [`StoreError::trouble`].
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
struct Trouble {
    outage: Outage,
    sentence: String,
}

/// See [`StoreError::causes`].
struct Causes<'e>(&'e StoreError);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: &(dyn std::error::Error + 'static) = self.0;
        let mut said = String::new();
        for cause in std::iter::successors(Some(first), |error| error.source()) {
            let part = cause.to_string();
            // Who waited for the same answer as another was told the other's error.
            if said.ends_with(&part) {
                continue;
            }
            let colon = if said.is_empty() { "" } else { ": " };
            write!(f, "{colon}{part}")?;
            said = part;
        }
        Ok(())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

/// A change that was not made: a rule said no, or the database failed.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<R> {
    /// A rule said no; nothing changed.
    #[error("refused")]
    Refused(R),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change that was asked for and not made: a rule said no, the caller's proof no longer holds, or
/// the database failed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<R> {
    /// A rule said no; nothing changed.
    #[error("refused")]
    Refused(R),
    /// The caller's proof no longer holds; nothing changed.
    #[error("the caller's proof no longer holds")]
    Lapsed(Lapsed),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<R> From<WriteError<R>> for ChangeError<R> {
    fn from(error: WriteError<R>) -> Self {
        match error {
            WriteError::Refused(refused) => Self::Refused(refused),
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

/// Why a database was not opened. Each is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its folder cannot be used.
    #[error("cannot open the database {path}: {reason}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The schema needs a newer program.
    #[error(
        "the database needs counterfoil {needed} or newer, and this is {program}; install the newer program"
    )]
    TooNew {
        /// The oldest program that can use it.
        needed: String,
        /// This program.
        program: String,
    },
    /// The schema is behind and was not to be migrated.
    #[error(
        "the database has schema {found} and this program needs {needed}; run `counterfoil db migrate`"
    )]
    TooOld {
        /// The newest migration it has.
        found: i64,
        /// The newest this program has.
        needed: i64,
    },
    /// Nothing was ever made in it, and nothing was to be.
    #[error(
        "the database is empty; `counterfoil init` or `counterfoil serve` makes an installation in it"
    )]
    NoSchema,
    /// A database, but not one of ours.
    #[error("{path} is a database of another program; give another file")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The server cannot be reached, or is not one that can be used.
    #[error("cannot use the database {database}: {reason}")]
    UnusableServer {
        /// Its URL without a password.
        database: String,
        /// What the server said, or what to do about it.
        reason: String,
    },
    /// A database of PostgreSQL, but with tables of another program.
    #[error(
        "the database {database} holds tables of another program, {table} among them; give an empty database"
    )]
    ForeignServer {
        /// Its URL without a password.
        database: String,
        /// One of them.
        table: String,
    },
    /// The database failed while it was opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}
