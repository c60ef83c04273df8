//! What a page says when it cannot do what it is asked for.

use axum::response::Response;
use counterfoil_authority::{Outage, StoreError};
use counterfoil_domain::language::Language;
use counterfoil_html::errors::ErrorPage;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

use super::headers::{self, Ends};

/// See the module.
#[derive(Debug)]
pub(crate) enum PageProblem {
    /// There is nothing here, or nothing that one may see.
    NotFound,
    /// The form came from a page of somebody else, or what it came from cannot be told.
    ForeignForm,
    /// Passwords would be sent over a network in the clear.
    NotEncrypted,
    /// The body is no form.
    NoForm,
    /// The form is larger than any of ours.
    TooLarge,
    /// Whoever asks asked too much.
    Limited,
    /// Too many passwords are being verified.
    Busy,
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for PageProblem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A request that a page can be shown to.
pub(crate) trait Shows {
    /// The page for a visitor, whoever it is.
    fn shown(&self, status: StatusCode, view: &ErrorPage<'_>) -> Response;

    /// The id of the request, by which it is found in the log.
    fn id(&self) -> String;
}

impl<T: Shows> Shows for &T {
    fn shown(&self, status: StatusCode, view: &ErrorPage<'_>) -> Response {
        (**self).shown(status, view)
    }

    fn id(&self) -> String {
        (**self).id()
    }
}

/// After how long a busy server is worth another try, in seconds.
const BUSY: u64 = 1;
/// The same where somebody asked too much.
const TOO_MUCH: u64 = 60;
/// The same where the database is gone.
const GONE: u64 = 60;
/// The same where a node of an older version serves.
const UPDATED: u64 = 60;

/// The page that says so.
pub(crate) fn show(visit: &impl Shows, problem: PageProblem) -> Response {
    let request_id = visit.id();
    let (status, view, retry) = match problem {
        PageProblem::NotFound => (StatusCode::NOT_FOUND, ErrorPage::NotFound, None),
        PageProblem::ForeignForm => (StatusCode::FORBIDDEN, ErrorPage::ForeignForm, None),
        PageProblem::NotEncrypted => (StatusCode::FORBIDDEN, ErrorPage::NotEncrypted, None),
        PageProblem::NoForm => (StatusCode::BAD_REQUEST, ErrorPage::BadRequest, None),
        PageProblem::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, ErrorPage::TooLarge, None),
        PageProblem::Limited => {
            let view = ErrorPage::TooManyRequests { seconds: TOO_MUCH };
            (StatusCode::TOO_MANY_REQUESTS, view, Some(TOO_MUCH))
        }
        PageProblem::Busy => {
            let view = ErrorPage::Busy { seconds: BUSY };
            (StatusCode::SERVICE_UNAVAILABLE, view, Some(BUSY))
        }
        PageProblem::Store(error) => {
            tracing::error!(cause = %error.causes(), "a page failed");
            match error.outage() {
                Outage::Unreachable | Outage::Silent | Outage::Closing => {
                    let status = StatusCode::SERVICE_UNAVAILABLE;
                    (status, ErrorPage::Unavailable, Some(GONE))
                }
                Outage::Updating => {
                    let status = StatusCode::SERVICE_UNAVAILABLE;
                    (status, ErrorPage::Updating, Some(UPDATED))
                }
                Outage::Other => {
                    let view = ErrorPage::Failed {
                        request_id: &request_id,
                    };
                    (StatusCode::INTERNAL_SERVER_ERROR, view, None)
                }
            }
        }
    };
    let mut response = visit.shown(status, &view);
    if let Some(seconds) = retry {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Nobody can say where the request came from, without which nothing is decided.
pub(super) fn unplaced() -> Response {
    plain(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something failed.".to_owned(),
    )
}

/// What is said where nothing is known of who asks.
pub(super) fn plain(status: StatusCode, text: String) -> Response {
    let mut response = headers::page(status, Ends::Here, Language::English, text);
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}
