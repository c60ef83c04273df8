//! What is asked of a request itself: where it came from, and whether it may go on.

use counterfoil_domain::principal::Origin;
use http::header::USER_AGENT;
use http::request::Parts;

use super::error::AuthError;
use crate::facts::RequestFacts;
use crate::limiter::{Limited, Who};
use crate::middleware::access_log::ProvenClient;

/// Counts the request for the authenticated caller, where rate limits are on, and refuses a change
/// once the caller has made as many as its limit allows.
pub(crate) fn admit(parts: &Parts, who: Who<'_>) -> Result<(), Limited> {
    let Some(facts) = RequestFacts::of(parts) else {
        return Ok(());
    };
    if let Some(meter) = &facts.meter {
        meter.admit(who)?;
    }
    match &facts.writes {
        Some(writes) => writes.admit(who),
        None => Ok(()),
    }
}

/// Tells the log who asks, where a line of it will say so.
pub(crate) fn told(parts: &Parts, client: impl FnOnce() -> ProvenClient) {
    let place = RequestFacts::of(parts).and_then(|facts| facts.client.as_ref());
    if let Some(place) = place {
        place.note(client());
    }
}

/// Where the request came from. The listener and its middleware always say; without their word
/// nothing may be decided.
pub(crate) fn origin(parts: &Parts) -> Result<Origin, AuthError> {
    let facts = RequestFacts::of(parts).ok_or(AuthError::Unplaced)?;
    let address = facts.address.ok_or(AuthError::Unplaced)?;
    let agent = parts
        .headers
        .get(USER_AGENT)
        .map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    Ok(Origin::new(address, agent.as_deref()).of_request(facts.id.in_events()))
}
