//! Makes tokens by their numbers, as a file of lines or as rows of a database.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use anyhow::{Context, Result};
use bench_tools::database::{Filling, fill};
use bench_tools::tokens::token;
use clap::{Args, Parser, Subcommand};

/// The prefix of personal access tokens.
const PREFIX: &str = "ghp_";

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write tokens, one on a line
    Tokens {
        #[command(flatten)]
        tokens: Tokens,
        /// The file
        #[arg(long)]
        out: PathBuf,
    },
    /// Add users and tokens to a database that nobody has open
    Database {
        #[command(flatten)]
        tokens: Tokens,
        #[arg(long)]
        users: u64,
        /// The login of a user whose password the new users get too
        #[arg(long)]
        password_of: String,
        /// The SQLite file
        #[arg(long)]
        file: PathBuf,
    },
}

#[derive(Args)]
struct Tokens {
    /// What the tokens follow from
    #[arg(long)]
    key: String,
    /// How many
    #[arg(long)]
    count: u64,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Tokens { tokens, out } => {
            let file =
                File::create(&out).with_context(|| format!("cannot write {}", out.display()))?;
            let mut lines = BufWriter::with_capacity(1 << 20, file);
            for number in 0..tokens.count {
                writeln!(lines, "{}", token(PREFIX, &tokens.key, number))?;
            }
            Ok(lines.flush()?)
        }
        Command::Database {
            tokens,
            users,
            password_of,
            file,
        } => fill(
            &file,
            &Filling {
                users,
                tokens: tokens.count,
                key: &tokens.key,
                prefix: PREFIX,
                scopes: "repo gist",
                scope_set_key: "gist repo",
                password_of: &password_of,
            },
        ),
    }
}
