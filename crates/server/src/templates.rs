//! The headers of answers that are made often, put together once.

use counterfoil_wire::gateway::{
    X_AUTH_AUTHORIZATION_ID, X_AUTH_CLIENT_ID, X_AUTH_EXPIRES, X_AUTH_LOGIN, X_AUTH_SCOPES,
    X_AUTH_USER_ID,
};
use counterfoil_wire::header::{self, Audience};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::middleware::common_headers::Template;

/// Room for every header that an answer usually has, those of the front included, so that the map
/// never grows.
pub(crate) const HEADERS: usize = 24;

/// The names of the headers by which a gateway is told who asks, in the order of their values.
pub(crate) const IDENTITY: [HeaderName; 6] = [
    X_AUTH_LOGIN,
    X_AUTH_USER_ID,
    X_AUTH_SCOPES,
    X_AUTH_CLIENT_ID,
    X_AUTH_AUTHORIZATION_ID,
    X_AUTH_EXPIRES,
];

/// The templates of answers that are made often.
pub(crate) struct Templates {
    pub(crate) dated: Template,
    pub(crate) secret: Template,
    pub(crate) gateway: Template,
}

impl Templates {
    pub(crate) fn new(enterprise_version: &HeaderValue) -> Self {
        let json = |audience, places: &[HeaderName]| {
            let fixed = described(audience, None).into_iter();
            let fixed = fixed.filter_map(|(name, value)| Some((name?, value)));
            Template::new(enterprise_version, true, places, fixed)
        };
        let no_store = HeaderValue::from_static("no-store");
        Self {
            dated: json(Audience::User, &[ETAG, LAST_MODIFIED]),
            secret: json(Audience::Secret, &[ETAG]),
            gateway: Template::new(
                enterprise_version,
                false,
                &IDENTITY,
                [(CACHE_CONTROL, no_store)],
            ),
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
