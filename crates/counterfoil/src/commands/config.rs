//! `counterfoil config`: the settings.

use clap::Subcommand;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::doctor::settings_warnings;
use crate::config::example_file;

/// The commands about the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the settings file, the environment and the options of all commands
    ///
    /// What is wrong is said in one sentence that names the setting and what it may be; the exit
    /// status is then 1.
    #[command(after_help = "\
Example:
  counterfoil config check --config /etc/counterfoil/counterfoil.toml")]
    Check,
    /// Print a settings file that has every setting with its meaning and its default
    #[command(after_help = "\
Example:
  counterfoil config example > counterfoil.toml")]
    Example,
}

/// Runs one of the commands.
pub(crate) fn run(command: &ConfigCommand, console: &Console) -> anyhow::Result<Answer> {
    match command {
        ConfigCommand::Check => check(console),
        ConfigCommand::Example => {
            let file = example_file();
            Ok(Answer::data(json!({"toml": file}), file))
        }
    }
}

fn check(console: &Console) -> anyhow::Result<Answer> {
    let settings = console.settings()?;
    if let Some(server) = settings.database().server() {
        let place = match settings.database.tls_ca_file {
            Some(_) => "database.tls_ca_file",
            None => "database_url",
        };
        server
            .check_authorities()
            .map_err(|reason| anyhow::anyhow!("{place}: {reason}"))?;
    }
    let file = settings.file.clone();
    let warnings = settings_warnings(&settings);
    let sentence = match &file {
        Some(file) => format!("the settings are in order; {} was read", file.display()),
        None => "the settings are in order; there is no settings file".to_owned(),
    };
    let document = json!({"file": file, "warnings": warnings});
    let answer = Answer::done(document, sentence);
    Ok(warnings.into_iter().fold(answer, Answer::with_note))
}
