//! Reading the trail piece by piece, in one direction or the other, so that no event is read twice
//! and none that commits late is passed over.
//!
//! What one reading goes through is fixed when it begins: all that was committed then ([`Heads`]).
//! Within that it goes by time. What is committed later is no part of it, whatever its time, but
//! of what comes after: there it goes by the numbers of each writer. Each call looks at a bounded
//! number of events, in a transaction of its own.

use std::sync::Arc;

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Value, params, statements};
use crate::trail::cursor::{CursorParts, CursorPlace, Order, TrailCursor};
use crate::trail::filter::{EventFilter, filtered};
use crate::trail::heads::{Heads, writers};
use crate::trail::{StoredEvent, event_columns, event_from};
use crate::tx::Tx;

statements! {
    GENERATION = "SELECT generation FROM installation WHERE id = 1";
    EDGE_BELOW = "SELECT happened_at, id FROM audit_events WHERE (happened_at, id) < ($1, $2)
        ORDER BY happened_at DESC, id DESC LIMIT 1 OFFSET $3";
    EDGE_ABOVE = "SELECT happened_at, id FROM audit_events WHERE (happened_at, id) > ($1, $2)
        ORDER BY happened_at, id LIMIT 1 OFFSET $3";
    WITHIN_DOWN = concat!("SELECT ", event_columns!(), " FROM audit_events
        WHERE (happened_at, id) < ($1, $2) AND (happened_at, id) >= ($3, $4) AND ", filtered!(),
        " ORDER BY happened_at DESC, id DESC");
    WITHIN_UP = concat!("SELECT ", event_columns!(), " FROM audit_events
        WHERE (happened_at, id) > ($1, $2) AND (happened_at, id) <= ($3, $4) AND ", filtered!(),
        " ORDER BY happened_at, id");
    OF_WRITER = concat!("SELECT ", event_columns!(), " FROM audit_events
        WHERE writer_id = $1 AND writer_number > $2 AND writer_number <= $3 AND happened_at >= $4 AND ", filtered!(),
        " AND happened_at < $14 ORDER BY writer_number");
}

/// Events that one call looks at, at most.
const LOOKED_AT: u32 = 10_000;

/// Where a reading begins.
#[derive(Clone, Debug)]
pub enum ReadFrom {
    /// At one end of what is committed now.
    End(Order),
    /// After all that is committed now.
    Now,
    /// Where an earlier one stopped.
    Cursor(TrailCursor),
}

/// Why the trail was not read.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The cursor is of another database, or of this one before it was restored.
    #[error(
        "this cursor is of another database, or of this one before it was restored; begin again without one"
    )]
    AnotherDatabase,
    /// What was read before can no longer be told from what was not.
    #[error(
        "this cursor is too old: a change that was long under way has been committed since; begin again without one, and with --since"
    )]
    Outdated,
}

/// A key of the order by time.
type Place = (Timestamp, i64);

/// How far somebody has read.
#[derive(Clone, Debug)]
pub struct TrailReading {
    generation: Vec<u8>,
    heads: Arc<Heads>,
    place: CursorPlace,
    /// Whether there was nothing more when it was looked last.
    is_at_end: bool,
}

/// What one call has read.
struct Piece {
    events: Vec<StoredEvent>,
    reading: TrailReading,
}

impl TrailReading {
    /// Whether everything was read that there was.
    pub fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Where to go on. None where nothing can follow: after the oldest event of a reading that
    /// began with the newest.
    pub fn cursor(&self) -> Option<TrailCursor> {
        let is_over = matches!(self.place, CursorPlace::Within(Order::NewestFirst, _));
        (!(is_over && self.is_at_end)).then(|| {
            TrailCursor(CursorParts {
                generation: self.generation.clone(),
                told: self.heads.told().clone(),
                place: self.place,
            })
        })
    }
}

impl Store {
    /// Begins to read the trail.
    pub async fn begin_reading(&self, from: ReadFrom) -> Result<TrailReading, TrailError> {
        self.read(move |tx| Box::pin(async move { begin(tx, from).await }))
            .await?
    }

