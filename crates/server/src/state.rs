//! What handlers and middleware share.

use std::sync::Arc;

use counterfoil_authority::Authority;
use counterfoil_domain::network::TrustedProxies;
use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::Documentation;
use http::HeaderValue;

use crate::metrics::Metrics;
use crate::middleware::request_id::RequestIds;
use crate::ops::Readiness;

/// Settings of the HTTP layer.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The origin that every URL in an answer starts with.
    pub base: ApiBase,
    /// Where errors say the documentation is.
    pub documentation: Documentation,
    /// The release that answers claim to be in `X-GitHub-Enterprise-Version`.
    pub enterprise_version: HeaderValue,
    /// The most bytes of a request's body.
    pub body_bytes: usize,
    /// Proxies whose word about a client's address is taken.
    pub trusted_proxies: Arc<TrustedProxies>,
}

/// The state behind all routes. Cheap to clone.
#[derive(Clone)]
pub struct ServerState(Arc<Shared>);

struct Shared {
    authority: Authority,
    settings: ServerSettings,
    metrics: Metrics,
    request_ids: RequestIds,
    readiness: Readiness,
}

impl ServerState {
    /// State over an authority. `request_id_seed` is random for each process.
    pub fn new(authority: Authority, settings: ServerSettings, request_id_seed: [u8; 16]) -> Self {
        Self(Arc::new(Shared {
            authority,
            settings,
            metrics: Metrics::default(),
            request_ids: RequestIds::new(request_id_seed),
            readiness: Readiness::default(),
        }))
    }

    /// The use cases.
    pub fn authority(&self) -> &Authority {
        &self.0.authority
    }

    pub(crate) fn settings(&self) -> &ServerSettings {
        &self.0.settings
    }

    pub(crate) fn base(&self) -> &ApiBase {
        &self.0.settings.base
    }

    pub(crate) fn documentation(&self) -> &Documentation {
        &self.0.settings.documentation
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.0.request_ids
    }

    pub(crate) fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }
}
