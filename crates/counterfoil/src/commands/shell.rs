//! `counterfoil completions` and `counterfoil man`: what a shell and a reader of manual pages want.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use crate::commands::answer::Answer;

/// Print the completions for a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil completions bash > /etc/bash_completion.d/counterfoil
  counterfoil completions fish > ~/.config/fish/completions/counterfoil.fish
  counterfoil completions zsh > \"${fpath[1]}/_counterfoil\"")]
pub(crate) struct CompletionsArguments {
    /// Which shell
    shell: Shell,
}

/// Print the manual page, or write one for each command
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil man | man -l -
  counterfoil man --dir /usr/local/share/man/man1")]
pub(crate) struct ManArguments {
    /// Write a page for each command into this folder, which must exist
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// The completions for this command line.
pub(crate) fn completions(arguments: &CompletionsArguments, mut cli: Command) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli, "counterfoil", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let document = json!({"shell": arguments.shell.to_string(), "script": script});
    Answer::data(document, script)
}

/// The manual page or pages of this command line.
pub(crate) fn man(arguments: &ManArguments, cli: Command) -> anyhow::Result<Answer> {
    if let Some(folder) = &arguments.dir {
        return write_pages(folder, cli);
    }
    let mut page = Vec::new();
    Man::new(cli).render(&mut page)?;
    let page = String::from_utf8_lossy(&page).into_owned();
    Ok(Answer::data(json!({"page": page}), page))
}

fn write_pages(folder: &Path, cli: Command) -> anyhow::Result<Answer> {
    clap_mangen::generate_to(cli, folder)
        .with_context(|| format!("cannot write manual pages into {}", folder.display()))?;
    let sentence = format!("wrote the manual pages into {}", folder.display());
    Ok(Answer::done(json!({"dir": folder}), sentence))
}
