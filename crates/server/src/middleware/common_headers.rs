//! Headers of every answer, and of every answer of the REST API (wire contract, sections 2 and 12).
//!
//! To put a header into a map costs a hash and a search, and an answer has eighteen. So answers
//! that are made often are filled into a [`Template`], which has all names in place: to clone it
//! costs less than to add three headers.

use counterfoil_wire::header;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, SERVER, STRICT_TRANSPORT_SECURITY,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::middleware::negotiate::Negotiated;
use crate::middleware::request_id::RequestId;

/// What stands in a place until it is filled.
const EMPTY: HeaderValue = HeaderValue::from_static("");

/// The headers that every answer has, those of encryption apart, and with a release those that
/// every answer of the API has. Names and values are constants or counted references: nothing here
/// copies a text.
pub(crate) fn add(headers: &mut HeaderMap, release: Option<&HeaderValue>) {
    headers.insert(SERVER, header::SERVER);
    for (name, value) in header::SECURITY {
        headers.insert(name, value);
    }
    if let Some(release) = release {
        headers.insert(header::X_GITHUB_ENTERPRISE_VERSION, release.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, header::ALLOW_ORIGIN);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, header::EXPOSE_HEADERS);
    }
}

/// What an answer over TLS has besides.
pub(crate) fn add_for_tls(headers: &mut HeaderMap) {
    headers.insert(STRICT_TRANSPORT_SECURITY, header::STRICT_TRANSPORT_SECURITY);
}

/// All headers of one kind of answer, with empty places for what differs: the request's id first,
/// then `places` in order.
#[derive(Clone, Debug)]
pub(crate) struct Template(HeaderMap);

impl Template {
    /// A template of answers of the API, which name its release, or of others.
    pub(crate) fn new(
        release: Option<&HeaderValue>,
        places: &[HeaderName],
        fixed: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::X_GITHUB_REQUEST_ID, EMPTY);
        headers.extend(places.iter().map(|name| (name.clone(), EMPTY)));
        headers.extend(fixed);
        add(&mut headers, release);
        if release.is_some() {
            Negotiated::default().describe(&mut headers);
        }
        // Filling relies on it, and the map does not promise it.
        let in_order = headers
            .keys()
            .skip(1)
            .zip(places)
            .all(|(one, other)| one == other);
        assert!(
            in_order && headers.keys().next() == Some(&header::X_GITHUB_REQUEST_ID),
            "a map of headers keeps the order in which they were added"
        );
        Self(headers)
    }

    /// The headers with these values in the places; the id's is still empty.
    pub(crate) fn fill<const N: usize>(&self, values: [HeaderValue; N]) -> HeaderMap {
        let mut headers = self.0.clone();
        for (place, value) in headers.values_mut().skip(1).zip(values) {
            *place = value;
        }
        headers
    }
}

/// Writes the request's id where a template has its place, or adds it.
pub(crate) fn set_id(headers: &mut HeaderMap, id: RequestId) {
    match headers.iter_mut().next() {
        Some((name, place)) if *name == header::X_GITHUB_REQUEST_ID => *place = id.header_value(),
        _ => drop(headers.insert(header::X_GITHUB_REQUEST_ID, id.header_value())),
    }
}

#[cfg(test)]
mod tests {
    use http::header::{CACHE_CONTROL, ETAG};

    use super::*;
    use crate::middleware::request_id::RequestIds;

    #[test]
    fn a_template_is_filled_in_the_order_of_its_places() {
        let release = HeaderValue::from_static("3.19.0");
        let fixed = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        let places = [ETAG, header::X_OAUTH_SCOPES];
        let template = Template::new(Some(&release), &places, fixed);
        let mut headers = template.fill(["tag", "repo"].map(HeaderValue::from_static));
        set_id(&mut headers, RequestIds::new([7; 16]).give());
        assert_eq!(headers[ETAG], "tag");
        assert_eq!(headers[header::X_OAUTH_SCOPES], "repo");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::X_GITHUB_REQUEST_ID].len(), 36);
        let mut common = HeaderMap::new();
        add(&mut common, Some(&release));
        for (name, value) in &common {
            assert_eq!(headers.get(name), Some(value), "{name}");
        }
        assert_eq!(headers.len(), headers.keys_len());
    }
}
