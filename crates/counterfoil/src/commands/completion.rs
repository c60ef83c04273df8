//! What the shell offers when a value is to be typed: scopes, and what the installation has, which
//! is asked at that moment.
//!
//! A completion never complains, never makes anything and never waits long: where the installation
//! cannot be asked, nothing is offered.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use counterfoil_domain::scope::Scope;

use crate::clock::SystemClock;
use crate::commands::block_on;
use crate::commands::console::{Console, GlobalOptions};
use crate::installation::{Installation, Opening};

/// The variable by which the shell's function asks. It does not begin like those of settings.
pub(super) const VARIABLE: &str = "_COUNTERFOIL_COMPLETE";
/// Who presses the key waits for no longer.
const PATIENCE: Duration = Duration::from_secs(2);
/// More than anybody reads; what is typed so far narrows it.
const MOST: usize = 200;

/// Scopes, separated by commas: the last one is completed.
pub(crate) fn scopes() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let (before, last) = match typed.rfind(',') {
            Some(comma) => typed.split_at(comma + 1),
            None => ("", &*typed),
        };
        let names = Scope::all().map(Scope::name);
        names
            .filter(|name| name.starts_with(last))
            .map(|name| CompletionCandidate::new(format!("{before}{name}")))
            .collect::<Vec<_>>()
    })
}

/// Logins of users.
pub(crate) fn users() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        offer(typed, async |at| {
            let users = at.authority.list_accounts().await?;
            Ok(users.iter().map(|user| user.login.to_string()).collect())
        })
    })
}

/// Logins of users and organizations.
pub(crate) fn owners() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        offer(typed, async |at| {
            let users = at.authority.list_accounts().await?.into_iter();
            let organizations = at.authority.list_organizations().await?.into_iter();
            let users = users.map(|user| user.login);
            let logins = users.chain(organizations.map(|one| one.login));
            Ok(logins.map(|login| login.to_string()).collect())
        })
    })
}

/// Logins of organizations.
pub(crate) fn organizations() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        offer(typed, async |at| {
            let found = at.authority.list_organizations().await?;
            Ok(found.iter().map(|one| one.login.to_string()).collect())
        })
    })
}

/// Client ids of apps.
pub(crate) fn apps() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        offer(typed, async |at| {
            let apps = at.authority.list_apps().await?;
            let ids = apps.iter().map(|app| app.summary.client_id.to_string());
            Ok(ids.collect())
        })
    })
}

/// Ids of keys that are not retired.
pub(crate) fn keys() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        offer(typed, async |at| {
            let keys = at.authority.list_keys().await?;
            Ok(keys.iter().map(|key| key.id.to_string()).collect())
        })
    })
}

/// Those of the installation's names that begin with what was typed, in whichever case.
fn offer(
    typed: &OsStr,
    names: impl AsyncFnOnce(&Installation) -> anyhow::Result<Vec<String>>,
) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy().to_lowercase();
    let mut offered = ask(names).unwrap_or_default();
    offered.retain(|name| name.to_lowercase().starts_with(&typed));
    offered.sort();
    offered.truncate(MOST);
    offered.into_iter().map(CompletionCandidate::new).collect()
}

/// Asks the installation that the words on the command line name.
fn ask(
    names: impl AsyncFnOnce(&Installation) -> anyhow::Result<Vec<String>>,
) -> anyhow::Result<Vec<String>> {
    let clock = Arc::new(SystemClock::default());
    let console = Console::new(options_in(std::env::args_os()), clock);
    block_on(async {
        let asking = async {
            let at = console
                .open_with(console.settings()?, Opening::Existing)
                .await?;
            let found = names(&at).await;
            at.close().await;
            found
        };
        tokio::time::timeout(PATIENCE, asking).await?
    })
}

/// The options of all commands among the words typed so far, as far as they say where the
/// installation is. The parser would mind that the command is not whole yet.
fn options_in(words: impl Iterator<Item = OsString>) -> GlobalOptions {
    let words: Vec<OsString> = words.collect();
    let value = |option: &str| {
        let joined = format!("{option}=");
        words.iter().enumerate().find_map(|(place, word)| {
            if word == option {
                return words.get(place + 1).cloned();
            }
            let text = word.to_str()?.strip_prefix(&joined)?;
            Some(OsString::from(text))
        })
    };
    GlobalOptions {
        config: value("--config").map(PathBuf::from),
        data_dir: value("--data-dir").map(PathBuf::from),
        database_url: value("--database-url").and_then(|url| url.into_string().ok()),
        json: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_installation_is_the_one_that_was_typed() {
        let words = "counterfoil -- counterfoil --config=a.toml user show --data-dir b m";
        let found = options_in(words.split(' ').map(OsString::from));
        assert_eq!(found.config, Some("a.toml".into()));
        assert_eq!(found.data_dir, Some("b".into()));
        assert_eq!(found.database_url, None);
    }
}
