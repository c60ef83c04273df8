//! The start page: for visitors what this is, for people what needs their attention.

#[cfg(test)]
mod samples;

use askama::Template;
use counterfoil_domain::timestamp::Timestamp;

use crate::components::{Banner, Icon};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::stranger::Stranger;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

#[cfg(test)]
pub(crate) use samples::samples;

/// The start page for somebody who is not signed in.
#[derive(Clone, Copy, Debug)]
pub struct Welcome<'a> {
    /// Where programs find the API: `https://tokens.example.org/api/v3`.
    pub api: &'a str,
    /// Whether there is an administrator. Before that nobody can sign in.
    pub is_set_up: bool,
}

/// The start page for somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Home<'a> {
    /// What they should look at, the most urgent first.
    pub items: Vec<Attention<'a>>,
}

/// Something that its owner should look at.
#[derive(Clone, Copy, Debug)]
pub enum Attention<'a> {
    /// A token expires within seven days.
    TokenExpires {
        /// The id in the address of its page.
        id: u64,
        /// What its owner calls it.
        name: Stranger<'a>,
        /// When it stops working.
        at: Timestamp,
    },
    /// A token was not used for 90 days or more.
    TokenUnused {
        /// The id in the address of its page.
        id: u64,
        /// What its owner calls it.
        name: Stranger<'a>,
        /// Since the last use, or since it was made.
        days: u64,
    },
    /// There is no second factor.
    NoSecondFactor,
    /// Three recovery codes are left, or fewer.
    FewRecoveryCodes(u64),
    /// An e-mail address is not verified.
    UnverifiedAddress(&'a str),
}

#[derive(Template)]
#[template(path = "home/welcome.html")]
struct WelcomePage<'a> {
    layout: Layout<'a>,
    words: words::Home,
    api: &'a str,
    not_set_up: Option<Banner>,
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage<'a> {
    layout: Layout<'a>,
    words: words::Home,
    items: Vec<Item>,
}

/// An item in words, with the page to go to.
struct Item {
    icon: Icon,
    text: Text,
    path: String,
    action: Text,
}

impl View for Welcome<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Home(frame.language);
        filled(&WelcomePage {
            layout: Layout::start(frame),
            words,
            api: self.api,
            not_set_up: (!self.is_set_up)
                .then(|| Banner::info(words.not_set_up()).with(words.not_set_up_more())),
        })
    }
}

impl View for Home<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Home(frame.language);
        let items = self.items.iter().map(|item| item.in_words(words, frame));
        filled(&HomePage {
            layout: Layout::home(frame, words.attention()),
            words,
            items: items.collect(),
        })
    }
}

impl Attention<'_> {
    fn in_words(&self, words: words::Home, frame: &Frame<'_>) -> Item {
        let item = |icon, text, path, action| Item {
            icon,
            text,
            path,
            action,
        };
        match self {
            Self::TokenExpires { id, name, at } => item(
                Icon::Warn,
                words.token_expires(name, frame.when(*at)),
                format!("/settings/tokens/{id}/regenerate"),
                words.regenerate(),
            ),
            Self::TokenUnused { id, name, days } => item(
                Icon::Key,
                words.token_unused(*days, name),
                format!("/settings/tokens/{id}"),
                words.look_at_it(),
            ),
            Self::NoSecondFactor => item(
                Icon::Shield,
                words.no_second_factor(),
                "/settings/security/two-factor".to_owned(),
                words.set_up_two_factor(),
            ),
            Self::FewRecoveryCodes(count) => item(
                Icon::Shield,
                words.few_recovery_codes(*count),
                "/settings/security/recovery-codes".to_owned(),
                words.make_new_codes(),
            ),
            Self::UnverifiedAddress(address) => item(
                Icon::Mail,
                words.unverified_address(Stranger(address)),
                "/settings/profile/addresses".to_owned(),
                words.verify_it(),
            ),
        }
    }
}
