//! Manual pages: one of each command, and one of the settings file.
//!
//! The library writes what it knows of a command. The sections that a reader looks for beside that,
//! and a synopsis with values, are written here.

mod settings;

use std::io;
use std::io::Write;

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use crate::commands::surroundings::{ENVIRONMENT, EXIT_STATUS, FILES};

pub(crate) use self::settings::page as settings_page;

/// The section of pages about commands.
const COMMANDS: &str = "1";
/// What the footer of every page says.
pub(super) const MANUAL: &str = "Counterfoil";

/// The page of a command of a command line that was built, with the file's name.
pub(crate) fn page(command: &Command) -> (String, String) {
    let man = Man::new(command.clone())
        .section(COMMANDS)
        .manual(MANUAL)
        .source(source());
    let mut page = library(|out| man.render_title(out));
    // Long words and lines that are stretched to the margin make neither readable.
    page.push_str(".ad l\n.nh\n");
    page.push_str(without_preamble(&library(|out| {
        man.render_name_section(out)
    })));
    page.push_str(&written(&synopsis(command)));
    page.push_str(without_preamble(&library(|out| {
        man.render_description_section(out)
    })));
    page.push_str(without_preamble(&library(|out| {
        man.render_options_section(out)
    })));
    if command.has_subcommands() {
        page.push_str(without_preamble(&library(|out| {
            man.render_subcommands_section(out)
        })));
    }
    let mut more = Roff::new();
    list(&mut more, "ENVIRONMENT", &ENVIRONMENT);
    list(&mut more, "FILES", &FILES);
    exit_status(&mut more);
    below(&mut more, command);
    see_also(&mut more, command);
    page.push_str(&written(&more));
    (man.get_filename(), page)
}

/// The program and its version.
pub(super) fn source() -> String {
    format!("counterfoil {}", env!("CARGO_PKG_VERSION"))
}

/// What the library writes.
fn library(render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    render(&mut bytes).expect("a list of bytes takes more bytes");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What is written here, to stand behind something that the library wrote.
fn written(roff: &Roff) -> String {
    without_preamble(&roff.render()).to_owned()
}

/// The library begins everything with the definition of an apostrophe; once on a page is enough.
fn without_preamble(text: &str) -> &str {
    let preamble = Roff::new().render();
    text.strip_prefix(&preamble).unwrap_or(text)
}

fn synopsis(command: &Command) -> Roff {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut words = vec![bold(name)];
    let own = |arg: &&Arg| !arg.is_hide_set() && !arg.is_global_set() && !is_help(arg);
    for arg in command.get_arguments().filter(own) {
        let (open, close) = if arg.is_required_set() {
            ("", "")
        } else {
            ("[", "]")
        };
        words.push(roman(format!(" {open}")));
        words.extend(spelled(arg));
        words.push(roman(close));
    }
    if command.has_subcommands() {
        words.extend([roman(" "), italic("command")]);
    }
    words.extend([roman(" ["), italic("options of all commands"), roman("]")]);
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]).text(words);
    roff
}

fn is_help(arg: &Arg) -> bool {
    matches!(arg.get_id().as_str(), "help" | "version")
}

/// An option with its value, or the name of a value.
fn spelled(arg: &Arg) -> Vec<Inline> {
    let value = arg
        .get_value_names()
        .and_then(|names| names.first())
        .map_or_else(|| arg.get_id().as_str().to_uppercase(), ToString::to_string);
    match arg.get_long() {
        None => vec![italic(value)],
        Some(long) if arg.get_action().takes_values() => {
            vec![bold(format!("--{long}")), roman(" "), italic(value)]
        }
        Some(long) => vec![bold(format!("--{long}"))],
    }
}

fn list(roff: &mut Roff, title: &str, entries: &[(&str, &str)]) {
    roff.control("SH", [title]);
    for (name, text) in entries {
        roff.control("TP", []).text([bold(*name)]);
        roff.text([roman(format!("{text}."))]);
    }
}

fn exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for line in EXIT_STATUS.lines().skip(1) {
        let (status, text) = line.trim().split_once(' ').unwrap_or((line, ""));
        roff.control("TP", []).text([bold(status)]);
        roff.text([roman(format!("{}.", text.trim()))]);
    }
}

/// The examples, and whatever else stands below the help of a command.
fn below(roff: &mut Roff, command: &Command) {
    let Some(text) = command.get_after_help() else {
        return;
    };
    for block in text.to_string().split("\n\n") {
        let (title, lines) = block.split_once('\n').unwrap_or(("", block));
        let is_example = matches!(title, "Example:" | "Examples:");
        roff.control("SH", [if is_example { "EXAMPLES" } else { "NOTES" }]);
        if !is_example {
            roff.text([roman(title)]);
        }
        roff.control("nf", []);
        for line in lines.lines() {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
    }
}

fn see_also(roff: &mut Roff, command: &Command) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let words: Vec<&str> = name.split(' ').collect();
    let above = (1..words.len()).map(|length| words[..length].join("-"));
    let mut pages: Vec<String> = above.collect();
    if words.len() == 1 {
        pages.extend(["counterfoil-serve", "counterfoil-doctor"].map(str::to_owned));
    }
    roff.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for page in pages {
        line.extend([bold(page), roman(format!("({COMMANDS}), "))]);
    }
    line.extend([bold("counterfoil.toml"), roman("(5)")]);
    roff.text(line);
}
