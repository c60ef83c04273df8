//! What is removed of flows that are over.

use counterfoil_domain::timestamp::Timestamp;

use crate::codes;
use crate::engine::Store;
use crate::error::StoreError;
use crate::oauth::requests;
use crate::statement::Value;
use crate::writing::Note;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemovedFlows {
    /// Codes.
    pub codes: u64,
    /// Requests that waited for an answer.
    pub requests: u64,
}

impl Store {
    /// Removes codes that were issued, and requests that were shown, before `before`, at most
    /// `limit` of each. No event: what became of them left its own.
    pub async fn remove_old_flows(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<RemovedFlows, StoreError> {
        let (old, requests) = self
            .read(move |tx| {
                Box::pin(async move {
                    Ok((
                        codes::old(tx, before, limit).await?,
                        requests::old(tx, before, limit).await?,
                    ))
                })
            })
            .await?;
        if old.is_empty() && requests.is_empty() {
            return Ok(RemovedFlows::default());
        }
        let keys: Vec<Vec<Value>> = requests.into_iter().map(|row| row.values).collect();
        self.note(Note::TracesForgotten, move |tx| {
            Box::pin(async move {
                Ok(RemovedFlows {
                    codes: codes::remove(tx, &old).await?,
                    requests: requests::remove(tx, &keys).await?,
                })
            })
        })
        .await
    }
}
