//! An app goes to whichever user or organization.

use counterfoil_domain::administered::AppInUse;

use super::{name_of, path_of};
use crate::admin::question::{Question, Weight};
use crate::components::Field;
use crate::frame::Frame;
use crate::layout::Entry;
use crate::stranger::Stranger;
use crate::view::View;
use crate::words;

/// The page that asks to whom an app is to go.
#[derive(Clone, Copy, Debug)]
pub struct TransferAnyApp<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub used: &'a AppInUse,
    /// The login that was typed.
    pub to: &'a str,
    /// What is wrong with it.
    pub problem: Option<TransferProblem>,
}

/// Why an app goes to no other owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferProblem {
    /// No login was typed.
    NoLogin,
    /// Nobody has the login, or whoever has it can own no app.
    NoSuchOwner,
    /// The app is theirs.
    IsOwner,
    /// They have as many apps as one may have.
    TooManyApps(u32),
}

impl View for TransferAnyApp<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminApps(frame.language);
        let (path, name) = (path_of(&self.used.app), name_of(&self.used.app));
        let to = Stranger(self.to);
        let problem = self.problem.map(|problem| match problem {
            TransferProblem::NoLogin => words.enter_owner(),
            TransferProblem::NoSuchOwner => words.no_such_owner(to),
            TransferProblem::IsOwner => words.is_owner(to),
            TransferProblem::TooManyApps(count) => words.too_many(count, to),
        });
        let owner = Field::text("owner", words.transfer_to())
            .hint(words.transfer_hint())
            .value(self.to)
            .error(problem);
        Question {
            entry: Entry::AllApps,
            csrf: self.csrf,
            action: format!("{path}/transfer"),
            back: path,
            back_name: words.one_title(name),
            title: words.transfer_title(name),
            intro: vec![
                words.transfer_asked(self.used.users),
                words.transfer_rest(self.used.owner.as_str()),
            ],
            banner: None,
            fields: vec![owner],
            radios: None,
            problem: None,
            button: words.transfer(),
            weight: Weight::Danger,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}
