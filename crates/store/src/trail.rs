//! Removing the beginning of the audit trail, for installations that may not keep it for ever.
//!
//! Each process numbers its events without gaps. What is removed is always the beginning of such a
//! series, and how far it reaches is written down, so that a gap is still one that nobody made on
//! purpose.

use std::collections::BTreeSet;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::statements;
use crate::turn::Turn;
use crate::tx::{Tx, params};
use crate::writing::{SystemChange, SystemOperation};

statements! {
    OLDEST = "SELECT writer_id FROM audit_events WHERE happened_at <= $1 ORDER BY happened_at, id LIMIT $2";
    BEGINNING = "SELECT writer_number, happened_at FROM audit_events WHERE writer_id = $1 ORDER BY writer_number LIMIT $2";
    REMOVE = "DELETE FROM audit_events WHERE writer_id = $1 AND writer_number <= $2";
    NOTE = "UPDATE audit_writers SET removed = CASE WHEN removed > $2 THEN removed ELSE $2 END WHERE id = $1";
}

impl Store {
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
        self.change_by_system(
            SystemOperation::RemoveEnded,
            by,
            move |SystemChange { tx, .. }| {
                Box::pin(async move {
                    if !tx.try_turn(Turn::CleaningUp).await? {
                        return Ok(Outcome::unchanged(0));
                    }
                    let removed = remove(tx, before, limit).await?;
                    if removed == 0 {
                        return Ok(Outcome::unchanged(0));
                    }
                    let event = Event::new(Action::EndedRemoved, Subject::default())
                        .with(Detail::Events(removed));
                    Ok(Outcome::new(removed, event))
                })
            },
        )
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
