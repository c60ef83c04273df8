//! The apps that a new installation has, in an older one.

use counterfoil_domain::built_in::BuiltInApp;

use super::LIST;
use crate::admin::question::{Question, Weight};
use crate::frame::Frame;
use crate::layout::Entry;
use crate::view::View;
use crate::words;

/// The page that asks whether they are to be made.
#[derive(Clone, Copy, Debug)]
pub struct MakeBuiltInApps<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Those that are not here.
    pub missing: &'a [&'static BuiltInApp],
}

impl View for MakeBuiltInApps<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminApps(frame.language);
        let missing: Vec<_> = self.missing.iter().map(|app| app.name).collect();
        let mut intro = vec![words.make_intro()];
        if !missing.is_empty() {
            intro.push(words.make_missing(missing.join(", ")));
        }
        intro.push(words.make_kept());
        Question {
            entry: Entry::AllApps,
            csrf: self.csrf,
            action: format!("{LIST}/built-in"),
            back: LIST.to_owned(),
            back_name: words.title(),
            title: words.make_title(),
            intro,
            banner: None,
            fields: Vec::new(),
            radios: None,
            problem: None,
            button: words.make(),
            weight: Weight::Primary,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}
