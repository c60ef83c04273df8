//! Compression of answers, and what it does to their tags (wire contract, section 9).
//!
//! An answer that holds a token, a secret or a code is never compressed: its length must tell
//! nothing about what else is in it. The tag of a compressed answer is weak, since the bytes on the
//! wire are no longer those it was made from.

use std::convert::Infallible;
use std::future::ready;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use axum::response::Response;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG};
use http::{Extensions, HeaderMap, HeaderValue, Request, StatusCode, Version};
use hyper::body::Body as _;
use tower::{Layer, Service, service_fn};
use tower_http::compression::CompressionLayer;

use crate::answer_body::AnswerBody;

/// Bytes below which compression gains nothing.
const SMALLEST: u64 = 512;

/// The answer as a client with these `Accept-Encoding` headers gets it.
pub(crate) fn compress(
    response: Response<AnswerBody>,
    accepted: &[HeaderValue],
) -> Response<AnswerBody> {
    if !may_be_compressed(&response) {
        return response;
    }
    let status = response.status();
    let mut response = compressed(response, accepted);
    // The library says 406 when no coding it knows is accepted. What was done must not look undone
    // because of that.
    *response.status_mut() = status;
    weaken_tag(&mut response);
    response
}

fn may_be_compressed(response: &Response<AnswerBody>) -> bool {
    let secret = response
        .headers()
        .get(CACHE_CONTROL)
        .is_some_and(|value| value == "no-store");
    let large = response
        .body()
        .size_hint()
        .exact()
        .is_none_or(|length| length >= SMALLEST);
    !secret && large
}

/// The library compresses as a layer around a service; here that is one that has its answer
/// already.
fn compressed(response: Response<AnswerBody>, accepted: &[HeaderValue]) -> Response<AnswerBody> {
    let mut request = Request::new(());
    for value in accepted {
        request.headers_mut().append(ACCEPT_ENCODING, value.clone());
    }
    let mut answer = Some(response);
    let answer =
        service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(answer.take().unwrap_or_default())));
    let always: fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool = |_, _, _, _| true;
    let mut service = CompressionLayer::new().compress_when(always).layer(answer);
    let compressing = pin!(service.call(request));
    match compressing.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => response.map(|body| AnswerBody::from(Body::new(body))),
        Poll::Pending => unreachable!("the answer is there already"),
    }
}

/// Weakens the tag of an answer that was compressed.
fn weaken_tag(response: &mut Response<AnswerBody>) {
    if response.headers().contains_key(CONTENT_ENCODING)
        && let Some(tag) = response.headers_mut().get_mut(ETAG)
        && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
    {
        *tag = weak;
    }
}
