//! `counterfoil config check`: whether `serve` could start with these settings, as far as they and
//! the files that they name can tell.

use anyhow::Context;
use counterfoil_authority::KeySource;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::block_on;
use crate::commands::console::Console;
use crate::commands::doctor::{
    Certificate, look_at_certificate, settings_warnings, stranded_by_passkeys,
};
use crate::config::Settings;
use crate::installation::{Opening, open_folder, open_store};
use crate::keys_file::FileKeys;
use crate::outgoing;
use crate::serving::page_settings;

/// Checks the settings and opens the files that they name.
pub(super) fn run(console: &Console) -> anyhow::Result<Answer> {
    let settings = console.settings()?;
    open_authorities(&settings)?;
    open_acme_authorities(&settings)?;
    open_key_file(&settings)?;
    page_settings(&settings)?;
    let mut warnings = settings_warnings(&settings);
    warnings.extend(stranded(&settings));
    match look_at_certificate(&settings) {
        None | Some(Certificate::Good(_)) => {}
        Some(Certificate::Doubtful(warning) | Certificate::Over(warning)) => {
            warnings.push(warning);
        }
        Some(Certificate::Bad(problem)) if settings.acme.directory_url.is_some() => {
            anyhow::bail!("acme: {problem}")
        }
        Some(Certificate::Bad(problem)) => anyhow::bail!("tls.cert: {problem}"),
    }
    let file = settings.file.clone();
    let sentence = match &file {
        Some(file) => format!("the settings are in order; {} was read", file.display()),
        None => "the settings are in order; there is no settings file".to_owned(),
    };
    let document = json!({"file": file, "warnings": warnings});
    let answer = Answer::done(document, sentence);
    Ok(warnings.into_iter().fold(answer, Answer::with_note))
}

/// Users whom the settings leave without a way in, where the database is a file that is there:
/// nothing is connected to, and a database that cannot be opened is what `doctor` is for.
fn stranded(settings: &Settings) -> Option<String> {
    settings.database().file()?;
    let named = block_on(async {
        open_folder(settings, Opening::Existing)?;
        let store = open_store(settings, Opening::Existing)?;
        let named = stranded_by_passkeys(settings, &store).await;
        store.close().await;
        Ok(named?)
    });
    named.ok()?
}

/// The authorities that the database's certificate is verified by.
fn open_authorities(settings: &Settings) -> anyhow::Result<()> {
    let database = settings.database();
    let Some(server) = database.server() else {
        return Ok(());
    };
    let place = match settings.database.tls_ca_file {
        Some(_) => "database.tls_ca_file",
        None => "database_url",
    };
    server
        .check_authorities()
        .map_err(|reason| anyhow::anyhow!("{place}: {reason}"))
}

/// The authorities that the directory's certificate is verified by.
fn open_acme_authorities(settings: &Settings) -> anyhow::Result<()> {
    let acme = &settings.acme;
    if acme.directory_url.is_none() {
        return Ok(());
    }
    let connector = outgoing::connector(acme.tls_ca_file.as_deref(), "acme.directory_url");
    connector.map(drop).context("acme.tls_ca_file")
}

/// The file of the keys, where the settings name one. The first start makes one that is not there.
fn open_key_file(settings: &Settings) -> anyhow::Result<()> {
    let Some(file) = &settings.keys.file else {
        return Ok(());
    };
    let keys = FileKeys::new(file.clone()).load();
    keys.map(drop).context("keys.file cannot be used")
}
