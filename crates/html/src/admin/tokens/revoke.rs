//! The end of one token.

use super::search::{end_of, last_use, scopes};
use super::{FoundToken, SEARCH};
use crate::admin::question::{Question, Weight};
use crate::frame::Frame;
use crate::layout::Entry;
use crate::view::View;
use crate::words;

/// The page that asks whether a token is to be revoked.
#[derive(Clone, Copy, Debug)]
pub struct RevokeAnyToken<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The token, which lives.
    pub token: FoundToken<'a>,
}

impl View for RevokeAnyToken<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminTokens(frame.language);
        let authorization = self.token.authorization;
        let owner = self.token.owner.as_str();
        let end = authorization.token.last_eight.as_str();
        Question {
            entry: Entry::AllTokens,
            csrf: self.csrf,
            action: format!("{SEARCH}/{}/revoke", authorization.id),
            back: format!("{SEARCH}?sought={owner}"),
            back_name: words.title(),
            title: words.revoke_title(end, owner),
            intro: vec![
                words.revoke_intro(owner),
                last_use(authorization, frame),
                scopes(authorization, frame),
                end_of(words, authorization, frame),
            ],
            banner: None,
            fields: Vec::new(),
            radios: None,
            problem: None,
            button: words.revoke(),
            weight: Weight::Danger,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}
