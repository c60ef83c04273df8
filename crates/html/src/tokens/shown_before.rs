//! What is shown in place of a token that was shown before.

use askama::Template;

use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::view::{View, filled};
use crate::words;

/// The page of who sends the form of a token once more, by loading its answer anew or by clicking
/// twice.
#[derive(Clone, Copy, Debug)]
pub struct ShownBefore;

#[derive(Template)]
#[template(path = "tokens/shown_before.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Tokens,
}

impl View for ShownBefore {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Tokens(frame.language);
        filled(&Page {
            layout: Layout::settings(frame, Entry::Tokens, words.shown_before()),
            words,
        })
    }
}
