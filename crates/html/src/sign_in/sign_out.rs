//! Signing out, for whoever opens its address.

use askama::Template;

use crate::frame::Frame;
use crate::layout::Layout;
use crate::stranger::Stranger;
use crate::view::{View, filled};
use crate::words;

/// The page that asks whether somebody wants to sign out.
#[derive(Clone, Copy, Debug)]
pub struct SignOut<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Who is signed in.
    pub login: &'a str,
}

#[derive(Template)]
#[template(path = "sign_in/sign_out.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::SignOut,
    view: &'a SignOut<'a>,
}

impl View for SignOut<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::SignOut(frame.language);
        filled(&Page {
            layout: Layout::slim(frame, words.title()),
            words,
            view: self,
        })
    }
}

impl SignOut<'_> {
    fn person(&self) -> Stranger<'_> {
        Stranger(self.login)
    }
}
