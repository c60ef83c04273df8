//! A page that asks one thing before it is done: what it will do, what has to be typed or chosen,
//! and one button.

use askama::Template;

use crate::components::{Banner, Field, Radios, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::filled;

/// See the module.
pub(super) struct Question<'a> {
    pub(super) entry: Entry,
    pub(super) csrf: &'a str,
    /// Where the form goes to.
    pub(super) action: String,
    /// Where who changes their mind goes on.
    pub(super) back: String,
    pub(super) back_name: Text,
    pub(super) title: Text,
    pub(super) intro: Vec<Text>,
    /// What must be read before anything is typed.
    pub(super) banner: Option<Banner>,
    pub(super) fields: Vec<Field>,
    pub(super) radios: Option<Radios>,
    /// What is wrong with the choice, by the name of the radios, or with the whole.
    pub(super) problem: Option<(Option<&'static str>, Text)>,
    pub(super) button: Text,
    pub(super) weight: Weight,
    pub(super) cancel: Text,
}

/// What the button does.
#[derive(Clone, Copy)]
pub(super) enum Weight {
    /// It changes or adds something.
    Primary,
    /// It takes something away.
    Danger,
}

#[derive(Template)]
#[template(path = "admin/question.html")]
struct Page<'a> {
    layout: Layout<'a>,
    csrf: &'a str,
    action: String,
    back: String,
    back_name: Text,
    summary: Summary,
    title: Text,
    intro: Vec<Text>,
    banner: Option<Banner>,
    fields: Vec<Field>,
    radios: Option<Radios>,
    button: Text,
    weight: &'static str,
    cancel: Text,
}

impl Question<'_> {
    /// The page.
    pub(super) fn render(self, frame: &Frame<'_>) -> String {
        let fields = self.fields.iter();
        let summary = fields.fold(Summary::new(frame.language), Summary::field);
        let summary = match self.problem {
            Some((Some(field), problem)) => summary.problem_of(field, problem),
            Some((None, problem)) => summary.problem(problem),
            None => summary,
        };
        filled(&Page {
            layout: Layout::administration(frame, self.entry, self.title.clone())
                .with_problems_of(&summary),
            csrf: self.csrf,
            action: self.action,
            back: self.back,
            back_name: self.back_name,
            summary,
            title: self.title,
            intro: self.intro,
            banner: self.banner,
            fields: self.fields,
            radios: self.radios,
            button: self.button,
            weight: match self.weight {
                Weight::Primary => "primary",
                Weight::Danger => "danger",
            },
            cancel: self.cancel,
        })
    }
}
