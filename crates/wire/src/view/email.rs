//! An e-mail address as bodies show it to its owner.

use counterfoil_domain::account::{HeldEmail, Verification};
use schemars::JsonSchema;
use serde::Serialize;

/// One address of a user.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "email")]
pub struct EmailView<'a> {
    email: &'a str,
    primary: bool,
    verified: bool,
    visibility: Option<&'static str>,
}

impl<'a> From<&'a HeldEmail> for EmailView<'a> {
    fn from(held: &'a HeldEmail) -> Self {
        let verified = held.verification == Verification::Verified;
        // Programs sign people in by a primary address, so one that nobody has verified is none.
        let primary = held.primary && verified;
        Self {
            email: held.address.as_str(),
            primary,
            verified,
            visibility: primary.then_some("private"),
        }
    }
}
