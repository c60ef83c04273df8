//! What a metric is: its name, type, labels and meaning, stated once for the scrape and for the
//! reference page.

/// A metric as it is documented and told.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, with `_total` if it is a counter and its unit before that.
    pub name: &'static str,
    /// What its values mean to Prometheus.
    pub kind: MetricKind,
    /// Its labels, each with the values that it may have.
    pub labels: &'static [(&'static str, &'static str)],
    /// What it counts or measures, one sentence with a full stop.
    pub help: &'static str,
    /// When it is there.
    pub presence: Presence,
}

/// The types of Prometheus that are in use here.
#[derive(Clone, Copy, Debug)]
pub enum MetricKind {
    /// It only grows while the process lives.
    Counter,
    /// It rises and falls.
    Gauge,
    /// Observations counted in buckets, with these upper bounds in seconds and one without.
    Histogram(fn() -> Vec<f64>),
    /// Always 1; what it says stands in its labels.
    Info,
}

/// When a metric is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Always,
    /// Where nodes share a database: on PostgreSQL.
    SharedDatabase,
    /// Where a certificate is in use.
    Certificate,
    /// Where certificates are ordered by ACME.
    Ordered,
    /// From the first time on that the tokens were counted.
    Counted,
}

impl MetricKind {
    /// The type's word in the text formats. What `OpenMetrics` knows as information is a gauge to
    /// Prometheus.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge | Self::Info => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

impl Metric {
    pub(super) const fn counter(name: &'static str, help: &'static str) -> Self {
        Self::new(name, MetricKind::Counter, help)
    }

    pub(super) const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self::new(name, MetricKind::Gauge, help)
    }

    pub(super) const fn histogram(
        name: &'static str,
        bounds: fn() -> Vec<f64>,
        help: &'static str,
    ) -> Self {
        Self::new(name, MetricKind::Histogram(bounds), help)
    }

    pub(super) const fn info(name: &'static str, help: &'static str) -> Self {
        Self::new(name, MetricKind::Info, help)
    }

    const fn new(name: &'static str, kind: MetricKind, help: &'static str) -> Self {
        Self {
            name,
            kind,
            labels: &[],
            help,
            presence: Presence::Always,
        }
    }

    /// The same with labels.
    pub(super) const fn by(mut self, labels: &'static [(&'static str, &'static str)]) -> Self {
        self.labels = labels;
        self
    }

    /// The same, but not always there.
    pub(super) const fn only(mut self, presence: Presence) -> Self {
        self.presence = presence;
        self
    }
}
