//! Headers of pages: what a browser may load, where forms may go, and that nothing is kept.

use axum::body::Body;
use axum::response::Response;
use counterfoil_domain::language::Language;
use counterfoil_wire::header;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, SERVER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// Where the forms of a page can lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// To pages of ours.
    Here,
    /// In the end to an app: browsers hold every hop after a form to its page's policy, those of
    /// the app too, and apps open such pages in windows that they listen to.
    AtApp,
}

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

macro_rules! policy {
    ($($more:literal)?) => {
        HeaderValue::from_static(concat!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
            $($more)?
        ))
    };
}

const POLICY: HeaderValue = policy!("; form-action 'self'");
const POLICY_AT_APP: HeaderValue = policy!();

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// A page.
pub(super) fn page(status: StatusCode, ends: Ends, language: Language, html: String) -> Response {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HTML);
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    protect(headers, ends);
    response
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode, ends: Ends) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    protect(response.headers_mut(), ends);
    response
}

/// A text to be kept as a file, which holds a secret.
pub(super) fn file(language: Language, disposition: &'static str, text: String) -> Response {
    let mut response = page(StatusCode::OK, Ends::Here, language, text);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, TEXT);
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    response
}

/// A file that never changes.
pub(super) fn asset(content_type: &'static str, bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    protect(headers, Ends::Here);
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    response
}

fn protect(headers: &mut HeaderMap, ends: Ends) {
    headers.insert(SERVER, header::SERVER);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("deny"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, SAME_ORIGIN);
    headers.insert(RESOURCE_POLICY, SAME_ORIGIN);
    match ends {
        Ends::Here => {
            headers.insert(CONTENT_SECURITY_POLICY, POLICY);
            headers.insert(OPENER_POLICY, SAME_ORIGIN);
        }
        Ends::AtApp => {
            headers.insert(CONTENT_SECURITY_POLICY, POLICY_AT_APP);
        }
    }
}
