//! What is removed of flows that are over.

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::oauth::requests;
use crate::statement::Value;
use crate::writing::Note;
use crate::{codes, devices, refresh_tokens};

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemovedFlows {
    /// Codes.
    pub codes: u64,
    /// Devices that asked.
    pub devices: u64,
    /// Requests that waited for an answer.
    pub requests: u64,
}

impl Store {
    /// Removes codes that were issued, requests that were shown, and devices that asked, before
    /// `before`, at most `limit` of each. No event: what became of them left its own.
    pub async fn remove_old_flows(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<RemovedFlows, StoreError> {
        let (old, old_devices, requests) = self
            .read(move |tx| {
                Box::pin(async move {
                    Ok((
                        codes::old(tx, before, limit).await?,
                        devices::old(tx, before, limit).await?,
                        requests::old(tx, before, limit).await?,
                    ))
                })
            })
            .await?;
        if old.is_empty() && old_devices.is_empty() && requests.is_empty() {
            return Ok(RemovedFlows::default());
        }
        let keys: Vec<Vec<Value>> = requests.into_iter().map(|row| row.values).collect();
        self.note(Note::TracesForgotten, move |tx| {
            Box::pin(async move {
                Ok(RemovedFlows {
                    codes: codes::remove(tx, &old).await?,
                    devices: devices::remove(tx, &old_devices).await?,
                    requests: requests::remove(tx, &keys).await?,
                })
            })
        })
        .await
    }

    /// Removes refresh tokens that were replaced before `before`, at most `limit`, and says how
    /// many. No event: the refresh that replaced one left its own.
    pub async fn remove_old_refresh_tokens(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let old = self
            .read_one(move |tx| {
                Box::pin(async move { refresh_tokens::old(tx, before, limit).await })
            })
            .await?;
        if old.is_empty() {
            return Ok(0);
        }
        self.note(Note::TracesForgotten, move |tx| {
            Box::pin(async move { refresh_tokens::remove(tx, &old).await })
        })
        .await
    }
}
