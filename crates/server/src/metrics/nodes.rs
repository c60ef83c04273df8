//! How a node follows the database that it shares with others. Where the database is a file of this
//! machine there is none of this to tell.

use std::fmt;
use std::sync::Arc;

use counterfoil_authority::{Authority, CheckStats, LAG_BOUNDS, LagCounts, PoolStats};
use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::METRICS;

/// Where [`METRICS`] has the first of these; the others follow in the order in which they are told.
pub(super) const FIRST: usize = 14;

/// What was counted when it was last asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes(Arc<Mutex<Option<(CheckStats, PoolStats)>>>);

impl Nodes {
    /// Takes over what was counted meanwhile.
    pub(super) fn update(&self, authority: &Authority) {
        let pool = authority.pool_stats();
        *self.0.lock() = pool.map(|pool| (authority.check_stats(), pool));
    }
}

impl Collector for Nodes {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Some((checks, pool)) = *self.0.lock() else {
            return Ok(());
        };
        let mut told = Told {
            encoder,
            place: FIRST,
        };
        told.lags(&checks.lags)?;
        told.gauge(checks.lease_remaining.as_secs_f64())?;
        told.counter(checks.feed_readings)?;
        told.counter(checks.stale_refusals)?;
        told.gauge(f64::from(u8::from(pool.is_listening)))?;
        told.counter(pool.notifications)?;
        for count in [pool.connections, pool.in_use, pool.waiting] {
            told.gauge(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))?;
        }
        told.counter(pool.transactions_run_again)?;
        told.counter(pool.commits_of_unknown_outcome)
    }
}

/// Metrics, one after another.
struct Told<'e> {
    encoder: DescriptorEncoder<'e>,
    place: usize,
}

impl Told<'_> {
    fn next(&mut self) -> (&'static str, &'static str) {
        let (name, help) = METRICS[self.place];
        self.place += 1;
        (name.trim_end_matches("_total"), help)
    }

    fn gauge(&mut self, value: f64) -> Result<(), fmt::Error> {
        let (name, help) = self.next();
        self.encoder
            .encode_descriptor(name, help, None, MetricType::Gauge)?
            .encode_gauge(&value)
    }

    fn counter(&mut self, count: u64) -> Result<(), fmt::Error> {
        let (name, help) = self.next();
        self.encoder
            .encode_descriptor(name, help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, u64, f64>(&count, None)
    }

    fn lags(&mut self, lags: &LagCounts) -> Result<(), fmt::Error> {
        let (name, help) = self.next();
        let bound =
            |milliseconds: u64| std::time::Duration::from_millis(milliseconds).as_secs_f64();
        let bounds = LAG_BOUNDS.into_iter().map(bound).chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(lags.classes).collect();
        let count = lags.classes.iter().sum();
        self.encoder
            .encode_descriptor(name, help, None, MetricType::Histogram)?
            .encode_histogram::<NoLabelSet>(lags.sum.as_secs_f64(), count, &buckets, None)
    }
}
