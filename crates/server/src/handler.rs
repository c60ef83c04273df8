//! What a handler is: a function of extractors that gives a [`Reply`].
//!
//! It is called straight from the table of routes. Its work is one box on the heap, and its answer
//! travels as a value, so that the front finds what it needs without looking for it.

use std::pin::Pin;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

use crate::answer::{Answer, Ready};
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// The work of a handler.
pub(crate) type Work = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// A handler as the table of routes holds it.
pub(crate) type Handler = fn(Request, ServerState) -> Work;

/// What a handler answers, before the front gives it its final form.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A view, in the form that the client wants.
    Answer(Answer),
    /// What is ready to send.
    Ready(Ready),
    /// A refusal.
    Problem(ApiProblem),
    /// Anything else, sent as it is.
    Response(Response),
    /// What another handler of the same surface answers.
    Again(Box<Again>),
}

/// A request that is answered in place of the one that came.
#[derive(Debug)]
pub(crate) struct Again {
    /// Method, path, headers and body.
    pub(crate) request: Request,
    /// What the answer has besides.
    pub(crate) headers: HeaderMap,
}

/// What handlers may return.
pub(crate) trait IntoReply {
    /// The reply.
    fn into_reply(self) -> Reply;
}

impl IntoReply for Reply {
    fn into_reply(self) -> Reply {
        self
    }
}

impl IntoReply for Answer {
    fn into_reply(self) -> Reply {
        Reply::Answer(self)
    }
}

impl IntoReply for Ready {
    fn into_reply(self) -> Reply {
        Reply::Ready(self)
    }
}

impl IntoReply for ApiProblem {
    fn into_reply(self) -> Reply {
        Reply::Problem(self)
    }
}

impl IntoReply for Response {
    fn into_reply(self) -> Reply {
        Reply::Response(self)
    }
}

impl IntoReply for StatusCode {
    fn into_reply(self) -> Reply {
        Reply::Ready(Ready::new(self))
    }
}

impl<T: IntoReply, E: IntoReply> IntoReply for Result<T, E> {
    fn into_reply(self) -> Reply {
        match self {
            Ok(answer) => answer.into_reply(),
            Err(refusal) => refusal.into_reply(),
        }
    }
}

/// Functions that can be handlers. `Arguments` keeps the implementations for each number of
/// extractors apart.
pub(crate) trait Handle<Arguments>: Copy + Send + 'static {
    /// Extracts, calls and converts.
    fn work(self, request: Request, state: ServerState) -> Work;
}

/// Calls a function as a handler.
pub(crate) fn call<A, H: Handle<A>>(handler: H, request: Request, state: ServerState) -> Work {
    handler.work(request, state)
}

impl<F, Done, R> Handle<()> for F
where
    F: FnOnce() -> Done + Copy + Send + 'static,
    Done: Future<Output = R> + Send + 'static,
    R: IntoReply,
{
    fn work(self, _: Request, _: ServerState) -> Work {
        Box::pin(async move { self().await.into_reply() })
    }
}

impl<F, Done, R, M, Last> Handle<(M, Last)> for F
where
    F: FnOnce(Last) -> Done + Copy + Send + 'static,
    Done: Future<Output = R> + Send,
    R: IntoReply,
    Last: FromRequest<ServerState, M> + Send,
{
    fn work(self, request: Request, state: ServerState) -> Work {
        Box::pin(async move {
            let last = match Last::from_request(request, &state).await {
                Ok(last) => last,
                Err(refusal) => return Reply::Response(refusal.into_response()),
            };
            self(last).await.into_reply()
        })
    }
}

/// Of several extractors only the last may take the body.
macro_rules! handle {
    ($($part:ident $value:ident)+) => {
        impl<F, Done, R, M, $($part,)+ Last> Handle<(M, $($part,)+ Last)> for F
        where
            F: FnOnce($($part,)+ Last) -> Done + Copy + Send + 'static,
            Done: Future<Output = R> + Send,
            R: IntoReply,
            $($part: FromRequestParts<ServerState> + Send,)+
            Last: FromRequest<ServerState, M> + Send,
        {
            fn work(self, request: Request, state: ServerState) -> Work {
                Box::pin(async move {
                    let (mut parts, body) = request.into_parts();
                    $(
                        let $value = match $part::from_request_parts(&mut parts, &state).await {
                            Ok(value) => value,
                            Err(refusal) => return Reply::Response(refusal.into_response()),
                        };
                    )+
                    let request = Request::from_parts(parts, body);
                    let last = match Last::from_request(request, &state).await {
                        Ok(last) => last,
                        Err(refusal) => return Reply::Response(refusal.into_response()),
                    };
                    self($($value,)+ last).await.into_reply()
                })
            }
        }
    };
}

handle!(A a);
handle!(A a B b);
handle!(A a B b C c);
handle!(A a B b C c D d);
handle!(A a B b C c D d E e);
