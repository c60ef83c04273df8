//! What handlers and middleware share.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use counterfoil_authority::{Authority, StoreError};
use counterfoil_domain::language::Language;
use counterfoil_domain::network::TrustedProxies;
use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_domain::time_zone::Zone;
use counterfoil_html::Brand;
use counterfoil_html::admin::settings::SettingInForce;
use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::Documentation;
use http::HeaderValue;

use crate::gateway::{Gateway, GatewaySettings};
use crate::limiter::{RateLimiter, of_writes};
use crate::listen::ConnectionCounts;
use crate::metrics::{Listener, Metrics};
use crate::middleware::access_log::LoggedClients;
use crate::middleware::request_id::RequestIds;
use crate::origins::{Origin, Origins, PerOrigin};
use crate::readiness::Readiness;
use crate::templates::Templates;

/// Whether older token URLs are served, which have a token in their path (wire contract, section
/// 17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LegacyTokenUrls {
    /// They are paths like any other that nobody knows.
    #[default]
    Absent,
    /// They are, for clients that know nothing newer.
    Served,
}

/// Who is answered without credentials under the REST API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strangers {
    /// Whoever asks for what everybody may see.
    #[default]
    Served,
    /// Nobody: private mode.
    Refused,
}

/// Makes a span part of the trace that a `traceparent` header names.
pub type ContinueTrace = fn(&tracing::Span, &str);

/// Settings of the pages.
#[derive(Clone, Debug)]
pub struct PageSettings {
    /// What the installation calls itself.
    pub brand: Brand,
    /// The language of pages where neither who looks nor their browser wants another one of ours.
    pub language: Language,
    /// The time zone of pages where who looks has none.
    pub zone: Zone,
}

impl Default for PageSettings {
    fn default() -> Self {
        Self {
            brand: Brand::default(),
            language: Language::default(),
            zone: Zone::utc(),
        }
    }
}

/// Settings of the HTTP layer.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The origins that URLs in answers start with.
    pub origins: Origins,
    /// Where errors say the documentation is.
    pub documentation: Documentation,
    /// The release that answers claim to be in `X-GitHub-Enterprise-Version`.
    pub enterprise_version: HeaderValue,
    /// The most bytes of a request's body.
    pub body_bytes: usize,
    /// Whether older token URLs are served.
    pub legacy_token_urls: LegacyTokenUrls,
    /// Proxies whose word about a client's address is taken.
    pub trusted_proxies: Arc<TrustedProxies>,
    /// What gateways may ask.
    pub gateway: GatewaySettings,
    /// How many requests somebody may make; none means any number.
    pub rate_limits: Option<RateLimits>,
    /// How much a user or an app may change in an hour; 0 means any number of things.
    pub writes_per_hour: u32,
    /// Who is answered without credentials under the REST API.
    pub strangers: Strangers,
    /// The commit that the program was built from, for the metrics.
    pub commit: &'static str,
    /// How pages look, and in which language and time zone they are made.
    pub pages: PageSettings,
    /// Whether the log says who sent a request.
    pub logged_clients: LoggedClients,
    /// How the span of a request becomes a part of the trace that a trusted proxy names; asked for
    /// only where there is a span.
    pub continue_trace: Option<ContinueTrace>,
}

/// The state behind all routes, as one request sees it. Cheap to clone.
#[derive(Clone)]
pub struct ServerState {
    shared: Arc<Shared>,
    /// What URLs in the answer begin with.
    origin: Origin,
}

struct Shared {
    authority: Authority,
    settings: ServerSettings,
    route_templates: Vec<String>,
    templates: Templates,
    metrics: Metrics,
    request_ids: RequestIds,
    readiness: Readiness,
    gateway: Gateway,
    rate_limiter: Option<RateLimiter>,
    write_limiter: Option<RateLimiter>,
    api_description: PerOrigin<Bytes>,
    settings_in_force: ArcSwap<Vec<SettingInForce>>,
}

