//! What answers requests: the REST API and what stands beside it, and what only operators see.

use axum::Router;
use axum::routing::get;
use counterfoil_authority::Authority;

use crate::front::Front;
use crate::ops::{healthz, metrics, readyz};
use crate::routing::Routing;
use crate::state::{ServerSettings, ServerState};

impl ServerState {
    /// State over an authority. `request_id_seed` is random for each process.
    pub fn new(authority: Authority, settings: ServerSettings, request_id_seed: [u8; 16]) -> Self {
        let routing = Routing::new(settings.legacy_token_urls);
        let templates = routing.templates().map(str::to_owned).collect();
        Self::of(authority, settings, request_id_seed, templates)
    }
}

/// The whole server: all routes, with what holds for every request around them.
pub fn app(state: ServerState) -> Front {
    // The same settings make the same routes, with the templates that the state counts under.
    let routing = Routing::new(state.settings().legacy_token_urls);
    Front::new(state, routing)
}

/// What operators see on a port of its own: health checks and metrics.
pub fn ops(state: ServerState) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(state)
}
