//! Requests of whoever it is can be answered with a page that says why there is no other one.

use axum::response::Response;
use counterfoil_html::errors::ErrorPage;
use http::StatusCode;

use super::headers::Ends;
use super::problems::Shows;
use super::visit::{Fresh, Signed, Visit};

impl Shows for Visit {
    fn shown(&self, status: StatusCode, view: &ErrorPage<'_>) -> Response {
        self.page(status, Ends::Here, view)
    }

    fn id(&self) -> String {
        self.request_id()
    }
}

impl Shows for Signed {
    fn shown(&self, status: StatusCode, view: &ErrorPage<'_>) -> Response {
        Visit::page(self, status, Ends::Here, view)
    }

    fn id(&self) -> String {
        self.request_id()
    }
}

impl Shows for Fresh {
    fn shown(&self, status: StatusCode, view: &ErrorPage<'_>) -> Response {
        Visit::page(self, status, Ends::Here, view)
    }

    fn id(&self) -> String {
        self.request_id()
    }
}
