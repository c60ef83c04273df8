//! Recording: events numbered and written inside the transaction they belong to.
//!
//! A transaction keeps its events until its work is done, takes numbers for all of them at once and
//! writes them together. The writer's head is a row that every event moves, and a row that one
//! transaction changes many times has as many versions until that transaction ends, each of which
//! is passed by whoever looks for the newest. So the head is written twice at most: with the first
//! events that are written, and when the transaction ends if there were more.

use std::sync::{Arc, LazyLock};

use counterfoil_domain::audit::form::{self, AuditKey, FORMAT_VERSION};
use counterfoil_domain::audit::{Action, Detail, Event, Place, Subject, Told, WriterId, pack};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::context::Context;
use crate::engine::connection::AnyConnection;
use crate::error::StoreError;
use crate::statement::{Batched, Value, params, statements};

statements! {
    ADVANCE_HEAD = "INSERT INTO audit_writers (id, program, started_at, head) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET head = audit_writers.head + $4 RETURNING head";
    SET_HEAD = "UPDATE audit_writers SET head = $2 WHERE id = $1";
    INSERT_EVENT = "INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, account_id,
        app_id, authorization_id, grant_id, organization_id, token_head, request_id, address, personal_salt, personal, mac)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
}

/// Events that a transaction keeps in memory at most before it writes them.
const MOST_WAITING: usize = 512;

static INSERT_EVENTS: LazyLock<Batched> = LazyLock::new(|| Batched::insert(INSERT_EVENT));

/// The audit events of the open transaction.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// The id under which they are recorded.
    writer: Arc<WriterId>,
    /// What is not written yet, in its order.
    waiting: Vec<(Attribution, Event)>,
    /// Tokens that ended and have no event yet.
    endings: Vec<Ending>,
    numbers: Numbers,
}

/// A token that ended in the open transaction.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// What it was of.
    pub(crate) subject: Subject,
    /// Why.
    pub(crate) reason: EndReason,
}

/// The numbers that the open transaction has given to its audit events. The first ones are taken
/// from the database; what the last one has is written back at the end, once for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// The number of the last event, once there is one.
    last: Option<i64>,
    /// Whether the database does not know of it.
    unwritten: bool,
}

impl Ending {
    /// The event by which a search for the token finds its end.
    pub(crate) fn event(self) -> Event {
        Event::new(Action::TokenEnded, self.subject)
            .with(Detail::Reason(self.reason.as_str().to_owned()))
    }
}

impl Recorded {
    /// Nothing so far, under the id of this writer.
    pub(crate) fn under(writer: Arc<WriterId>) -> Self {
        Self {
            writer,
            waiting: Vec::new(),
            endings: Vec::new(),
            numbers: Numbers::default(),
        }
    }

    /// Forgets everything: another process may have written, and the last transaction may not have
    /// been committed.
    pub(crate) fn clear(&mut self) {
        self.undo_to(Numbers::default());
    }

    /// Which numbers were given so far.
    pub(crate) fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// Forgets what was recorded since the numbers were these, since it was undone.
    pub(crate) fn undo_to(&mut self, numbers: Numbers) {
        self.waiting.clear();
        self.endings.clear();
        self.numbers = numbers;
    }

    /// Whether the transaction has put off something that must be written before it is committed.
    pub(crate) fn is_unwritten(&self) -> bool {
        self.numbers.unwritten || !self.waiting.is_empty() || !self.endings.is_empty()
    }

    pub(crate) fn add(&mut self, by: &Attribution, event: Event) {
        debug_assert_eq!(
            Told::untold(&event),
            None,
            "{:?} tells more than its page",
            event.action
        );
        self.waiting.push((by.clone(), event));
    }

    /// Whether no more events are to wait.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= MOST_WAITING
    }

    pub(crate) fn note_ending(&mut self, ending: Ending) {
        self.endings.push(ending);
    }

    pub(crate) fn take_endings(&mut self) -> Vec<Ending> {
        std::mem::take(&mut self.endings)
    }

    /// Writes the events that wait.
    pub(crate) async fn write(
        &mut self,
        connection: &mut AnyConnection,
        context: &Context,
    ) -> Result<(), StoreError> {
        let waiting = std::mem::take(&mut self.waiting);
        let Some((first, _)) = waiting.first() else {
            return Ok(());
        };
        let key = context.audit_key()?;
        let last = self
            .take_numbers(connection, waiting.len(), first.at)
            .await?;
        let first = last + 1 - i64::try_from(waiting.len()).unwrap_or(i64::MAX);
        let numbered = (first..=last).zip(&waiting);
        let rows =
            numbered.map(|(number, (by, event))| row_of(&key, &self.writer, number, by, event));
        connection.insert_all(&INSERT_EVENTS, rows.collect()).await
    }

    /// Takes as many numbers as there are events, and gives the last of them.
    async fn take_numbers(
        &mut self,
        connection: &mut AnyConnection,
        events: usize,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        if let Some(last) = self.numbers.last {
            let last = last + i64::try_from(events).unwrap_or(i64::MAX);
            self.numbers = Numbers {
                last: Some(last),
                unwritten: true,
            };
            return Ok(last);
        }
        let program = concat!("counterfoil ", env!("CARGO_PKG_VERSION"));
        let head = params![self.writer.0.as_str(), program, now, events as u64];
        let last = connection.one(ADVANCE_HEAD, head).await?.integer(0)?;
        self.numbers.last = Some(last);
        Ok(last)
    }

    /// Writes down the number of the last event where that was put off until the transaction ends.
    pub(crate) async fn write_numbers(
        &mut self,
        connection: &mut AnyConnection,
    ) -> Result<(), StoreError> {
        let is_unwritten = std::mem::take(&mut self.numbers.unwritten);
        let Some(number) = self.numbers.last.filter(|_| is_unwritten) else {
            return Ok(());
        };
        let head = params![self.writer.0.as_str(), number];
        if connection.execute(SET_HEAD, head).await? == 1 {
            return Ok(());
        }
        Err(StoreError::Inconsistent {
            table: "audit_writers",
            column: "id",
        })
    }
}

/// The row of an event.
fn row_of(
    key: &AuditKey,
    writer: &WriterId,
    number: i64,
    by: &Attribution,
    event: &Event,
) -> Vec<Value> {
    let place = Place { writer, number };
    let subject = event.subject;
    let written = form::write(event, by, &place);
    let mac = key.mac(&written.bytes);
    let origin = event.origin(by);
    let row: &[Value] = params![
        writer.0.as_str(),
        number,
        FORMAT_VERSION,
        written.bytes,
        by.at,
        event.action.as_str(),
        by.actor().lasting_text(),
        subject.account,
        subject.app,
        subject.authorization,
        subject.grant,
        subject.organization,
        subject.token.map(|token| token.head()),
        origin
            .and_then(|origin| origin.request)
            .map(|id| id.0.to_vec()),
        origin.map(|origin| origin.address.to_string()),
        // Of form 1, whose column must hold something.
        &[0_u8; 0],
        pack(&written.personal),
        &mac,
    ];
    row.to_vec()
}
