//! `counterfoil audit`: what happened, who did it and when.

use clap::{Args, Subcommand};
use counterfoil_domain::audit::{self, reading};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::StoredEvent;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::commands::answer::Answer;
use crate::commands::table::{Table, or_hyphen};
use crate::commands::values::{self, Moment};
use crate::commands::views::{Logins, time};
use crate::installation::Installation;

/// The commands about the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List the events of the audit trail, oldest first
    ///
    /// Every change of a user, an app, a token, a grant or a key leaves one event, and so does
    /// every failed sign-in. No event holds a secret. The table leaves columns out; --json shows
    /// everything.
    ///
    /// Of an event in a form that this program does not know, because a newer one wrote it beside
    /// this one, the details are not read: --json has null for them, the table says so.
    #[command(after_help = "\
Examples:
  counterfoil audit list --since 24h
  counterfoil audit list --since 2026-11-22T10:00:00Z --json")]
    List(ListArguments),
}

/// Which events.
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// From when on: a date, a date and time, or how long ago, such as 24h or 7d [default: from the
    /// beginning]
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    since: Option<Moment>,
    /// How many events at most
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: AuditCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        AuditCommand::List(arguments) => list(&arguments, installation).await,
    }
}

/// An event.
#[derive(Debug, Serialize)]
struct EventView {
    id: i64,
    at: String,
    action: String,
    actor: String,
    login: Option<String>,
    account_id: Option<i64>,
    app_id: Option<i64>,
    authorization_id: Option<i64>,
    grant_id: Option<i64>,
    organization_id: Option<i64>,
    team_id: Option<i64>,
    /// The SHA-256 of the token that it is about, in hexadecimal digits.
    token_digest: Option<String>,
    request_id: Option<String>,
    format: i64,
    /// None of a form that this program does not know.
    details: Option<Map<String, Value>>,
    address: Option<String>,
    agent: Option<String>,
    writer: String,
    writer_number: i64,
}

async fn list(arguments: &ListArguments, of: &Installation) -> anyhow::Result<Answer> {
    let beginning = Moment::At(Timestamp::from_seconds(0));
    let since = arguments
        .since
        .unwrap_or(beginning)
        .seen_from(of.authority.now());
    // One more than asked for tells whether there are more.
    let mut events = of.authority.list_events(since, arguments.limit + 1).await?;
    let wanted = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let more = events.len() > wanted;
    events.truncate(wanted);
    let logins = Logins::from(of.authority.list_accounts().await?);
    let views: Vec<EventView> = events
        .into_iter()
        .map(|event| view(event, &logins))
        .collect();
    let mut table = Table::new(["TIME", "ACTION", "ACTOR", "ABOUT", "FROM"]);
    for view in &views {
        table.push([
            view.at.clone(),
            view.action.clone(),
            actor(&view.actor, &logins),
            about(view),
            or_hyphen(view.address.as_ref()),
        ]);
    }
    let answer = Answer::data(&views, table.to_text());
    Ok(match views.last() {
        Some(last) if more => answer.with_note(format!(
            "there are more events; go on with --since {}, or raise --limit",
            last.at
        )),
        Some(_) | None => answer,
    })
}

fn view(event: StoredEvent, logins: &Logins) -> EventView {
    let read = reading::read(event.format, &event.bytes);
    let (personal, fields) = fields(event.personal);
    let details = read.as_ref().map(|read| {
        let lasting = read.details.iter().cloned();
        let mut details: Map<String, Value> = lasting
            .map(|(word, value)| (word, json_of(value)))
            .collect();
        details.extend(fields);
        details
    });
    let read = read.unwrap_or_default();
    EventView {
        details,
        format: event.format,
        id: event.id,
        at: time(event.at),
        action: event.action,
        actor: match personal.os_user {
            Some(name) => format!("{}:{name}", event.actor),
            None => event.actor,
        },
        login: event.account.map(|id| logins.of(AccountId(id))),
        account_id: event.account,
        app_id: event.app,
        authorization_id: event.authorization,
        grant_id: event.grant,
        organization_id: read.organization,
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

/// Who did it, with a login in place of an account's id.
fn actor(actor: &str, logins: &Logins) -> String {
    match actor
        .strip_prefix("account:")
        .and_then(|id| id.parse().ok())
    {
        Some(id) => logins.of(AccountId(id)),
        None => actor.to_owned(),
    }
}

/// What an event is about, in a few words.
fn about(view: &EventView) -> String {
    let numbered = |noun: &str, id: Option<i64>| id.map(|id| format!("{noun} {id}"));
    let mut words: Vec<String> = [
        view.login.as_ref().map(|login| format!("user {login}")),
        numbered("app", view.app_id),
        numbered("token", view.authorization_id),
        numbered("grant", view.grant_id),
        numbered("organization", view.organization_id),
        numbered("team", view.team_id),
    ]
    .into_iter()
    .flatten()
    .collect();
    let details = view.details.iter().flatten();
    words.extend(details.map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        Value::Array(all) => {
            let all: Vec<_> = all.iter().filter_map(Value::as_str).collect();
            format!("{name}={}", all.join(","))
        }
        value => format!("{name}={value}"),
    }));
    if view.details.is_none() {
        words.push(format!("(details in form {}, not read)", view.format));
    }
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(" ")
    }
}
