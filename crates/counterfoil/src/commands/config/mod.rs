//! `counterfoil config`: the settings.

mod check;
mod show;

use clap::Subcommand;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::config::example_file;

/// The commands about the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the settings file, the environment and the options of all commands
    ///
    /// Files that they name are opened too: the certificate with its key, which must be valid and
    /// for the host of the public URL, the key file, the password file and the authorities of the
    /// database. Where the database is a file, users are named whose passkeys do not fit the public
    /// URL and who have no other way in. What is wrong is said in one sentence that names the
    /// setting and what it may be; the exit status is then 1.
    #[command(after_help = "\
Example:
  counterfoil config check --config /etc/counterfoil/counterfoil.toml")]
    Check,
    /// Print every setting in force and where it comes from: a flag, a variable, the file or the
    /// default
    ///
    /// Of secrets it tells no more than whether they are set. The flags that only `serve` has are
    /// not known here.
    #[command(
        alias = "list",
        after_help = "\
Examples:
  counterfoil config show
  counterfoil config show --json | jq '.settings[] | select(.source.kind != \"default\")'"
    )]
    Show,
    /// Print a settings file that has every setting with its meaning and its default
    #[command(after_help = "\
Example:
  counterfoil config example > counterfoil.toml")]
    Example,
}

/// Runs one of the commands.
pub(crate) fn run(command: &ConfigCommand, console: &Console) -> anyhow::Result<Answer> {
    match command {
        ConfigCommand::Check => check::run(console),
        ConfigCommand::Show => show::run(console),
        ConfigCommand::Example => {
            let file = example_file();
            Ok(Answer::data(json!({"toml": file}), file))
        }
    }
}
