//! Preflight requests of browsers (wire contract, section 12).

use counterfoil_wire::header;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
};
use http::{Method, StatusCode};

use crate::answer::Ready;
use crate::handler::Reply;
use crate::middleware::request_head::RequestHead;

/// The answer to a preflight request; none if this is another.
pub(crate) fn preflight(method: &Method, asked: &RequestHead<'_>) -> Option<Reply> {
    if *method != Method::OPTIONS || asked.origin.is_none() {
        return None;
    }
    let mut ready = Ready::new(StatusCode::NO_CONTENT);
    let headers = &mut ready.headers;
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, header::ALLOW_METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, header::ALLOW_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, header::MAX_AGE);
    Some(Reply::Ready(ready))
}
