//! What gateways were refused, as often as the log says it: each reason once a minute.

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::metrics::GatewayOutcome;
use crate::once_a_minute::Said;

/// When each reason was said last, and how often it came since.
#[derive(Default)]
pub(super) struct Refusals([Mutex<Said>; GatewayOutcome::ALL.len()]);

impl Refusals {
    /// Whether a refusal is to be said; if so, how many of its kind were not said before it.
    pub(super) fn next(&self, outcome: GatewayOutcome) -> Option<u64> {
        self.0[outcome as usize].lock().next(Instant::now())
    }
}
