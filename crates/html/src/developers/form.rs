//! The form of an app: a new one, and one that is there.

use askama::Template;
use counterfoil_domain::app::{AppSwitch, AppSwitches, OwnApp, OwnedOrganization};

use super::owner::owners;
use super::{LIST, name_of, path_of, users};
use crate::components::{Checkbox, Field, Radios, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// What stands in the form of an app: what was typed, or what is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppForm {
    /// The name.
    pub name: String,
    /// The home page.
    pub website: String,
    /// The callback URLs, one on each line.
    pub callbacks: String,
    /// The login of the organization that a new one is to belong to; empty for the user's own.
    pub owner: String,
    /// Whether devices may sign in.
    pub device_flow: bool,
    /// Whether its tokens expire.
    pub expiring_tokens: bool,
    /// What else is switched on for it.
    pub switches: AppSwitches,
}

/// What is wrong with the form of an app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppProblems {
    /// With its name.
    pub name: Option<AppNameProblem>,
    /// Its home page is no URL.
    pub is_website_wrong: bool,
    /// With its callback URLs.
    pub callbacks: Option<CallbackProblem>,
    /// With none of these.
    pub limit: Option<AppLimit>,
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppNameProblem {
    /// There is none.
    Missing,
    /// It has too many characters.
    TooLong,
    /// It has characters that no name may have.
    Control,
    /// It could be taken for the name of the installation, or of an app that comes with it.
    LooksLikeOurs,
}

/// What is wrong with callback URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackProblem {
    /// There is none, or one is no full URL.
    NoUrl,
    /// One has a part that no callback may have.
    ForbiddenPart,
    /// One is reached over a network without encryption.
    NotEncrypted,
    /// There are more than so many.
    TooMany(usize),
}

/// What keeps somebody from any further app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppLimit {
    /// There are as many as one may have.
    LiveApps(u32),
    /// The organization has as many as one may have.
    OfOrganization(u32),
    /// As many were registered within the hour as one may register.
    MadeInAnHour(u32),
}

/// The form of a new app.
#[derive(Clone, Copy, Debug)]
pub struct RegisterApp<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What makes the form count once.
    pub once: &'a str,
    /// The organizations that whoever registers it owns.
    pub organizations: &'a [OwnedOrganization],
    /// What stands in the form.
    pub form: &'a AppForm,
    /// Why it comes again.
    pub problems: AppProblems,
}

/// The page of an app, whose name and URLs can be changed.
#[derive(Clone, Copy, Debug)]
pub struct EditApp<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app, as it is kept.
    pub app: &'a OwnApp,
    /// What stands in the form.
    pub form: &'a AppForm,
    /// Why it comes again.
    pub problems: AppProblems,
}

#[derive(Template)]
#[template(path = "developers/new.html")]
struct NewPage<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    list: &'static str,
    view: &'a RegisterApp<'a>,
    summary: Summary,
    fields: [Field; 3],
    owners: Option<Radios>,
    switches: [Checkbox; 6],
}

#[derive(Template)]
#[template(path = "developers/edit.html")]
struct EditPage<'a> {
    layout: Layout<'a>,
    words: words::Developers,
    list: &'static str,
    path: String,
    view: &'a EditApp<'a>,
    title: Text,
    registered: Text,
    users: Text,
    used: Text,
    summary: Summary,
    fields: [Field; 3],
    switches: [Checkbox; 6],
}

impl View for RegisterApp<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let fields = fields(words, self.form, self.problems);
        let summary = summary(frame, self.problems, &fields);
        filled(&NewPage {
            layout: Layout::settings(frame, Entry::Developers, words.new_title())
                .with_problems_of(&summary),
            words,
            list: LIST,
            view: self,
            summary,
            fields,
            owners: owners(words, self.organizations, &self.form.owner),
            switches: switches(words, self.form),
        })
    }
}

impl View for EditApp<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Developers(frame.language);
        let fields = fields(words, self.form, self.problems);
        let summary = summary(frame, self.problems, &fields);
        let app = &self.app.app;
        let title = Text::of(&name_of(app));
        let used = self.app.last_used_at;
        filled(&EditPage {
            layout: Layout::settings(frame, Entry::Developers, title.clone())
                .with_problems_of(&summary),
            words,
            list: LIST,
            path: path_of(app),
            view: self,
            title,
            registered: frame.date_and_time(app.created_at),
            users: users(words, self.app),
            used: used.map_or_else(|| words.never(), |at| frame.date_and_time(at)),
            summary,
            fields,
            switches: switches(words, self.form),
        })
    }
}

fn switches(words: words::Developers, form: &AppForm) -> [Checkbox; 6] {
    let of = |switch: AppSwitch, label, hint| {
        Checkbox::new(switch.name(), label)
            .hint(hint)
            .ticked(form.switches.has(switch))
    };
    [
        of(
            AppSwitch::ExactMatch,
            words.exact_match(),
            words.exact_match_hint(),
        ),
        Checkbox::new("device_flow", words.device_flow())
            .hint(words.device_flow_hint())
            .ticked(form.device_flow),
        Checkbox::new("expiring_tokens", words.expiring())
            .hint(words.expiring_hint())
            .ticked(form.expiring_tokens),
        of(
            AppSwitch::RequirePkce,
            words.require_pkce(),
            words.require_pkce_hint(),
        ),
        of(AppSwitch::SendIss, words.send_iss(), words.send_iss_hint()),
        of(
            AppSwitch::StandardErrors,
            words.standard_errors(),
            words.standard_errors_hint(),
        ),
    ]
}

fn fields(words: words::Developers, form: &AppForm, problems: AppProblems) -> [Field; 3] {
    let name = problems.name.map(|problem| match problem {
        AppNameProblem::Missing => words.enter_name(),
        AppNameProblem::TooLong => words.shorter_name(),
        AppNameProblem::Control => words.plainer_name(),
        AppNameProblem::LooksLikeOurs => words.other_name(),
    });
    let callbacks = problems.callbacks.map(|problem| match problem {
        CallbackProblem::NoUrl => words.enter_callback(),
        CallbackProblem::ForbiddenPart => words.wrong_callback(),
        CallbackProblem::NotEncrypted => words.plain_callback(),
        CallbackProblem::TooMany(most) => words.fewer_callbacks(most),
    });
    [
        Field::text("name", words.name())
            .hint(words.name_hint())
            .longest(255)
            .value(&form.name)
            .error(name),
        Field::text("website", words.website())
            .hint(words.website_hint())
            .longest(255)
            .value(&form.website)
            .error(problems.is_website_wrong.then(|| words.enter_website())),
        Field::lines("callbacks", words.callbacks())
            .hint(words.callbacks_hint())
            .value(&form.callbacks)
            .error(callbacks),
    ]
}

fn summary(frame: &Frame<'_>, problems: AppProblems, fields: &[Field; 3]) -> Summary {
    let words = words::Developers(frame.language);
    let mut summary = Summary::new(frame.language);
    if let Some(limit) = problems.limit {
        summary = summary.problem(match limit {
            AppLimit::LiveApps(count) => words.too_many(count),
            AppLimit::OfOrganization(count) => words.organization_too_many(count),
            AppLimit::MadeInAnHour(count) => words.too_many_an_hour(count),
        });
    }
    fields.iter().fold(summary, Summary::field)
}
