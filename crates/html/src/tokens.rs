//! The pages of a person's own tokens.

mod delete;
mod edit;
mod form;
mod list;
mod made;
mod new;
mod row;
#[cfg(test)]
mod samples;
mod scope_tree;
mod shown_before;

use counterfoil_domain::authorization::OwnToken;
use counterfoil_domain::language::Language;
use counterfoil_domain::text::Note;

pub use delete::{DeleteAllTokens, DeleteToken};
pub use edit::EditToken;
pub use form::{ExpiryProblem, Limit, NameProblem, TokenForm, TokenProblems};
pub use list::{Listed, TokenList};
pub use made::MadeToken;
pub use new::{NewToken, RegenerateToken};
pub(crate) use row::{origin, used};
#[cfg(test)]
pub(crate) use samples::samples;
pub use shown_before::ShownBefore;

use crate::stranger::Stranger;
use crate::words;

/// What a change of tokens did, as the next page says it.
#[derive(Clone, Copy, Debug)]
pub enum Done<'a> {
    /// Name or scopes of a token changed.
    Saved(&'a str),
    /// A token was deleted.
    Deleted(&'a str),
    /// So many tokens were deleted.
    AllDeleted(u64),
}

impl Done<'_> {
    /// The sentence, as plain text.
    pub fn said(self, language: Language) -> String {
        let words = words::Tokens(language);
        let text = match self {
            Self::Saved(name) => words.was_saved(Stranger(name)),
            Self::Deleted(name) => words.was_deleted(Stranger(name)),
            Self::AllDeleted(count) => words.were_deleted(count),
        };
        text.plain()
    }
}

/// What the owner calls a token. Each personal one has a name.
fn name_of(token: &OwnToken) -> Stranger<'_> {
    Stranger(token.authorization.note.as_ref().map_or("", Note::as_str))
}
