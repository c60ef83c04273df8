//! How a browser came to the question. Only whoever opens it by itself sees it, since to see it may
//! be to answer it.

use axum::extract::FromRequestParts;
use counterfoil_html::oauth::FlowProblem;
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::problem;
use crate::facts::RequestFacts;
use crate::pages::headers::{self, Ends};
use crate::pages::visit::{Turned, Visit};
use crate::state::ServerState;

/// A request by a browser that opens the page, whoever is signed in.
pub(in crate::pages) struct Asked {
    pub(super) visit: Visit,
    pub(super) parts: Parts,
}

impl FromRequestParts<ServerState> for Asked {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        // Nothing is decided for who wants to see headers alone.
        if RequestFacts::of(parts).is_some_and(|facts| facts.is_head) {
            return Err(headers::empty(StatusCode::OK, Ends::AtApp).into());
        }
        if is_fetched_beforehand(&parts.headers) {
            return Err(headers::empty(StatusCode::NO_CONTENT, Ends::AtApp).into());
        }
        let visit = Visit::read(parts, state)?;
        if !is_opened_by_itself(&parts.headers) {
            let page = problem(&visit, StatusCode::FORBIDDEN, FlowProblem::NotByItself);
            return Err(page.into());
        }
        let parts = parts.clone();
        Ok(Self { visit, parts })
    }
}

/// Whether a browser looks at the page before anybody wants to see it.
fn is_fetched_beforehand(headers: &HeaderMap) -> bool {
    let says = |name: &str, word: &str| {
        let values = headers.get_all(name).iter();
        let mut values = values.filter_map(|value| value.to_str().ok());
        values.any(|value| value.to_ascii_lowercase().contains(word))
    };
    says("sec-purpose", "prefetch") || says("purpose", "prefetch") || says("x-moz", "prefetch")
}

/// Whether the page is opened, not fetched by a script or shown in another one. A browser that does
/// not say is taken to open it.
fn is_opened_by_itself(headers: &HeaderMap) -> bool {
    let is = |name: &str, expected: &str| {
        let mut values = headers.get_all(name).iter();
        values.all(|value| value == expected)
    };
    is("sec-fetch-dest", "document") && is("sec-fetch-mode", "navigate")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{is_fetched_beforehand, is_opened_by_itself};

    fn headers(sent: &[(&'static str, &'static str)]) -> HeaderMap {
        let headers = sent.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        headers.collect()
    }

    #[test]
    fn only_a_page_that_is_opened_is_one() {
        for (sent, is_opened) in [
            (&[][..], true),
            (
                &[
                    ("sec-fetch-dest", "document"),
                    ("sec-fetch-mode", "navigate"),
                ],
                true,
            ),
            (
                &[("sec-fetch-dest", "iframe"), ("sec-fetch-mode", "navigate")],
                false,
            ),
            (
                &[("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors")],
                false,
            ),
            (&[("sec-fetch-mode", "no-cors")], false),
        ] {
            assert_eq!(is_opened_by_itself(&headers(sent)), is_opened, "{sent:?}");
        }
    }

    #[test]
    fn a_look_beforehand_is_known_by_any_name() {
        for (sent, is_beforehand) in [
            (&[("sec-purpose", "prefetch;prerender")][..], true),
            (&[("purpose", "Prefetch")], true),
            (&[("x-moz", "prefetch")], true),
            (&[("purpose", "navigate")], false),
            (&[], false),
        ] {
            assert_eq!(is_fetched_beforehand(&headers(sent)), is_beforehand);
        }
    }
}
