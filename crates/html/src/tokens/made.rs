//! A token that was just made, shown this once.

use askama::Template;
use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::scope::Scope;
use counterfoil_domain::text::Note;
use counterfoil_domain::token::PlainToken;

use crate::components::Secret;
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// A token that was made or regenerated a moment ago.
#[derive(Clone, Copy, Debug)]
pub struct MadeToken<'a> {
    /// The token, which stands nowhere else.
    pub token: &'a PlainToken,
    /// Its record.
    pub authorization: &'a Authorization,
    /// Where the API is, such as `https://tokens.example.org/api/v3`.
    pub api: &'a str,
}

#[derive(Template)]
#[template(path = "tokens/made.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Tokens,
    secret: Secret<'a>,
    curl: String,
    name: Text,
    scopes: Vec<&'static str>,
    expires: Text,
}

impl View for MadeToken<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Tokens(frame.language);
        let expires = self.authorization.expires_at;
        let name = self.authorization.note.as_ref().map_or("", Note::as_str);
        let scopes = self.authorization.scopes.iter().map(Scope::name);
        let layout = Layout::settings(frame, Entry::Tokens, words.shown_title());
        filled(&Page {
            layout: layout.with_script(crate::assets::COPY_JS),
            words,
            secret: Secret::new(frame.language, "token", words.token(), self.token.expose()),
            curl: format!("curl -H \"Authorization: token $TOKEN\" {}/user", self.api),
            name: Text::of(&Stranger(name)),
            scopes: scopes.collect(),
            expires: expires.map_or_else(|| words.no_expiry_date(), |at| frame.date_and_time(at)),
        })
    }
}