impl ServerState {
    /// State over an authority, for requests to these templates of routes.
    pub(crate) fn of(
        authority: Authority,
        settings: ServerSettings,
        request_id_seed: [u8; 16],
        route_templates: Vec<String>,
    ) -> Self {
        let gateway = Gateway::new(settings.gateway.clone());
        let rate_limiter = settings.rate_limits.map(RateLimiter::new);
        let writes = settings.writes_per_hour;
        let write_limiter = (writes > 0).then(|| RateLimiter::new(of_writes(writes)));
        let templates = Templates::new(&settings.enterprise_version);
        let metrics = Metrics::new(route_templates.iter().map(String::as_str), settings.commit);
        let shared = Shared {
            authority,
            templates,
            settings,
            metrics,
            route_templates,
            request_ids: RequestIds::new(request_id_seed),
            readiness: Readiness::default(),
            gateway,
            rate_limiter,
            write_limiter,
            api_description: PerOrigin::default(),
            settings_in_force: ArcSwap::default(),
        };
        Self {
            shared: Arc::new(shared),
            origin: Origin::default(),
        }
    }

    /// The same for the answer to a request that came to this origin.
    pub(crate) fn at(&self, origin: Origin) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            origin,
        }
    }

    /// The use cases.
    pub fn authority(&self) -> &Authority {
        &self.shared.authority
    }

    /// Looks for whom the names in the gateway's rules stand for, so that the log says at once
    /// which stand for nobody.
    pub async fn bind_gateway_names(&self) -> Result<(), StoreError> {
        self.gateway().bind_names(self.authority()).await
    }

    /// Takes other settings of the gateway check over, for the requests from now on.
    pub fn replace_gateway_settings(&self, settings: GatewaySettings) {
        self.gateway().replace(settings);
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.shared.gateway
    }

    /// The rate limits, where there are some.
    pub(crate) fn rate_limiter(&self) -> Option<&RateLimiter> {
        self.shared.rate_limiter.as_ref()
    }

    /// The bound on changes, where there is one.
    pub(crate) fn write_limiter(&self) -> Option<&RateLimiter> {
        self.shared.write_limiter.as_ref()
    }

    pub(crate) fn settings(&self) -> &ServerSettings {
        &self.shared.settings
    }

    /// What URLs in the answer begin with.
    pub(crate) fn base(&self) -> &ApiBase {
        self.shared.settings.origins.base(self.origin)
    }

    /// Which one [`ServerState::base`] is: what is kept ready with URLs in it is kept for each.
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    pub(crate) fn documentation(&self) -> &Documentation {
        &self.shared.settings.documentation
    }

    /// The description of the API with URLs of this origin, made if nobody asked for it yet.
    pub(crate) fn api_description(&self, make: impl FnOnce() -> Bytes) -> &Bytes {
        self.shared.api_description.get(self.origin, make)
    }

    pub(crate) fn templates(&self) -> &Templates {
        &self.shared.templates
    }

    /// The template of a route, by its place among all of them.
    pub(crate) fn template(&self, place: Option<usize>) -> Option<&str> {
        let template = self.shared.route_templates.get(place?);
        template.map(String::as_str)
    }

    /// Where the listener for clients is to count its connections, for the metrics.
    pub fn connection_counts(&self) -> &ConnectionCounts {
        self.metrics().connection_counts()
    }

    /// Has the metrics tell the bounds of the listener for clients.
    pub fn tell_of_listener(&self, listener: Listener) {
        self.metrics().tell_of(listener);
    }

    /// Has the page of administrators tell these settings from now on: what the whole program goes
    /// by, of which this layer knows its part alone.
    pub fn tell_of_settings(&self, settings: Vec<SettingInForce>) {
        self.shared.settings_in_force.store(Arc::new(settings));
    }

    pub(crate) fn settings_in_force(&self) -> Arc<Vec<SettingInForce>> {
        self.shared.settings_in_force.load_full()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.shared.request_ids
    }

    pub(crate) fn readiness(&self) -> &Readiness {
        &self.shared.readiness
    }
}