    /// The next events that are wanted, at most `most`. There may be more although there are none
    /// here: [`TrailReading::is_at_end`] says whether.
    pub async fn read_on(
        &self,
        reading: &mut TrailReading,
        filter: &EventFilter,
        most: usize,
    ) -> Result<Vec<StoredEvent>, TrailError> {
        let (before, filter) = (reading.clone(), filter.clone());
        let piece = self
            .read(move |tx| {
                Box::pin(async move {
                    if generation(tx).await? != before.generation {
                        return Ok(None);
                    }
                    let piece = match before.place {
                        CursorPlace::Within(order, place) => {
                            within(tx, before, (order, place), &filter, most).await?
                        }
                        CursorPlace::After => after(tx, before, &filter, most).await?,
                    };
                    Ok(Some(piece))
                })
            })
            .await?;
        let piece = piece.ok_or(TrailError::AnotherDatabase)?;
        *reading = piece.reading;
        Ok(piece.events)
    }
}

async fn generation(tx: &mut Tx) -> Result<Vec<u8>, StoreError> {
    let row = tx.optional(GENERATION, &[]).await?;
    row.map_or(Ok(Vec::new()), |mut row| row.blob(0))
}

async fn begin(
    tx: &mut Tx,
    from: ReadFrom,
) -> Result<Result<TrailReading, TrailError>, StoreError> {
    let generation = generation(tx).await?;
    let writers = writers(tx).await?;
    let (heads, place) = match from {
        ReadFrom::End(order) => (
            Heads::of(&writers),
            CursorPlace::Within(order, end_of(order)),
        ),
        ReadFrom::Now => (Heads::of(&writers), CursorPlace::After),
        ReadFrom::Cursor(TrailCursor(parts)) => {
            if parts.generation != generation {
                return Ok(Err(TrailError::AnotherDatabase));
            }
            match Heads::retold(tx, &writers, parts.told).await? {
                None => return Ok(Err(TrailError::Outdated)),
                Some(heads) => (heads, parts.place),
            }
        }
    };
    Ok(Ok(TrailReading {
        generation,
        heads: Arc::new(heads),
        place,
        is_at_end: false,
    }))
}

/// The key before the first one of this order.
fn end_of(order: Order) -> Place {
    let end = match order {
        Order::NewestFirst => i64::MAX,
        Order::OldestFirst => i64::MIN,
    };
    (Timestamp::from_microseconds(end), end)
}

/// A piece of what was committed when the reading began.
async fn within(
    tx: &mut Tx,
    before: TrailReading,
    (order, place): (Order, Place),
    filter: &EventFilter,
    most: usize,
) -> Result<Piece, StoreError> {
    let stretch = stretch(tx, order, place, filter, most).await?;
    let statement = match order {
        Order::NewestFirst => WITHIN_DOWN,
        Order::OldestFirst => WITHIN_UP,
    };
    let keys = [stretch.first, stretch.last]
        .into_iter()
        .flat_map(|(at, id)| [at.into(), id.into()]);
    let values: Vec<Value> = keys.chain(filter.values()).collect();
    let mut events = Vec::new();
    let mut is_full = false;
    for row in tx.rows(statement, &values).await? {
        let event = event_from(row)?;
        if event.writer_number > before.heads.head(&event.writer) || !filter.admits(&event) {
            continue;
        }
        if events.len() == most {
            is_full = true;
            break;
        }
        events.push(event);
    }
    let place = match events.last() {
        Some(last) if is_full => (last.at, last.id),
        _ => stretch.last,
    };
    let is_over = stretch.is_last && !is_full;
    let place = if is_over && order == Order::OldestFirst {
        CursorPlace::After
    } else {
        CursorPlace::Within(order, place)
    };
    let reading = TrailReading {
        place,
        is_at_end: is_over && order == Order::NewestFirst,
        ..before
    };
    Ok(Piece { events, reading })
}

/// What one call looks at.
struct Stretch {
    /// The key before it.
    first: Place,
    /// Its last key.
    last: Place,
    /// Whether nothing wanted lies behind it.
    is_last: bool,
}

