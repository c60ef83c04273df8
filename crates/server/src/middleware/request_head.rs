//! The headers of a request that the front looks at, found in one walk over the head: to ask for
//! each by its name costs a hash and a search even when it is not there, and most requests have few
//! headers.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, HOST, IF_MODIFIED_SINCE, IF_NONE_MATCH, ORIGIN, USER_AGENT,
};
use http::{HeaderMap, HeaderValue};

use counterfoil_wire::header::X_GITHUB_API_VERSION;

/// See the module. Of a header that may stand once, the first counts.
#[derive(Default)]
pub(crate) struct RequestHead<'h> {
    pub(crate) accept: Vec<&'h HeaderValue>,
    pub(crate) accept_encoding: Vec<&'h HeaderValue>,
    pub(crate) host: Option<&'h HeaderValue>,
    /// Whether there is more than one host.
    pub(crate) more_hosts: bool,
    pub(crate) if_none_match: Vec<&'h HeaderValue>,
    pub(crate) if_modified_since: Option<&'h HeaderValue>,
    pub(crate) origin: Option<&'h HeaderValue>,
    pub(crate) user_agent: Option<&'h HeaderValue>,
    pub(crate) version: Option<&'h HeaderValue>,
}

/// The values for whoever keeps them. Most requests have none, for which nothing is begun.
pub(crate) fn kept(values: &[&HeaderValue]) -> Vec<HeaderValue> {
    if values.is_empty() {
        return Vec::new();
    }
    values.iter().copied().cloned().collect()
}

impl<'h> RequestHead<'h> {
    pub(crate) fn of(headers: &'h HeaderMap) -> Self {
        let mut head = Self::default();
        for (name, value) in headers {
            if name == HOST {
                head.more_hosts = head.host.replace(value).is_some();
            } else if name == ACCEPT {
                head.accept.push(value);
            } else if name == USER_AGENT {
                head.user_agent.get_or_insert(value);
            } else if name == ACCEPT_ENCODING {
                head.accept_encoding.push(value);
            } else if name == IF_NONE_MATCH {
                head.if_none_match.push(value);
            } else if name == IF_MODIFIED_SINCE {
                head.if_modified_since.get_or_insert(value);
            } else if name == ORIGIN {
                head.origin.get_or_insert(value);
            } else if name == X_GITHUB_API_VERSION {
                head.version.get_or_insert(value);
            }
        }
        head
    }
}
