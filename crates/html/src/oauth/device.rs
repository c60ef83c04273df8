//! The pages on which somebody lets a device in: the code that it shows, the question, what became
//! of it.

use askama::Template;
use counterfoil_domain::oauth::DeviceAnswer;
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;

use crate::agent;
use crate::components::{Badge, Banner, Checkbox, Field, Powers, Summary};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::stranger::Stranger;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// Characters that the field takes: twice those of a code.
const LONGEST: u16 = 16;

/// The page that asks for the code that a device shows.
#[derive(Clone, Copy, Debug)]
pub struct DeviceEntry<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What was typed before.
    pub typed: &'a str,
    /// Why the form comes again.
    pub problem: Option<DeviceCodeProblem>,
}

/// Why a code leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceCodeProblem {
    /// It is none.
    NoCode,
    /// No device shows it, or not any more.
    Wrong,
    /// Too many were wrong.
    TooManyTries {
        /// Until the next is looked at, rounded up.
        minutes: u64,
    },
}

/// Why a device does not get scopes for administrators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyWithheld {
    /// No device gets them.
    FromDevices,
    /// Only an administrator gives them who proved a moment ago who they are, and only to an app
    /// that keeps its secret.
    NotProved,
}

/// The page that asks whether a device gets access.
#[derive(Clone, Copy, Debug)]
pub struct DeviceConfirm<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What the form carries in place of what the device asked for.
    pub device: i64,
    /// The code, as it was typed and as the device shows it.
    pub code: &'a str,
    /// Who is signed in.
    pub login: &'a str,
    /// What the app calls itself.
    pub app: Stranger<'a>,
    /// The login of its owner.
    pub owner: &'a str,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Whether any program can use its name.
    pub is_public: bool,
    /// From where the device asked.
    pub address: &'a str,
    /// Whether that is where the user is.
    pub is_near: bool,
    /// What the device calls itself.
    pub agent: Option<&'a str>,
    /// When it asked.
    pub asked_at: Timestamp,
    /// What it gets.
    pub scopes: &'a ScopeSet,
    /// What it asked for and does not get.
    pub withheld: &'a [Scope],
    /// Why it does not.
    pub why_withheld: WhyWithheld,
    /// Whether the box was to be ticked and is not.
    pub is_unticked: bool,
}

/// The page that says what became of it.
#[derive(Clone, Copy, Debug)]
pub struct DeviceDone {
    /// What was answered.
    pub answer: DeviceAnswer,
}

#[derive(Template)]
#[template(path = "oauth/device.html")]
struct EntryPage<'a> {
    layout: Layout<'a>,
    words: words::Device,
    csrf: &'a str,
    summary: Summary,
    code: Field,
}

#[derive(Template)]
#[template(path = "oauth/device_confirm.html")]
struct ConfirmPage<'a> {
    layout: Layout<'a>,
    words: words::Device,
    view: &'a DeviceConfirm<'a>,
    summary: Summary,
    warning: Banner,
    unverified: Option<Text>,
    elsewhere: Option<Badge>,
    agent: Text,
    is_its_own_words: bool,
    owner: Text,
    started: Text,
    powers: Powers,
    withheld: Text,
    for_administrators: String,
    mine: Option<Checkbox>,
}

#[derive(Template)]
#[template(path = "oauth/device_done.html")]
struct DonePage<'a> {
    layout: Layout<'a>,
    title: Text,
    more: Text,
}

impl View for DeviceEntry<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Device(frame.language);
        let error = match self.problem {
            Some(DeviceCodeProblem::NoCode) => Some(words.enter_letters()),
            Some(DeviceCodeProblem::Wrong) => Some(words.wrong()),
            Some(DeviceCodeProblem::TooManyTries { .. }) | None => None,
        };
        let code = Field::text("code", words.code())
            .hint(words.code_hint())
            .longest(LONGEST)
            .value(self.typed)
            .error(error);
        let mut summary = Summary::new(frame.language).field(&code);
        if let Some(DeviceCodeProblem::TooManyTries { minutes }) = self.problem {
            summary = summary.problem(words.too_many_tries(minutes));
        }
        filled(&EntryPage {
            layout: Layout::slim(frame, words.title()).with_problems_of(&summary),
            words,
            csrf: self.csrf,
            summary,
            code,
        })
    }
}

impl DeviceConfirm<'_> {
    /// What the form carries of the scopes for administrators that it shows, so that an answer to
    /// others is known for one. No field of it gives any.
    pub fn for_administrators(scopes: &ScopeSet) -> String {
        let names: Vec<_> = scopes.for_administrators().map(Scope::name).collect();
        names.join(" ")
    }
}

impl View for DeviceConfirm<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Device(frame.language);
        let error = self.is_unticked.then(|| words.tick());
        let mut summary = Summary::new(frame.language);
        if let Some(error) = &error {
            summary = summary.problem_of("mine", error.clone());
        }
        let agent = self.agent.unwrap_or_default();
        let mine = Checkbox::new("mine", words.mine(self.code)).error(error);
        filled(&ConfirmPage {
            layout: Layout::flow(frame, words.confirm_title())
                .with_problems_of(&summary)
                .with_script(crate::assets::CONSENT_JS),
            words,
            view: self,
            summary,
            unverified: self
                .is_public
                .then(|| words::Oauth(frame.language).cannot_be_verified()),
            warning: Banner::danger(words.refuse_if()).with(words.refuse_why()),
            elsewhere: (!self.is_near).then(|| Badge::warn(words.not_your_network())),
            agent: if agent.trim().is_empty() {
                words.no_agent()
            } else {
                agent::in_words(agent, frame.language)
            },
            is_its_own_words: agent::is_its_own_words(agent),
            owner: words.owner(frame.date(self.registered_at), self.owner),
            started: frame.when(self.asked_at),
            powers: Powers::of(frame.language, self.scopes),
            withheld: match self.why_withheld {
                WhyWithheld::FromDevices => words.withheld(),
                WhyWithheld::NotProved => words::Oauth(frame.language).withheld(),
            },
            for_administrators: Self::for_administrators(self.scopes),
            mine: (!self.is_near).then_some(mine),
        })
    }
}

impl View for DeviceDone {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Device(frame.language);
        let (title, more) = match self.answer {
            DeviceAnswer::Approved => (words.connected(), words.connected_more()),
            DeviceAnswer::Denied => (words.refused(), words.refused_more()),
        };
        filled(&DonePage {
            layout: Layout::slim(frame, title.clone()),
            title,
            more,
        })
    }
}
