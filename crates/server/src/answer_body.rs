//! The body of an answer, whole or made while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// The body of an answer.
#[derive(Debug, Default)]
pub struct AnswerBody(Content);

#[derive(Debug)]
enum Content {
    /// All that is left of a body that is known as a whole.
    Whole(Bytes),
    /// Made while it is sent.
    Stream(Body),
}

impl Default for Content {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl From<Bytes> for AnswerBody {
    fn from(body: Bytes) -> Self {
        Self(Content::Whole(body))
    }
}

impl From<Body> for AnswerBody {
    fn from(body: Body) -> Self {
        Self(Content::Stream(body))
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.get_mut().0 {
            Content::Whole(body) => {
                let rest = std::mem::take(body);
                Poll::Ready((!rest.is_empty()).then(|| Ok(Frame::data(rest))))
            }
            Content::Stream(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Whole(body) => body.is_empty(),
            Content::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Whole(body) => SizeHint::with_exact(body.len() as u64),
            Content::Stream(body) => body.size_hint(),
        }
    }
}
