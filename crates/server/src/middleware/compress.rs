//! Compression of answers, and what it does to their tags (wire contract, section 9).
//!
//! An answer that holds a token, a secret or a code is never compressed: its length must tell nothing about what else is in
//! it. The tag of a compressed answer is weak, since the bytes on the wire are no longer those it was made from.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

/// Bytes below which compression gains nothing.
const SMALLEST: u64 = 512;

type Worthwhile = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// The layer that compresses.
pub(crate) fn layer() -> CompressionLayer<And<SizeAbove, Worthwhile>> {
    CompressionLayer::new()
        .compress_when(SizeAbove::new(SMALLEST).and(may_be_compressed as Worthwhile))
}

fn may_be_compressed(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers
        .get(CACHE_CONTROL)
        .is_none_or(|value| value != "no-store")
}

/// Weakens the tag of an answer that was compressed.
pub(crate) async fn weaken_tag(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.headers().contains_key(CONTENT_ENCODING)
        && let Some(tag) = response.headers_mut().get_mut(ETAG)
        && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
    {
        *tag = weak;
    }
    response
}
