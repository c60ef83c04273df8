//! The audit trail: events numbered and written inside the transaction they belong to.
//!
//! A transaction keeps its events until its work is done, takes numbers for all of them at once and
//! writes them together. The writer's head is a row that every event moves, and a row that one
//! transaction changes many times has as many versions until that transaction ends, each of which
//! is passed by whoever looks for the newest. So the head is written twice at most: with the first
//! events that are written, and when the transaction ends if there were more.

use std::sync::LazyLock;

use counterfoil_domain::audit::form::{self, AuditKey, FORMAT_VERSION};
use counterfoil_domain::audit::{
    Action, Detail, Event, PersonalField, Place, Subject, WriterId, pack, unpack,
};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Batched, statements};
use crate::tx::{Row, Tx, Value, params};

statements! {
    ADVANCE_HEAD = "INSERT INTO audit_writers (id, program, started_at, head) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET head = audit_writers.head + $4 RETURNING head";
    SET_HEAD = "UPDATE audit_writers SET head = $2 WHERE id = $1";
    INSERT_EVENT = "INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, account_id,
        app_id, authorization_id, grant_id, organization_id, token_head, request_id, address, personal_salt, personal, mac)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    EVENTS_SINCE = "SELECT id, happened_at, action, actor, account_id, app_id, authorization_id, grant_id, writer_id,
        writer_number, format, bytes, address, agent, personal, mac FROM audit_events WHERE happened_at >= $1
        ORDER BY happened_at, id LIMIT $2";
}

/// An event as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its id; ascending, and without meaning otherwise.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// The word of the audit trail.
    pub action: String,
    /// Who: `account:7`, `app:3`, `os_user:root`, `anonymous`, `program`.
    pub actor: String,
    /// The user it is about.
    pub account: Option<i64>,
    /// The app it is about.
    pub app: Option<i64>,
    /// The token it is about.
    pub authorization: Option<i64>,
    /// The grant it is about.
    pub grant: Option<i64>,
    /// Which process wrote it.
    pub writer: String,
    /// Its number among that process's events, from 1 without gaps.
    pub writer_number: i64,
    /// The version of the form that the bytes have. A newer program may have written one that this
    /// program does not know ([`FORMAT_VERSION`]): then nothing can be read from the bytes here,
    /// and they are kept and copied as they are.
    pub format: i64,
    /// The canonical bytes.
    pub bytes: Vec<u8>,
    /// The personal fields that were not erased, by their names: `address`, `agent`, `os_user`, and
    /// words of details.
    pub personal: Vec<(String, String)>,
    /// What vouches for the bytes ([`AuditKey::vouches_for`]); nothing in form 1.
    pub mac: Option<Vec<u8>>,
}

