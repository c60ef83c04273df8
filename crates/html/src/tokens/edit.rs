//! One token, whose name and scopes can be changed.

use askama::Template;
use counterfoil_domain::authorization::OwnToken;
use counterfoil_domain::scope::Standing;

use super::form::{Fields, TokenForm, TokenProblems};
use super::scope_tree::ScopeTree;
use super::{name_of, row};
use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// The page of one token.
#[derive(Clone, Copy, Debug)]
pub struct EditToken<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The token, as it is kept.
    pub token: &'a OwnToken,
    /// What the person may choose.
    pub standing: Standing,
    /// What stands in the form.
    pub form: &'a TokenForm,
    /// Why it comes again.
    pub problems: &'a TokenProblems,
}

#[derive(Template)]
#[template(path = "tokens/edit.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Tokens,
    view: &'a EditToken<'a>,
    title: Text,
    made: Text,
    used: Text,
    expires: Text,
    summary: Summary,
    name: Field,
    scopes: ScopeTree,
}

impl View for EditToken<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Tokens(frame.language);
        let fields = Fields::new(frame, self.form, self.problems);
        let name = fields.name();
        let summary = fields.summary(Some(&name), None);
        let problem = fields.scopes_problem();
        let authorization = &self.token.authorization;
        let origin = row::origin(words, self.token.provenance);
        let made = frame.date_and_time(authorization.created_at);
        let used = match (authorization.last_used_at, self.token.last_used_from) {
            (Some(at), Some(from)) => {
                words.last_use_from(from.to_string(), frame.date_and_time(at))
            }
            (Some(at), None) => frame.date_and_time(at),
            (None, _) => words.never(),
        };
        let expires = authorization.expires_at;
        let title = Text::of(&name_of(self.token));
        filled(&Page {
            layout: Layout::settings(frame, Entry::Tokens, title.clone())
                .with_problems_of(&summary),
            words,
            view: self,
            title,
            made: words.made_as(origin, made),
            used,
            expires: expires.map_or_else(|| words.no_expiry_date(), |at| frame.date_and_time(at)),
            summary,
            name,
            scopes: ScopeTree::new(frame.language, self.standing, &self.form.scopes, problem),
        })
    }
}
