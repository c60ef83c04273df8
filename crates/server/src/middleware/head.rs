//! `HEAD` works on every `GET` resource: it is answered like `GET`, tag and length included,
//! without the body.

use axum::response::Response;
use http::header::CONTENT_LENGTH;
use hyper::body::Body as _;

use crate::answer_body::AnswerBody;

/// The same answer without its body.
pub(crate) fn without_body(response: Response<AnswerBody>) -> Response<AnswerBody> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, AnswerBody::default())
}
