//! `counterfoil completions` and `counterfoil man`: what a shell and a reader of manual pages want.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Command, ValueHint};
use clap_complete::Shell;
use clap_complete::env::Shells;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::{completion, manual};

/// What is typed to run this program.
const NAME: &str = "counterfoil";

/// Print the completions for a shell
///
/// Commands, options, scopes, files and folders are completed, and logins, client IDs and key ids
/// that the installation has: it is asked at that moment, as the options typed so far and the
/// settings name it. Where it cannot be asked, nothing is offered.
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

/// Print the manual page, or write one for each command and one for the settings file
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil man | man -l -
  counterfoil man --settings | man -l -
  counterfoil man --dir /usr/local/share/man/man1")]
pub(crate) struct ManArguments {
    /// Write a page for each command into this folder, which must exist, and counterfoil.toml(5)
    /// too: into man5 beside it where it is called man1
    #[arg(long, value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
    /// Print the page of the settings file, counterfoil.toml(5)
    #[arg(long, conflicts_with = "dir")]
    settings: bool,
}

/// The script by which a shell asks this program for completions.
pub(crate) fn completions(arguments: &CompletionsArguments) -> anyhow::Result<Answer> {
    let shell = arguments.shell.to_string();
    let shells = Shells::builtins();
    let completer = shells.completer(&shell).context("there is no such shell")?;
    let mut script = Vec::new();
    completer.write_registration(completion::VARIABLE, NAME, NAME, NAME, &mut script)?;
    let script = String::from_utf8_lossy(&script).into_owned();
    Ok(Answer::data(
        json!({"shell": shell, "script": script}),
        script,
    ))
}

/// The manual page or pages of this command line.
pub(crate) fn man(arguments: &ManArguments, cli: Command) -> anyhow::Result<Answer> {
    let mut cli = cli.disable_help_subcommand(true);
    cli.build();
    if let Some(folder) = &arguments.dir {
        return write_pages(folder, &cli);
    }
    let (_, page) = if arguments.settings {
        manual::settings_page()
    } else {
        manual::page(&cli)
    };
    Ok(Answer::data(json!({"page": page}), page))
}

fn write_pages(folder: &Path, cli: &Command) -> anyhow::Result<Answer> {
    let cannot = || format!("cannot write manual pages into {}", folder.display());
    write_page_of(cli, folder).with_context(cannot)?;
    let (name, page) = manual::settings_page();
    let place = folder_of_settings(folder);
    fs::create_dir_all(&place)
        .and_then(|()| fs::write(place.join(name), page))
        .with_context(cannot)?;
    let sentence = format!("wrote the manual pages into {}", folder.display());
    Ok(Answer::done(json!({"dir": folder}), sentence))
}

fn write_page_of(command: &Command, folder: &Path) -> io::Result<()> {
    let (name, page) = manual::page(command);
    fs::write(folder.join(name), page)?;
    let mut below = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set());
    below.try_for_each(|below| write_page_of(below, folder))
}

/// Where the page of the settings file belongs: beside a folder `man1` lies `man5`.
fn folder_of_settings(folder: &Path) -> PathBuf {
    if folder.file_name().is_some_and(|name| name == "man1") {
        folder.with_file_name("man5")
    } else {
        folder.to_owned()
    }
}
