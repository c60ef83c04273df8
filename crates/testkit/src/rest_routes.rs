//! The rows of the REST API, as tests go through them.

use std::sync::LazyLock;

use counterfoil_domain::audit::Action;
use counterfoil_server::routes::{Credential, REST, RateBucket};
use counterfoil_wire::documentation::Operation;
use http::Method;

/// A row of the REST API that is an operation of the official description.
#[derive(Debug)]
pub struct RestRoute {
    /// The method.
    pub method: Method,
    /// The path under `/api/v3`, as a template.
    pub path: &'static str,
    /// The operation of the official description.
    pub operation: Operation,
    /// What proves who asks.
    pub credential: Credential,
    /// The scopes of which a token needs one.
    pub scopes: &'static [&'static str],
    /// What it writes to the audit trail.
    pub audit: Option<Action>,
    /// How it is counted when rate limits are on.
    pub bucket: RateBucket,
}

/// All of them, in the order of the table. One row is left out: the description of the API itself
/// is no such operation.
pub static REST_ROUTES: LazyLock<Vec<RestRoute>> = LazyLock::new(|| {
    let rows = REST.routes.iter().filter_map(|route| {
        Some(RestRoute {
            method: route
                .method
                .clone()
                .expect("a row of the REST API has a method"),
            path: route.path,
            operation: route.operation?,
            credential: route.credential,
            scopes: route.scopes,
            audit: route.audit,
            bucket: route.bucket,
        })
    });
    rows.collect()
});
