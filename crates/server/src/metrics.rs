//! Metrics, all in one place. Label values come from closed sets: methods, templates of routes,
//! outcomes.

mod checks;
mod cleaned;
mod connections;
mod nodes;
mod requests;
mod shard;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use counterfoil_authority::Authority;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use self::checks::Checks;
use self::cleaned::Cleaned;
use self::connections::Connections;
use self::nodes::Nodes;
use self::requests::RequestCounts;
pub(crate) use self::requests::{Counted, method_label};
use self::shard::Counters;
pub(crate) use self::shard::Sharded;
use crate::listen::ConnectionCounts;

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
    (
        "counterfoil_cleaned_rows_total",
        "Rows cleaned up beside the requests, by kind: tokens that ended because they expired or were idle, and records, digests, \
         changes, failures, audit events, used codes and addresses that were removed.",
    ),
    (
        "counterfoil_remembered_tokens",
        "Tokens that are remembered, and so checked without the database.",
    ),
    (
        "counterfoil_token_look_ups_total",
        "Tokens looked up in the database because they were not remembered.",
    ),
    (
        "counterfoil_client_look_ups_total",
        "Apps looked up in the database, with their secrets, because they were not remembered.",
    ),
    (
        "counterfoil_refused_look_ups_total",
        "Checks answered 503 because too much was being looked up.",
    ),
    (
        "counterfoil_feed_failures_total",
        "Readings of the feed of changes that failed; while they fail nothing is answered from memory.",
    ),
    (
        "counterfoil_feed_losses_total",
        "Times that everything was forgotten because the feed of changes was lost sight of.",
    ),
    (
        "counterfoil_feed_lag_seconds",
        "How long after changes of other nodes this one heard of them, in seconds. Only where nodes share a database, like all \
         that follow.",
    ),
    (
        "counterfoil_lease_remaining_seconds",
        "For how long what is remembered may be believed without another reading of the feed; zero when the database has not \
         been heard from for a second.",
    ),
    (
        "counterfoil_feed_readings_total",
        "Readings of the feed of changes that succeeded.",
    ),
    (
        "counterfoil_stale_refusals_total",
        "Requests answered 503 because the database had not been heard from for a second.",
    ),
    (
        "counterfoil_feed_listening",
        "Whether other nodes can tell this one of changes at once: 1, or 0 while they are found by reading alone.",
    ),
    (
        "counterfoil_feed_notifications_total",
        "Times that a node told of changes at once.",
    ),
    (
        "counterfoil_database_connections",
        "Connections to the database that are open for requests.",
    ),
    (
        "counterfoil_database_connections_in_use",
        "Connections to the database that are in use.",
    ),
    (
        "counterfoil_database_connections_waited_for",
        "Requests that wait for a connection to the database.",
    ),
    (
        "counterfoil_transactions_run_again_total",
        "Transactions that lost a race with another one and were run again.",
    ),
    (
        "counterfoil_commits_of_unknown_outcome_total",
        "Commits during which the connection to the database was lost: answered 503, and done or not.",
    ),
    (
        WRONG_SECRETS,
        "Client secrets of apps that were wrong, those of apps that nobody knows among them.",
    ),
    (
        LAST_CLEAN_UP,
        "When the clean-up beside the requests last ran to its end, in seconds since 1970; zero while it has not.",
    ),
    (
        "counterfoil_connections",
        "Connections of clients that are open.",
    ),
    (
        "counterfoil_unread_answer_bytes",
        "Memory that answers take which their clients do not read.",
    ),
    (
        "counterfoil_connections_refused_total",
        "Connections closed at once because their address had as many as one address may have.",
    ),
    (
        "counterfoil_connections_idle_closed_total",
        "Idle connections closed because all were taken and another client wanted one.",
    ),
    (
        "counterfoil_connections_unread_closed_total",
        "Connections closed because their clients left answers unread: too long, while others waited, or when too much memory \
         was taken by such answers.",
    ),
];

/// Told apart by their names, since they stand at no fixed place.
const WRONG_SECRETS: &str = "counterfoil_wrong_client_secrets_total";
const LAST_CLEAN_UP: &str = "counterfoil_last_clean_up_timestamp_seconds";

/// Where [`METRICS`] has those that are not registered by their place below.
const REQUESTS: usize = 0;
const DURATIONS: usize = 1;
const SIGN_INS: usize = 2;

/// What became of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInOutcome {
    Accepted,
    WrongPassword,
    CodeRequired,
    Suspended,
    Locked,
    Unavailable,
}

impl SignInOutcome {
    const ALL: [Self; 6] = [
        Self::Accepted,
        Self::WrongPassword,
        Self::CodeRequired,
        Self::Suspended,
        Self::Locked,
        Self::Unavailable,
    ];
}

