//! How many tokens live and how much room the database takes, for the metrics.
//!
//! A count of all tokens at once would take seconds where there are millions, so it goes through
//! the records a piece at a time beside the requests, and rests the longer the more pieces there
//! were. What is told is the last whole count.

use std::time::Duration;

use counterfoil_domain::id::AuthorizationId;
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::upkeep::counted::{Inventory, UnderWay};

/// Records that are looked at in one piece: a few milliseconds on SQLite.
const RECORDS_AT_A_TIME: u32 = 5_000;
/// How soon after one piece comes the next.
const NEXT_PIECE: Duration = Duration::from_millis(250);
/// How long it rests for each piece that there was, and at most.
const REST: Duration = Duration::from_mins(1);
const LONGEST_REST: Duration = Duration::from_hours(1);

impl Authority {
    /// The last whole count; none in the first moments of a process.
    pub fn inventory(&self) -> Option<Inventory> {
        *self.taking_inventory().last.lock()
    }

    /// Counts one piece more, and says when to go on. To be called again and again while the
    /// program serves, by one task.
    #[tracing::instrument(name = "take_inventory", level = "debug", skip_all)]
    pub async fn take_inventory(&self) -> Result<Duration, StoreError> {
        let mut under_way = *self.taking_inventory().under_way.lock();
        let after = under_way.after.unwrap_or(AuthorizationId(0));
        let now = self.now();
        let piece = self
            .store()
            .count_tokens_after(after, RECORDS_AT_A_TIME, now);
        let (tokens, next) = piece.await?;
        under_way.tokens += tokens;
        under_way.pieces += 1;
        if next.is_some() {
            under_way.after = next;
            *self.taking_inventory().under_way.lock() = under_way;
            return Ok(NEXT_PIECE);
        }
        let database_bytes = self.store().size().await?;
        *self.taking_inventory().last.lock() = Some(Inventory {
            tokens: under_way.tokens,
            database_bytes,
            at: now,
        });
        *self.taking_inventory().under_way.lock() = UnderWay::default();
        Ok(LONGEST_REST.min(REST * under_way.pieces))
    }
}
