//! HTTP on one connection.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use counterfoil_domain::network::ClientAddress;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::{Body as HttpBody, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep};

use super::activity::{Activity, Expiry, Protocol, RequestInFlight};
use super::body::{BodyInFlight, IncomingBody};
use super::limits::ConnectionLimits;
use super::peer::Peer;
use super::places::Place;
use super::seat::Asked;
use super::service::Answerer;
use super::shutdown::{GRACE, RegisteredWaker, Shutdown, Stage};
use super::troubles::Trouble;
use super::watchdog::Watchdog;
use super::watched_stream::WatchedStream;

/// Said with the last answer on a connection of HTTP/1.1 (RFC 9112, section 9.6).
const CLOSE: HeaderValue = HeaderValue::from_static("close");
/// The most requests that a client may have in flight on one HTTP/2 connection.
const HTTP2_STREAMS: u32 = 100;
/// hyper refuses more headers than this by itself. Telling it a number, even the same, costs an
/// allocation a request.
const HYPER_HEADERS: u32 = 100;

/// A connection that is ready for HTTP, except for its stream.
pub(super) struct HttpConnection<'p> {
    pub(super) peer: Peer,
    pub(super) protocol: Protocol,
    pub(super) limits: Arc<ConnectionLimits>,
    pub(super) shutdown: Shutdown,
    /// Since when the first request is awaited.
    pub(super) since: Instant,
    pub(super) place: &'p Place,
}

impl HttpConnection<'_> {
    /// Answers requests until the client leaves, a deadline passes or the server drains.
    pub(super) async fn serve<S, A>(self, stream: S, answerer: &A)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        A: Answerer,
    {
        let Self {
            peer,
            protocol,
            limits,
            shutdown,
            since,
            place,
        } = self;
        let activity = Activity::begin(protocol, Arc::clone(&limits), since);
        place.seat.begin(Arc::clone(&activity));
        let outside = Outside {
            activity: &activity,
            place,
            address: peer.address,
        };
        let io = TokioIo::new(WatchedStream::new(stream, Arc::clone(&activity)));
        let service = service_fn(|request| Exchange::begin(request, peer, &activity, answerer));
        let served = match protocol {
            Protocol::Http1 => {
                let connection = http1_builder(&limits).serve_connection(io, service);
                drive(connection, &outside, shutdown).await
            }
            Protocol::Http2 => {
                let connection = http2_builder(&limits).serve_connection(io, service);
                drive(connection, &outside, shutdown).await
            }
        };
        if let Err(cause) = served {
            if protocol == Protocol::Http2 {
                place
                    .troubles()
                    .tell(Trouble::Protocol, peer.address, &cause);
            }
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
        .max_header_size(to_usize(limits.header_bytes))
        .max_buf_size(to_usize(limits.http1_buffer()));
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

/// What a connection is to those who look at it from outside.
struct Outside<'a> {
    activity: &'a Activity,
    place: &'a Place,
    address: ClientAddress,
}

impl Outside<'_> {
    /// Tells what unread answers take, and asks what is wanted.
    fn look(&self) -> Asked {
        let bytes = self.activity.unread_bytes();
        let bound = self.activity.limits().unread_answer_bytes;
        self.place.note_unread(self.address, bytes, bound);
        self.place.seat.asked()
    }

    fn count_closed(&self) {
        if self.activity.unread_since().is_some() && self.place.seat.asked() < Asked::Close {
            self.place.counts().count_unread_closed();
        }
    }
}

