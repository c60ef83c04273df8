//! An event of the trail as a row.

use counterfoil_domain::audit::{Action, Value};
use counterfoil_domain::timestamp::Timestamp;

use super::actions::meaning;
use crate::agent;
use crate::components::Cell;
use crate::frame::Frame;
use crate::stranger::Stranger;
use crate::text::{Text, code};
use crate::words;

/// An event, with names in place of ids where there are some.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailEvent {
    /// When it happened.
    pub at: Timestamp,
    /// The word of the trail.
    pub action: String,
    /// Who did it.
    pub actor: EventActor,
    /// What it is about.
    pub about: Vec<EventSubject>,
    /// What else it tells, by its words; nothing of a form that this program does not know.
    pub details: Option<Vec<(String, Value)>>,
    /// The form that it is written in.
    pub form: i64,
    /// The client's address.
    pub address: Option<String>,
    /// What the client called itself.
    pub agent: Option<String>,
    /// The id of the request.
    pub request: Option<String>,
    /// The digest of the token that it is about.
    pub token: Option<String>,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventActor {
    /// The user of this login.
    User(String),
    /// The app of this client id.
    App(String),
    /// Somebody at the command line, with the name that the operating system has for them.
    OperatingSystemUser(Option<String>),
    /// Nobody known.
    Anonymous,
    /// The program itself.
    Program,
    /// Somebody whose name is not known any more, as the trail has them.
    Other(String),
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventSubject {
    /// A user, by login.
    User(String),
    /// An app, by client id.
    App(String),
    /// The record of a token, by its id.
    Token(i64),
    /// A grant, by its id.
    Grant(i64),
    /// An organization, by login.
    Organization(String),
    /// A team, by slug.
    Team(String),
}

impl TrailEvent {
    /// What happened, who did it, what it is about, and when and from where.
    pub(super) fn row(&self, frame: &Frame<'_>) -> [Cell; 4] {
        let words = words::AdminAudit(frame.language);
        let what = match Action::find(&self.action) {
            Some(action) => meaning(action, frame.language),
            None => words.unknown_action(),
        };
        let from = self.address.as_ref();
        let agent = self.agent.as_deref();
        [
            Cell::of(what).below(Some(code(&self.action))),
            Cell::of(self.actor.in_words(words)),
            self.about(frame),
            Cell::of(frame.date_and_time(self.at))
                .below(from.map(|address| words.from(Stranger(address))))
                .below(agent.map(|agent| agent::in_words(agent, frame.language))),
        ]
    }

    fn about(&self, frame: &Frame<'_>) -> Cell {
        let words = words::AdminAudit(frame.language);
        let subjects = self.about.iter().map(|subject| subject.in_words(words));
        let subjects = subjects.reduce(|before, subject| words.and_more(before, subject));
        let mut cell = Cell::of(subjects.unwrap_or_else(|| words.about_nothing()));
        for (name, value) in self.details.iter().flatten() {
            let value = in_words(value, words, frame);
            cell = cell.below(Some(words.detail(code(name), value)));
        }
        if self.details.is_none() {
            cell = cell.below(Some(words.unread(self.form.unsigned_abs())));
        }
        let token = self
            .token
            .as_ref()
            .map(|token| words.token_digest(code(token)));
        let request = self.request.as_ref();
        let request = request.map(|request| words.request_id(code(request)));
        cell.below(token).below(request)
    }
}

/// The value of a detail. Texts in it are those of whoever caused the event.
fn in_words(value: &Value, words: words::AdminAudit, frame: &Frame<'_>) -> Text {
    match value {
        Value::Number(number) => Text::of(number),
        Value::Text(text) => Text::of(&Stranger(text)),
        Value::List(all) => Text::of(&Stranger(&all.join(", "))),
        Value::Time(at) => frame.date_and_time(*at),
        Value::Flag(true) => words.yes(),
        Value::Flag(false) => words.no(),
    }
}

impl EventActor {
    fn in_words(&self, words: words::AdminAudit) -> Text {
        match self {
            Self::User(login) => Text::of(&Stranger(login)),
            Self::App(client_id) => words.app_of(code(client_id)),
            Self::OperatingSystemUser(Some(name)) => words.at_command_line(Stranger(name)),
            Self::OperatingSystemUser(None) => words.command_line(),
            Self::Anonymous => words.nobody_known(),
            Self::Program => words.program(),
            Self::Other(text) => code(&Stranger(text)),
        }
    }
}

impl EventSubject {
    fn in_words(&self, words: words::AdminAudit) -> Text {
        match self {
            Self::User(login) => words.user_of(Stranger(login)),
            Self::App(client_id) => words.app_of(code(client_id)),
            Self::Token(id) => words.token_of(id.unsigned_abs()),
            Self::Grant(id) => words.grant_of(id.unsigned_abs()),
            Self::Organization(login) => words.organization_of(Stranger(login)),
            Self::Team(slug) => words.team_of(Stranger(slug)),
        }
    }
}
