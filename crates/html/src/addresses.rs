//! Somebody's e-mail addresses.

#[cfg(test)]
mod samples;

use askama::Template;
use counterfoil_domain::language::Language;

use crate::components::{Badge, Field, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::view::{View, filled};
use crate::words;

#[cfg(test)]
pub(crate) use samples::samples;

/// The list of somebody's addresses, with a form for another one.
#[derive(Clone, Debug)]
pub struct Addresses<'a> {
    /// The token of the form for another one, which goes to `/settings/profile/addresses`; none
    /// where no mail is sent, by which it could be verified.
    pub csrf: Option<&'a str>,
    /// The token of the forms that go to `…/choose`.
    pub choose_csrf: &'a str,
    /// The token of the forms that go to `…/remove`.
    pub remove_csrf: &'a str,
    /// In the order in which they are shown.
    pub addresses: Vec<AddressRow<'a>>,
    /// What was typed as another one.
    pub typed: &'a str,
    /// Why the page comes again.
    pub problem: Option<AddressProblem>,
}

/// One address.
#[derive(Clone, Copy, Debug)]
pub struct AddressRow<'a> {
    /// As it was written.
    pub address: &'a str,
    /// Whether it was chosen as the primary one.
    pub is_primary: bool,
    /// Whether it was shown to be the person's.
    pub is_verified: bool,
}

/// Why nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressProblem {
    /// It has not the form of an address.
    Form,
    /// The person has it already.
    Known,
    /// The person has as many as may be.
    TooMany,
    /// The person asked for too many lately.
    TooOften,
    /// The person does not have it, or not verified.
    Gone,
    /// It is the primary one.
    Primary,
}

#[derive(Template)]
#[template(path = "addresses/addresses.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Addresses,
    view: &'a Addresses<'a>,
    summary: Summary,
    rows: Vec<Row<'a>>,
    field: Field,
}

struct Row<'a> {
    address: &'a str,
    badges: Vec<Badge>,
    may_verify: bool,
    may_choose: bool,
    may_remove: bool,
}

impl View for Addresses<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Addresses(frame.language);
        let of_field = matches!(
            self.problem,
            Some(AddressProblem::Form | AddressProblem::Known)
        );
        let said = self.problem.map(|problem| match problem {
            AddressProblem::Form => words.enter_address(),
            AddressProblem::Known => words.known(),
            AddressProblem::TooMany => words.too_many(),
            AddressProblem::TooOften => words.too_often(),
            AddressProblem::Gone => words.gone(),
            AddressProblem::Primary => words.stays_primary(),
        });
        let field = Field::email("address", words.another())
            .hint(words.another_hint())
            .value(self.typed)
            .error(said.clone().filter(|_| of_field));
        let mut summary = Summary::new(frame.language).field(&field);
        if let Some(said) = said.filter(|_| !of_field) {
            summary = summary.problem(said);
        }
        let rows = self.addresses.iter().map(|row| shown(row, frame.language));
        filled(&Page {
            layout: Layout::settings(frame, Entry::Profile, words.title())
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            rows: rows.collect(),
            field,
        })
    }
}

/// What is said of an address in one word each.
pub(crate) fn badges_of(row: &AddressRow<'_>, language: Language) -> Vec<Badge> {
    let words = words::Addresses(language);
    let mut badges = vec![if row.is_verified {
        Badge::ok(words.verified())
    } else {
        Badge::warn(words.unverified())
    }];
    if row.is_primary {
        badges.push(Badge::plain(words.primary()));
    }
    badges
}

fn shown<'a>(row: &AddressRow<'a>, language: Language) -> Row<'a> {
    Row {
        address: row.address,
        badges: badges_of(row, language),
        may_verify: !row.is_verified,
        may_choose: row.is_verified && !row.is_primary,
        may_remove: !(row.is_verified && row.is_primary),
    }
}

/// What is told after a link was mailed to another address.
pub fn asked(language: Language) -> String {
    words::Addresses(language).asked().plain()
}

/// What is told after another primary address was chosen.
pub fn chosen(language: Language) -> String {
    words::Addresses(language).chosen().plain()
}

/// What is told after an address was removed.
pub fn removed(language: Language) -> String {
    words::Addresses(language).removed().plain()
}
