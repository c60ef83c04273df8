//! The reference page of all commands, made from their definitions.

use clap::{Arg, Command, CommandFactory};

use crate::commands::cli::{Cli, EXIT_STATUS};

/// The reference page of all commands, in Markdown.
pub fn reference() -> String {
    let mut program = Cli::command();
    program.build();
    let mut page = format!(
        "# Commands

<!-- Generated from the program. Change the definitions under crates/counterfoil/src/commands instead. -->

{about}

Data goes to standard output, everything else to standard error. With `--json` standard output is exactly one JSON document.
Secrets are read from standard input or asked for at a terminal; they are never arguments.

```text
{EXIT_STATUS}
```

## Options of all commands

{options}",
        about = long_about(&program),
        options = list(program.get_arguments().filter(|arg| arg.is_global_set())),
    );
    for command in program.get_subcommands() {
        describe(command, &mut page);
    }
    page
}

/// Describes a command that does something, or all those below one that only groups.
fn describe(command: &Command, page: &mut String) {
    if command.get_name() == "help" {
        return;
    }
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let groups = command.get_subcommands().next().is_some();
    if groups {
        if let Some(text) = command.get_after_help() {
            page.push_str(&format!(
                "\n## `{name} …`\n\n{}\n",
                block(&text.to_string())
            ));
        }
        for below in command.get_subcommands() {
            describe(below, page);
        }
        return;
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    page.push_str(&format!(
        "\n## `{name}`\n\n{}\n\n{}\n",
        long_about(command),
        block(usage)
    ));
    let own = || {
        command
            .get_arguments()
            .filter(|arg| !arg.is_global_set() && !is_help(arg))
    };
    if own().next().is_some() {
        page.push_str(&format!("\n{}", list(own())));
    }
    if let Some(text) = command.get_after_help() {
        page.push_str(&format!("\n{}\n", block(&text.to_string())));
    }
}

fn is_help(arg: &Arg) -> bool {
    matches!(arg.get_id().as_str(), "help" | "version")
}

fn long_about(command: &Command) -> String {
    let text = command.get_long_about().or_else(|| command.get_about());
    text.map(|text| with_full_stop(&text.to_string()))
        .unwrap_or_default()
}

/// The first line of what a command is about stands without a full stop in lists; on a page it is a sentence.
fn with_full_stop(text: &str) -> String {
    match text.split_once("\n\n") {
        Some((first, rest)) => format!("{first}.\n\n{rest}"),
        None => format!("{text}."),
    }
}

fn block(text: &str) -> String {
    format!("```text\n{}\n```", text.trim_end())
}

fn list<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    arguments.map(line).collect()
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
    format!("- `{}`: {help}{default}{possible}\n", spelled(arg))
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
