//! The pages that lead to a token that is shown once: a new one, and another value for one that is
//! there.

use askama::Template;
use counterfoil_domain::authorization::OwnToken;
use counterfoil_domain::expiry_offer::ExpiryOffer;
use counterfoil_domain::scope::Standing;

use super::form::{Fields, TokenForm, TokenProblems};
use super::name_of;
use super::scope_tree::ScopeTree;
use crate::components::{Field, Radios, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// The form of a new token.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What makes the form count once.
    pub once: &'a str,
    /// The lifetimes to choose from.
    pub offer: &'a ExpiryOffer,
    /// What the person may choose.
    pub standing: Standing,
    /// What stands in the form.
    pub form: &'a TokenForm,
    /// Why it comes again.
    pub problems: &'a TokenProblems,
}

/// The form of another value for a token.
#[derive(Clone, Copy, Debug)]
pub struct RegenerateToken<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What makes the form count once.
    pub once: &'a str,
    /// The token that gets it.
    pub token: &'a OwnToken,
    /// The lifetimes to choose from.
    pub offer: &'a ExpiryOffer,
    /// What stands in the form.
    pub form: &'a TokenForm,
    /// Why it comes again.
    pub problems: &'a TokenProblems,
}

#[derive(Template)]
#[template(path = "tokens/new.html")]
struct NewPage<'a> {
    layout: Layout<'a>,
    words: words::Tokens,
    view: &'a NewToken<'a>,
    summary: Summary,
    name: Field,
    expiry: Radios,
    last_day: Option<Field>,
    scopes: ScopeTree,
}

#[derive(Template)]
#[template(path = "tokens/regenerate.html")]
struct RegeneratePage<'a> {
    layout: Layout<'a>,
    words: words::Tokens,
    view: &'a RegenerateToken<'a>,
    title: Text,
    summary: Summary,
    expiry: Radios,
    last_day: Option<Field>,
}

impl View for NewToken<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Tokens(frame.language);
        let fields = Fields::new(frame, self.form, self.problems);
        let (name, last_day) = (fields.name(), fields.last_day(self.offer));
        let summary = fields.summary(Some(&name), last_day.as_ref());
        let problem = fields.scopes_problem();
        filled(&NewPage {
            layout: Layout::settings(frame, Entry::Tokens, words.new_title())
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            name,
            expiry: fields.expiry(self.offer),
            last_day,
            scopes: ScopeTree::new(frame.language, self.standing, &self.form.scopes, problem),
        })
    }
}

impl View for RegenerateToken<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Tokens(frame.language);
        let fields = Fields::new(frame, self.form, self.problems);
        let last_day = fields.last_day(self.offer);
        let summary = fields.summary(None, last_day.as_ref());
        let title = words.regenerate_title(name_of(self.token));
        filled(&RegeneratePage {
            layout: Layout::settings(frame, Entry::Tokens, title.clone())
                .with_problems_of(&summary),
            words,
            view: self,
            title,
            summary,
            expiry: fields.expiry(self.offer),
            last_day,
        })
    }
}
