//! Asking for a link by which another password is chosen.

use askama::Template;

use super::forms::Said;
use crate::components::{Field, Summary};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::view::{View, filled};
use crate::words;

/// The page on which somebody says that they forgot a password.
#[derive(Clone, Copy, Debug)]
pub struct Forgotten<'a> {
    /// The token of its form; none where no mail is sent.
    pub csrf: Option<&'a str>,
    /// Whether nothing was typed.
    pub is_empty: bool,
}

/// The page after that: the same for whatever was typed.
#[derive(Clone, Copy, Debug)]
pub struct ForgottenSent {
    /// For how long a link works.
    pub minutes: u64,
}

#[derive(Template)]
#[template(path = "link/forgotten.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Link,
    csrf: &'a str,
    summary: Summary,
    login: Field,
}

impl View for Forgotten<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        let Some(csrf) = self.csrf else {
            return filled(&Said {
                layout: Layout::slim(frame, words.forgotten_title()),
                title: words.forgotten_title(),
                says: words.no_mail(),
                next: Some(("/login", words.sign_in())),
            });
        };
        let error = self.is_empty.then(|| words.enter_login_or_email());
        let login = Field::login("login", words.forgotten_login()).error(error);
        let summary = Summary::new(frame.language).field(&login);
        filled(&Page {
            layout: Layout::slim(frame, words.forgotten_title()).with_problems_of(&summary),
            words,
            csrf,
            summary,
            login,
        })
    }
}

impl View for ForgottenSent {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Link(frame.language);
        filled(&Said {
            layout: Layout::slim(frame, words.sent_title()),
            title: words.sent_title(),
            says: words.sent(self.minutes),
            next: None,
        })
    }
}
