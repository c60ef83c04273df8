//! Reading the audit trail.

use counterfoil_domain::app::ClientId;
use counterfoil_domain::id::AppId;
use counterfoil_domain::login::Login;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{
    AccountName, EventFilter, IdsToName, ReadFrom, StoreError, StoredEvent, TrailError, TrailNames,
    TrailReading,
};

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

    /// The names of what events speak of, whatever became of it.
    pub async fn names_of(&self, ids: IdsToName) -> Result<TrailNames, StoreError> {
        self.store().names_of(ids).await
    }

    /// Every account that has or had this login.
    pub async fn ever_called(&self, login: &Login) -> Result<Vec<AccountName>, StoreError> {
        self.store().ever_called(login).await
    }

    /// The app with this client id, whatever became of it.
    pub async fn app_ever_known(&self, client_id: &ClientId) -> Result<Option<AppId>, StoreError> {
        self.store().app_ever_known(client_id).await
    }
}
