//! `counterfoil reload`: a running server reads its settings again, and says what came of it.

use clap::Args;

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::control::{self, Reloaded};
use crate::data_folder::DataFolder;

/// Have the running server read its settings and certificates again
///
/// Waits for it and prints what is in force now, what needs a restart, and what was refused: then
/// the old settings or certificate stay in use, and the exit status is 1. The server is found by
/// its data folder; with --data-dir the settings are read by the server alone. Requests go on being
/// served.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil reload
  counterfoil reload --data-dir /var/lib/counterfoil")]
pub(crate) struct ReloadArguments {}

/// Asks the server.
pub(crate) async fn run(console: &Console) -> anyhow::Result<Answer> {
    let path = match console.given_data_folder() {
        Some(path) => path.clone(),
        None => console.settings_for_work()?.general.data_dir,
    };
    let folder = DataFolder::existing(&path)?;
    let reloaded = control::reload(&folder).await?;
    let text = lines(&reloaded).join("\n");
    let answer = Answer::data(&reloaded, text);
    Ok(if reloaded.refused.is_empty() {
        answer
    } else {
        answer.complaining()
    })
}

fn lines(reloaded: &Reloaded) -> Vec<String> {
    let mut lines = Vec::new();
    if !reloaded.applied.is_empty() {
        lines.push(format!("in force now: {}", reloaded.applied.join(", ")));
    }
    if reloaded.certificate_loaded {
        lines.push("the certificate was loaded again".to_owned());
    }
    if !reloaded.needs_restart.is_empty() {
        let keys = reloaded.needs_restart.join(", ");
        lines.push(format!("needs a restart: {keys}"));
    }
    let refused = reloaded.refused.iter();
    lines.extend(
        refused
            .map(|sentence| format!("refused, and what was in force before stays so: {sentence}")),
    );
    if lines.is_empty() {
        lines.push("the settings were read again; nothing changed".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_that_changes_nothing_says_so() {
        let said = lines(&Reloaded::default());
        assert_eq!(said, ["the settings were read again; nothing changed"]);
    }

    #[test]
    fn each_outcome_has_a_line() {
        let said = lines(&Reloaded {
            applied: vec!["logging.level".to_owned()],
            certificate_loaded: true,
            needs_restart: vec!["listen".to_owned(), "public_url".to_owned()],
            refused: vec!["no certificate".to_owned()],
        });
        assert_eq!(
            said,
            [
                "in force now: logging.level",
                "the certificate was loaded again",
                "needs a restart: listen, public_url",
                "refused, and what was in force before stays so: no certificate",
            ]
        );
    }
}
