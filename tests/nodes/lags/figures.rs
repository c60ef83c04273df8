//! The figures of the proof.

use std::collections::BTreeMap;
use std::time::Duration;

use super::changes::Kind;

/// How long one node accepted the old state after the change was acknowledged; nothing if it never
/// did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lag {
    /// Whether this is the node that acknowledged the change.
    pub(super) is_own: bool,
    pub(super) lag: Duration,
}

/// All lags by kind.
#[derive(Default)]
pub(super) struct Figures(BTreeMap<&'static str, Vec<Lag>>);

impl Figures {
    pub(super) fn add(&mut self, kind: Kind, lags: Vec<Lag>) {
        self.0.entry(kind.name()).or_default().extend(lags);
    }

    /// How many changes of a kind were measured.
    pub(super) fn changes(&self, kind: Kind) -> usize {
        self.0.get(kind.name()).map_or(0, |lags| lags.len() / 3)
    }

    /// The lags of nodes that had to hear of the change; of all nodes where it must hold on all at
    /// once.
    fn of_others(lags: &[Lag]) -> Vec<Duration> {
        let at_once = lags.iter().all(|lag| lag.is_own);
        let others = lags.iter().filter(|lag| at_once || !lag.is_own);
        let mut sorted: Vec<_> = others.map(|lag| lag.lag).collect();
        sorted.sort();
        sorted
    }

    /// Prints those of one kind.
    #[expect(clippy::print_stdout, reason = "the figures of a proof")]
    pub(super) fn print(&self, kind: Kind) {
        let lags = self.0.get(kind.name()).map_or(&[][..], Vec::as_slice);
        let others = Self::of_others(lags);
        let at = |share: f64| milliseconds(percentile(&others, share));
        let own = lags.iter().filter(|lag| lag.is_own && !lag.lag.is_zero());
        println!(
            "nodes: {:<13} {:>6} changes; lag p50 {:>7.3} ms, p99 {:>7.3} ms, most {:>7.3} ms; accepted where it was acknowledged: {}",
            kind.name(),
            self.changes(kind),
            at(0.5),
            at(0.99),
            at(1.0),
            own.count()
        );
    }

    /// Holds the figures against what is promised.
    #[track_caller]
    pub(super) fn demand(&self, most: Duration, usual: Duration) {
        for (kind, lags) in &self.0 {
            let others = Self::of_others(lags);
            assert!(!others.is_empty(), "{kind}: nothing was measured");
            let own = lags.iter().find(|lag| lag.is_own && !lag.lag.is_zero());
            assert!(own.is_none(), "{kind}: {own:?} on the acknowledging node");
            assert!(percentile(&others, 1.0) < most, "{kind}");
            assert!(percentile(&others, 0.99) < usual, "{kind}");
        }
    }
}

/// The value that this share of the sorted ones does not exceed.
fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a list of some thousands"
    )]
    let place = (last as f64 * share).ceil() as usize;
    sorted.get(place).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
