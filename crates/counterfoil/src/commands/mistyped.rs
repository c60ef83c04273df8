//! What is said of a command that does not exist. The parser's own tips know words that merely
//! share letters, and hidden ones; a tip that leads to the wrong command is worse than none.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Parser};

use crate::commands::cli::Cli;
use crate::spelling::nearest;

/// The command line as it was typed; ends the program where it is wrong.
pub(crate) fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| with_better_tips(error).exit())
}

fn with_better_tips(mut error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    let Some(ContextValue::Strings(tips)) = error.get(ContextKind::SuggestedSubcommand) else {
        return error;
    };
    let tips = tips.iter().map(String::as_str);
    match nearest(typed, tips).map(shown_name) {
        Some(meant) => {
            let tip = ContextValue::Strings(vec![meant]);
            error.insert(ContextKind::SuggestedSubcommand, tip)
        }
        None => error.remove(ContextKind::SuggestedSubcommand),
    };
    error
}

/// The name that help shows for a word that may be the hidden alias of a command.
fn shown_name(word: &str) -> String {
    fn find<'a>(command: &'a Command, word: &str) -> Option<&'a str> {
        command.get_subcommands().find_map(|below| {
            let is_meant =
                below.get_name() == word || below.get_all_aliases().any(|name| name == word);
            let here = is_meant.then(|| below.get_name());
            here.or_else(|| find(below, word))
        })
    }
    find(&Cli::command(), word).unwrap_or(word).to_owned()
}
