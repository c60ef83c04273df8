//! The two bodies of an exchange: a request's, which must arrive in time, and an answer's, whose end is the end of the
//! request.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::{Activity, RequestInFlight};

/// A request's body took longer to arrive than the setting allows.
///
/// Reading the body fails with this as the source of the error; [`BodyTimedOut::is_behind`] finds it.
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
    inner: Incoming,
    ended: bool,
    deadline: Instant,
    /// Made when the body first keeps us waiting: most bodies come with the head.
    timer: Option<Pin<Box<Sleep>>>,
    activity: Arc<Activity>,
}

impl IncomingBody {
    /// The body of this request, or none if the head says that there is none.
    pub(super) fn of(body: Incoming, request: &RequestInFlight, time: Duration) -> Body {
        if body.is_end_stream() {
            return Body::empty();
        }
        Body::new(Self {
            inner: body,
            ended: false,
            deadline: request.began() + time,
            timer: None,
            activity: Arc::clone(request.activity()),
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
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(frame)) => Poll::Ready(Some(frame.map_err(Into::into))),
            Poll::Ready(None) => {
                self.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => self.poll_timer(cx).map(|()| Some(Err(BodyTimedOut.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for IncomingBody {
    fn drop(&mut self) {
        if !self.ended && !self.inner.is_end_stream() {
            self.activity.leave_body_unread();
        }
    }
}

/// An answer's body. The request is in flight as long as it exists.
pub(super) struct AnswerBody {
    inner: Body,
    _request: RequestInFlight,
}

impl AnswerBody {
    pub(super) fn new(inner: Body, request: RequestInFlight) -> Self {
        Self {
            inner,
            _request: request,
        }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
