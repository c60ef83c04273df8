//! What is shown this once, to be copied.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::text::Text;
use crate::words;
use counterfoil_domain::language::Language;

/// A secret in a field to copy from. The button that copies it appears where scripts run.
#[derive(Template)]
#[template(path = "components/secret.html")]
pub struct Secret<'a> {
    words: words::Components,
    id: &'static str,
    label: Text,
    value: &'a str,
    rows: usize,
}

impl<'a> Secret<'a> {
    /// The field with this id, as many lines high as the secret has.
    pub fn new(language: Language, id: &'static str, label: Text, value: &'a str) -> Self {
        Self {
            words: words::Components(language),
            id,
            label,
            value,
            rows: value.lines().count().max(2),
        }
    }
}

impl HtmlSafe for Secret<'_> {}
