//! What a device is told that asks to be let in (wire contract, section 23).

use counterfoil_domain::oauth::{DEVICE_CODE_LIVES, DeviceCode, POLL_INTERVAL, UserCode};
use counterfoil_domain::scope::{Scope, ScopeSet};

use crate::oauth::SITE;
use crate::oauth::encoding::{Encoding, Member};

/// The longest list of names that an answer repeats.
const NAMES_REPEATED: usize = 200;

/// The codes of a device that waits from now on.
#[derive(Clone, Copy)]
pub struct IssuedDeviceCode<'a> {
    /// What the device polls with.
    pub code: &'a DeviceCode,
    /// What the device shows to its user, who types it.
    pub user_code: &'a UserCode,
    /// Where its user types that.
    pub verification_uri: &'a str,
}

impl IssuedDeviceCode<'_> {
    /// The body of the answer, in this encoding.
    pub fn write(&self, encoding: Encoding) -> String {
        let user_code = self.user_code.to_shown();
        encoding.write(&[
            ("device_code", self.code.expose().into()),
            ("user_code", user_code.as_str().into()),
            ("verification_uri", self.verification_uri.into()),
            ("expires_in", Member::Number(DEVICE_CODE_LIVES.as_secs())),
            ("interval", Member::Number(POLL_INTERVAL.as_secs())),
        ])
    }
}

/// Names that a device asks for which are no scopes, as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidScopes(String);

impl InvalidScopes {
    /// The body of the answer, in this encoding.
    pub fn write(&self, encoding: Encoding) -> String {
        let description = format!("The scopes requested are invalid: {}.", self.0);
        encoding.write(&[
            ("error", "invalid_scope".into()),
            ("error_description", description.as_str().into()),
            ("error_uri", SITE.into()),
        ])
    }
}

/// The scopes of these names, which blanks or commas part. Unlike in the web flow, a name of none
/// is refused: nobody looks at what a device prints.
pub fn device_scopes(names: &str) -> Result<ScopeSet, InvalidScopes> {
    let names = names.split([' ', ',', '\t', '\n', '\r']);
    let names = names.filter(|name| !name.is_empty());
    let mut scopes = Vec::new();
    let mut invalid = Vec::new();
    for name in names {
        match Scope::find(name) {
            Some(scope) => scopes.push(scope),
            None => invalid.push(name),
        }
    }
    if invalid.is_empty() {
        return Ok(ScopeSet::from_scopes(scopes));
    }
    let invalid = invalid.join(", ");
    Err(InvalidScopes(
        invalid.chars().take(NAMES_REPEATED).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_no_scope_are_refused_by_name() {
        let scopes = device_scopes("repo,gist  read:org").expect("scopes");
        assert_eq!(scopes.to_string(), "repo gist read:org");
        assert_eq!(device_scopes(" "), Ok(ScopeSet::default()));
        let refused = device_scopes("repo user:read").expect_err("one is none");
        assert_eq!(
            refused.write(Encoding::Json),
            r#"{"error":"invalid_scope","error_description":"The scopes requested are invalid: user:read.","error_uri":"https://docs.github.com"}"#
        );
        let long = device_scopes(&"x".repeat(100_000)).expect_err("it is none");
        assert!(long.write(Encoding::Json).len() < 400);
    }
}
