//! Which version of the API answers, and in which media type (wire contract, section 11).

use counterfoil_wire::media_type::MediaType;
use counterfoil_wire::problem::Problem;
use counterfoil_wire::{header, version};
use http::{HeaderMap, HeaderValue};

use crate::middleware::request_head::RequestHead;

/// What most clients accept: nothing has to be weighed for these.
const PLAIN: [&str; 4] = [
    "*/*",
    "application/vnd.github+json",
    "application/vnd.github.v3+json",
    "application/json",
];

/// What was agreed on. What is refused is answered in the default version and media type.
#[derive(Debug)]
pub(crate) struct Negotiated {
    version: &'static str,
    /// None for the default.
    media_type: Option<HeaderValue>,
}

impl Default for Negotiated {
    fn default() -> Self {
        Self {
            version: version::SUPPORTED[0],
            media_type: None,
        }
    }
}

/// See the module.
pub(crate) fn negotiate(asked: &RequestHead<'_>) -> Result<Negotiated, Problem> {
    let version = version::select(asked.version)?;
    let media_type = match asked.accept.as_slice() {
        [] => None,
        [accept] if PLAIN.iter().any(|plain| accept == plain) => None,
        accept => Some(MediaType::negotiate(accept.iter().copied())?.header_value()),
    };
    Ok(Negotiated {
        version,
        media_type,
    })
}

impl Negotiated {
    /// Says on an answer what was agreed on.
    pub(crate) fn describe(&self, headers: &mut HeaderMap) {
        headers.insert(
            header::X_GITHUB_API_VERSION_SELECTED,
            HeaderValue::from_static(self.version),
        );
        let media_type = self.media_type.clone();
        let media_type = media_type.unwrap_or_else(|| MediaType::default().header_value());
        headers.insert(header::X_GITHUB_MEDIA_TYPE, media_type);
    }

    /// Whether this is what is agreed on when nothing is asked for.
    pub(crate) fn is_default(&self) -> bool {
        self.media_type.is_none() && self.version == version::SUPPORTED[0]
    }
}
