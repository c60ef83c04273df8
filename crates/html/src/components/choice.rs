//! Boxes to tick, and one of several.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::text::Text;

/// A box that may be ticked. Its name is its id.
#[derive(Template)]
#[template(path = "components/checkbox.html")]
pub struct Checkbox {
    name: &'static str,
    label: Text,
    hint: Option<Text>,
    error: Option<Text>,
    is_ticked: bool,
}

impl Checkbox {
    /// A box that is not ticked; it is sent as `on`.
    pub const fn new(name: &'static str, label: Text) -> Self {
        Self {
            name,
            label,
            hint: None,
            error: None,
            is_ticked: false,
        }
    }

    /// Whether it is ticked when the page comes.
    #[must_use]
    pub const fn ticked(mut self, is_ticked: bool) -> Self {
        self.is_ticked = is_ticked;
        self
    }

    /// More about it, below the label.
    #[must_use]
    pub fn hint(mut self, hint: Text) -> Self {
        self.hint = Some(hint);
        self
    }

    /// What is wrong with it, if something is.
    #[must_use]
    pub fn error(mut self, error: Option<Text>) -> Self {
        self.error = error;
        self
    }
}

impl HtmlSafe for Checkbox {}

/// One of several choices, under a heading.
#[derive(Template)]
#[template(path = "components/radios.html")]
pub struct Radios {
    name: &'static str,
    legend: Text,
    hint: Option<Text>,
    error: Option<Text>,
    choices: Vec<Choice>,
}

/// One choice of [`Radios`].
#[derive(Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What people choose by.
    pub label: Text,
    /// Softer words behind the label.
    pub aside: Option<Text>,
    /// Whether it is chosen when the page comes.
    pub is_chosen: bool,
}

impl Radios {
    /// The group with its choices. The first has the group's name as its id, which the summary of
    /// problems links to.
    pub const fn new(name: &'static str, legend: Text, choices: Vec<Choice>) -> Self {
        Self {
            name,
            legend,
            hint: None,
            error: None,
            choices,
        }
    }

    /// More about the question, below its heading.
    #[must_use]
    pub fn hint(mut self, hint: Text) -> Self {
        self.hint = Some(hint);
        self
    }

    /// What is wrong with the answer, if something is.
    #[must_use]
    pub fn error(mut self, error: Option<Text>) -> Self {
        self.error = error;
        self
    }
}

impl HtmlSafe for Radios {}
