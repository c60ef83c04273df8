//! What is logged, and how.

use counterfoil_server::LoggedClients;

use crate::config::rule::OneOf;
use crate::config::section::section;

section! {
    /// Logs go to standard error. They hold the template of a route, never a path, a query or a
    /// body.
    pub struct Logging = "logging", "logging." {
        /// Lines for people or one JSON object a line for programs.
        format: LogFormat = LogFormat::Text,
            OneOf(&[("text", LogFormat::Text), ("json", LogFormat::Json)]), Restart;
        /// Whether the line of a request says from which address its client came and who it proved
        /// to be, by the ids of account, app and token. A log cannot be erased as personal fields
        /// of the audit trail can.
        clients: LoggedClients = LoggedClients::Shown,
            OneOf(&[("shown", LoggedClients::Shown), ("hidden", LoggedClients::Hidden)]), Restart;
        /// The least severe level that is logged.
        level: LogLevel = LogLevel::Info,
            OneOf(&[
                ("error", LogLevel::Error),
                ("warn", LogLevel::Warn),
                ("info", LogLevel::Info),
                ("debug", LogLevel::Debug),
                ("trace", LogLevel::Trace),
            ]), Live;
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How severe a log line is; the levels of the `tracing` crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// A person should act.
    Error,
    /// Something is odd and goes on.
    Warn,
    /// What happens in the large.
    Info,
    /// What happens in the small.
    Debug,
    /// Everything.
    Trace,
}
