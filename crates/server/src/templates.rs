//! The headers of the API's answers that are made often, put together once.

use counterfoil_wire::header::{self, Audience};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::middleware::common_headers::Template;

/// Room for every header that an answer usually has, those of the front included, so that the map
/// never grows.
pub(crate) const HEADERS: usize = 24;

/// The templates of answers that are made often.
pub(crate) struct Templates {
    pub(crate) dated: Template,
    pub(crate) secret: Template,
}

impl Templates {
    pub(crate) fn new(enterprise_version: &HeaderValue) -> Self {
        let json = |audience, places: &[HeaderName]| {
            let fixed = described(audience, None).into_iter();
            let fixed = fixed.filter_map(|(name, value)| Some((name?, value)));
            Template::new(Some(enterprise_version), places, fixed)
        };
        Self {
            dated: json(Audience::User, &[ETAG, LAST_MODIFIED]),
            secret: json(Audience::Secret, &[ETAG]),
        }
    }
}

/// The headers that say how a JSON answer may be kept, with room for more.
pub(crate) fn described(audience: Audience, last_modified: Option<HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(CONTENT_TYPE, header::JSON);
    headers.insert(VARY, header::vary(audience));
    headers.extend(header::cache_control(audience).map(|value| (CACHE_CONTROL, value)));
    headers.extend(last_modified.map(|at| (LAST_MODIFIED, at)));
    headers
}
