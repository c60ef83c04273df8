//! `counterfoil key`: the keys that what must be read back is sealed under.

use clap::{Args, Subcommand};
use counterfoil_authority::KeyError;
use counterfoil_domain::key::{InstallationKey, KeyId, KeyRefused};
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::progress;
use crate::commands::secret_input::{self, Assumed};
use crate::commands::table::{Table, count};
use crate::commands::views::KeyView;
use crate::commands::{completion, values};
use crate::installation::Installation;

/// The commands about keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys that the database knows
    #[command(alias = "ls")]
    List,
    /// Add a key that nothing is sealed under yet
    ///
    /// It goes into the key file, also where `COUNTERFOIL_KEY` holds another one. Where several
    /// servers work on one installation, give the same key to each of them on standard input before
    /// it is rotated to.
    #[command(
        alias = "create",
        after_help = "\
Examples:
  counterfoil key add
  counterfoil key add --key-stdin < new-key.txt"
    )]
    Add(AddArguments),
    /// Seal everything anew, under the key that was added last or under a new one
    ///
    /// Without the new key nothing that is sealed can be read: back up the key file afterwards, and
    /// keep the old key for as long as there are backups that were made under it. On PostgreSQL,
    /// where other nodes need the key as well, it must have been added before. At a terminal
    /// `rotate` must be typed; without one --yes is needed.
    #[command(after_help = "\
Example:
  counterfoil key rotate --yes")]
    Rotate(RotateArguments),
    /// Forget a key that nothing is sealed under any more
    ///
    /// It leaves the key file, and backups that were made under it can no longer be restored with
    /// that file. At a terminal the id must be typed once more; without one --yes is needed.
    Retire(RetireArguments),
}

/// Where the key comes from.
#[derive(Args, Debug)]
pub(crate) struct AddArguments {
    /// Read the key from standard input, one line: ID:BASE64, an id of eight hexadecimal digits and
    /// 32 bytes
    #[arg(long)]
    key_stdin: bool,
}

/// Whether somebody is asked.
#[derive(Args, Debug)]
pub(crate) struct RotateArguments {
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Which key.
#[derive(Args, Debug)]
pub(crate) struct RetireArguments {
    /// The key's id, as `key list` shows it
    #[arg(value_parser = values::key_id, add = completion::keys())]
    id: KeyId,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: KeyCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        KeyCommand::List => list(installation).await,
        KeyCommand::Add(arguments) => add(&arguments, installation).await,
        KeyCommand::Rotate(arguments) => rotate(&arguments, installation).await,
        KeyCommand::Retire(arguments) => retire(&arguments, installation).await,
    }
}

async fn list(of: &Installation) -> anyhow::Result<Answer> {
    let records = of.authority.list_keys().await?;
    let views: Vec<KeyView> = records.iter().map(KeyView::from).collect();
    let mut table = Table::new(["ID", "STATE", "SEALED VALUES", "ADDED"]);
    for view in &views {
        table.push([
            view.id.clone(),
            view.state.to_owned(),
            view.sealed_values.to_string(),
            view.added_at.clone(),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn add(arguments: &AddArguments, of: &Installation) -> anyhow::Result<Answer> {
    let given = if arguments.key_stdin {
        let text = secret_input::read_stdin("key")?;
        let key = InstallationKey::parse(&text).ok_or_else(|| {
            anyhow::anyhow!(
                "standard input holds no key; a key is ID:BASE64, eight hexadecimal digits and 32 bytes in base 64"
            )
        })?;
        Some(key)
    } else {
        None
    };
    let added = of.authority.add_key(given, &of.operator).await;
    let id = added.map_err(|error| explain(None, error))?;
    let sentence =
        format!("added key {id}; `counterfoil key rotate` seals everything anew under it");
    Ok(Answer::done(json!({"id": id.as_str()}), sentence).with_note(of.whereabouts().advice()))
}

async fn rotate(arguments: &RotateArguments, of: &Installation) -> anyhow::Result<Answer> {
    secret_input::confirm(
        "seal everything anew under another key",
        "rotate",
        Assumed::when(arguments.yes),
    )?;
    let shown = progress::show_waiting("key rotate", "sealing everything anew");
    let rotated = of.authority.rotate_keys(&of.operator).await;
    drop(shown);
    let (id, moved) = rotated.map_err(|error| explain(None, error))?;
    let document = json!({"id": id.as_str(), "resealed_values": moved});
    let sentence = format!("sealed {} anew under key {id}", count(moved, "value"));
    Ok(Answer::done(document, sentence).with_note(of.whereabouts().advice()))
}

async fn retire(arguments: &RetireArguments, of: &Installation) -> anyhow::Result<Answer> {
    let id = &arguments.id;
    let known = of.authority.list_keys().await?;
    if !known.iter().any(|record| record.id == *id) {
        return Err(explain(Some(id), KeyError::Refused(KeyRefused::Unknown)));
    }
    secret_input::confirm("forget this key", id.as_str(), Assumed::when(arguments.yes))?;
    let retired = of.authority.retire_key(id, &of.operator).await;
    retired.map_err(|error| explain(Some(id), error))?;
    Ok(Answer::done(
        json!({"id": id.as_str(), "state": "retired"}),
        format!("retired key {id}"),
    ))
}

/// The sentence for what went wrong with a key.
fn explain(id: Option<&KeyId>, error: KeyError) -> anyhow::Error {
    match (error, id) {
        (KeyError::Refused(KeyRefused::Unknown), Some(id)) => {
            anyhow::anyhow!("there is no key {id}; `counterfoil key list` shows all keys")
        }
        (KeyError::Refused(KeyRefused::Retired), Some(id)) => {
            anyhow::anyhow!("key {id} was retired before")
        }
        (KeyError::Refused(KeyRefused::Primary | KeyRefused::InUse), Some(id)) => anyhow::anyhow!(
            "key {id} is in use; run `counterfoil key rotate` first, which seals everything under another one"
        ),
        (KeyError::Refused(KeyRefused::Known), _) => {
            anyhow::anyhow!("the database knows this key already; give another one")
        }
        (KeyError::NoneAdded, _) => anyhow::anyhow!(
            "other nodes may share this database and need the new key first: run `counterfoil key add`, copy the key file to every node, then run `counterfoil key rotate` again"
        ),
        (error, _) => anyhow::Error::new(error),
    }
}
