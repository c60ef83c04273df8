//! What a listener hands requests to.

use std::convert::Infallible;
use std::pin::Pin;

use axum::Router;
use axum::body::Body;
use axum::routing::future::RouteFuture;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Body as HttpBody;
use tower::Service as _;

use crate::answer_body::AnswerBody;
use crate::front::{Front, FrontFuture};

/// Something that answers requests. Cheap to clone.
pub trait Answerer: Clone + Send + Sync + 'static {
    /// The body of its answers.
    type Body: HttpBody<Data = Bytes, Error = axum::Error> + Send + Unpin + 'static;
    /// An answer on its way.
    type Answer: Future<Output = Result<Response<Self::Body>, Infallible>> + Send + Unpin + 'static;

    /// Answers a request.
    fn answer(&self, request: Request<Body>) -> Self::Answer;
}

impl Answerer for Front {
    type Body = AnswerBody;
    type Answer = FrontFuture;

    fn answer(&self, request: Request<Body>) -> FrontFuture {
        Self::answer(self, request)
    }
}

/// For what need not be fast.
impl Answerer for Router {
    type Body = Body;
    type Answer = Pin<Box<RouteFuture<Infallible>>>;

    fn answer(&self, request: Request<Body>) -> Self::Answer {
        Box::pin(self.clone().call(request))
    }
}
