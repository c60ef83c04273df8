//! Banners: what must be read before the rest of a page.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::components::Icon;
use crate::text::Text;

/// A sentence that stands out, with more below it.
#[derive(Template)]
#[template(path = "components/banner.html")]
pub struct Banner {
    class: &'static str,
    icon: Icon,
    title: Text,
    more: Vec<Text>,
}

impl Banner {
    const fn new(class: &'static str, icon: Icon, title: Text) -> Self {
        Self {
            class,
            icon,
            title,
            more: Vec::new(),
        }
    }

    /// A fact.
    pub const fn info(title: Text) -> Self {
        Self::new("", Icon::Info, title)
    }

    /// What went well.
    pub const fn ok(title: Text) -> Self {
        Self::new(" ok", Icon::Check, title)
    }

    /// What should be done soon.
    pub const fn warn(title: Text) -> Self {
        Self::new(" warn", Icon::Warn, title)
    }

    /// What may cost somebody their account.
    pub const fn danger(title: Text) -> Self {
        Self::new(" danger", Icon::Warn, title)
    }

    /// A paragraph below the bold first sentence.
    #[must_use]
    pub fn with(mut self, paragraph: Text) -> Self {
        self.more.push(paragraph);
        self
    }
}

impl HtmlSafe for Banner {}
