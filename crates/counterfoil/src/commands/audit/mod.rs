//! `counterfoil audit`: what happened, who did it and when.

mod filters;
mod follow;
mod lines;
mod view;

use clap::{Args, Subcommand};
use counterfoil_authority::Authority;
use counterfoil_store::{EventFilter, Order, ReadFrom, StoredEvent, TrailCursor, TrailReading};
use serde_json::json;

use self::filters::Filters;
use self::lines::Lines;
use crate::commands::UsageError;
use crate::commands::answer::Answer;
use crate::installation::Installation;

/// The commands about the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List the events of the audit trail, newest first
    ///
    /// Every change of a user, an app, a token, a grant or a key leaves one event, and so does
    /// every failed sign-in. No event holds a secret. The table leaves columns out; --json shows
    /// everything. The page audit-events.md says what each event means.
    ///
    /// Where there are more events than --limit, a note names the --cursor to go on with, as does
    /// `next_cursor` with --json. The pages of one list hold what was committed when it began, each
    /// event once. With --oldest-first there is always a cursor: later it leads to what was
    /// committed since, whatever its time. A cursor says nothing of the other options: give them
    /// again.
    ///
    /// Of an event in a form that this program does not know, because a newer one wrote it beside
    /// this one, the details are not read: --json has null for them, the table says so.
    #[command(after_help = "\
Examples:
  counterfoil audit list --since 24h
  counterfoil audit list --user mona --action token.ended --json
  counterfoil audit list --request 7b1f4f0e-7a64-5c0b-9d5e-0f6a1c2d3e4f
  counterfoil audit list --follow --action sign_in.failed --action sign_in.locked")]
    List(Box<ListArguments>),
}

/// Which events, and how many.
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    filters: Filters,
    /// How many events at most
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000), conflicts_with = "follow")]
    limit: u32,
    /// Go on where an earlier list stopped
    #[arg(long, value_name = "CURSOR", value_parser = TrailCursor::parse)]
    cursor: Option<TrailCursor>,
    /// Begin with the oldest event
    #[arg(long)]
    oldest_first: bool,
    /// Print what is committed from now on, or from --since or --cursor on, until Ctrl-C; with
    /// --json one object a line
    #[arg(long)]
    follow: bool,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: AuditCommand,
    installation: &Installation,
    json: bool,
) -> anyhow::Result<Answer> {
    match command {
        AuditCommand::List(arguments) if arguments.follow => {
            follow::run(*arguments, installation, json).await
        }
        AuditCommand::List(arguments) => list(*arguments, installation).await,
    }
}

async fn list(arguments: ListArguments, of: &Installation) -> anyhow::Result<Answer> {
    let authority = &of.authority;
    let filter = arguments.filters.resolve(authority).await?;
    let order = if arguments.oldest_first {
        Order::OldestFirst
    } else {
        Order::NewestFirst
    };
    let from = match arguments.cursor {
        Some(cursor) if arguments.oldest_first && cursor.order() == Order::NewestFirst => {
            return Err(newest_first());
        }
        Some(cursor) => ReadFrom::Cursor(cursor),
        None => ReadFrom::End(order),
    };
    let mut reading = authority.begin_reading(from).await?;
    let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let mut events = Vec::new();
    while events.len() < limit && !reading.is_at_end() {
        let most = limit - events.len();
        events.extend(authority.read_on(&mut reading, &filter, most).await?);
    }
    let next = Next::after(authority, &reading, &filter).await?;
    let views = view::views(events, authority).await?;
    let lines = Lines::for_all(&views);
    let mut text = String::new();
    if !views.is_empty() {
        text.push_str(&lines.headings());
    }
    text.extend(views.iter().map(|view| lines.line(view)));
    let cursor = next.cursor.map(|cursor| cursor.to_text());
    let document = json!({"events": views, "next_cursor": &cursor});
    let answer = Answer::data(document, text);
    Ok(match cursor {
        None => answer,
        Some(cursor) => answer.with_note(format!("{}; go on with --cursor {cursor}", next.what)),
    })
}

/// How a list goes on.
struct Next {
    cursor: Option<TrailCursor>,
    /// What is there.
    what: &'static str,
}

impl Next {
    async fn after(
        authority: &Authority,
        reading: &TrailReading,
        filter: &EventFilter,
    ) -> anyhow::Result<Self> {
        // Where the list ended by its limit there may be nothing more.
        let mut further = reading.clone();
        let found: Vec<StoredEvent> = if reading.is_at_end() {
            Vec::new()
        } else {
            authority.read_on(&mut further, filter, 1).await?
        };
        let is_over = found.is_empty() && further.is_at_end();
        let cursor = if is_over {
            further.cursor()
        } else {
            reading.cursor()
        };
        Ok(Self {
            cursor,
            what: if is_over {
                "these are all events so far"
            } else {
                "there are more events"
            },
        })
    }
}

/// A cursor cannot turn round.
fn newest_first() -> anyhow::Error {
    UsageError::of(
        "this cursor is of a list that is newest first; leave out --oldest-first and --follow, or begin without a cursor",
    )
}
