//! Reading the audit trail: for the command line, which goes on as long as it is asked to, and for
//! the page of administrators, which looks at a bounded part of it each time.

pub(crate) mod named;
pub(crate) mod page;
pub(crate) mod query;

use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{EventFilter, ReadFrom, StoreError, StoredEvent, TrailError, TrailReading};

use crate::authority::Authority;

impl Authority {
    /// The audit events since a point in time, oldest first, at most `limit`.
    pub async fn list_events(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.store().list_events(since, limit).await
    }

    /// Begins to read the trail. What one reading goes through is what was committed by then, and
    /// then what is committed later.
    pub async fn begin_reading(&self, from: ReadFrom) -> Result<TrailReading, TrailError> {
        self.store().begin_reading(from).await
    }

    /// The next events that are wanted, at most `most`. There may be more although there are none
    /// here: [`TrailReading::is_at_end`] says whether.
    pub async fn read_on(
        &self,
        reading: &mut TrailReading,
        filter: &EventFilter,
        most: usize,
    ) -> Result<Vec<StoredEvent>, TrailError> {
        self.store().read_on(reading, filter, most).await
    }
}
