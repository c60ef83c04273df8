//! The command line: what may be typed, and what it does.
//!
//! Every command opens the same database that a running `serve` works on, without a lock: each
//! change is one transaction. Before a command that changed something exits, it makes sure that the
//! server has heard of the change.

mod answer;
mod app;
mod audit;
mod bench;
mod cli;
mod completion;
mod config;
mod console;
mod db;
mod doctor;
mod grant;
mod health;
mod import;
mod init;
mod key;
mod mail;
mod manual;
mod mistyped;
mod org;
mod pages;
mod plain_http;
mod progress;
mod quickstart;
mod reference;
mod reload;
mod scope;
mod secret_input;
mod serve;
mod session;
mod shell;
mod surroundings;
mod table;
mod team;
mod token;
mod user;
pub(crate) mod values;
mod views;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use anstyle::{AnsiColor, Effects, Style};
use anyhow::Context;
use clap::CommandFactory;
use clap_complete::CompleteEnv;
use counterfoil_authority::Clock;
use counterfoil_server::listen::TlsError;

pub(crate) use self::doctor::{settings_warnings, stranded_by_passkeys};
pub use self::reference::reference;

use self::answer::Answer;
use self::cli::{Cli, Command};
use self::console::Console;
use self::values::DEMO_LOGIN;
use crate::config::{ConfigError, LogFormat};
use crate::installation::{Installation, Opening};
use crate::serving::PagesRefused;
use crate::telemetry;

/// Failed.
const FAILED: u8 = 1;
/// The command line is wrong. The same status as for what the parser refuses.
const USAGE: u8 = 2;
/// `serve` refuses its settings: the `EX_CONFIG` of `sysexits.h`, after which a service manager
/// need not try again.
const SETTINGS_REFUSED: u8 = 78;

/// A mistake on the command line that the parser cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(String);

impl UsageError {
    /// An error with this sentence.
    pub(crate) fn of(sentence: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self(sentence.into()))
    }
}

/// Runs the command that was typed, to its end. The clock is what the use cases tell the time by.
pub fn main(clock: Arc<dyn Clock>) -> ExitCode {
    // The function that `completions` gave a shell asks by a variable; the program ends then.
    CompleteEnv::with_factory(Cli::command)
        .var(completion::VARIABLE)
        .bin("counterfoil")
        .completer("counterfoil")
        .complete();
    let Cli { global, command } = mistyped::parse();
    let console = Console::new(global, clock);
    let json = console.json();
    let logs = matches!(command, Command::Serve(_) | Command::Quickstart(_));
    let serves = matches!(command, Command::Serve(_));
    let outcome = run(command, &console).and_then(|answer| {
        answer
            .print(json)
            .context("cannot write to standard output")?;
        Ok(answer.is_complaint())
    });
    match outcome {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(FAILED),
        Err(error) => {
            // What ends a server stands among the lines of its log.
            let format = logs.then(|| console.log_format()).flatten();
            complain(&error, format.unwrap_or(LogFormat::Text), serves)
        }
    }
}

/// Says what went wrong in one sentence, with its causes behind colons.
fn complain(error: &anyhow::Error, format: LogFormat, serves: bool) -> ExitCode {
    const STYLE: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
    let sentence = sentence(error);
    match format {
        LogFormat::Text => anstream::eprintln!("{STYLE}error:{STYLE:#} {sentence}"),
        LogFormat::Json => anstream::eprint!("{}", telemetry::line(format, "ERROR", &sentence)),
    }
    if error.is::<UsageError>() {
        ExitCode::from(USAGE)
    } else if serves && is_about_settings(error) {
        ExitCode::from(SETTINGS_REFUSED)
    } else {
        ExitCode::from(FAILED)
    }
}

/// Whether a server that is started again with the same settings ends in the same way: they are
/// wrong, or what they name cannot be used.
fn is_about_settings(error: &anyhow::Error) -> bool {
    error.is::<ConfigError>() || error.is::<TlsError>() || error.is::<PagesRefused>()
}

/// An error and its causes as one sentence. Some of them end with a full stop, which would stand
/// before a colon, and some libraries repeat in a cause what the error around it said.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let part = cause.to_string();
        let part = part.trim_end_matches('.');
        if !parts
            .last()
            .is_some_and(|said| part.ends_with(said.as_str()) || said.ends_with(part))
        {
            parts.push(part.to_owned());
        }
    }
    parts.join(": ")
}

fn run(command: Command, console: &Console) -> anyhow::Result<Answer> {
    match command {
        Command::Serve(arguments) => serve::run(*arguments, console),
        Command::Quickstart(arguments) => quickstart::run(arguments, console),
        Command::Reload(_) => block_on(reload::run(console)),
        Command::Health(_) => block_on(health::run(console)),
        Command::Init(_) => block_on(init::run(console)),
        Command::User(command) => on_installation(console, async |at| user::run(command, at).await),
        Command::Org(command) => on_installation(console, async |at| org::run(command, at).await),
        Command::Team(command) => on_installation(console, async |at| team::run(command, at).await),
        Command::App(command) => on_installation(console, async |at| app::run(command, at).await),
        Command::Token(command) => {
            on_installation(console, async |at| token::run(command, at).await)
        }
        Command::Scope(command) => Ok(scope::run(&command)),
        Command::Grant(command) => {
            on_installation(console, async |at| grant::run(command, at).await)
        }
        Command::Session(command) => {
            on_installation(console, async |at| session::run(command, at).await)
        }
        Command::Key(command) => on_installation(console, async |at| key::run(command, at).await),
        Command::Import(arguments) => {
            on_installation(console, async |at| import::run(arguments, at).await)
        }
        Command::Audit(command) => {
            let json = console.json();
            on_installation(console, async |at| audit::run(command, at, json).await)
        }
        Command::Mail(command) => {
            block_on(async { mail::mail(command, &console.settings()?).await })
        }
        Command::Outbox(command) => {
            on_installation(console, async |at| mail::outbox(command, at).await)
        }
        Command::Db(command) => block_on(db::run(command, console)),
        Command::Config(command) => config::run(&command, console),
        Command::Bench(arguments) => block_on(bench::run(arguments)),
        Command::Doctor(_) => block_on(doctor::run(console)),
        Command::Completions(arguments) => shell::completions(&arguments),
        Command::Man(arguments) => shell::man(&arguments, Cli::command()),
    }
}

/// Opens the installation, which must be there, works on it and closes it, whatever came of the
/// work.
fn on_installation(
    console: &Console,
    work: impl AsyncFnOnce(&Installation) -> anyhow::Result<Answer>,
) -> anyhow::Result<Answer> {
    block_on(async {
        let installation = console.open(Opening::Existing).await?;
        let answer = work(&installation).await;
        // Whatever came of the work: part of it may have been done.
        installation.make_changes_known().await;
        installation.close().await;
        answer
    })
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_sentence_that_says_nothing_twice() {
        let error = anyhow::anyhow!("Error code 13: the disk is full")
            .context("the disk is full")
            .context("x.toml cannot be written.");
        assert_eq!(
            sentence(&error),
            "x.toml cannot be written: the disk is full"
        );
    }
}
