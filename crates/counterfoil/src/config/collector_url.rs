//! Where a collector takes traces.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};

/// Where OTLP over HTTP takes traces by default.
const USUAL_PATH: &str = "/v1/traces";

/// The URL of a collector, with a path. No user stands in it: what a collector may want as a proof
/// comes in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorUrl(Uri);

/// It is no such URL.
#[derive(Debug, thiserror::Error)]
#[error("no URL of a collector")]
pub struct NoCollectorUrl;

impl CollectorUrl {
    /// The host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        let host = self.0.host().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    pub(crate) fn port(&self) -> u16 {
        let usual = if self.is_encrypted() { 443 } else { 80 };
        self.0.port_u16().unwrap_or(usual)
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Host and port as the header has them.
    pub(crate) fn authority(&self) -> &str {
        self.0
            .authority()
            .map_or("", |authority| authority.as_str())
    }
}

impl FromStr for CollectorUrl {
    type Err = NoCollectorUrl;

    fn from_str(text: &str) -> Result<Self, NoCollectorUrl> {
        let uri: Uri = text.parse().map_err(|_| NoCollectorUrl)?;
        let mut parts = uri.into_parts();
        let scheme = parts.scheme.as_ref().map(Scheme::as_str);
        if !matches!(scheme, Some("http" | "https")) {
            return Err(NoCollectorUrl);
        }
        let authority = parts.authority.as_ref().ok_or(NoCollectorUrl)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(NoCollectorUrl);
        }
        let path = parts.path_and_query.as_ref();
        if path.is_some_and(|path| path.query().is_some()) {
            return Err(NoCollectorUrl);
        }
        if path.is_none_or(|path| path.path() == "/") {
            parts.path_and_query = Some(PathAndQuery::from_static(USUAL_PATH));
        }
        Uri::from_parts(parts).map(Self).map_err(|_| NoCollectorUrl)
    }
}

impl fmt::Display for CollectorUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gets_the_usual_path_unless_it_has_one() {
        for (text, shown) in [
            ("http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("http://localhost:4318/", "http://localhost:4318/v1/traces"),
            ("https://c.example.org/otlp", "https://c.example.org/otlp"),
        ] {
            let url: CollectorUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
        }
        let url: CollectorUrl = "https://[::1]".parse().unwrap();
        assert_eq!(
            (url.host(), url.port(), url.authority()),
            ("::1", 443, "[::1]")
        );
    }

    #[test]
    fn what_is_no_url_of_a_collector_is_refused() {
        for text in [
            "",
            "localhost:4318",
            "/v1/traces",
            "ftp://localhost",
            "http://user:secret@localhost",
            "http://localhost/v1/traces?token=x",
        ] {
            assert!(text.parse::<CollectorUrl>().is_err(), "{text}");
        }
    }
}
