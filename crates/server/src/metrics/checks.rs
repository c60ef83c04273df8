//! What the check path has done: how much is remembered, and what was not.

use std::sync::atomic::AtomicU64;

use counterfoil_authority::CheckStats;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{METRICS, advance};

/// Where [`METRICS`] has the first of these; the others follow in the order of the fields.
const FIRST: usize = 8;

/// See the module. The use cases count; here their counts are told.
#[derive(Default)]
pub(super) struct Checks {
    remembered: Gauge,
    counters: [Counter; 5],
    seen: [AtomicU64; 5],
}

impl Checks {
    /// Nothing counted yet, known to the registry.
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let checks = Self::default();
        // The registry adds the full stop, and `_total` to the names of counters.
        let help = |place: usize| METRICS[place].1.trim_end_matches('.');
        let name = |place: usize| METRICS[place].0.trim_end_matches("_total");
        registry.register(name(FIRST), help(FIRST), checks.remembered.clone());
        for (number, counter) in checks.counters.iter().enumerate() {
            let place = FIRST + 1 + number;
            registry.register(name(place), help(place), counter.clone());
        }
        checks
    }

    /// Takes over what was counted meanwhile.
    pub(super) fn update(&self, stats: CheckStats) {
        let remembered = i64::try_from(stats.remembered).unwrap_or(i64::MAX);
        self.remembered.set(remembered);
        let counts = [
            stats.look_ups,
            stats.client_look_ups,
            stats.surplus,
            stats.feed_failures,
            stats.feed_losses,
        ];
        for ((counter, seen), count) in self.counters.iter().zip(&self.seen).zip(counts) {
            advance(counter, seen, count);
        }
    }
}
