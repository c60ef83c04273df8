//! What each refusal of a use case is on the wire.

mod administration;
mod organizations;
mod tokens;