impl StoredEvent {
    /// A personal field, by its name, unless it was erased.
    pub fn personal(&self, name: &str) -> Option<&str> {
        let mut named = self.personal.iter().filter(|(known, _)| known == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

/// Events that a transaction keeps in memory at most before it writes them.
const MOST_WAITING: usize = 512;

static INSERT_EVENTS: LazyLock<Batched> = LazyLock::new(|| Batched::insert(INSERT_EVENT));

/// The audit events of the open transaction.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
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

impl Recorded {
    /// Forgets everything: another process may have written, and the last transaction may not have
    /// been committed.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
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
}

/// Records `event` as part of the open transaction, under the next number of the process that
/// writes.
pub(crate) async fn record(tx: &mut Tx, by: &Attribution, event: Event) -> Result<(), StoreError> {
    let waiting = &mut tx.recorded().waiting;
    waiting.push((by.clone(), event));
    if waiting.len() < MOST_WAITING {
        return Ok(());
    }
    write_recorded(tx).await
}

/// Notes that a token ended. Its event is recorded when it is known who ended it.
pub(crate) fn note_ending(tx: &mut Tx, ending: Ending) {
    tx.recorded().endings.push(ending);
}

/// Records an event for each token that ended: a search by a token's digest finds it whatever ended
/// the token.
pub(crate) async fn record_endings(tx: &mut Tx, by: &Attribution) -> Result<(), StoreError> {
    for ending in std::mem::take(&mut tx.recorded().endings) {
        let event = Event::new(Action::TokenEnded, ending.subject)
            .with(Detail::Reason(ending.reason.as_str().to_owned()));
        record(tx, by, event).await?;
    }
    Ok(())
}

/// Writes the events that wait. Called when the work that recorded them is done.
pub(crate) async fn write_recorded(tx: &mut Tx) -> Result<(), StoreError> {
    let waiting = std::mem::take(&mut tx.recorded().waiting);
    let Some((first, _)) = waiting.first() else {
        return Ok(());
    };
    let (writer, key) = (tx.writer(), tx.audit_key()?);
    let last = take_numbers(tx, &writer, waiting.len(), first.at).await?;
    let first = last + 1 - i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    let numbered = (first..=last).zip(&waiting);
    let rows = numbered.map(|(number, (by, event))| row_of(&key, &writer, number, by, event));
    tx.insert_all(&INSERT_EVENTS, rows.collect()).await
}

/// [`write_recorded`], and the number of the last event where that was put off: for a transaction
/// that carries one piece of work.
pub(crate) async fn write_all(tx: &mut Tx) -> Result<(), StoreError> {
    write_recorded(tx).await?;
    write_numbers(tx).await
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

/// Takes as many numbers as there are events, and gives the last of them.
async fn take_numbers(
    tx: &mut Tx,
    writer: &WriterId,
    events: usize,
    now: Timestamp,
) -> Result<i64, StoreError> {
    if let Some(last) = tx.recorded().numbers.last {
        let last = last + i64::try_from(events).unwrap_or(i64::MAX);
        tx.recorded().numbers = Numbers {
            last: Some(last),
            unwritten: true,
        };
        return Ok(last);
    }
    let program = concat!("counterfoil ", env!("CARGO_PKG_VERSION"));
    let head = params![writer.0.as_str(), program, now, events as u64];
    let last = tx.one(ADVANCE_HEAD, head).await?.integer(0)?;
    tx.recorded().numbers.last = Some(last);
    Ok(last)
}

/// Writes down the number of the last event where that was put off until the transaction ends.
pub(crate) async fn write_numbers(tx: &mut Tx) -> Result<(), StoreError> {
    let numbers = &mut tx.recorded().numbers;
    let is_unwritten = std::mem::take(&mut numbers.unwritten);
    let Some(number) = numbers.last.filter(|_| is_unwritten) else {
        return Ok(());
    };
    let writer = tx.writer();
    let head = params![writer.0.as_str(), number];
    if tx.execute(SET_HEAD, head).await? == 1 {
        return Ok(());
    }
    Err(StoreError::Inconsistent {
        table: "audit_writers",
        column: "id",
    })
}

impl Store {
    /// The events since a point in time, oldest first, at most `limit`.
    pub async fn list_events(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let rows = tx.rows(EVENTS_SINCE, params![since, limit]).await?;
                rows.into_iter().map(event_from).collect()
            })
        })
        .await
    }
}

fn event_from(mut row: Row) -> Result<StoredEvent, StoreError> {
    let personal = if let Some(packed) = row.optional_blob(14)? {
        fields_from(&packed)?
    } else {
        // Form 1 has columns for the two that it knows.
        let named = [
            ("address", row.optional_text(12)?),
            ("agent", row.optional_text(13)?),
        ];
        let given = |(name, value): (&str, Option<String>)| Some((name.to_owned(), value?));
        named.into_iter().filter_map(given).collect()
    };
    Ok(StoredEvent {
        id: row.integer(0)?,
        at: row.timestamp(1)?,
        action: row.text(2)?,
        actor: row.text(3)?,
        account: row.optional_integer(4)?,
        app: row.optional_integer(5)?,
        authorization: row.optional_integer(6)?,
        grant: row.optional_integer(7)?,
        writer: row.text(8)?,
        writer_number: row.integer(9)?,
        format: row.integer(10)?,
        bytes: row.blob(11)?,
        personal,
        mac: row.optional_blob(15)?,
    })
}

/// The personal fields that a row holds.
fn fields_from(packed: &[u8]) -> Result<Vec<(String, String)>, StoreError> {
    let fields = unpack(packed).map_err(|_| StoreError::Inconsistent {
        table: "audit_events",
        column: "personal",
    })?;
    let pair = |field: PersonalField| (field.name, field.value);
    Ok(fields.into_iter().map(pair).collect())
}
