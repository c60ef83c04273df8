//! The pages of a person's own apps.

mod end;
mod form;
mod list;
mod owner;
#[cfg(test)]
mod samples;
mod secrets;

use counterfoil_domain::app::{App, OwnApp};
use counterfoil_domain::language::Language;

pub use end::{DeleteApp, RevokeAllTokens};
pub use form::{
    AppForm, AppLimit, AppNameProblem, AppProblems, CallbackProblem, EditApp, RegisterApp,
};
pub use list::MyApps;
pub use owner::{TransferApp, TransferProblem};
#[cfg(test)]
pub(crate) use samples::samples;
pub use secrets::{AppSecrets, EndSecret, MadeSecret, SecretShownBefore};

use crate::stranger::Stranger;
use crate::words;

/// What a change of an app did, as the next page says it.
#[derive(Clone, Copy, Debug)]
pub enum Done<'a> {
    /// Name or URLs changed.
    Saved(&'a str),
    /// A secret ended, of which these are the last characters.
    SecretEnded(&'a str),
    /// So many tokens of the app of this name were revoked.
    AllRevoked(&'a str, u64),
    /// The app of this name went to the organization of this login.
    Transferred(&'a str, &'a str),
    /// The app was deleted.
    Deleted(&'a str),
}

impl Done<'_> {
    /// The sentence, as plain text.
    pub fn said(self, language: Language) -> String {
        let words = words::Developers(language);
        let text = match self {
            Self::Saved(name) => words.was_saved(Stranger(name)),
            Self::SecretEnded(end) => words.was_ended(end),
            Self::AllRevoked(name, count) => words.were_revoked(count, Stranger(name)),
            Self::Transferred(name, owner) => words.was_transferred(Stranger(name), owner),
            Self::Deleted(name) => words.was_deleted(Stranger(name)),
        };
        text.plain()
    }
}

/// The list, from which the other pages are reached.
const LIST: &str = "/settings/developers";

/// Where the pages of an app are.
fn path_of(app: &App) -> String {
    format!("{LIST}/{}", app.summary.client_id)
}

fn name_of(app: &App) -> Stranger<'_> {
    Stranger(app.summary.name.as_str())
}

/// The apps of a list with what its rows say of their use.
fn users(words: words::Developers, app: &OwnApp) -> crate::text::Text {
    words.users(app.users)
}
