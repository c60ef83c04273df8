//! What is known of a request before its handler is called.

use std::ops::Range;

use counterfoil_domain::network::ClientAddress;
use http::request::Parts;

use crate::credential::Credential;
use crate::middleware::access_log::SeenClient;
use crate::middleware::rate_limit::Meter;
use crate::middleware::request_id::RequestId;
use crate::middleware::token_headers::SeenToken;
use crate::middleware::write_limit::WriteMeter;

/// The most parameters of a template.
pub(crate) const PARAMETERS: usize = 4;

/// See the module: the one extension that the front gives a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestFacts {
    /// Its id.
    pub(crate) id: RequestId,
    /// Whose request it is. A request that did not come through the listener has none: whoever asks
    /// then fails loudly instead of counting strangers together.
    pub(crate) address: Option<ClientAddress>,
    /// Whether the client wants to see headers alone: `HEAD` reaches handlers as `GET`.
    pub(crate) is_head: bool,
    /// What stands in the path.
    pub(crate) parameters: Parameters,
    /// The template of the path, which names its parameters; empty if no template matches.
    pub(crate) template: &'static str,
    /// What the path asks for first, whatever the method.
    pub(crate) credential: Option<Credential>,
    /// Where the token that the request came with is left; none where tokens are not taken.
    pub(crate) seen_token: Option<SeenToken>,
    /// Where it is left who asks; none where no line of the log tells.
    pub(crate) client: Option<SeenClient>,
    /// Where the request is counted; none where nothing is limited.
    pub(crate) meter: Option<Meter>,
    /// Where what it changes is counted; none where it changes nothing, or nothing is limited.
    pub(crate) writes: Option<WriteMeter>,
}

impl RequestFacts {
    /// The facts of a request that came through the front.
    pub(crate) fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get()
    }

    /// What the parameters of the path are called, in their order.
    pub(crate) fn parameter_names(&self) -> impl Iterator<Item = &'static str> {
        let segments = self.template.split('/');
        segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// Where the parameters of a template lie in a path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    ranges: [Range<u32>; PARAMETERS],
    count: usize,
}

impl Parameters {
    /// Where they lie in the path that led to this match.
    #[inline]
    pub(crate) fn of(found: &matchit::Params<'_, '_>, path: &str) -> Self {
        let mut parameters = Self::default();
        if found.is_empty() {
            return parameters;
        }
        for (range, (_, value)) in parameters.ranges.iter_mut().zip(found.iter()) {
            // The router hands out parts of the path.
            let start = value.as_ptr().addr() - path.as_ptr().addr();
            *range = narrow(start)..narrow(start + value.len());
            parameters.count += 1;
        }
        parameters
    }

    /// Whether the template has parameters.
    pub(crate) fn are_any(&self) -> bool {
        self.count > 0
    }

    /// The parameters as they stand in the path of the same request.
    pub(crate) fn texts<'p>(&'p self, parts: &'p Parts) -> impl ExactSizeIterator<Item = &'p str> {
        let path = parts.uri.path();
        self.ranges[..self.count].iter().map(move |range| {
            path.get(wide(range.start)..wide(range.end))
                .unwrap_or_default()
        })
    }
}

fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("a head is far smaller")
}

fn wide(place: u32) -> usize {
    usize::try_from(place).expect("32 bits fit into an address")
}
