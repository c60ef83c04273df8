//! The two bodies of an exchange: a request's, which must arrive in time, and an answer's, whose
//! end is the end of the request.

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::{Buf, Bytes};
use http::HeaderMap;
use http::header::EXPECT;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::activity::{Activity, Protocol, RequestInFlight};
use super::answers::Answers;
use super::watched_stream::{LINGER_BYTES, LINGER_TIME};

/// A request's body took longer to arrive than the setting allows.
///
/// Reading the body fails with this as the source of the error; [`BodyTimedOut::is_behind`] finds
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request's body took too long to arrive")]
pub struct BodyTimedOut;

impl BodyTimedOut {
    /// Whether this is the reason behind an error that reading a body gave.
    pub fn is_behind(error: &(dyn Error + 'static)) -> bool {
        error.is::<Self>() || error.source().is_some_and(Self::is_behind)
    }
}

/// A request's body, with the time by which all of it must be here.
pub(super) struct IncomingBody {
    /// Taken only by the drop.
    inner: Option<Incoming>,
    ended: bool,
    deadline: Instant,
    /// Made when the body first keeps us waiting: most bodies come with the head.
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the rest is discarded when the handler does not read it, which keeps the connection.
    reads_on: bool,
    activity: Arc<Activity>,
}

impl IncomingBody {
    /// The body of the request that has these headers, or none if they say that there is none.
    pub(super) fn of(
        body: Incoming,
        headers: &HeaderMap,
        request: &RequestInFlight,
        time: Duration,
    ) -> Body {
        if body.is_end_stream() {
            return Body::empty();
        }
        let activity = request.activity();
        let reads_on = match activity.protocol() {
            // A client that sent `Expect: 100-continue` waits, and need not send its body at all.
            Protocol::Http1 => {
                body.size_hint().lower() <= to_u64(LINGER_BYTES) && !headers.contains_key(EXPECT)
            }
            Protocol::Http2 => true,
        };
        Body::new(Self {
            inner: Some(body),
            ended: false,
            deadline: request.began() + time,
            timer: None,
            reads_on,
            activity: Arc::clone(activity),
        })
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline;
        self.timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)))
            .as_mut()
            .poll(cx)
    }
}

