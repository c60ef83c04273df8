//! Connections of clients: how many there are, and how many were sent away.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::METRICS;
use crate::listen::ConnectionCounts;

/// What the listener counts.
#[derive(Debug)]
pub(super) struct Connections(pub(super) ConnectionCounts);

impl Collector for Connections {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let counts = &self.0;
        for (name, value) in [
            ("counterfoil_connections", counts.open()),
            ("counterfoil_unread_answer_bytes", counts.unread_bytes()),
        ] {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            encoder
                .encode_descriptor(name, help(name), None, MetricType::Gauge)?
                .encode_gauge(&value)?;
        }
        for (name, value) in [
            ("counterfoil_connections_refused_total", counts.refused()),
            (
                "counterfoil_connections_idle_closed_total",
                counts.idle_closed(),
            ),
            (
                "counterfoil_connections_unread_closed_total",
                counts.unread_closed(),
            ),
        ] {
            encoder
                .encode_descriptor(
                    name.trim_end_matches("_total"),
                    help(name),
                    None,
                    MetricType::Counter,
                )?
                .encode_counter::<NoLabelSet, u64, f64>(&value, None)?;
        }
        Ok(())
    }
}

fn help(name: &str) -> &'static str {
    let found = METRICS.iter().find(|(listed, _)| *listed == name);
    found.map_or("", |(_, help)| help)
}
