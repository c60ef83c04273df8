//! The pages that ask once more before an app loses its access, or one token.

use askama::Template;
use counterfoil_domain::authorization::OwnToken;
use counterfoil_domain::grant::AppAccess;

use super::{name_of, path_of, together, were_used};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The page that asks whether an app is to lose its access.
#[derive(Clone, Copy, Debug)]
pub struct RevokeAccess<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What the person gave it.
    pub access: &'a AppAccess,
}

/// The page that asks whether a token of an app is to be revoked.
#[derive(Clone, Copy, Debug)]
pub struct RevokeAppToken<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Which one.
    pub token: &'a OwnToken,
}

#[derive(Template)]
#[template(path = "app_access/revoke.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AppAccess,
    csrf: &'a str,
    app: Text,
    /// Where the form goes to, without its last word.
    path: String,
    /// Where who changes their mind goes on.
    back: String,
    title: Text,
    intro: Text,
}

impl View for RevokeAccess<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AppAccess(frame.language);
        let access = self.access;
        let title = words.revoke_title(name_of(access));
        let path = path_of(access);
        let intro = together([
            words.stop(access.tokens),
            were_used(frame, access.last_used_at, access.last_used_from),
            words.may_ask(name_of(access)),
        ]);
        filled(&Page {
            layout: Layout::settings(frame, Entry::Apps, title.clone()),
            words,
            csrf: self.csrf,
            app: link(&path, &name_of(access)),
            back: path.clone(),
            path,
            title,
            intro,
        })
    }
}

impl View for RevokeAppToken<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AppAccess(frame.language);
        let authorization = &self.token.authorization;
        let app = authorization.kind.app();
        let name = Stranger(app.map_or("", |app| app.name.as_str()));
        let client_id = app.map_or("", |app| app.client_id.as_str());
        let back = format!("/settings/connections/applications/{client_id}");
        let title = words.token_title(&authorization.token.last_eight);
        let intro = together([
            words.token_stops(name),
            were_used(frame, authorization.last_used_at, self.token.last_used_from),
            words.others_stay(),
        ]);
        filled(&Page {
            layout: Layout::settings(frame, Entry::Apps, title.clone()),
            words,
            csrf: self.csrf,
            app: link(&back, &name),
            path: format!("{back}/tokens/{}", authorization.id),
            back,
            title,
            intro,
        })
    }
}
