//! Whether requests are traced.

use crate::config::collector_url::CollectorUrl;
use crate::config::rule::{Maybe, text, whole};
use crate::config::section::section;

section! {
    /// Traces for a collector of `OpenTelemetry`: a span for each request, and for each use case
    /// that changes something. They hold the template of a route, never a path, a query or a body.
    pub struct Traces = "traces", "traces." {
        /// Where a collector takes OTLP over HTTP. If it is not set there are no traces. Spans that
        /// it does not take in time are lost; requests never wait for it.
        endpoint: Option<CollectorUrl> = None,
            Maybe(text::<CollectorUrl>(
                "the URL of a collector that begins with http:// or https://, without a user and a query, \
                 such as http://localhost:4318",
                "http://localhost:4318/v1/traces",
            )), Restart;
        /// How many of a thousand requests are traced. What a trusted proxy samples, which says so
        /// in `traceparent`, is traced whatever this says, and what it does not sample is not.
        sampled_per_thousand: u32 = 10, whole("of a thousand requests", 0, 1_000), Restart;
    }
}
