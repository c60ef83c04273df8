//! The description of the API, an `OpenAPI` document (wire contract, section 20).
//!
//! Which routes there are, who may ask and what is refused for that comes from the table of routes;
//! what an operation is called, takes and answers stands in [`operations`]. The schemas are those
//! of the views and of the bodies that are read.

mod document;
mod operations;
mod parameters;
mod query;
mod responses;
mod success;

use counterfoil_domain::id::AccountId;
use counterfoil_wire::base::ApiBase;
use serde_json::Value;

use crate::answer::Answer;
use crate::route::Route;
use crate::state::{ServerSettings, ServerState};

/// The answer to whoever asks. It is the same for everybody, and made when somebody first asks.
pub(super) fn show(routes: &[Route], state: &ServerState) -> Answer {
    let made = state.api_description(|| {
        let description = api_description(routes, state.base(), state.settings());
        description.to_string().into()
    });
    // It is nobody's own, and nobody has the id 0.
    Answer::of_body(AccountId(0), made.clone())
}

/// The description of an API of these routes, as it is served under this base with these settings.
pub fn api_description(routes: &[Route], base: &ApiBase, settings: &ServerSettings) -> Value {
    document::describe(routes, base, settings)
}
