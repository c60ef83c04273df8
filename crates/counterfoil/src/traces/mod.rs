//! Traces for whoever runs a collector: spans of requests and use cases, sent by OTLP over HTTP.
//!
//! Off unless the settings name a collector; while it is off nothing here is made, and no span
//! either. What is sent are the spans of [`counterfoil_server::TRACED_REQUESTS`] and of the use
//! cases, whose fields are known to hold no secret, no path and no query. Lines of the log are no
//! part of a trace.

mod collector;

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider,
};
use tokio::runtime::Handle;
use tracing::{Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::registry::LookupSpan;

use self::collector::Collector;
use crate::config;

/// What the crates' use cases are spans of.
const USE_CASES: &str = "counterfoil_authority";
/// Spans that wait to be sent; more are dropped, so a collector that is away costs memory for these
/// and nothing else.
const WAITING: usize = 2048;
/// How long what waits may take to be sent when the program stops.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// The way to a collector. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Begins to send to the collector of the settings, on this runtime; none if they name none.
    pub fn start(settings: &config::Traces, runtime: Handle) -> anyhow::Result<Option<Self>> {
        let Some(endpoint) = &settings.endpoint else {
            return Ok(None);
        };
        let collector = Collector::at(endpoint.clone(), runtime)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint.to_string())
            .with_http_client(collector)
            .build()?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(WAITING)
            .build();
        let processor = BatchSpanProcessor::builder(exporter)
            .with_batch_config(batches)
            .build();
        let ratio = f64::from(settings.sampled_per_thousand) / 1000.0;
        let resource = Resource::builder()
            .with_service_name("counterfoil")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
                ratio,
            ))))
            .with_resource(resource)
            .build();
        Ok(Some(Self { provider }))
    }

    /// What hands spans over.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("counterfoil"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_filter(FilterFn::new(is_traced))
    }

    /// Sends what waits, and ends.
    pub async fn end(self) {
        // The sender waits on a thread for what this runtime does for it.
        let ended = tokio::task::spawn_blocking(move || {
            // What could not be sent has been told.
            drop(self.provider.shutdown_with_timeout(LAST_WAIT));
        });
        drop(ended.await);
    }
}

fn is_traced(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    metadata.is_span()
        && (target == counterfoil_server::TRACED_REQUESTS || target.starts_with(USE_CASES))
}

/// Makes a span part of the trace that a `traceparent` header names (W3C Trace Context). What is
/// none is left alone.
pub fn continue_trace(span: &tracing::Span, traceparent: &str) {
    let headers =
        std::collections::HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let context = TraceContextPropagator::new().extract(&headers);
    // It fails for a span that is not sent anyway.
    drop(span.set_parent(context));
}