#[derive(Debug, Default)]
struct SignIns(Counters<{ SignInOutcome::ALL.len() }>);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SignInLabels {
    outcome: String,
}

impl Collector for SignIns {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let (name, help) = METRICS[SIGN_INS];
        let name = name.trim_end_matches("_total");
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (outcome, count) in SignInOutcome::ALL.into_iter().zip(self.0.sums()) {
            let labels = SignInLabels {
                outcome: format!("{outcome:?}"),
            };
            if count > 0 {
                family
                    .encode_family(&labels)?
                    .encode_counter::<NoLabelSet, u64, f64>(&count, None)?;
            }
        }
        Ok(())
    }
}

pub(crate) struct Metrics {
    registry: Registry,
    requests: Arc<RequestCounts>,
    sign_ins: Arc<SignIns>,
    passwords_waiting: Gauge,
    writes: Counter,
    commits: Counter,
    passwords_computed: Counter,
    cleaned: Cleaned,
    last_clean_up: Gauge,
    wrong_secrets: Counter,
    checks: Checks,
    nodes: Nodes,
    connections: ConnectionCounts,
    seen: Seen,
}

/// What others had counted when they were last asked; counters take the difference.
#[derive(Default)]
struct Seen {
    writes: AtomicU64,
    commits: AtomicU64,
    passwords_computed: AtomicU64,
    wrong_secrets: AtomicU64,
}

impl Metrics {
    /// Nothing counted yet, for requests to these templates of routes.
    pub(crate) fn new<'t>(templates: impl Iterator<Item = &'t str>) -> Self {
        let requests = Arc::new(RequestCounts::new(templates));
        let sign_ins = Arc::new(SignIns::default());
        let passwords_waiting = Gauge::default();
        let (writes, commits) = (Counter::default(), Counter::default());
        let passwords_computed = Counter::default();
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Arc::clone(&requests)));
        registry.register_collector(Box::new(Arc::clone(&sign_ins)));
        // The registry adds the full stop, and `_total` to the names of counters.
        let help = |place: usize| METRICS[place].1.trim_end_matches('.');
        let name = |place: usize| METRICS[place].0.trim_end_matches("_total");
        registry.register(name(3), help(3), passwords_waiting.clone());
        registry.register(name(4), help(4), writes.clone());
        registry.register(name(5), help(5), commits.clone());
        registry.register(name(6), help(6), passwords_computed.clone());
        let cleaned = Cleaned::default();
        registry.register(name(7), help(7), cleaned.family());
        let last_clean_up = Gauge::default();
        let wrong_secrets = Counter::default();
        let named = |wanted: &str| METRICS.iter().find(|(name, _)| *name == wanted);
        if let Some((name, help)) = named(LAST_CLEAN_UP) {
            registry.register(*name, help.trim_end_matches('.'), last_clean_up.clone());
        }
        if let Some((name, help)) = named(WRONG_SECRETS) {
            let (name, help) = (name.trim_end_matches("_total"), help.trim_end_matches('.'));
            registry.register(name, help, wrong_secrets.clone());
        }
        let checks = Checks::registered(&mut registry);
        let nodes = Nodes::default();
        registry.register_collector(Box::new(nodes.clone()));
        let connections = ConnectionCounts::default();
        registry.register_collector(Box::new(Connections(connections.clone())));
        Self {
            registry,
            requests,
            sign_ins,
            passwords_waiting,
            writes,
            commits,
            passwords_computed,
            cleaned,
            last_clean_up,
            wrong_secrets,
            checks,
            nodes,
            connections,
            seen: Seen::default(),
        }
    }

    pub(crate) fn connection_counts(&self) -> &ConnectionCounts {
        &self.connections
    }

    pub(crate) fn count_request(&self, request: &Counted<'_>) {
        self.requests.count(request);
    }

    pub(crate) fn count_sign_in(&self, outcome: SignInOutcome) {
        self.sign_ins.0.add(outcome as usize, 1);
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
        advance(
            &self.wrong_secrets,
            &self.seen.wrong_secrets,
            authority.wrong_client_secrets(),
        );
        self.passwords_waiting
            .set(i64::try_from(authority.passwords_waiting()).unwrap_or(i64::MAX));
        self.cleaned.update(&authority.cleaned_rows());
        self.last_clean_up.set(authority.last_clean_up());
        self.checks.update(authority.check_stats());
        self.nodes.update(authority);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a String cannot fail");
        text
    }
}

fn advance(counter: &Counter, seen: &AtomicU64, now: u64) {
    // Of two who ask at once the later may come first; what is counted once is never counted again.
    let before = seen.fetch_max(now, Ordering::Relaxed);
    counter.inc_by(now.saturating_sub(before));
}
