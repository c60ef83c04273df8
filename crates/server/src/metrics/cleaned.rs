//! Rows that were cleaned up, by what was done with them.

use std::sync::atomic::AtomicU64;

use counterfoil_authority::CleanedRows;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Metric;

use super::advance;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    kind: &'static str,
}

/// See the module. The use cases count; here their counts are told.
#[derive(Default)]
pub(super) struct Cleaned {
    family: Family<Labels, Counter>,
    seen: [AtomicU64; CleanedRows::KINDS],
}

impl Cleaned {
    /// What is registered.
    pub(super) fn family(&self) -> impl Metric + use<> {
        self.family.clone()
    }

    /// Takes over what was counted meanwhile.
    pub(super) fn update(&self, rows: &CleanedRows) {
        for ((kind, count), seen) in rows.by_kind().into_iter().zip(&self.seen) {
            let counter = self.family.get_or_create(&Labels { kind });
            advance(&counter, seen, count);
        }
    }
}
