//! `/assets/{name}`: what browsers load beside a page. A name has a digest of the bytes in it, so
//! an answer is kept for ever.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::Response;
use counterfoil_html::assets;
use http::request::Parts;

use super::headers;
use super::problems::{self, PageProblem};
use super::visit::Visit;
use crate::facts::RequestFacts;
use crate::state::ServerState;

/// The last parameter of a path, as it was sent.
pub(super) struct Name(pub(super) String);

impl FromRequestParts<ServerState> for Name {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, Infallible> {
        let facts = RequestFacts::of(parts);
        let name = facts.and_then(|facts| facts.parameters.texts(parts).last());
        Ok(Self(name.unwrap_or_default().to_owned()))
    }
}

/// `GET /assets/{name}`
pub(super) async fn asset(Name(name): Name, visit: Visit) -> Response {
    if let Some(asset) = assets().iter().find(|asset| asset.name == name) {
        return headers::asset(asset.content_type, asset.bytes);
    }
    let mut own = visit.brand().assets();
    match own.find(|asset| asset.name == name) {
        Some(asset) => headers::asset(asset.content_type, asset.bytes.clone()),
        None => problems::show(&visit, PageProblem::NotFound),
    }
}
