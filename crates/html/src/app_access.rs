//! The pages of apps that have access to a person's account.

mod list;
mod one;
mod revoke;
#[cfg(test)]
mod samples;

use counterfoil_domain::grant::AppAccess;
use counterfoil_domain::language::Language;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;

pub use list::AppsWithAccess;
pub use one::AppWithAccess;
pub use revoke::{RevokeAccess, RevokeAppToken};
#[cfg(test)]
pub(crate) use samples::samples;

use crate::frame::Frame;
use crate::stranger::Stranger;
use crate::text::Text;
use crate::words;

/// What was taken from an app, as the next page says it.
#[derive(Clone, Copy, Debug)]
pub enum Done<'a> {
    /// All access, and so many tokens with it.
    AccessRevoked {
        /// What the app is called.
        app: &'a str,
        /// How many tokens ended.
        tokens: u64,
    },
    /// The token that ended with these characters.
    TokenRevoked(&'a str),
}

impl Done<'_> {
    /// The sentence, as plain text.
    pub fn said(self, language: Language) -> String {
        let words = words::AppAccess(language);
        let text = match self {
            Self::AccessRevoked { app, tokens } => words.revoked(Stranger(app), tokens),
            Self::TokenRevoked(end) => words.token_revoked(end),
        };
        text.plain()
    }
}

/// The list, from which the other pages are reached.
const LIST: &str = "/settings/applications";

/// Where the pages of one app are.
fn path_of(access: &AppAccess) -> String {
    let client_id = &access.grant.app.client_id;
    format!("/settings/connections/applications/{client_id}")
}

fn name_of(access: &AppAccess) -> Stranger<'_> {
    Stranger(access.grant.app.name.as_str())
}

/// When and from where something was last used, before it ends.
fn were_used(frame: &Frame<'_>, at: Option<Timestamp>, from: Option<ClientAddress>) -> Text {
    let words = words::AppAccess(frame.language);
    match (at, from) {
        (Some(at), Some(from)) => words.were_used_from(from.to_string(), frame.when(at)),
        (Some(at), None) => words.were_used(frame.when(at)),
        (None, _) => words.were_never_used(),
    }
}

/// Sentences one after the other.
fn together(sentences: impl IntoIterator<Item = Text>) -> Text {
    let mut sentences = sentences.into_iter();
    let first = sentences.next().unwrap_or_else(Text::empty);
    sentences.fold(first, |text, sentence| {
        text.with_literal(" ").with(&sentence)
    })
}
