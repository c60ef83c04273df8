//! Whose an app is to be: a new one, and one that goes to an organization.

use askama::Template;
use counterfoil_domain::app::{OwnApp, OwnedOrganization};

use super::{name_of, path_of};
use crate::components::{Choice, Radios, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The name of the field in which the owner is chosen.
const FIELD: &str = "owner";

/// The page that asks to which organization an app is to go.
#[derive(Clone, Copy, Debug)]
pub struct TransferApp<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub app: &'a OwnApp,
    /// The organizations of who asks that it can go to.
    pub organizations: &'a [OwnedOrganization],
    /// Why it comes again.
    pub problem: Option<TransferProblem>,
}

/// Why an app goes to no other owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferProblem {
    /// None was chosen.
    NotChosen,
    /// The organization has as many apps as one may have.
    TooManyApps(u32),
}

#[derive(Template)]
#[template(path = "developers/transfer.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    csrf: &'a str,
    app: Text,
    /// Where who changes their mind goes on.
    back: String,
    summary: Summary,
    title: Text,
    intro: [Text; 2],
    owners: Option<Radios>,
}

impl View for TransferApp<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let (app, name) = (&self.app.app, name_of(&self.app.app));
        let problem = || {
            self.problem.map(|problem| match problem {
                TransferProblem::NotChosen => words.choose_owner(),
                TransferProblem::TooManyApps(count) => words.organization_too_many(count),
            })
        };
        let mut summary = Summary::new(frame.language);
        if let Some(problem) = problem() {
            summary = summary.problem_of(FIELD, problem);
        }
        let choices: Vec<_> = self.organizations.iter().map(choice).collect();
        let owners = (!choices.is_empty())
            .then(|| Radios::new(FIELD, words.transfer_to(), choices).error(problem()));
        let (back, title) = (path_of(app), words.transfer_title(name));
        filled(&Page {
            layout: Layout::settings(frame, Entry::Developers, title.clone())
                .with_problems_of(&summary),
            words,
            csrf: self.csrf,
            app: link(&back, &name),
            back,
            summary,
            title,
            intro: [words.transfer_asked(), words.transfer_secrets()],
            owners,
        })
    }
}

fn choice(organization: &OwnedOrganization) -> Choice {
    Choice {
        value: organization.login.as_str().to_owned(),
        label: Text::of(organization.login.as_str()),
        aside: None,
        is_chosen: false,
    }
}

/// Whose a new app is to be: the user's, or of one of these. Nothing to choose where there is none.
pub(super) fn owners(
    words: words::Developers,
    organizations: &[OwnedOrganization],
    chosen: &str,
) -> Option<Radios> {
    let oneself = Choice {
        value: String::new(),
        label: words.oneself(),
        aside: None,
        is_chosen: chosen.is_empty(),
    };
    let each = organizations.iter().map(|organization| Choice {
        is_chosen: organization.login.as_str() == chosen,
        ..choice(organization)
    });
    let choices: Vec<_> = std::iter::once(oneself).chain(each).collect();
    (choices.len() > 1).then(|| Radios::new(FIELD, words.owner(), choices))
}
