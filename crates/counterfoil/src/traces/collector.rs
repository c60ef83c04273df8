//! Sends what the exporter made to the collector, by the HTTP client that is in the program anyway.
//!
//! The exporter works on a thread of its own and only waits; the connection lives on the program's
//! runtime. A collector that is away costs a line in the log once a minute.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use opentelemetry_http::{HttpClient, HttpError};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::CollectorUrl;
use crate::outgoing::{self, Failed, ask};

/// How long it may take until the collector has answered.
const PATIENCE: Duration = Duration::from_secs(5);
/// What of its answer is read.
const ANSWER_BYTES: usize = 64 * 1024;
/// How long after a line about failures comes the next.
const SILENCE: Duration = Duration::from_mins(1);

/// See the module.
pub(super) struct Collector {
    url: CollectorUrl,
    runtime: Handle,
    tls: Option<TlsConnector>,
    failures: Mutex<Failures>,
}

#[derive(Default)]
struct Failures {
    /// When one was told.
    told: Option<Instant>,
    /// How many were not told since.
    unsaid: u64,
}

impl Collector {
    pub(super) fn at(url: CollectorUrl, runtime: Handle) -> anyhow::Result<Self> {
        let tls = url
            .is_encrypted()
            .then(|| outgoing::connector(None, "traces.endpoint"));
        Ok(Self {
            tls: tls.transpose()?,
            url,
            runtime,
            failures: Mutex::default(),
        })
    }

    /// Says that a batch was lost, unless that was said within the last minute.
    fn tell(&self, cause: &HttpError) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.told.is_some_and(|told| told.elapsed() < SILENCE) {
            failures.unsaid += 1;
            return;
        }
        let unsaid = std::mem::take(&mut failures.unsaid);
        failures.told = Some(Instant::now());
        tracing::warn!(collector = %self.url, %cause, unsaid, "traces were not delivered and are lost");
    }
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Collector({})", self.url)
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = send(self.url.clone(), self.tls.clone(), request);
        // All of it there: this thread has no runtime, and so no timers either.
        let sending = async move { timeout(PATIENCE, sending).await };
        let sent = self.runtime.spawn(sending).await;
        let outcome: Result<Response<Bytes>, Failed> = match sent {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err("no answer in time".into()),
            Err(_) => Err("the program stops".into()),
        };
        let outcome = outcome.and_then(|response| match response.status() {
            status if status.is_success() => Ok(response),
            status => Err(format!("answered {status}").into()),
        });
        outcome.inspect_err(|cause| self.tell(cause))
    }
}

async fn send(
    url: CollectorUrl,
    tls: Option<TlsConnector>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Failed> {
    let stream = TcpStream::connect((url.host(), url.port())).await?;
    let (request, authority) = (request.map(Full::new), url.authority());
    match tls {
        Some(tls) => {
            let name = ServerName::try_from(url.host().to_owned())?;
            let stream = tls.connect(name, stream).await?;
            ask(stream, authority, request, ANSWER_BYTES).await
        }
        None => ask(stream, authority, request, ANSWER_BYTES).await,
    }
}
