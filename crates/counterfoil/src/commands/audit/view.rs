//! What is shown of an event, with names in place of ids.

use counterfoil_authority::{Authority, NamedEvent};
use counterfoil_domain::audit;
use counterfoil_store::{StoreError, StoredEvent};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::commands::views::time;

/// An event.
#[derive(Debug, Serialize)]
pub(super) struct EventView {
    id: i64,
    pub(super) at: String,
    /// The same to the microsecond, since 1970.
    at_microseconds: i64,
    pub(super) action: String,
    /// `account:ID`, `app:ID`, `os_user:NAME`, `anonymous` or `program`.
    pub(super) actor: String,
    /// The login of the user, or the client id of the app, that did it.
    pub(super) actor_name: Option<String>,
    /// The login of the user that it is about.
    login: Option<String>,
    account_id: Option<i64>,
    /// The client id of the app that it is about.
    app: Option<String>,
    app_id: Option<i64>,
    authorization_id: Option<i64>,
    grant_id: Option<i64>,
    /// The login of the organization that it is about.
    organization: Option<String>,
    organization_id: Option<i64>,
    /// The slug of the team that it is about.
    team: Option<String>,
    team_id: Option<i64>,
    /// The SHA-256 of the token that it is about, in hexadecimal digits.
    token_digest: Option<String>,
    request_id: Option<String>,
    format: i64,
    /// None of a form that this program does not know.
    details: Option<Map<String, Value>>,
    pub(super) address: Option<String>,
    agent: Option<String>,
    writer: String,
    writer_number: i64,
}

/// The events as they are shown.
pub(super) async fn views(
    events: Vec<StoredEvent>,
    authority: &Authority,
) -> Result<Vec<EventView>, StoreError> {
    let named = authority.name_events(events).await?;
    Ok(named.into_iter().map(view).collect())
}

fn view(named: NamedEvent) -> EventView {
    let event = named.event;
    let (personal, fields) = fields(event.personal);
    let details = named.read.as_ref().map(|read| {
        let lasting = read.details.iter().cloned();
        let mut details: Map<String, Value> = lasting
            .map(|(word, value)| (word, json_of(value)))
            .collect();
        details.extend(fields);
        details
    });
    let read = named.read.unwrap_or_default();
    EventView {
        details,
        format: event.format,
        id: event.id,
        at: time(event.at),
        at_microseconds: event.at.microseconds(),
        action: event.action,
        actor_name: named.actor,
        actor: match personal.os_user {
            Some(name) => format!("{}:{name}", event.actor),
            None => event.actor,
        },
        login: named.user,
        account_id: event.account,
        app: named.app,
        app_id: event.app,
        authorization_id: event.authorization,
        grant_id: event.grant,
        organization: named.organization,
        organization_id: named.organization_id,
        team: named.team,
        team_id: read.team,
        token_digest: read.token,
        request_id: read.request,
        address: personal.address,
        agent: personal.agent,
        writer: event.writer,
        writer_number: event.writer_number,
    }
}

/// What stands in columns of its own of the personal fields.
#[derive(Default)]
struct Personal {
    address: Option<String>,
    agent: Option<String>,
    os_user: Option<String>,
}

/// The personal fields that have a place of their own, and the details among them.
fn fields(all: Vec<(String, String)>) -> (Personal, Map<String, Value>) {
    let (mut personal, mut details) = (Personal::default(), Map::new());
    for (name, value) in all {
        match name.as_str() {
            "address" => personal.address = Some(value),
            "agent" => personal.agent = Some(value),
            "os_user" => personal.os_user = Some(value),
            _ => {
                details.insert(name, Value::String(value));
            }
        }
    }
    (personal, details)
}

fn json_of(value: audit::Value) -> Value {
    match value {
        audit::Value::Number(number) => Value::from(number),
        audit::Value::Text(text) => Value::String(text),
        audit::Value::List(words) => Value::from(words),
        audit::Value::Time(at) => Value::String(time(at)),
        audit::Value::Flag(flag) => Value::Bool(flag),
    }
}

impl EventView {
    /// Who did it, in a word.
    pub(super) fn actor_in_words(&self) -> &str {
        self.actor_name.as_deref().unwrap_or(&self.actor)
    }

    /// What it is about, in a few words.
    pub(super) fn about(&self) -> String {
        // A name, or the id of what has none.
        let named = |noun: &str, name: &Option<String>, id: Option<i64>| {
            let id = id?;
            Some(match name {
                Some(name) => format!("{noun} {name}"),
                None => format!("{noun} #{id}"),
            })
        };
        let numbered = |noun: &str, id: Option<i64>| id.map(|id| format!("{noun} {id}"));
        let user = self
            .account_id
            .filter(|id| self.organization_id != Some(*id));
        let mut words: Vec<String> = [
            named("user", &self.login, user),
            named("app", &self.app, self.app_id),
            numbered("token", self.authorization_id),
            numbered("grant", self.grant_id),
            named("organization", &self.organization, self.organization_id),
            named("team", &self.team, self.team_id),
        ]
        .into_iter()
        .flatten()
        .collect();
        let details = self.details.iter().flatten();
        words.extend(details.map(|(name, value)| match value {
            Value::String(text) => format!("{name}={text}"),
            Value::Array(all) => {
                let all: Vec<_> = all.iter().filter_map(Value::as_str).collect();
                format!("{name}={}", all.join(","))
            }
            value => format!("{name}={value}"),
        }));
        if self.details.is_none() {
            words.push(format!("(details in form {}, not read)", self.format));
        }
        if words.is_empty() {
            "-".to_owned()
        } else {
            words.join(" ")
        }
    }
}
