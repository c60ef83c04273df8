//! The link that makes the first administrator, at a start of an installation that never had one.
//!
//! Whoever sees the terminal, or may read the data folder, is the operator, and nobody else is
//! told.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use counterfoil_authority::ShownLink;
use counterfoil_domain::length_of_time;
use counterfoil_server::private_files::replace_file;

use crate::data_folder::shown;
use crate::installation::Installation;
use crate::mail::Links;

/// The file in the data folder that holds the link.
pub(crate) const FILE: &str = "set-up-link";

/// Makes the link, if there never was an administrator, and shows it at the terminal or writes it
/// into the data folder. What fails keeps nothing from being served.
pub(super) async fn offer(installation: &Installation, links: &Links) {
    let file = installation
        .folder
        .as_ref()
        .map(|folder| folder.path().join(FILE));
    match installation.authority.offer_set_up_at_start().await {
        Ok(Some(link)) => show(&links.of_code(&link.code), &link, installation, file),
        Ok(None) => remove(file),
        Err(error) => {
            tracing::error!(cause = %error.causes(), "the link for the first administrator was not made");
        }
    }
}

fn show(url: &str, link: &ShownLink, installation: &Installation, file: Option<PathBuf>) {
    let life = link.expires_at.since(installation.authority.now());
    let life = length_of_time::write(std::time::Duration::from_secs(
        life.as_secs().div_ceil(60) * 60,
    ));
    if io::stderr().is_terminal() {
        let lines =
            format!("there is no administrator yet; make one here within {life}, once:\n  {url}\n");
        // In one piece, so that no other line comes between.
        if io::stderr().lock().write_all(lines.as_bytes()).is_ok() {
            return;
        }
    }
    let written = file
        .as_ref()
        .map(|file| replace_file(file, format!("{url}\n").as_bytes()));
    match (written, file) {
        (Some(Ok(())), Some(file)) => tracing::warn!(
            file = %shown(&file).display(),
            works_for = life,
            "there is no administrator yet; the file holds the link that makes one, once"
        ),
        (written, _) => tracing::warn!(
            cause = written.and_then(Result::err).map(|error| error.to_string()),
            advice = "run `counterfoil user create LOGIN --admin`, or `counterfoil user setup-link` for a link",
            "there is no administrator yet"
        ),
    }
}

/// A link that works no more is of no use to anybody.
fn remove(file: Option<PathBuf>) {
    if let Some(file) = file.filter(|file| file.exists())
        && let Err(error) = std::fs::remove_file(&file)
    {
        tracing::warn!(file = %file.display(), cause = %error, "an old set-up link was not removed");
    }
}
