//! The audit trail: events numbered and written inside the transaction they belong to.

use counterfoil_domain::audit::{
    Attribution, Event, FORMAT_VERSION, Place, WriterId, canonical_bytes,
};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::statements;
use crate::tx::{Row, Tx, params};

statements! {
    ADVANCE_HEAD = "INSERT INTO audit_writers (id, program, started_at, head) VALUES ($1, $2, $3, 1)
        ON CONFLICT (id) DO UPDATE SET head = audit_writers.head + 1 RETURNING head";
    SET_HEAD = "UPDATE audit_writers SET head = $2 WHERE id = $1";
    INSERT_EVENT = "INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, account_id,
        app_id, authorization_id, grant_id, personal_salt, address, agent)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    EVENTS_SINCE = "SELECT id, happened_at, action, actor, account_id, app_id, authorization_id, grant_id, writer_id,
        writer_number, format, bytes, address, agent FROM audit_events WHERE happened_at >= $1 ORDER BY happened_at, id LIMIT $2";
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
    /// The version of the form that the bytes have. A newer program may have written one that this program does not know
    /// ([`FORMAT_VERSION`]): then nothing can be read from the bytes here, and they are kept and copied as they are.
    pub format: i64,
    /// The canonical bytes.
    pub bytes: Vec<u8>,
    /// From which address; personal.
    pub address: Option<String>,
    /// With which program; personal.
    pub agent: Option<String>,
}

/// Characters of a user agent that are kept.
const LONGEST_AGENT: usize = 255;

/// Writes `event` as part of the open transaction, under the next number of the process that writes.
pub(crate) async fn record(tx: &mut Tx, by: &Attribution, event: Event) -> Result<(), StoreError> {
    let writer = tx.writer();
    // Cut before anything is made of it: the bytes commit to what stands beside them.
    let agent = by
        .agent
        .as_deref()
        .map(|agent| agent.chars().take(LONGEST_AGENT).collect());
    let by = Attribution {
        agent,
        ..by.clone()
    };
    let number = next_number(tx, &writer, by.at).await?;
    let place = Place {
        writer: &writer,
        number,
    };
    let subject = event.subject;
    let row = params![
        writer.0.as_str(),
        number,
        FORMAT_VERSION,
        canonical_bytes(&event, &by, &place),
        by.at,
        event.action.as_str(),
        by.actor.to_text(),
        subject.account,
        subject.app,
        subject.authorization,
        subject.grant,
        &by.personal_salt,
        by.address.map(|address| address.to_string()),
        by.agent,
    ];
    tx.execute(INSERT_EVENT, row).await.map(drop)
}

/// The number that follows that of the process's last event.
async fn next_number(tx: &mut Tx, writer: &WriterId, now: Timestamp) -> Result<i64, StoreError> {
    if let Some(number) = tx.next_number() {
        return Ok(number);
    }
    let program = concat!("counterfoil ", env!("CARGO_PKG_VERSION"));
    let head = params![writer.0.as_str(), program, now];
    let number = tx.one(ADVANCE_HEAD, head).await?.integer(0)?;
    tx.number_was_taken(number);
    Ok(number)
}

/// Writes down the number of the last event where that was put off until the transaction ends.
pub(crate) async fn write_numbers(tx: &mut Tx) -> Result<(), StoreError> {
    let Some(number) = tx.take_unwritten_number() else {
        return Ok(());
    };
    let writer = tx.writer();
    if tx
        .execute(SET_HEAD, params![writer.0.as_str(), number])
        .await?
        == 1
    {
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
        address: row.optional_text(12)?,
        agent: row.optional_text(13)?,
    })
}
