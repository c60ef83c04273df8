//! `counterfoil doctor`: what is wrong with an installation, and what to do about it. It changes
//! nothing.

mod certificate;
mod checks;
mod machine;
mod mail;
mod passkeys;
mod server;
mod service;

use anstyle::AnsiColor;
use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::{progress, sentence};

pub(crate) use self::certificate::{Certificate, look_at_certificate};
pub(crate) use self::checks::settings_warnings;
pub(crate) use self::passkeys::stranded_by_passkeys;

/// Find out what is wrong with an installation
///
/// Looks at the settings, the clock, the certificate, permissions, the disk, the database and its
/// server, the keys, the users and mail that waits. Each line is ok, a warning or a problem with
/// what to do about it. It changes nothing and may run beside `serve`. Run by root it looks at
/// files with the eyes of the user that the data folder belongs to. The exit status is 1 if there
/// is a problem. The check of the database reads all of it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil doctor
  counterfoil doctor --json | jq '.checks[] | select(.status != \"ok\")'")]
pub(crate) struct DoctorArguments {}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warning,
    Problem,
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    status: Status,
    message: String,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Ok,
            message: message.into(),
        }
    }

    fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Warning,
            message: message.into(),
        }
    }

    fn problem(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Problem,
            message: message.into(),
        }
    }

    /// A problem as an error tells it, with its causes.
    fn error(check: &'static str, error: impl Into<anyhow::Error>) -> Self {
        Self::problem(check, sentence(&error.into()))
    }
}

/// Looks at everything.
pub(crate) async fn run(console: &Console) -> anyhow::Result<Answer> {
    let shown = progress::show_waiting("doctor", "looking at everything");
    let findings = checks::all(console).await;
    drop(shown);
    let healthy = findings
        .iter()
        .all(|finding| finding.status != Status::Problem);
    let lines = findings.iter().map(|finding| {
        let (word, colour) = match finding.status {
            Status::Ok => ("ok", AnsiColor::Green),
            Status::Warning => ("warning", AnsiColor::Yellow),
            Status::Problem => ("problem", AnsiColor::Red),
        };
        let style = colour.on_default();
        format!(
            "{style}{word:7}{style:#}  {:11}  {}\n",
            finding.check, finding.message
        )
    });
    let text: String = lines.collect();
    let answer = Answer::data(json!({"healthy": healthy, "checks": findings}), text);
    Ok(if healthy {
        answer
    } else {
        answer.complaining()
    })
}
