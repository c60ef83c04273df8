//! `counterfoil import`: users, apps and tokens from elsewhere.

mod costs;
mod form;
mod lines;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueHint};
use counterfoil_store::{ChangeError, ImportRefused, Imported, PROBLEMS_TOLD, Progress, Trial};
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::commands::answer::Answer;
use crate::commands::progress;
use crate::commands::table::count;
use crate::installation::Installation;

/// Take over users, apps and tokens from a file, all of them or none
///
/// The file has one JSON object on each line, whose `type` is `user`, `app` or `token`. Tokens are
/// given by their digest, so they keep working and the file holds none of them. Passwords are given
/// as Argon2id or bcrypt hashes.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil import --dry-run users.jsonl
  counterfoil import users.jsonl
  zcat users.jsonl.gz | counterfoil import -

Each line is one of:
  {\"type\":\"user\",\"login\":\"mona\",\"email\":\"mona@example.org\",\"verified\":true,\"password_hash\":\"$2b$12$…\"}
  {\"type\":\"app\",\"owner\":\"mona\",\"name\":\"Board\",\"url\":\"https://board.example.org\",
   \"callback_urls\":[\"https://board.example.org/cb\"],\"client_id\":\"…\",\"client_secret_sha256\":\"…\"}
  {\"type\":\"token\",\"login\":\"mona\",\"hashed_token\":\"…\",\"scopes\":[\"repo\"],\"note\":\"laptop\"}")]
pub(crate) struct ImportArguments {
    /// The file, JSON Lines; - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Say what would be taken over, and take over nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub(crate) async fn run(arguments: ImportArguments, on: &Installation) -> anyhow::Result<Answer> {
    let from_stdin = arguments.file == Path::new("-");
    let file = if from_stdin {
        "standard input".to_owned()
    } else {
        arguments.file.display().to_string()
    };
    let progress = Progress::default();
    let _shown = progress::show("import", &progress);
    progress.begin("reading the file", None);
    let text = if from_stdin {
        let mut text = Vec::new();
        let read = io::stdin().read_to_end(&mut text);
        read.map(|_| text)
    } else {
        fs::read(&arguments.file)
    };
    let text = text.with_context(|| format!("cannot read {file}"))?;
    let digest = HEXLOWER.encode(&Sha256::digest(&text));
    let lines = lines::read(&text).map_err(|problems| refused(&file, &problems))?;
    drop(text);
    let take_time = async |class| on.authority.measure_verification(class).await;
    let measured = costs::measure(&lines, take_time).await?;
    let measured = measured.map_err(|problems| refused(&file, &problems))?;
    let trial = if arguments.dry_run {
        Trial::Only
    } else {
        Trial::No
    };
    let imported = on
        .authority
        .import(lines.into(), digest, trial, &on.operator, progress)
        .await;
    let noted = |answer: Answer| {
        measured
            .iter()
            .map(costs::note)
            .fold(answer, Answer::with_note)
    };
    match imported {
        Ok(imported) => Ok(noted(answer(&imported, false, "took over"))),
        Err(ChangeError::Refused(ImportRefused::OnlyTried(would))) => {
            Ok(noted(answer(&would, true, "would take over")))
        }
        Err(ChangeError::Refused(ImportRefused::Problems(problems))) => {
            Err(refused(&file, &problems))
        }
        Err(error @ (ChangeError::Lapsed(_) | ChangeError::Store(_))) => Err(error.into()),
    }
}

fn answer(imported: &Imported, dry_run: bool, verb: &str) -> Answer {
    let sentence = format!(
        "{verb} {}, {} and {}",
        count(imported.users, "user"),
        count(imported.apps, "app"),
        count(imported.tokens, "token")
    );
    let document = json!({
        "dry_run": dry_run,
        "users": imported.users,
        "apps": imported.apps,
        "tokens": imported.tokens,
    });
    Answer::done(document, sentence)
}

/// The sentence for what is wrong, each line by its number.
fn refused(file: &impl std::fmt::Display, problems: &[(u64, String)]) -> anyhow::Error {
    let mut sentence = format!("nothing of {file} was taken over:");
    for (line, problem) in problems {
        write!(sentence, "\n  line {line}: {problem}").expect("a text takes more text");
    }
    if problems.len() >= PROBLEMS_TOLD {
        sentence.push_str("\n  and perhaps more");
    }
    anyhow::anyhow!(sentence)
}
