//! Writes metrics one after another, each with its type, its unit and its help.

use std::fmt;

use prometheus_client::encoding::{
    DescriptorEncoder, EncodeGaugeValue, EncodeLabelSet, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::catalog::METRICS;
use super::metric::{Metric, MetricKind};

static SECONDS: Unit = Unit::Seconds;
static BYTES: Unit = Unit::Bytes;

/// See the module.
pub(super) struct Told<'e>(DescriptorEncoder<'e>);

impl<'e> Told<'e> {
    pub(super) fn to(encoder: DescriptorEncoder<'e>) -> Self {
        Self(encoder)
    }

    pub(super) fn gauge(
        &mut self,
        metric: &'static Metric,
        value: &impl EncodeGaugeValue,
    ) -> fmt::Result {
        self.describe(metric)?.encode_gauge(value)
    }

    pub(super) fn counter(&mut self, metric: &'static Metric, count: u64) -> fmt::Result {
        self.describe(metric)?
            .encode_counter::<NoLabelSet, u64, f64>(&count, None)
    }

    pub(super) fn counter_of_seconds(
        &mut self,
        metric: &'static Metric,
        seconds: f64,
    ) -> fmt::Result {
        self.describe(metric)?
            .encode_counter::<NoLabelSet, f64, f64>(&seconds, None)
    }

    pub(super) fn gauges<L: EncodeLabelSet>(
        &mut self,
        metric: &'static Metric,
        values: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let mut family = self.describe(metric)?;
        for (labels, value) in values {
            family.encode_family(&labels)?.encode_gauge(&value)?;
        }
        Ok(())
    }

    pub(super) fn counters<L: EncodeLabelSet>(
        &mut self,
        metric: &'static Metric,
        counts: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let mut family = self.describe(metric)?;
        for (labels, count) in counts {
            family
                .encode_family(&labels)?
                .encode_counter::<NoLabelSet, u64, f64>(&count, None)?;
        }
        Ok(())
    }

    pub(super) fn info(
        &mut self,
        metric: &'static Metric,
        labels: &impl EncodeLabelSet,
    ) -> fmt::Result {
        self.describe(metric)?.encode_info(labels)
    }

    /// A histogram: the sum, and how many fell into each bucket, the last of which has no upper
    /// bound.
    pub(super) fn histogram(
        &mut self,
        metric: &'static Metric,
        sum: f64,
        counts: &[u64],
    ) -> fmt::Result {
        let buckets = buckets(metric, counts)?;
        let total = counts.iter().sum();
        self.describe(metric)?
            .encode_histogram::<NoLabelSet>(sum, total, &buckets, None)
    }

    /// A histogram for each set of labels: see [`Told::histogram`].
    pub(super) fn histograms<L: EncodeLabelSet>(
        &mut self,
        metric: &'static Metric,
        histograms: impl IntoIterator<Item = (L, f64, Vec<u64>)>,
    ) -> fmt::Result {
        let mut family = self.describe(metric)?;
        for (labels, sum, counts) in histograms {
            let buckets = buckets(metric, &counts)?;
            let total = counts.iter().sum();
            family
                .encode_family(&labels)?
                .encode_histogram::<NoLabelSet>(sum, total, &buckets, None)?;
        }
        Ok(())
    }

    /// The library appends the unit, and `_total` or `_info`, to the name that it is given.
    fn describe(&mut self, metric: &'static Metric) -> Result<MetricEncoder<'_>, fmt::Error> {
        let is_this = |listed: &Metric| listed.name == metric.name;
        debug_assert!(METRICS.iter().any(is_this), "{} is not listed", metric.name);
        let (suffix, kind) = match metric.kind {
            MetricKind::Counter => ("_total", MetricType::Counter),
            MetricKind::Gauge => ("", MetricType::Gauge),
            MetricKind::Histogram(_) => ("", MetricType::Histogram),
            MetricKind::Info => ("_info", MetricType::Info),
        };
        let name = metric.name.strip_suffix(suffix).ok_or(fmt::Error)?;
        let (name, unit) = if let Some(name) = name.strip_suffix("_seconds") {
            (name, Some(&SECONDS))
        } else if let Some(name) = name.strip_suffix("_bytes") {
            (name, Some(&BYTES))
        } else {
            (name, None)
        };
        self.0.encode_descriptor(name, metric.help, unit, kind)
    }
}

/// Each bucket's upper bound with what fell into it.
fn buckets(metric: &Metric, counts: &[u64]) -> Result<Vec<(f64, u64)>, fmt::Error> {
    let MetricKind::Histogram(bounds) = metric.kind else {
        return Err(fmt::Error);
    };
    let bounds = bounds().into_iter().chain([f64::INFINITY]);
    Ok(bounds.zip(counts.iter().copied()).collect())
}
