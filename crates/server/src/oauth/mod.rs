//! What apps ask for by themselves in the web application flow and the device flow: a token, what
//! it is good for, its end (wire contract, sections 22 and 23). Its pages are pages like others,
//! `pages/oauth/`.
//!
//! An app is who has its client id and secret. Cookies are not looked at, and no script of another
//! site reads an answer.

mod client;
mod device;
mod exchange;
mod introspect;
mod metadata;
mod no_token;
mod standard_errors;

use axum::extract::Request;
use axum::response::Response;
use counterfoil_wire::oauth::{Encoding, NotAcceptable, TokenError};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::handler::{self, Reply};
use crate::limiter::RateBucket;
use crate::metrics::RouteClass;
use crate::refused::FrontRefused;
use crate::route::{Route, routes};
use crate::surface::{HeaderSet, Policy, Surface};

/// See the module.
pub(crate) static OAUTH: Surface = Surface {
    name: "The flows of apps",
    root: "",
    below: &[],
    routes: ROUTES,
    class: RouteClass::Oauth,
    policy: Policy {
        negotiates: false,
        headers: HeaderSet::Common,
        has_private_mode: false,
        may_ask_again: false,
        bucket: RateBucket::Unlimited,
        nothing_here: |request, state| handler::call(nothing_here, request, state),
        say,
    },
};

static ROUTES: &[Route] = routes! {
    POST "/login/oauth/access_token" => -, AppInBody, AuthorizationCreated, Unlimited, exchange::exchange;
    POST "/login/device/code" => -, AppInBody, -, Unlimited, device::ask;
    POST "/login/oauth/introspect" => -, AppInBody, -, Unlimited, introspect::introspect;
    POST "/login/oauth/revoke" => -, AppInBody, AuthorizationRevoked, Unlimited, introspect::revoke;
    GET "/.well-known/oauth-authorization-server" => -, Nothing, -, Unlimited, metadata::show;
    GET "/.well-known/oauth-authorization-server/login/oauth" => -, Nothing, -, Unlimited, metadata::show;
};

async fn nothing_here(request: Request) -> Response {
    let encoding = encoding(request.headers()).unwrap_or(Encoding::Form);
    refuse(encoding, TokenError::NotFound)
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, NotAcceptable> {
    Encoding::negotiate(headers.get_all(ACCEPT))
}

/// What is said where the front has nothing but the refusal.
#[expect(
    clippy::needless_pass_by_value,
    reason = "as the policy of every surface has it"
)]
fn say(refused: FrontRefused) -> Reply {
    let (status, error) = match refused {
        FrontRefused::InvalidHost => (StatusCode::BAD_REQUEST, TokenError::InvalidRequest),
        FrontRefused::Limited(_) => {
            let refused = refuse(Encoding::Form, TokenError::TooManyRequests);
            return Reply::Response(refused);
        }
        FrontRefused::NotNegotiated(_) | FrontRefused::Private => {
            (StatusCode::NOT_FOUND, TokenError::NotFound)
        }
        FrontRefused::Panicked => (
            StatusCode::INTERNAL_SERVER_ERROR,
            TokenError::TemporarilyUnavailable,
        ),
    };
    let body = error.write(Encoding::Form);
    Reply::Response(answer(status, Encoding::Form, body))
}

/// An error, which most clients expect under the status 200.
fn refuse(encoding: Encoding, error: TokenError) -> Response {
    let (status, retry) = match error {
        TokenError::NotFound => (StatusCode::NOT_FOUND, None),
        TokenError::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, Some(5)),
        TokenError::TemporarilyUnavailable => (StatusCode::SERVICE_UNAVAILABLE, Some(1)),
        _ => (StatusCode::OK, None),
    };
    let mut response = answer(status, encoding, error.write(encoding));
    if let Some(seconds) = retry {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// An answer that nobody keeps.
fn answer(status: StatusCode, encoding: Encoding, body: String) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, encoding.content_type());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
