//! Metrics, all in one place. Label values come from closed sets: methods, templates of routes, outcomes.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use counterfoil_authority::Authority;
use http::{Method, StatusCode};
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The route of requests that match none.
pub(crate) const UNMATCHED: &str = "unmatched";

/// Every metric with what it counts, for the reference page.
pub const METRICS: &[(&str, &str)] = &[
    (
        "counterfoil_requests_total",
        "Requests answered, by method, route and status.",
    ),
    (
        "counterfoil_request_duration_seconds",
        "How long requests took, in seconds.",
    ),
    (
        "counterfoil_sign_ins_total",
        "Sign-ins with a password, by outcome.",
    ),
    (
        "counterfoil_passwords_waiting",
        "Password computations that wait for a thread.",
    ),
    (
        "counterfoil_store_writes_total",
        "Changes written to the database.",
    ),
    (
        "counterfoil_store_commits_total",
        "Transactions committed; one carries many changes when there is much to do.",
    ),
    (
        "counterfoil_passwords_computed_total",
        "Password computations; a remembered password and a locked attempt cost none.",
    ),
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: MethodLabel,
    route: String,
    status: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(
    clippy::upper_case_acronyms,
    reason = "labels show methods as HTTP writes them"
)]
enum MethodLabel {
    GET,
    POST,
    PUT,
    PATCH,
    DELETE,
    OPTIONS,
    Other,
}

impl From<&Method> for MethodLabel {
    fn from(method: &Method) -> Self {
        match method.as_str() {
            "GET" | "HEAD" => Self::GET,
            "POST" => Self::POST,
            "PUT" => Self::PUT,
            "PATCH" => Self::PATCH,
            "DELETE" => Self::DELETE,
            "OPTIONS" => Self::OPTIONS,
            _ => Self::Other,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignInLabels {
    outcome: SignInOutcome,
}

/// What became of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum SignInOutcome {
    Accepted,
    WrongPassword,
    CodeRequired,
    Suspended,
    Locked,
    Unavailable,
}

pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Histogram,
    sign_ins: Family<SignInLabels, Counter>,
    passwords_waiting: Gauge,
    writes: Counter,
    commits: Counter,
    passwords_computed: Counter,
    seen: Seen,
}

/// What others had counted when they were last asked; counters take the difference.
#[derive(Default)]
struct Seen {
    writes: AtomicU64,
    commits: AtomicU64,
    passwords_computed: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::default();
        // From 50 microseconds to 6.5 seconds.
        let durations = Histogram::new(exponential_buckets(0.000_05, 2.0, 18));
        let sign_ins = Family::default();
        let passwords_waiting = Gauge::default();
        let (writes, commits) = (Counter::default(), Counter::default());
        let passwords_computed = Counter::default();
        let mut registry = Registry::default();
        // The registry adds the full stop, and `_total` to the names of counters.
        let help = |place: usize| METRICS[place].1.trim_end_matches('.');
        let name = |place: usize| METRICS[place].0.trim_end_matches("_total");
        registry.register(name(0), help(0), requests.clone());
        registry.register(name(1), help(1), durations.clone());
        registry.register(name(2), help(2), sign_ins.clone());
        registry.register(name(3), help(3), passwords_waiting.clone());
        registry.register(name(4), help(4), writes.clone());
        registry.register(name(5), help(5), commits.clone());
        registry.register(name(6), help(6), passwords_computed.clone());
        Self {
            registry,
            requests,
            durations,
            sign_ins,
            passwords_waiting,
            writes,
            commits,
            passwords_computed,
            seen: Seen::default(),
        }
    }
}

impl Metrics {
    pub(crate) fn count_request(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        took: Duration,
    ) {
        let labels = RequestLabels {
            method: method.into(),
            route: route.to_owned(),
            status: status.as_u16(),
        };
        self.requests.get_or_create(&labels).inc();
        self.durations.observe(took.as_secs_f64());
    }

    pub(crate) fn count_sign_in(&self, outcome: SignInOutcome) {
        self.sign_ins.get_or_create(&SignInLabels { outcome }).inc();
    }

    /// All metrics as text.
    pub(crate) fn encode(&self, authority: &Authority) -> String {
        let stats = authority.store_stats();
        advance(&self.writes, &self.seen.writes, stats.writes);
        advance(&self.commits, &self.seen.commits, stats.commits);
        advance(
            &self.passwords_computed,
            &self.seen.passwords_computed,
            authority.passwords_computed(),
        );
        self.passwords_waiting
            .set(i64::try_from(authority.passwords_waiting()).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a String cannot fail");
        text
    }
}

fn advance(counter: &Counter, seen: &AtomicU64, now: u64) {
    // Of two who ask at once the later may come first; what is counted once is never counted again.
    let before = seen.fetch_max(now, std::sync::atomic::Ordering::Relaxed);
    counter.inc_by(now.saturating_sub(before));
}