impl HttpBody for IncomingBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(inner) = &mut self.inner else {
            return Poll::Ready(None);
        };
        match Pin::new(inner).poll_frame(cx) {
            Poll::Ready(Some(frame)) => Poll::Ready(Some(frame.map_err(Into::into))),
            Poll::Ready(None) => {
                self.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => {
                ready!(self.poll_timer(cx));
                self.reads_on = false;
                Poll::Ready(Some(Err(BodyTimedOut.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.inner.as_ref().map(HttpBody::size_hint);
        hint.unwrap_or_default()
    }
}

impl Drop for IncomingBody {
    fn drop(&mut self) {
        if self.ended || self.is_end_stream() {
            return;
        }
        self.activity.leave_body_unread();
        if self.reads_on
            && let Some(rest) = self.inner.take()
            && let Ok(runtime) = Handle::try_current()
        {
            self.activity.begin_reading_on();
            runtime.spawn(read_on(rest, Arc::clone(&self.activity)));
        } else if self.activity.protocol() == Protocol::Http1 {
            self.activity.end_after_answer();
        }
    }
}

/// Discards the rest of a body that its handler did not read, within bounds of time and bytes.
///
/// Many clients send a body after its head and let the next request follow on the same connection.
/// To let go of the body while it is on its way makes hyper close a connection of HTTP/1.1, after
/// an answer that promised more, and the next request is lost. It makes HTTP/2 reset the stream
/// (RFC 9113 section 8.1), and clients that are still sending then, such as curl 7.88, report that
/// instead of the answer.
async fn read_on(rest: Incoming, activity: Arc<Activity>) {
    let read = timeout(LINGER_TIME, throw_away(rest)).await;
    activity.end_reading_on(read.unwrap_or(false));
}

/// Whether the body came to its end.
async fn throw_away(mut body: Incoming) -> bool {
    let mut bytes_left = LINGER_BYTES;
    while bytes_left > 0 {
        match poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                bytes_left = bytes_left.saturating_sub(length);
            }
            Some(Err(_)) => return false,
            None => return true,
        }
    }
    body.is_end_stream()
}

/// An answer's body. The request is in flight as long as it exists, and on HTTP/2 as long as a
/// chunk of it is not on its way.
pub(super) struct BodyInFlight<B> {
    inner: Option<B>,
    answer: AnswerInFlight,
}

/// The request that an answer belongs to.
enum AnswerInFlight {
    /// The socket says whether the answer is taken.
    Http1(RequestInFlight),
    Http2 {
        stream: Arc<AnswerOnStream>,
        /// What is still to come of the bytes that were announced.
        announced: u64,
    },
}

/// An answer on HTTP/2. The library keeps pieces of it as long as the client's window is shut.
struct AnswerOnStream {
    request: RequestInFlight,
    place: usize,
}

impl AnswerOnStream {
    fn begin(request: RequestInFlight, bytes: u64) -> Self {
        let place = request.activity().answers().begin(bytes);
        Self { request, place }
    }

    fn answers(&self) -> &Answers {
        self.request.activity().answers()
    }
}

impl Drop for AnswerOnStream {
    fn drop(&mut self) {
        self.answers().end(self.place);
    }
}

impl<B: HttpBody> BodyInFlight<B> {
    pub(super) fn new(inner: B, request: RequestInFlight) -> Self {
        let answer = match request.activity().protocol() {
            Protocol::Http1 => AnswerInFlight::Http1(request),
            Protocol::Http2 => {
                let announced = inner.size_hint().lower();
                let stream = Arc::new(AnswerOnStream::begin(request, announced));
                AnswerInFlight::Http2 { stream, announced }
            }
        };
        Self {
            inner: Some(inner),
            answer,
        }
    }

    /// No body.
    pub(super) fn none(request: RequestInFlight) -> Self {
        Self {
            inner: None,
            // Nothing of it can be left unread.
            answer: AnswerInFlight::Http1(request),
        }
    }
}

impl AnswerInFlight {
    fn chunk(&mut self, bytes: Bytes) -> Chunk {
        match self {
            Self::Http1(request) => {
                request.activity().note_piece(bytes.len());
                Chunk {
                    bytes,
                    stream: None,
                }
            }
            Self::Http2 { stream, announced } => {
                let length = to_u64(bytes.len());
                let more = length.saturating_sub(*announced);
                *announced = announced.saturating_sub(length);
                if more > 0 {
                    stream.answers().grow(stream.place, more);
                }
                Chunk {
                    bytes,
                    stream: Some(Arc::clone(stream)),
                }
            }
        }
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for BodyInFlight<B> {
    type Data = Chunk;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, B::Error>>> {
        let this = self.get_mut();
        let Some(inner) = &mut this.inner else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(inner).poll_frame(cx));
        let answer = &mut this.answer;
        Poll::Ready(
            frame.map(|frame| frame.map(|frame| frame.map_data(|bytes| answer.chunk(bytes)))),
        )
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let none = || SizeHint::with_exact(0);
        self.inner.as_ref().map_or_else(none, HttpBody::size_hint)
    }
}

/// A chunk of an answer's body. On HTTP/2 it says what the client takes of it.
pub(super) struct Chunk {
    bytes: Bytes,
    stream: Option<Arc<AnswerOnStream>>,
}

impl Chunk {
    fn taken(&self, bytes: usize) {
        if let Some(stream) = &self.stream {
            stream.answers().take(stream.place, to_u64(bytes));
        }
    }
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        self.taken(count);
    }

    fn copy_to_bytes(&mut self, length: usize) -> Bytes {
        self.taken(length);
        self.bytes.copy_to_bytes(length)
    }
}

fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
