//! How far the trail goes at one moment, which neither a time nor an id can tell: transactions
//! commit in another order than that in which they took either.
//!
//! Each writer numbers its events without gaps, and its transactions commit one after another. So
//! all that was committed at a moment is, for each writer, what has its newest number or a smaller
//! one; and what is committed later has a larger one, whatever time it names.

use std::collections::{BTreeMap, HashMap};

use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    WRITERS = "SELECT w.id, w.head, w.removed, e.happened_at FROM audit_writers w
        LEFT JOIN audit_events e ON e.writer_id = w.id AND e.writer_number = w.head ORDER BY w.id";
    LAST_BEFORE = "SELECT writer_number FROM audit_events WHERE writer_id = $1 AND happened_at < $2
        ORDER BY writer_number DESC LIMIT 1";
}

/// Writers that are told by name however long they have written nothing.
const NAMED: usize = 64;

/// Writers that wrote within this time before the newest event are told by name.
const LATELY_US: i64 = 10 * 60 * 1_000_000;

/// For each writer the number of its last event that is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heads {
    all: HashMap<String, i64>,
    told: Told,
}

/// The same in few words, as a cursor holds it. Each command that changes something is a writer,
/// so an old installation has thousands, of which all but some will never write again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Those that are told by name.
    pub(super) named: BTreeMap<String, i64>,
    /// Every other writer is meant up to its last event, if that is before this time, in
    /// microseconds.
    pub(super) quiet_before: i64,
    /// The sum of the numbers of all that are not named. Numbers only grow, so if it is the same,
    /// each of them is.
    pub(super) quiet_sum: i64,
}

/// Nothing of any writer.
impl Default for Told {
    fn default() -> Self {
        Self {
            named: BTreeMap::new(),
            quiet_before: i64::MIN,
            quiet_sum: 0,
        }
    }
}

/// A writer as it is now.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) id: String,
    /// The number of its last event.
    pub(super) head: i64,
    /// The number up to which events were removed.
    pub(super) removed: i64,
    /// When its last event happened, unless it was removed.
    last: Option<Timestamp>,
}

/// Every writer as it is now, in the order of their ids.
pub(super) async fn writers(tx: &mut Tx) -> Result<Vec<Writer>, StoreError> {
    let rows = tx.rows(WRITERS, &[]).await?;
    let writer = |mut row: crate::statement::Row| {
        Ok(Writer {
            id: row.text(0)?,
            head: row.integer(1)?,
            removed: row.integer(2)?,
            last: row.optional_timestamp(3)?,
        })
    };
    rows.into_iter().map(writer).collect()
}

impl Heads {
    /// All that these writers have written.
    pub(super) fn of(writers: &[Writer]) -> Self {
        let mut times: Vec<i64> = writers.iter().filter_map(Writer::last_us).collect();
        times.sort_unstable_by(|one, other| other.cmp(one));
        let quiet_before = match (times.get(NAMED - 1), times.first()) {
            (Some(nth), Some(newest)) => (*nth).min(newest.saturating_sub(LATELY_US)),
            _ => i64::MIN,
        };
        let mut told = Told {
            quiet_before,
            ..Told::default()
        };
        for writer in writers {
            // With few writers each is named, also one whose events were all removed.
            if quiet_before == i64::MIN || writer.last_us() >= Some(quiet_before) {
                told.named.insert(writer.id.clone(), writer.head);
            } else {
                told.quiet_sum = told.quiet_sum.saturating_add(writer.head);
            }
        }
        let all = writers
            .iter()
            .map(|writer| (writer.id.clone(), writer.head));
        Self {
            all: all.collect(),
            told,
        }
    }

    /// What was told; none if that can no longer be said: a change of a writer that had been quiet
    /// for long was committed under a time from before.
    pub(super) async fn retold(
        tx: &mut Tx,
        writers: &[Writer],
        told: Told,
    ) -> Result<Option<Self>, StoreError> {
        let mut all = HashMap::with_capacity(writers.len());
        let mut sum: i64 = 0;
        for writer in writers {
            let head = if let Some(head) = told.named.get(&writer.id) {
                *head
            } else {
                let head = quiet_head(tx, writer, told.quiet_before).await?;
                sum = sum.saturating_add(head);
                head
            };
            all.insert(writer.id.clone(), head);
        }
        Ok((sum == told.quiet_sum).then_some(Self { all, told }))
    }

    /// How far this writer is meant.
    pub(super) fn head(&self, writer: &str) -> i64 {
        self.all.get(writer).copied().unwrap_or(0)
    }

    /// Goes on to this number of a writer.
    pub(super) fn advance(&mut self, writer: &str, number: i64) {
        let before = self.all.insert(writer.to_owned(), number).unwrap_or(0);
        if self.told.named.insert(writer.to_owned(), number).is_none() {
            self.told.quiet_sum -= before;
        }
    }

    /// The same in few words.
    pub(super) fn told(&self) -> &Told {
        &self.told
    }
}

impl Writer {
    fn last_us(&self) -> Option<i64> {
        self.last.map(Timestamp::microseconds)
    }
}

/// The last number that a writer had before this time.
async fn quiet_head(tx: &mut Tx, writer: &Writer, before: i64) -> Result<i64, StoreError> {
    if before == i64::MIN {
        return Ok(0);
    }
    if writer.last_us().is_none_or(|last| last < before) {
        return Ok(writer.head);
    }
    let last = tx
        .optional(LAST_BEFORE, params![writer.id.as_str(), before])
        .await?;
    match last {
        Some(mut row) => row.integer(0),
        None => Ok(writer.removed),
    }
}
