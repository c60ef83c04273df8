//! Headers of every answer, and of every answer of the REST API (wire contract, sections 2 and 12).

use counterfoil_wire::header;
use http::HeaderMap;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, SERVER, STRICT_TRANSPORT_SECURITY,
};

use crate::state::ServerSettings;

/// For which answer the headers are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Whether it is one of the REST API.
    pub(crate) rest: bool,
    /// Whether it goes over TLS.
    pub(crate) tls: bool,
}

/// See the module. Nothing here copies a text: names and values are constants or counted references.
pub(crate) fn add(headers: &mut HeaderMap, place: Place, settings: &ServerSettings) {
    headers.insert(SERVER, header::SERVER);
    for (name, value) in header::SECURITY {
        headers.insert(name, value);
    }
    if place.tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, header::STRICT_TRANSPORT_SECURITY);
    }
    if place.rest {
        headers.insert(
            header::X_GITHUB_ENTERPRISE_VERSION,
            settings.enterprise_version.clone(),
        );
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, header::ALLOW_ORIGIN);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, header::EXPOSE_HEADERS);
    }
}
