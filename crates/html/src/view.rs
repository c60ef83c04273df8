//! What every page can do.

use crate::frame::Frame;

/// A page with all its values, to be shown to somebody.
pub trait View {
    /// The page as HTML.
    fn render(&self, frame: &Frame<'_>) -> String;
}

/// A template filled in.
pub(crate) fn filled(template: &impl askama::Template) -> String {
    template
        .render()
        .expect("a text takes whatever is written into it")
}
