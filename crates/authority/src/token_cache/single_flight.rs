//! Look-ups that are under way, so that many who ask for the same token, or prove the same app, at
//! the same time cost one read.
//!
//! Nobody joins a look-up that was begun before the last change that was heard of: what it finds
//! may be what was revoked in between, and whoever asks after a revocation was acknowledged must
//! not be told so.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use counterfoil_store::StoreError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use parking_lot::Mutex;

use crate::token_cache::invalidation_log::Epoch;

/// What a look-up finds. Errors are shared among all who wait.
pub(super) type Found<V> = Result<Option<Arc<V>>, Arc<StoreError>>;
type InFlight<V> = Shared<BoxFuture<'static, Found<V>>>;

pub(super) struct SingleFlight<K, V>(Mutex<HashMap<K, (Epoch, InFlight<V>)>>);

impl<K, V> Default for SingleFlight<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V: Send + Sync> SingleFlight<K, V> {
    /// What is found under this key: by the look-up that is under way if it was begun at this
    /// moment, or else by `look_up`.
    pub(super) async fn join_or_begin(
        &self,
        key: &K,
        now: Epoch,
        look_up: impl FnOnce() -> BoxFuture<'static, Found<V>>,
    ) -> Result<Option<Arc<V>>, StoreError> {
        let flight = {
            let mut flights = self.0.lock();
            match flights.get(key) {
                Some((begun, flight)) if *begun == now => flight.clone(),
                Some(_) | None => {
                    let flight = look_up().shared();
                    flights.insert(key.clone(), (now, flight.clone()));
                    flight
                }
            }
        };
        let guard = InFlightGuard {
            flights: self,
            key,
            flight: &flight,
        };
        let found = flight.clone().await;
        drop(guard);
        found.map_err(own_error)
    }
}

/// An error for one of those who shared it. What is wrong with the database stays named.
fn own_error(shared: Arc<StoreError>) -> StoreError {
    match *shared {
        StoreError::Inconsistent { table, column } => StoreError::Inconsistent { table, column },
        StoreError::Closed => StoreError::Closed,
        StoreError::NoAuditKey => StoreError::NoAuditKey,
        StoreError::OlderProgram => StoreError::OlderProgram,
        StoreError::Unavailable(_) | StoreError::NotCommitted(_) | StoreError::KeyGone { .. } => {
            StoreError::Unavailable(Box::new(shared))
        }
    }
}

/// Takes a look-up off the list when somebody who waited for it is done, or has gone away. Those
/// who still wait hold it.
struct InFlightGuard<'a, K: Eq + Hash, V> {
    flights: &'a SingleFlight<K, V>,
    key: &'a K,
    flight: &'a InFlight<V>,
}

impl<K: Eq + Hash, V> Drop for InFlightGuard<'_, K, V> {
    fn drop(&mut self) {
        let mut flights = self.flights.0.lock();
        let is_this = flights
            .get(self.key)
            .is_some_and(|(_, flight)| flight.ptr_eq(self.flight));
        if is_this {
            flights.remove(self.key);
        }
    }
}
