//! The reference page of all commands, made from their definitions.

use clap::{Arg, Command, CommandFactory};

use crate::commands::cli::Cli;
use crate::commands::surroundings::EXIT_STATUS;

/// The reference page of all commands, in Markdown.
pub fn reference() -> String {
    let mut program = Cli::command();
    program.build();
    let mut blocks = vec![
        "# Commands".to_owned(),
        "<!-- Generated from the program. Change the definitions under crates/counterfoil/src/commands instead. -->"
            .to_owned(),
        long_about(&program),
        "Data goes to standard output, everything else to standard error. With `--json` standard output is exactly one JSON\n\
         document. Secrets are read from standard input or asked for at a terminal; they are never arguments."
            .to_owned(),
        code(EXIT_STATUS),
        "## Options of all commands".to_owned(),
        list(program.get_arguments().filter(|arg| arg.is_global_set())),
    ];
    for command in program.get_subcommands() {
        describe(command, &mut blocks);
    }
    blocks.join("\n\n") + "\n"
}

/// Describes a command that does something, or all those below one that only groups.
fn describe(command: &Command, blocks: &mut Vec<String>) {
    if command.get_name() == "help" {
        return;
    }
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let more = command.get_after_help().map(|text| code(&text.to_string()));
    if command.has_subcommands() {
        blocks.push(format!("## `{name}`"));
        blocks.push(long_about(command));
        blocks.extend(more);
        for below in command.get_subcommands() {
            describe(below, blocks);
        }
        return;
    }
    blocks.push(format!("## `{name}`"));
    blocks.push(long_about(command));
    let usage = command.clone().render_usage().to_string();
    blocks.push(code(usage.trim_start_matches("Usage: ")));
    let own = |arg: &&Arg| !arg.is_global_set() && !is_help(arg);
    let arguments = list(command.get_arguments().filter(own));
    if !arguments.is_empty() {
        blocks.push(arguments);
    }
    blocks.extend(more);
}

fn is_help(arg: &Arg) -> bool {
    matches!(arg.get_id().as_str(), "help" | "version")
}

fn long_about(command: &Command) -> String {
    let text = command.get_long_about().or_else(|| command.get_about());
    text.map(|text| with_full_stop(&text.to_string()))
        .unwrap_or_default()
}

/// The first line of what a command is about stands without a full stop in lists; on a page it is a
/// sentence.
fn with_full_stop(text: &str) -> String {
    match text.split_once("\n\n") {
        Some((first, rest)) => format!("{first}.\n\n{rest}"),
        None => format!("{text}."),
    }
}

fn code(text: &str) -> String {
    format!("```text\n{}\n```", text.trim_end())
}

fn list<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let lines: Vec<String> = arguments.map(line).collect();
    lines.join("\n")
}

fn line(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    let default = match defaults.as_slice() {
        [] => String::new(),
        values if arg.get_action().takes_values() => format!(" [default: {}]", values.join(", ")),
        _ => String::new(),
    };
    let possible: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    let possible = match possible.as_slice() {
        [] => String::new(),
        values if arg.get_action().takes_values() => format!(" [one of {}]", values.join(", ")),
        _ => String::new(),
    };
    format!("- `{}`: {help}{default}{possible}", spelled(arg))
}

/// An option or argument as it is typed.
fn spelled(arg: &Arg) -> String {
    let value = arg
        .get_value_names()
        .and_then(|names| names.first())
        .map(ToString::to_string)
        .unwrap_or_default();
    match arg.get_long() {
        None => value,
        Some(long) if arg.get_action().takes_values() => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
    }
}
