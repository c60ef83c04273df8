//! What the forms of tokens have in common: name, expiry and scopes, and what is wrong with them.

use counterfoil_domain::expiry_offer::{ExpiryChoice, ExpiryOffer};
use counterfoil_domain::scope::Scope;
use jiff::civil::Date;

use crate::components::{Choice, Field, Radios, Summary};
use crate::frame::Frame;
use crate::text::Text;
use crate::words;

/// What stands in a form of a token: what was typed, or what is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenForm {
    /// The name.
    pub name: String,
    /// The word of the chosen lifetime; empty before one was chosen.
    pub expiry: String,
    /// The day that was named, as `YYYY-MM-DD`.
    pub last_day: String,
    /// The boxes that are ticked.
    pub scopes: Vec<Scope>,
}

/// What is wrong with a form of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenProblems {
    /// With its name.
    pub name: Option<NameProblem>,
    /// With its expiry.
    pub expiry: Option<ExpiryProblem>,
    /// Scopes that are for administrators, of somebody who is none.
    pub for_administrators: Vec<Scope>,
    /// With none of these.
    pub limit: Option<Limit>,
}

impl TokenProblems {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    /// There is none.
    Missing,
    /// It has too many characters.
    TooLong,
    /// It has characters that no name may have.
    Control,
    /// Another live token has it.
    Taken,
}

/// What is wrong with an expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryProblem {
    /// None was chosen, or one that is not offered.
    NoChoice,
    /// The day is none that may be chosen.
    NoSuchDay,
}

/// What keeps somebody from any further token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// There are as many live tokens as one may have.
    LiveTokens(u32),
    /// As many were made on pages within the hour as one may make.
    MadeInAnHour(u32),
    /// The e-mail address has to be verified first.
    UnverifiedAddress,
}

/// Fields of a form, and the summary of what is wrong with them.
pub(super) struct Fields<'a> {
    frame: &'a Frame<'a>,
    words: words::Tokens,
    form: &'a TokenForm,
    problems: &'a TokenProblems,
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        frame: &'a Frame<'a>,
        form: &'a TokenForm,
        problems: &'a TokenProblems,
    ) -> Self {
        Self {
            frame,
            words: words::Tokens(frame.language),
            form,
            problems,
        }
    }

    pub(super) fn name(&self) -> Field {
        let words = self.words;
        let problem = self.problems.name.map(|problem| match problem {
            NameProblem::Missing => words.enter_name(),
            NameProblem::TooLong => words.shorter_name(),
            NameProblem::Control => words.plainer_name(),
            NameProblem::Taken => words.name_taken(),
        });
        Field::text("name", words.name())
            .hint(words.name_hint())
            .longest(255)
            .value(&self.form.name)
            .error(problem)
    }

    /// The lifetimes to choose from.
    pub(super) fn expiry(&self, offer: &ExpiryOffer) -> Radios {
        let words = self.words;
        let offered = offer.choices();
        let is_offered = |choice: &ExpiryChoice| choice.word() == self.form.expiry;
        let chosen = offered.iter().copied().find(is_offered);
        let chosen = chosen.unwrap_or_else(|| offer.preset());
        let choices = offered.into_iter().map(|choice| Choice {
            value: choice.word(),
            label: match choice {
                ExpiryChoice::Days(days) => words.days(days),
                ExpiryChoice::Day => words.on_a_day(),
                ExpiryChoice::Longest => words.longest(),
                ExpiryChoice::WithoutEnd => words.without_end(),
            },
            aside: match choice {
                ExpiryChoice::WithoutEnd => Some(words.not_advised()),
                ExpiryChoice::Longest => {
                    let end = offer.end_of(choice);
                    end.map(|end| self.frame.date_and_time(end))
                }
                ExpiryChoice::Days(_) | ExpiryChoice::Day => {
                    let end = offer.end_of(choice);
                    end.map(|end| self.frame.short_date(end))
                }
            },
            is_chosen: choice == chosen,
        });
        let problem = self.problems.expiry;
        let no_choice = problem.filter(|problem| *problem == ExpiryProblem::NoChoice);
        let zone = self.frame.zone.local(self.frame.now).abbreviation;
        Radios::new("expires", words.expiry(), choices.collect())
            .hint(words.expiry_hint(zone))
            .error(no_choice.map(|_| words.choose_expiry()))
    }

    /// The day to name, where one can be.
    pub(super) fn last_day(&self, offer: &ExpiryOffer) -> Option<Field> {
        let words = self.words;
        let (earliest, latest) = offer.days()?;
        let is_wrong = self.problems.expiry == Some(ExpiryProblem::NoSuchDay);
        let wrong = is_wrong.then(|| self.choose_day(offer, latest));
        let field = Field::date("last-day", words.last_day())
            .between(&earliest.to_string(), Some(&latest.to_string()))
            .value(&self.form.last_day)
            .error(wrong);
        Some(field)
    }

    fn choose_day(&self, offer: &ExpiryOffer, latest: Date) -> Text {
        let latest = self.frame.date(offer.end_of_day(latest));
        self.words.choose_day(latest)
    }

    /// What is wrong with the scopes.
    pub(super) fn scopes_problem(&self) -> Option<Text> {
        let scopes = &self.problems.for_administrators;
        let names: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
        (!names.is_empty()).then(|| self.words.for_administrators(names.join(", ")))
    }

    /// All of it, in the order of the fields.
    pub(super) fn summary(&self, name: Option<&Field>, last_day: Option<&Field>) -> Summary {
        let words = self.words;
        let mut summary = Summary::new(self.frame.language);
        if let Some(limit) = self.problems.limit {
            summary = summary.problem(match limit {
                Limit::LiveTokens(count) => words.too_many(count),
                Limit::MadeInAnHour(count) => words.too_many_an_hour(count),
                Limit::UnverifiedAddress => words.verify_address(),
            });
        }
        if let Some(name) = name {
            summary = summary.field(name);
        }
        if self.problems.expiry == Some(ExpiryProblem::NoChoice) {
            summary = summary.problem_of("expires", words.choose_expiry());
        }
        if let Some(last_day) = last_day {
            summary = summary.field(last_day);
        }
        match self.scopes_problem() {
            Some(problem) => summary.problem_of("scopes", problem),
            None => summary,
        }
    }
}
