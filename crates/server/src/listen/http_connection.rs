//! HTTP on one connection.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep};
use tower::Service;

use super::activity::{Activity, Expiry, Protocol, RequestInFlight};
use super::body::{AnswerBody, IncomingBody};
use super::limits::ConnectionLimits;
use super::peer::Peer;
use super::stage::Stages;
use super::watched_stream::WatchedStream;

/// The most requests that a client may have in flight on one HTTP/2 connection.
const HTTP2_STREAMS: u32 = 100;
/// hyper refuses more headers than this by itself. Telling it a number, even the same, costs an allocation a request.
const HYPER_HEADERS: u32 = 100;

/// A connection that is ready for HTTP, except for its stream.
pub(super) struct HttpConnection {
    pub(super) peer: Peer,
    pub(super) protocol: Protocol,
    pub(super) limits: Arc<ConnectionLimits>,
    pub(super) stages: Stages,
}

impl HttpConnection {
    /// Answers requests until the client leaves, a deadline passes or the server drains.
    pub(super) async fn serve<S>(self, stream: S, router: &Router)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self {
            peer,
            protocol,
            limits,
            stages,
        } = self;
        let activity = Activity::begin(protocol);
        let io = TokioIo::new(WatchedStream::new(stream, Arc::clone(&activity)));
        let service = service_fn(|request| {
            let exchange = Exchange {
                peer,
                request: activity.begin_request(),
                limits: Arc::clone(&limits),
            };
            exchange.answer(request, router.clone())
        });
        let served = match protocol {
            Protocol::Http1 => {
                let connection = http1_builder(&limits).serve_connection(io, service);
                drive(connection, &activity, &limits, stages).await
            }
            Protocol::Http2 => {
                let connection = http2_builder(&limits).serve_connection(io, service);
                drive(connection, &activity, &limits, stages).await
            }
        };
        if let Err(cause) = served {
            tracing::debug!(address = %peer.address, %cause, "connection broken off");
        }
    }
}

fn http1_builder(limits: &ConnectionLimits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // The watchdog times heads, since hyper cannot tell a slow head from an idle connection.
        .header_read_timeout(None)
        // A client may close its side after the last request and still wants the answer.
        .half_close(true)
        .max_header_size(to_usize(limits.header_bytes));
    if limits.headers != HYPER_HEADERS {
        builder.max_headers(to_usize(limits.headers));
    }
    builder
}

fn http2_builder(limits: &ConnectionLimits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .max_header_list_size(limits.header_bytes)
        .max_concurrent_streams(HTTP2_STREAMS);
    builder
}

/// Runs the connection to its end.
async fn drive<C>(
    connection: C,
    activity: &Activity,
    limits: &ConnectionLimits,
    mut stages: Stages,
) -> Result<(), C::Error>
where
    C: GracefulConnection,
{
    let mut connection = pin!(connection);
    let mut draining = pin!(stages.draining());
    let mut timer = pin!(sleep(limits.header_time));
    let mut finishing = false;
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(end) = connection.as_mut().poll(cx) {
                return Poll::Ready(end);
            }
            let drained = !finishing && draining.as_mut().poll(cx).is_ready();
            if !drained
                && ready!(poll_expiry(timer.as_mut(), activity, limits, cx)) == Expiry::Close
            {
                return Poll::Ready(Ok(()));
            }
            finishing = true;
            activity.finish();
            connection.as_mut().graceful_shutdown();
        }
    })
    .await
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).expect("32 bits fit into an address")
}

/// Ready when the connection has waited long enough. The timer is moved back only when it fires: most deadlines are put
/// off by the next request before that.
fn poll_expiry(
    mut timer: Pin<&mut Sleep>,
    activity: &Activity,
    limits: &ConnectionLimits,
    cx: &mut Context<'_>,
) -> Poll<Expiry> {
    if let Some((at, _)) = activity.deadline(limits)
        && at < timer.deadline()
    {
        timer.as_mut().reset(at);
    }
    loop {
        ready!(timer.as_mut().poll(cx));
        let now = Instant::now();
        match activity.deadline(limits) {
            Some((at, expiry)) if at <= now => return Poll::Ready(expiry),
            Some((at, _)) => timer.as_mut().reset(at),
            None => timer.as_mut().reset(now + limits.idle_time),
        }
    }
}

/// One request and its answer.
struct Exchange {
    peer: Peer,
    request: RequestInFlight,
    limits: Arc<ConnectionLimits>,
}

impl Exchange {
    async fn answer(
        self,
        mut request: Request<Incoming>,
        mut router: Router,
    ) -> Result<Response<AnswerBody>, Infallible> {
        // hyper counts the headers of HTTP/1.1 only.
        if request.headers().len() > to_usize(self.limits.headers) {
            let mut refusal = Response::new(AnswerBody::new(Body::empty(), self.request));
            *refusal.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return Ok(refusal);
        }
        request.extensions_mut().insert(self.peer);
        let time = self.limits.body_time;
        let request = request.map(|body| IncomingBody::of(body, &self.request, time));
        // A router is always ready; it says so itself.
        let answer = router.call(request).await?;
        Ok(answer.map(|body| AnswerBody::new(body, self.request)))
    }
}
