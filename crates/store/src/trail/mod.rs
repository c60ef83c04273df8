//! The audit trail as it was written: reading it, and removing its beginning, for installations
//! that may not keep it for ever.
//!
//! Each process numbers its events without gaps. What is removed is always the beginning of such a
//! series, and how far it reaches is written down, so that a gap is still one that nobody made on
//! purpose.

mod cursor;
mod filter;
mod heads;
mod names;
mod of_account;
mod pages;

pub use self::cursor::{BadCursor, Order, TrailCursor};
pub use self::filter::{EventFilter, WantedActor};
pub use self::names::{AccountName, IdsToName, TrailNames};
pub(crate) use self::of_account::{events_of_account, refusals_of_account};
pub use self::pages::{ReadFrom, TrailError, TrailReading};

use std::collections::BTreeSet;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, PersonalField, Subject, unpack};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;
use crate::writing::{SystemChange, SystemOperation};

/// The columns that [`event_from`] reads.
macro_rules! event_columns {
    () => {
        "id, happened_at, action, actor, account_id, app_id, authorization_id, grant_id, writer_id, writer_number,
        format, bytes, address, agent, personal, mac"
    };
}
use event_columns;

statements! {
    EVENTS_SINCE = concat!("SELECT ", event_columns!(), " FROM audit_events WHERE happened_at >= $1
        ORDER BY happened_at, id LIMIT $2");
    NEWEST = "SELECT happened_at FROM audit_events ORDER BY happened_at DESC, id DESC LIMIT 1";
    OLDEST = "SELECT writer_id FROM audit_events WHERE happened_at <= $1 ORDER BY happened_at, id LIMIT $2";
    BEGINNING = "SELECT writer_number, happened_at FROM audit_events WHERE writer_id = $1 ORDER BY writer_number LIMIT $2";
    REMOVE = "DELETE FROM audit_events WHERE writer_id = $1 AND writer_number <= $2";
    NOTE = "UPDATE audit_writers SET removed = CASE WHEN removed > $2 THEN removed ELSE $2 END WHERE id = $1";
}

/// The statements of this folder.
#[cfg(test)]
pub(crate) const ALL_STATEMENTS: [&[crate::statement::Statement]; 5] = [
    STATEMENTS,
    heads::STATEMENTS,
    names::STATEMENTS,
    of_account::STATEMENTS,
    pages::STATEMENTS,
];

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
    /// program does not know ([`FORMAT_VERSION`](counterfoil_domain::audit::form::FORMAT_VERSION)):
    /// then nothing can be read from the bytes here, and they are kept and copied as they are.
    pub format: i64,
    /// The canonical bytes.
    pub bytes: Vec<u8>,
    /// The personal fields that were not erased, by their names: `address`, `agent`, `os_user`, and
    /// words of details.
    pub personal: Vec<(String, String)>,
    /// What vouches for the bytes
    /// ([`AuditKey::vouches_for`](counterfoil_domain::audit::form::AuditKey::vouches_for)); nothing
    /// in form 1.
    pub mac: Option<Vec<u8>>,
}

impl StoredEvent {
    /// A personal field, by its name, unless it was erased.
    pub fn personal(&self, name: &str) -> Option<&str> {
        let mut named = self.personal.iter().filter(|(known, _)| known == name);
        named.next().map(|(_, value)| value.as_str())
    }
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

    /// When the newest event happened.
    pub async fn newest_event(&self) -> Result<Option<Timestamp>, StoreError> {
        let found = self.read_one(|tx| Box::pin(async move { tx.optional(NEWEST, &[]).await }));
        found.await?.map(|mut row| row.timestamp(0)).transpose()
    }

    /// Removes events that happened before `before`, those first that happened first, at most
    /// `limit`. Says how many.
    pub async fn remove_events(
        &self,
        before: Timestamp,
        limit: u32,
        by: Attribution,
    ) -> Result<u64, StoreError> {
        let found = self
            .read_one(move |tx| {
                Box::pin(async move { tx.optional(OLDEST, params![before, 1_u32]).await })
            })
            .await?;
        if found.is_none() {
            return Ok(0);
        }
        let operation = SystemOperation::RemoveEnded;
        self.clean_up(operation, by, 0, move |SystemChange { tx, .. }| {
            Box::pin(async move {
                let removed = remove(tx, before, limit).await?;
                if removed == 0 {
                    return Ok(Outcome::unchanged(0));
                }
                let event = Event::new(Action::EndedRemoved, Subject::default())
                    .with(Detail::Events(removed));
                Ok(Outcome::new(removed, event))
            })
        })
        .await
    }
}

async fn remove(tx: &mut Tx, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let mut writers = BTreeSet::new();
    for mut row in tx.rows(OLDEST, params![before, limit]).await? {
        writers.insert(row.text(0)?);
    }
    let mut removed = 0;
    for writer in writers {
        let left = u64::from(limit).saturating_sub(removed);
        // Times of one series are nearly in its order: what stands behind a younger event waits for
        // it.
        let mut last = None;
        let beginning = tx.rows(BEGINNING, params![writer.as_str(), left]).await?;
        for mut row in beginning {
            if row.timestamp(1)? > before {
                break;
            }
            last = Some(row.integer(0)?);
        }
        if let Some(last) = last {
            let end = params![writer.as_str(), last];
            removed += tx.execute(REMOVE, end).await?;
            tx.execute(NOTE, end).await?;
        }
    }
    Ok(removed)
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
