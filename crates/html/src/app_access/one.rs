//! One app that has access: what it can do, and by which tokens.

use askama::Template;
use counterfoil_domain::authorization::OwnToken;
use counterfoil_domain::grant::AppAccess;
use counterfoil_domain::page::Page as PageOf;
use counterfoil_domain::scope::Scope;
use counterfoil_domain::text::{Fingerprint, Note};

use super::{LIST, name_of, path_of};
use crate::components::{Pages, Powers};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::Text;
use crate::tokens::{origin, used};
use crate::view::{View, filled};
use crate::words;

/// The page of an app that has access to a person's account.
#[derive(Clone, Copy, Debug)]
pub struct AppWithAccess<'a> {
    /// What the person gave it.
    pub access: &'a AppAccess,
    /// Its live tokens, as many as the page shows.
    pub tokens: &'a [OwnToken],
    /// Which page of them it is.
    pub page: PageOf,
}

#[derive(Template)]
#[template(path = "app_access/one.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AppAccess,
    list: &'static str,
    path: String,
    title: Text,
    registered: Text,
    website: Text,
    client_id: &'a str,
    allowed: Text,
    used: Text,
    powers: Powers,
    tokens: Vec<Row<'a>>,
    pages: Option<Pages>,
}

struct Row<'a> {
    last_eight: &'a str,
    origin: Text,
    name: Option<Text>,
    used: Text,
    fingerprint: Option<Text>,
    scopes: Vec<&'static str>,
    expires: Text,
    revoke: String,
}

impl View for AppWithAccess<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AppAccess(frame.language);
        let (access, grant) = (self.access, &self.access.grant);
        let used = match (access.last_used_at, access.last_used_from) {
            (Some(at), Some(from)) => {
                words.last_use_from(from.to_string(), frame.date_and_time(at))
            }
            (Some(at), None) => frame.date_and_time(at),
            (None, _) => words.never(),
        };
        let path = path_of(access);
        let tokens = self.tokens.iter();
        let registered = frame.date(access.registered_at);
        let title = Text::of(&name_of(access));
        filled(&Page {
            layout: Layout::settings(frame, Entry::Apps, title.clone()),
            words,
            list: LIST,
            title,
            registered: words.registered(registered, access.app_owner.as_str()),
            website: Text::of(&Stranger(grant.app.url.as_str())),
            client_id: grant.app.client_id.as_str(),
            allowed: frame.date_and_time(grant.created_at),
            used,
            powers: Powers::of(frame.language, &grant.scopes),
            tokens: tokens.map(|token| Row::of(frame, &path, token)).collect(),
            pages: Pages::of(frame.language, &path, self.page, access.tokens),
            path,
        })
    }
}

impl<'a> Row<'a> {
    fn of(frame: &Frame<'_>, app: &str, token: &'a OwnToken) -> Self {
        let (words, tokens) = (
            words::AppAccess(frame.language),
            words::Tokens(frame.language),
        );
        let authorization = &token.authorization;
        let name = authorization.note.as_ref().map(Note::as_str);
        let fingerprint = authorization.fingerprint.as_ref();
        let fingerprint = fingerprint.map(Fingerprint::as_str).map(Stranger);
        let expires = authorization.expires_at;
        Self {
            last_eight: &authorization.token.last_eight,
            origin: origin(tokens, token.provenance),
            name: name.map(|name| Text::of(&Stranger(name))),
            used: used(frame, token),
            fingerprint: fingerprint.map(|fingerprint| words.fingerprint(fingerprint)),
            scopes: authorization.scopes.iter().map(Scope::name).collect(),
            expires: match expires {
                // It lives, so the app can get another one in its place.
                Some(at) if at <= frame.now => words.renewed(),
                Some(at) => frame.short_date(at),
                None => tokens.no_expiry(),
            },
            revoke: format!("{app}/tokens/{}/revoke", authorization.id),
        }
    }
}
