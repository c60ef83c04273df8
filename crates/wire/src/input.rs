//! The bodies of requests: from bytes to types of the domain, or to the problem that says what is
//! wrong with them.
//!
//! A body is looked at, not its `Content-Type`: clients label JSON as form data, and curl does so
//! unless told otherwise (wire contract, section 5). What is refused here is refused whatever the
//! database holds. All work is linear in the size of the body, and what an error repeats of it is
//! bounded.

use serde_json::{Map, Value};

use crate::problem::Problem;

mod administration;
mod app_tokens;
mod create;
mod fields;
mod get_or_create;
mod inspect;
mod numbers;
mod reader;
mod shape;
mod update;

pub use administration::{CreateUser, Impersonation, RenameUser, SuspensionReason};
pub use app_tokens::{ScopedToken, TokenOfApp};
pub use create::{CreateAuthorization, TokenPurpose};
pub use get_or_create::{GetOrCreate, GetOrCreatePath};
pub use shape::{Presence, Shape};
pub use update::UpdateAuthorization;

pub(crate) use inspect::inspect_text;

use counterfoil_domain::app::{ClientId, ClientSecret};
use counterfoil_domain::digest::SecretDigest;

/// The members of a body. A name that stands twice has its last value.
pub type Body = Map<String, Value>;

/// A client id with what is claimed to be its secret. Whether they belong together only the store
/// knows.
#[derive(Clone, Debug)]
pub struct ClientPair {
    /// The client id, of a form that an app can have.
    pub id: ClientId,
    /// What is compared of the client secret.
    pub secret: SecretDigest,
}

impl ClientPair {
    /// The pair in these two texts. An id that no app can have is answered like one that no app
    /// has.
    fn parse(id: &str, secret: &str) -> Result<Self, Problem> {
        Ok(Self {
            id: ClientId::parse(id).map_err(|_| Problem::InvalidClient)?,
            secret: ClientSecret::claimed(secret),
        })
    }
}

/// The object that a body holds, or `None` when there is no body, or one of white space.
///
/// ```
/// use counterfoil_wire::input::body_object;
/// use counterfoil_wire::problem::Problem;
///
/// assert_eq!(body_object(b" \n"), Ok(None));
/// assert_eq!(body_object(b"scopes=repo"), Err(Problem::ParsingJson));
/// assert_eq!(body_object(b"[]"), Err(Problem::NotAnObject));
/// ```
pub fn body_object(bytes: &[u8]) -> Result<Option<Body>, Problem> {
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    match parse(bytes)? {
        Value::Object(object) => Ok(Some(object)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Problem::NotAnObject)
        }
    }
}

/// What the bytes say. The parser refuses what is nested deeper than 128 levels, so neither it nor
/// what follows can run out of stack. It also refuses numbers beyond the largest double, which are
/// JSON: they are cut to that, since a body may have them where nobody reads them.
fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes)
        .or_else(|error| match numbers::cut(bytes) {
            Some(cut) => serde_json::from_slice(&cut),
            None => Err(error),
        })
        .map_err(|_| Problem::ParsingJson)
}

/// What is wrong with a request that needs a body and has none.
fn without_body() -> Problem {
    let complaint = "For 'links/0/schema', nil is not an object.";
    Problem::InvalidRequest(complaint.to_owned())
}

#[cfg(test)]
mod tests;
