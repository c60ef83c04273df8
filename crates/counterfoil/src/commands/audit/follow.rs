//! `counterfoil audit list --follow`: what is committed from now on.

use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use counterfoil_authority::Authority;
use counterfoil_store::{EventFilter, Order, ReadFrom, StoreError, TrailError, TrailReading};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::commands::answer::Answer;
use crate::commands::audit::lines::Lines;
use crate::commands::audit::view::{EventView, views};
use crate::commands::audit::{ListArguments, newest_first};
use crate::installation::Installation;

/// How often it is looked whether there is more.
const EVERY: Duration = Duration::from_millis(500);

/// Events that are read before they are printed.
const AT_ONCE: usize = 1_000;

/// Prints events until somebody ends it, or nobody reads them any more.
pub(super) async fn run(
    arguments: ListArguments,
    of: &Installation,
    json: bool,
) -> anyhow::Result<Answer> {
    let authority = &of.authority;
    let from = match arguments.cursor {
        Some(cursor) if cursor.order() == Order::NewestFirst => return Err(newest_first()),
        Some(cursor) => ReadFrom::Cursor(cursor),
        None if arguments.filters.since.is_some() => ReadFrom::End(Order::OldestFirst),
        None => ReadFrom::Now,
    };
    let filter = arguments.filters.resolve(authority).await?;
    let reading = authority.begin_reading(from).await?;
    say("following the audit trail; Ctrl-C ends it");
    let lines = (!json).then(Lines::to_come);
    let following = follow(authority, reading, &filter, lines.as_ref());
    tokio::select! {
        followed = following => match followed {
            Err(error) if has_no_reader(&error) => Ok(Answer::nothing()),
            Err(error) => Err(error),
            Ok(()) => Ok(Answer::nothing()),
        },
        ended = tokio::signal::ctrl_c() => {
            ended?;
            Ok(Answer::nothing())
        }
    }
}

async fn follow(
    authority: &Authority,
    mut reading: TrailReading,
    filter: &EventFilter,
    lines: Option<&Lines>,
) -> anyhow::Result<()> {
    if let Some(lines) = lines {
        print(&lines.headings())?;
    }
    let mut is_away = false;
    while !is_closed(&io::stdout()) {
        // What was read and could not be shown is read again.
        let mut further = reading.clone();
        match piece(authority, &mut further, filter).await {
            Ok(events) => {
                if std::mem::take(&mut is_away) {
                    say("the database answers again");
                }
                print(&text(&events, lines)?)?;
                reading = further;
            }
            Err(TrailError::Store(error @ StoreError::Unavailable(_))) => {
                if !std::mem::replace(&mut is_away, true) {
                    let error = anyhow::Error::from(error);
                    let cause = crate::commands::sentence(&error);
                    say(&format!("{cause}; going on when it does"));
                }
            }
            Err(error) => return Err(error.into()),
        }
        if is_away || reading.is_at_end() {
            tokio::time::sleep(EVERY).await;
        }
    }
    Ok(())
}

async fn piece(
    authority: &Authority,
    reading: &mut TrailReading,
    filter: &EventFilter,
) -> Result<Vec<EventView>, TrailError> {
    let events = authority.read_on(reading, filter, AT_ONCE).await?;
    Ok(views(events, authority).await?)
}

fn text(events: &[EventView], lines: Option<&Lines>) -> anyhow::Result<String> {
    let mut text = String::new();
    for event in events {
        if let Some(lines) = lines {
            text.push_str(&lines.line(event));
        } else {
            text.push_str(&serde_json::to_string(event)?);
            text.push('\n');
        }
    }
    Ok(text)
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn say(sentence: &str) {
    // Where nobody hears of it, there is nobody to tell.
    let _ = writeln!(io::stderr(), "note: {sentence}");
}

/// Whether whoever read what was printed has gone away (`| head`).
fn has_no_reader(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// The same, before there is anything more to print.
fn is_closed(out: &impl AsFd) -> bool {
    let mut polled = [PollFd::new(out.as_fd(), PollFlags::empty())];
    let gone = PollFlags::POLLERR | PollFlags::POLLHUP | PollFlags::POLLNVAL;
    // Where that cannot be asked, writing will tell.
    poll(&mut polled, PollTimeout::ZERO).is_ok()
        && polled[0]
            .revents()
            .is_some_and(|found| found.intersects(gone))
}
