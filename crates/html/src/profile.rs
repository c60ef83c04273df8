//! What somebody says about themselves.

#[cfg(test)]
mod samples;

use askama::Template;
use counterfoil_domain::language::Language;
use counterfoil_domain::text::{LONGEST_TEXT, TextRefused};
use counterfoil_domain::time_zone::Zone;

use crate::addresses::{AddressRow, badges_of};
use crate::components::{Badge, Choice, Field, Radios, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

#[cfg(test)]
pub(crate) use samples::samples;

/// The page of somebody's profile.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// The token of its form, which goes to `/settings/profile`.
    pub csrf: &'a str,
    /// The login.
    pub login: &'a str,
    /// The e-mail addresses, the primary one first.
    pub addresses: &'a [AddressRow<'a>],
    /// What is kept or was typed as the name.
    pub name: &'a str,
    /// The language that is kept or was chosen.
    pub language: Option<Language>,
    /// The name of the zone that is kept or was chosen; empty for the server's.
    pub time_zone: &'a str,
    /// The zone of the server.
    pub server_zone: &'a Zone,
    /// Why the form comes again.
    pub problem: ProfileProblem,
}

/// Why a profile was not saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProfileProblem {
    /// The name may not be one.
    pub name: Option<TextRefused>,
    /// There is no such zone.
    pub no_such_zone: bool,
}

#[derive(Template)]
#[template(path = "profile/profile.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Profile,
    view: &'a Profile<'a>,
    summary: Summary,
    addresses: Vec<(&'a str, Vec<Badge>)>,
    name: Field,
    languages: Radios,
    zones: Vec<ZoneOption>,
    zone_error: Option<Text>,
    now: Text,
}

struct ZoneOption {
    value: String,
    label: Text,
    is_chosen: bool,
}

impl View for Profile<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Profile(frame.language);
        let error = self.problem.name.map(|refused| match refused {
            TextRefused::TooLong => words.name_too_long(LONGEST_TEXT),
            TextRefused::Control => words.name_control(),
        });
        let name = Field::text("name", words.name())
            .hint(words.name_hint())
            .value(self.name)
            .error(error);
        let zone_error = self.problem.no_such_zone.then(|| words.no_zone());
        let mut summary = Summary::new(frame.language).field(&name);
        if let Some(problem) = zone_error.clone() {
            summary = summary.problem_of("time_zone", problem);
        }
        filled(&Page {
            layout: Layout::settings(frame, Entry::Profile, words.title())
                .with_problems_of(&summary),
            words,
            view: self,
            summary,
            addresses: self
                .addresses
                .iter()
                .map(|row| (row.address, badges_of(row, frame.language)))
                .collect(),
            name,
            languages: languages(self.language, words),
            zones: self.zones(words),
            zone_error,
            now: words.now(frame.date_and_time(frame.now)),
        })
    }
}

impl Profile<'_> {
    fn zones(&self, words: words::Profile) -> Vec<ZoneOption> {
        let servers = ZoneOption {
            value: String::new(),
            label: words.by_server(self.server_zone.name()),
            is_chosen: self.time_zone.is_empty(),
        };
        let named = Zone::names().into_iter().map(|name| ZoneOption {
            label: Text::of(&name),
            is_chosen: name == self.time_zone,
            value: name,
        });
        std::iter::once(servers).chain(named).collect()
    }
}

fn languages(chosen: Option<Language>, words: words::Profile) -> Radios {
    let by_browser = Choice {
        value: String::new(),
        label: words.by_browser(),
        aside: None,
        is_chosen: chosen.is_none(),
    };
    let each = Language::ALL.map(|language| Choice {
        value: language.tag().to_owned(),
        label: Text::of(language.own_name()),
        aside: None,
        is_chosen: chosen == Some(language),
    });
    let choices = std::iter::once(by_browser).chain(each);
    Radios::new("language", words.language(), choices.collect())
}

/// What is said when a profile was saved, or was so already.
pub fn profile_saved(language: Language, is_changed: bool) -> String {
    let words = words::Profile(language);
    let text = if is_changed {
        words.status()
    } else {
        words.status_same()
    };
    text.plain()
}
