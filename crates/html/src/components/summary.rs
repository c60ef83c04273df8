//! The summary of what is wrong with a form, which stands above it and takes the focus.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::components::Field;
use crate::text::Text;
use crate::words;
use counterfoil_domain::language::Language;

/// All that is wrong with a form, in the order of its fields, each with a link to its field.
/// Nothing when nothing is.
#[derive(Template)]
#[template(path = "components/summary.html")]
pub struct Summary {
    words: words::Components,
    /// The id of the field, if one is to blame.
    problems: Vec<(Option<&'static str>, Text)>,
}

impl Summary {
    /// A summary without problems.
    pub fn new(language: Language) -> Self {
        Self {
            words: words::Components(language),
            problems: Vec::new(),
        }
    }

    /// The problem of a field, if it has one.
    #[must_use]
    pub fn field(self, field: &Field) -> Self {
        match field.problem() {
            Some((id, problem)) => self.problem_of(id, problem),
            None => self,
        }
    }

    /// A problem of the field, or group of choices, with this id.
    #[must_use]
    pub fn problem_of(mut self, id: &'static str, problem: Text) -> Self {
        self.problems.push((Some(id), problem));
        self
    }

    /// A problem of the form as a whole.
    #[must_use]
    pub fn problem(mut self, problem: Text) -> Self {
        self.problems.push((None, problem));
        self
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }
}

impl HtmlSafe for Summary {}
