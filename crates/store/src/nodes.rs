//! The processes that serve from a database, and what each of them can judge.
//!
//! What an older program would judge wrongly must not be used while one serves. So every process
//! says again and again that it is there and of which level it is; one that was not seen for a
//! minute is taken to be gone. Programs from before the eighth migration say nothing.

use std::time::Duration;

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::writing::Note;

/// What this program can judge. It rises with the first program that knows of something which those
/// before it would take for something else.
const LEVEL: i64 = 1;
/// How long a process that is gone stays listed.
const KEPT: Duration = Duration::from_hours(24);

statements! {
    NOTE_NODE = "INSERT INTO nodes (id, level, seen_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE
        SET level = $2, seen_at = CASE WHEN nodes.seen_at > $3 THEN nodes.seen_at ELSE $3 END";
    FORGET_NODES = "DELETE FROM nodes WHERE seen_at <= $1";
}

impl Store {
    /// Says that this process is there, `now`, and forgets those that were not for a day.
    pub async fn note_node(&self, now: Timestamp) -> Result<(), StoreError> {
        let process = self.process().0.clone();
        self.note(Note::NodeSeen, move |tx| {
            Box::pin(async move {
                tx.execute(NOTE_NODE, params![process, LEVEL, now]).await?;
                tx.execute(FORGET_NODES, params![now.minus(KEPT)]).await?;
                Ok(())
            })
        })
        .await
    }
}