/// As much as may be looked at from this place on. What the times of the filter leave out is
/// passed over.
async fn stretch(
    tx: &mut Tx,
    order: Order,
    place: Place,
    filter: &EventFilter,
    most: usize,
) -> Result<Stretch, StoreError> {
    let key = |time: Timestamp| (time, i64::MIN);
    let (since, until) = (filter.since.map(key), filter.until.map(key));
    let (statement, first, last) = match order {
        Order::NewestFirst => (EDGE_BELOW, until.map_or(place, |key| place.min(key)), since),
        Order::OldestFirst => (EDGE_ABOVE, since.map_or(place, |key| place.max(key)), until),
    };
    let looked_at = if filter.is_selective() {
        LOOKED_AT
    } else {
        u32::try_from(most).map_or(LOOKED_AT, |most| most.clamp(1, LOOKED_AT))
    };
    let found = tx
        .optional(statement, params![first.0, first.1, looked_at - 1])
        .await?;
    let found = found.map(|mut row| Ok::<_, StoreError>((row.timestamp(0)?, row.integer(1)?)));
    let (last, is_last) = edge_of(order, found.transpose()?, last);
    Ok(Stretch {
        first,
        last,
        is_last,
    })
}

/// Up to where a piece goes, and whether nothing wanted lies behind it: `found` is the last event
/// that is looked at, if there are so many, and `last` where the wanted times end.
fn edge_of(order: Order, found: Option<Place>, last: Option<Place>) -> (Place, bool) {
    let beyond = match order {
        Order::NewestFirst => end_of(Order::OldestFirst),
        Order::OldestFirst => end_of(Order::NewestFirst),
    };
    let last = last.unwrap_or(beyond);
    match (order, found) {
        (_, None) => (last, true),
        (Order::NewestFirst, Some(edge)) if edge <= last => (last, true),
        (Order::OldestFirst, Some(edge)) if edge >= last => (last, true),
        (_, Some(edge)) => (edge, false),
    }
}

/// A piece of what was committed since.
async fn after(
    tx: &mut Tx,
    before: TrailReading,
    filter: &EventFilter,
    most: usize,
) -> Result<Piece, StoreError> {
    let writers = writers(tx).await?;
    let mut heads = Heads::clone(&before.heads);
    let mut found = Vec::new();
    let mut left = i64::from(LOOKED_AT);
    let mut is_whole = true;
    for writer in &writers {
        let from = heads.head(&writer.id).max(writer.removed);
        if from >= writer.head {
            continue;
        }
        let to = writer.head.min(from.saturating_add(left));
        is_whole &= to == writer.head;
        if to > from {
            left -= to - from;
            found.extend(of_writer(tx, &writer.id, (from, to), filter).await?);
            heads.advance(&writer.id, to);
        }
    }
    // In the order of their times, but a writer's own order before that.
    found.sort_by(|(one, a), (other, b)| {
        (one, &a.writer, a.writer_number).cmp(&(other, &b.writer, b.writer_number))
    });
    let rest = found.split_off(most.min(found.len()));
    for (_, event) in rest.iter().rev() {
        // The first one of each writer is the last that is set.
        heads.advance(&event.writer, event.writer_number - 1);
    }
    let is_at_end = is_whole && rest.is_empty();
    if is_at_end {
        heads = Heads::of(&writers);
    }
    let reading = TrailReading {
        heads: Arc::new(heads),
        is_at_end,
        ..before
    };
    let events = found.into_iter().map(|(_, event)| event).collect();
    Ok(Piece { events, reading })
}

/// The wanted ones of a writer's events after the number `from` and up to `to`, each with the
/// latest time so far.
async fn of_writer(
    tx: &mut Tx,
    writer: &str,
    (from, to): (i64, i64),
    filter: &EventFilter,
) -> Result<Vec<(Timestamp, StoredEvent)>, StoreError> {
    let end = |time: Option<Timestamp>, otherwise| {
        time.unwrap_or(Timestamp::from_microseconds(otherwise))
    };
    let keys: &[Value] = params![writer, from, to, end(filter.since, i64::MIN)];
    let values: Vec<Value> = keys
        .iter()
        .cloned()
        .chain(filter.values())
        .chain([end(filter.until, i64::MAX).into()])
        .collect();
    let mut latest = end(None, i64::MIN);
    let mut events = Vec::new();
    for row in tx.rows(OF_WRITER, &values).await? {
        let event = event_from(row)?;
        if filter.admits(&event) {
            latest = latest.max(event.at);
            events.push((latest, event));
        }
    }
    Ok(events)
}
