//! The secrets of an app: those that live, one that was just made, the end of one.

use askama::Template;
use counterfoil_domain::app::{App, AppSecret, ClientSecret};

use super::{LIST, name_of, path_of};
use crate::components::{Badge, Secret};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The live secrets of an app, with the form of another one.
#[derive(Clone, Copy, Debug)]
pub struct AppSecrets<'a> {
    /// The token of the form of another secret.
    pub csrf: &'a str,
    /// What makes that form count once.
    pub once: &'a str,
    /// The app.
    pub app: &'a App,
    /// Its secrets, in the order they were made.
    pub secrets: &'a [AppSecret],
}

/// A secret that was made a moment ago, shown this once.
#[derive(Clone, Copy, Debug)]
pub struct MadeSecret<'a> {
    /// The app.
    pub app: &'a App,
    /// The secret, which stands nowhere else.
    pub secret: &'a ClientSecret,
}

/// The page of who sends the form of a secret once more, by loading its answer anew or by clicking
/// twice.
#[derive(Clone, Copy, Debug)]
pub struct SecretShownBefore;

/// The page that asks whether a secret is to end.
#[derive(Clone, Copy, Debug)]
pub struct EndSecret<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub app: &'a App,
    /// Which secret.
    pub secret: &'a AppSecret,
    /// Whether the app has no other one.
    pub is_last: bool,
}

#[derive(Template)]
#[template(path = "developers/secrets.html")]
struct ListPage<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    view: &'a AppSecrets<'a>,
    app: Text,
    path: String,
    title: Text,
    rows: Vec<Row<'a>>,
    may_make_another: bool,
}

struct Row<'a> {
    last_eight: &'a str,
    made: Text,
    used: Text,
    published: Option<Badge>,
    end: String,
}

#[derive(Template)]
#[template(path = "developers/made.html")]
struct MadePage<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    view: &'a MadeSecret<'a>,
    secret: Secret<'a>,
    name: Text,
    path: String,
}

#[derive(Template)]
#[template(path = "developers/shown_before.html")]
struct ShownBeforePage<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    list: &'static str,
}

#[derive(Template)]
#[template(path = "developers/end_secret.html")]
struct EndPage<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    view: &'a EndSecret<'a>,
    app: Text,
    /// Where who changes their mind goes on.
    back: String,
    title: Text,
    intro: Text,
    used: Text,
}

impl View for AppSecrets<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let path = path_of(self.app);
        let rows = self.secrets.iter().map(|secret| Row {
            last_eight: &secret.last_eight,
            made: words.secret_made(frame.when(secret.created_at)),
            used: match secret.last_used_at {
                Some(at) => words.used(frame.when(at)),
                None => words.never_used(),
            },
            published: secret.published_at.map(|_| Badge::warn(words.published())),
            end: format!("{path}/secrets/{}/revoke", secret.id),
        });
        let title = words.secrets_title(name_of(self.app));
        filled(&ListPage {
            layout: Layout::settings(frame, Entry::Developers, title.clone()),
            words,
            view: self,
            app: link(&path, &name_of(self.app)),
            title,
            rows: rows.collect(),
            may_make_another: self.secrets.len() < AppSecret::MOST as usize,
            path,
        })
    }
}

impl View for MadeSecret<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let layout = Layout::settings(frame, Entry::Developers, words.shown_title());
        let secret = self.secret.expose();
        filled(&MadePage {
            layout: layout.with_script(crate::assets::COPY_JS),
            words,
            view: self,
            secret: Secret::new(frame.language, "secret", words.secret(), secret),
            name: Text::of(&name_of(self.app)),
            path: path_of(self.app),
        })
    }
}

impl View for SecretShownBefore {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        filled(&ShownBeforePage {
            layout: Layout::settings(frame, Entry::Developers, words.shown_before()),
            words,
            list: LIST,
        })
    }
}

impl View for EndSecret<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let back = format!("{}/secrets", path_of(self.app));
        let title = words.end_title(&self.secret.last_eight);
        let name = name_of(self.app);
        filled(&EndPage {
            layout: Layout::settings(frame, Entry::Developers, title.clone()),
            words,
            view: self,
            app: link(&back, &words.secrets_title(name)),
            title,
            intro: if self.is_last {
                words.end_last(name)
            } else {
                words.end_other(name)
            },
            used: match self.secret.last_used_at {
                Some(at) => words.end_used(frame.when(at)),
                None => words.end_never_used(),
            },
            back,
        })
    }
}
