//! The pages that ask for the name of an app before all its tokens end, or the app itself.

use askama::Template;
use counterfoil_domain::app::OwnApp;

use super::{name_of, path_of};
use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The page that asks whether all tokens of an app are to be revoked.
#[derive(Clone, Copy, Debug)]
pub struct RevokeAllTokens<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub app: &'a OwnApp,
    /// What was typed, if it is another name.
    pub typed: Option<&'a str>,
}

/// The page that asks whether an app is to be deleted.
#[derive(Clone, Copy, Debug)]
pub struct DeleteApp<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub app: &'a OwnApp,
    /// What was typed, if it is another name.
    pub typed: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "developers/end.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    csrf: &'a str,
    app: Text,
    /// Where who changes their mind goes on.
    back: String,
    /// Where the form goes to.
    action: String,
    summary: Summary,
    title: Text,
    intro: [Text; 2],
    name: Field,
    button: Text,
}

impl View for RevokeAllTokens<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let name = name_of(&self.app.app);
        let said = Said {
            last_word: "revoke-all",
            title: words.revoke_all_title(name),
            intro: [words.must_allow(self.app.users, name), words.all_stop()],
            button: words.revoke_all(),
        };
        page(frame, (self.csrf, self.app, self.typed), said)
    }
}

impl View for DeleteApp<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let name = name_of(&self.app.app);
        let said = Said {
            last_word: "delete",
            title: words.delete_title(name),
            intro: [words.lose_access(self.app.users), words.all_ends()],
            button: words.delete(),
        };
        page(frame, (self.csrf, self.app, self.typed), said)
    }
}

/// In what the two differ.
struct Said {
    last_word: &'static str,
    title: Text,
    intro: [Text; 2],
    button: Text,
}

fn page(
    frame: &Frame<'_>,
    (csrf, own, typed): (&str, &OwnApp, Option<&str>),
    said: Said,
) -> String {
    let words = words::Developers(frame.language);
    let app = &own.app;
    let back = path_of(app);
    let name = Field::text("name", words.type_name())
        .hint(words.type_name_hint(name_of(app)))
        .value(typed.unwrap_or_default())
        .error(typed.map(|_| words.enter_app_name(name_of(app))));
    let summary = Summary::new(frame.language).field(&name);
    filled(&Page {
        layout: Layout::settings(frame, Entry::Developers, said.title.clone())
            .with_problems_of(&summary),
        words,
        csrf,
        app: link(&back, &name_of(app)),
        action: format!("{back}/{}", said.last_word),
        back,
        summary,
        title: said.title,
        intro: said.intro,
        name,
        button: said.button,
    })
}
