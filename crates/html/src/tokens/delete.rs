//! The pages that ask once more before tokens are deleted.

use askama::Template;
use counterfoil_domain::authorization::{OwnToken, OwnTokenCounts};

use super::name_of;
use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// The page that asks whether a token is to be deleted.
#[derive(Clone, Copy, Debug)]
pub struct DeleteToken<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Which one.
    pub token: &'a OwnToken,
}

/// The page that asks whether all personal tokens are to be deleted.
#[derive(Clone, Copy, Debug)]
pub struct DeleteAllTokens<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// How many they are.
    pub counts: &'a OwnTokenCounts,
    /// What was typed, if it is another number.
    pub typed: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "tokens/delete.html")]
struct OnePage<'a> {
    layout: Layout<'a>,
    words: words::Tokens,
    view: &'a DeleteToken<'a>,
    title: Text,
    intro: Text,
}

#[derive(Template)]
#[template(path = "tokens/delete_all.html")]
struct AllPage<'a> {
    layout: Layout<'a>,
    words: words::Tokens,
    view: &'a DeleteAllTokens<'a>,
    summary: Summary,
    intro: Text,
    count: Field,
}

impl View for DeleteToken<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Tokens(frame.language);
        let title = words.delete_title(name_of(self.token));
        let last_used_at = self.token.authorization.last_used_at;
        let intro = match (last_used_at, self.token.last_used_from) {
            (Some(at), Some(from)) => words.delete_used_from(from.to_string(), frame.when(at)),
            (Some(at), None) => words.delete_used(frame.when(at)),
            (None, _) => words.delete_never_used(),
        };
        filled(&OnePage {
            layout: Layout::settings(frame, Entry::Tokens, title.clone()),
            words,
            view: self,
            title,
            intro,
        })
    }
}

impl View for DeleteAllTokens<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Tokens(frame.language);
        let number = self.counts.personal;
        let intro = match self.counts.last_used_at {
            Some(at) => words.delete_all_used(number, frame.when(at)),
            None => words.delete_all_never_used(number),
        };
        let count = Field::text("count", words.how_many())
            .hint(words.how_many_hint(number))
            .value(self.typed.unwrap_or_default())
            .error(self.typed.map(|_| words.enter_count(number)));
        let summary = Summary::new(frame.language).field(&count);
        filled(&AllPage {
            layout: Layout::settings(frame, Entry::Tokens, words.delete_all_title())
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            intro,
            count,
        })
    }
}
