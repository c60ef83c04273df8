//! What PostgreSQL says when something fails, without the data that stood in its way.

use std::error::Error as _;
use std::{fmt, io};

use tokio_postgres::error::SqlState;

use crate::engine::postgres::encryption::why_not_encrypted;
use crate::error::{StoreError, WriteError};

/// Classes of codes that say nothing of what became of a commit: the session is ended, the
/// connection was lost, the system or the server itself failed.
const UNCERTAIN: [&str; 4] = ["57P", "08", "58", "XX"];

/// A failure of the server or of the connection to it. What the server adds as detail is left out:
/// it quotes rows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostgresFailure {
    /// The server refused.
    #[error("PostgreSQL says: {message} (SQLSTATE {})", code.code())]
    Server {
        /// Its code.
        code: SqlState,
        /// Its sentence.
        message: String,
    },
    /// The connection failed, so what became of the statement is not known.
    #[error("the connection to PostgreSQL failed: {0}")]
    Connection(Broken),
    /// The connection could not be encrypted, so nothing was sent over it.
    #[error("the connection to PostgreSQL was not encrypted: {0}")]
    NotEncrypted(String),
    /// No answer came in time.
    #[error("PostgreSQL did not answer in time")]
    TimedOut,
}

/// Why a connection failed.
#[derive(Debug)]
pub(crate) struct Broken {
    said: String,
    /// What the system said, where it was the system.
    pub(super) system: Option<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

impl From<tokio_postgres::Error> for PostgresFailure {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(said) = error.as_db_error() {
            return Self::Server {
                code: said.code().clone(),
                message: said.message().to_owned(),
            };
        }
        if let Some(why) = why_not_encrypted(&error) {
            return Self::NotEncrypted(why);
        }
        let cause = error.source();
        let system = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
        let system = system.map(ToString::to_string);
        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        let said = format!("{error}{cause}");
        Self::Connection(Broken { said, system })
    }
}

impl From<PostgresFailure> for StoreError {
    fn from(failure: PostgresFailure) -> Self {
        Self::Unavailable(Box::new(failure))
    }
}

impl PostgresFailure {
    /// A connection that failed for a reason of which the system said nothing.
    pub(super) fn broken(why: impl Into<String>) -> Self {
        Self::Connection(Broken {
            said: why.into(),
            system: None,
        })
    }

    /// What a commit of a transaction is in which a statement had failed: the server would undo it,
    /// and that is no error to it.
    pub(super) fn aborted() -> Self {
        Self::Server {
            code: SqlState::IN_FAILED_SQL_TRANSACTION,
            message: "a statement of the transaction had failed".to_owned(),
        }
    }

    /// Whether the same transaction may succeed when it is run again: it was in a deadlock or a
    /// race that it lost, and its next look finds what the winner wrote.
    pub(crate) fn is_a_lost_race(&self) -> bool {
        match self {
            Self::Server { code, .. } => [
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::UNIQUE_VIOLATION,
            ]
            .contains(code),
            Self::Connection(_) | Self::NotEncrypted(_) | Self::TimedOut => false,
        }
    }

    /// Whether the connection broke.
    pub(crate) fn is_of_the_connection(&self) -> bool {
        matches!(self, Self::Connection(_))
    }

    /// Whether the server itself said so: then a transaction that it refused is undone. What it
    /// says when it ends the session, or when a pooler lost it, is no such word: the commit may
    /// have been written before.
    pub(crate) fn is_the_servers(&self) -> bool {
        match self {
            Self::Server { code, .. } => {
                !UNCERTAIN.iter().any(|class| code.code().starts_with(class))
            }
            Self::Connection(_) | Self::NotEncrypted(_) | Self::TimedOut => false,
        }
    }
}

/// [`PostgresFailure::is_a_lost_race`] of what a piece of work failed by.
pub(crate) fn lost_a_race<R>(error: &WriteError<R>) -> bool {
    let WriteError::Store(StoreError::Unavailable(cause)) = error else {
        return false;
    };
    cause
        .downcast_ref::<PostgresFailure>()
        .is_some_and(PostgresFailure::is_a_lost_race)
}
