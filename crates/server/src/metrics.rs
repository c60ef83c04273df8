//! Metrics, all in one place. Label values come from closed sets: methods, templates of routes,
//! outcomes.
//!
//! Whoever answers a request counts by adding to a number that has its place; everything else is
//! gathered when somebody asks.

mod bounds;
mod catalog;
mod exposition;
mod metric;
mod outcomes;
mod process;
mod requests;
mod sections;
mod shard;
mod told;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use counterfoil_authority::{Authority, OutboxState};
use counterfoil_domain::health::CertificateHealth;
use counterfoil_domain::timestamp::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

pub use self::catalog::METRICS;
use self::catalog::{BUILD, CLIENT_SECRETS_IN_QUERIES, GATEWAY_CHECKS, READY, SIGN_INS};
pub(crate) use self::exposition::Exposition;
pub use self::metric::{Metric, MetricKind, Presence};
use self::outcomes::Outcomes;
pub(crate) use self::outcomes::{GatewayOutcome, SignInOutcome};
use self::requests::RequestCounts;
pub(crate) use self::requests::{Counted, RouteClass, method_label};
pub(crate) use self::shard::Sharded;
use self::told::Told;
use crate::listen::{ConnectionCounts, LiveLimits, TlsReloader};

/// The route of requests that match none.
pub(crate) const UNMATCHED: &str = "unmatched";

/// The listener for clients, as far as its bounds are told.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Connections that may be open at a time.
    pub connections: u32,
    /// What one connection may cost.
    pub limits: LiveLimits,
    /// The certificate in use.
    pub tls: Option<Arc<TlsReloader>>,
}

pub(crate) struct Metrics {
    requests: Arc<RequestCounts>,
    outcomes: Arc<Outcomes>,
    secrets_in_queries: AtomicU64,
    connections: ConnectionCounts,
    listener: OnceLock<Listener>,
    commit: &'static str,
}

impl Metrics {
    /// Nothing counted yet, for requests to these templates of routes.
    pub(crate) fn new<'t>(templates: impl Iterator<Item = &'t str>, commit: &'static str) -> Self {
        Self {
            requests: Arc::new(RequestCounts::new(templates)),
            outcomes: Arc::default(),
            secrets_in_queries: AtomicU64::default(),
            connections: ConnectionCounts::default(),
            listener: OnceLock::new(),
            commit,
        }
    }

    pub(crate) fn connection_counts(&self) -> &ConnectionCounts {
        &self.connections
    }

    /// Has the listener's bounds told. Only the first call counts.
    pub(crate) fn tell_of(&self, listener: Listener) {
        drop(self.listener.set(listener));
    }

    /// The listener, once it was told of.
    pub(crate) fn listener(&self) -> Option<&Listener> {
        self.listener.get()
    }

    /// How the certificate is that the listener for clients shows.
    pub(crate) fn certificate(&self, now: Timestamp) -> CertificateHealth {
        let tls = self
            .listener
            .get()
            .and_then(|listener| listener.tls.as_ref());
        match tls.map(|tls| tls.expires_at()) {
            None => CertificateHealth::Absent,
            Some(None) => CertificateHealth::Unreadable,
            Some(Some(seconds)) => CertificateHealth::of(Timestamp::from_seconds(seconds), now),
        }
    }

    pub(crate) fn count_request(&self, request: &Counted<'_>) {
        self.requests.count(request);
    }

    pub(crate) fn count_sign_in(&self, outcome: SignInOutcome) {
        self.outcomes.count_sign_in(outcome);
    }

    pub(crate) fn count_gateway(&self, outcome: GatewayOutcome) {
        self.outcomes.count_gateway(outcome);
    }

    /// A client secret came in a query.
    pub(crate) fn count_secret_in_query(&self) {
        self.secrets_in_queries.fetch_add(1, Ordering::Relaxed);
    }

    /// All metrics as text, given whether the server is ready.
    pub(crate) fn encode(
        &self,
        authority: &Authority,
        (ready, outbox): (bool, Option<OutboxState>),
        exposition: Exposition,
    ) -> String {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Scrape {
            requests: Arc::clone(&self.requests),
            outcomes: Arc::clone(&self.outcomes),
            secrets_in_queries: self.secrets_in_queries.load(Ordering::Relaxed),
            connections: self.connections.clone(),
            listener: self.listener.get().cloned(),
            commit: self.commit,
            ready,
            outbox,
            authority: authority.clone(),
        }));
        let mut text = String::new();
        encode(&mut text, &registry).expect("writing to a String cannot fail");
        exposition.of(text)
    }
}

/// Everything that is asked at a scrape.
#[derive(Debug)]
struct Scrape {
    requests: Arc<RequestCounts>,
    outcomes: Arc<Outcomes>,
    secrets_in_queries: u64,
    connections: ConnectionCounts,
    listener: Option<Listener>,
    commit: &'static str,
    ready: bool,
    outbox: Option<OutboxState>,
    authority: Authority,
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut told = Told::to(encoder);
        let authority = &self.authority;
        let engine = authority.pool_stats().map_or("sqlite", |_| "postgres");
        let build = [
            ("version", env!("CARGO_PKG_VERSION")),
            ("commit", self.commit),
            ("engine", engine),
        ];
        told.info(&BUILD, &build)?;
        told.gauge(&READY, &u32::from(self.ready))?;
        self.requests.tell(&mut told)?;
        told.counters(&GATEWAY_CHECKS, self.outcomes.gateway())?;
        told.counters(&SIGN_INS, self.outcomes.sign_ins())?;
        told.counter(&CLIENT_SECRETS_IN_QUERIES, self.secrets_in_queries)?;
        sections::passwords(&mut told, authority)?;
        sections::inventory(&mut told, authority)?;
        sections::checks(&mut told, authority)?;
        sections::store(&mut told, authority)?;
        sections::mail(&mut told, self.outbox.as_ref(), authority.now())?;
        sections::connections(&mut told, &self.connections, self.listener.as_ref())?;
        sections::nodes(&mut told, authority)?;
        process::tell(&mut told)
    }
}
