//! Badges: a word on a soft ground.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::components::Icon;
use crate::scopes::Risk;
use crate::text::Text;

/// A short word about what it stands beside.
#[derive(Template)]
#[template(path = "components/badge.html")]
pub struct Badge {
    class: &'static str,
    icon: Option<Icon>,
    text: Text,
}

impl Badge {
    const fn new(class: &'static str, icon: Option<Icon>, text: Text) -> Self {
        Self { class, icon, text }
    }

    /// A fact without weight, such as a count.
    pub const fn plain(text: Text) -> Self {
        Self::new("", None, text)
    }

    /// What is good or new.
    pub const fn ok(text: Text) -> Self {
        Self::new(" ok", None, text)
    }

    /// What should be looked at.
    pub const fn warn(text: Text) -> Self {
        Self::new(" warn", Some(Icon::Warn), text)
    }

    /// How much a scope lets somebody do.
    pub const fn risk(risk: Risk, text: Text) -> Self {
        let class = match risk {
            Risk::Read => " read risk",
            Risk::Write => " write risk",
            Risk::Administer => " admin risk",
        };
        Self::new(class, None, text)
    }

    /// Of a scope that another one includes: the stylesheet shows it while that one is ticked.
    pub const fn included(text: Text) -> Self {
        Self::new(" included", Some(Icon::Check), text)
    }
}

impl HtmlSafe for Badge {}

impl fmt::Debug for Badge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Badge({})", self.text)
    }
}