/// Runs the connection to its end.
async fn drive<C>(
    connection: C,
    outside: &Outside<'_>,
    mut shutdown: Shutdown,
) -> Result<(), C::Error>
where
    C: GracefulConnection,
{
    let activity = outside.activity;
    let mut connection = pin!(connection);
    let mut poll_guard = shutdown.poll_guard();
    let mut task = RegisteredWaker::default();
    let mut draining = pin!(shutdown.draining());
    let mut grace = pin!(None);
    let mut watchdog = pin!(Watchdog::new(activity));
    let mut finishing = false;
    poll_fn(|cx| {
        if task.is_new(cx) {
            outside.place.seat.listen(cx.waker());
        }
        // First, so that a request that is read now is already known to be the last.
        if grace.is_none()
            && poll_guard.is_due(Stage::Draining, cx)
            && draining.as_mut().poll(cx).is_ready()
        {
            activity.end_after_answer();
            grace.set(Some(sleep(grace_of(activity.protocol()))));
        }
        loop {
            if let Poll::Ready(end) = connection.as_mut().poll(cx) {
                return Poll::Ready(end);
            }
            let mut is_over = |grace: Pin<&mut Sleep>| grace.poll(cx).is_ready();
            let expiry = match outside.look() {
                Asked::Close => Expiry::Close,
                Asked::Leave if !finishing => {
                    activity.leave();
                    Expiry::Finish
                }
                _ if !finishing && grace.as_mut().as_pin_mut().is_some_and(&mut is_over) => {
                    Expiry::Finish
                }
                Asked::Leave | Asked::Nothing => ready!(watchdog.as_mut().poll_expiry(cx)),
            };
            match expiry {
                Expiry::EndAfterAnswer => activity.end_after_answer(),
                Expiry::Finish => {
                    finishing = true;
                    activity.finish();
                    connection.as_mut().graceful_shutdown();
                }
                Expiry::Close => {
                    outside.count_closed();
                    if activity.protocol() == Protocol::Http2 && !finishing {
                        // To say goodbye is all there is time for.
                        connection.as_mut().graceful_shutdown();
                        let _ = connection.as_mut().poll(cx);
                    }
                    return Poll::Ready(Ok(()));
                }
            }
        }
    })
    .await
}

/// How long a connection may wait for its last request. HTTP/2 needs no such time: it tells the
/// client at once which of its requests are still answered.
fn grace_of(protocol: Protocol) -> Duration {
    match protocol {
        Protocol::Http1 => GRACE,
        Protocol::Http2 => Duration::ZERO,
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).expect("32 bits fit into an address")
}

/// One request and its answer.
struct Exchange<A> {
    /// Taken when the answer is there.
    request: Option<RequestInFlight>,
    /// None if the request is refused without being asked about.
    answer: Option<A>,
}

impl<A> Exchange<A> {
    fn begin<S: Answerer<Answer = A>>(
        request: Request<Incoming>,
        peer: Peer,
        activity: &Arc<Activity>,
        answerer: &S,
    ) -> Self {
        let in_flight = activity.begin_request();
        let limits = activity.limits();
        let (mut head, body) = request.into_parts();
        let body = IncomingBody::of(body, &head.headers, &in_flight, limits.body_time);
        // hyper counts the headers of HTTP/1.1 only.
        let answer = (head.headers.len() <= to_usize(limits.headers)).then(|| {
            head.extensions.insert(peer);
            answerer.answer(Request::from_parts(head, body))
        });
        Self {
            request: Some(in_flight),
            answer,
        }
    }
}

impl<A, B> Future for Exchange<A>
where
    A: Future<Output = Result<Response<B>, Infallible>> + Unpin,
    B: HttpBody,
{
    type Output = Result<Response<BodyInFlight<B>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match &mut self.answer {
            Some(answer) => Some(ready!(Pin::new(answer).poll(cx))?),
            None => None,
        };
        let request = self.request.take();
        let request = request.expect("a future that is ready is not polled again");
        let activity = request.activity();
        // HTTP/2 has no such header (RFC 9113, section 8.2.2).
        let is_last = activity.protocol() == Protocol::Http1 && activity.is_last();
        let mut answer = if let Some(answer) = answer {
            answer.map(|body| BodyInFlight::new(body, request))
        } else {
            let mut refusal = Response::new(BodyInFlight::none(request));
            *refusal.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            refusal
        };
        if is_last {
            answer.headers_mut().insert(CONNECTION, CLOSE);
        }
        Poll::Ready(Ok(answer))
    }
}
