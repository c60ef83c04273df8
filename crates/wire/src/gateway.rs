//! What a gateway is told: who is asking, in headers that it hands on to what it protects, or why
//! not, by the challenges of bearer tokens (RFC 6750, section 3).

pub mod needed;
pub mod presented;

use counterfoil_domain::scope::Scope;
use http::{HeaderName, HeaderValue};

/// The login of the token's owner.
pub const X_AUTH_LOGIN: HeaderName = HeaderName::from_static("x-auth-login");
/// The id of the token's owner.
pub const X_AUTH_USER_ID: HeaderName = HeaderName::from_static("x-auth-user-id");
/// The scopes of the token that count, sorted by byte value and joined by `, `; empty when there
/// are none.
pub const X_AUTH_SCOPES: HeaderName = HeaderName::from_static("x-auth-scopes");
/// The client id of the token's app; empty for a token of no app.
pub const X_AUTH_CLIENT_ID: HeaderName = HeaderName::from_static("x-auth-client-id");
/// The id of the token's record.
pub const X_AUTH_AUTHORIZATION_ID: HeaderName = HeaderName::from_static("x-auth-authorization-id");
/// When the token expires, as RFC 3339 writes it, in UTC and whole seconds; empty when it does not.
pub const X_AUTH_EXPIRES: HeaderName = HeaderName::from_static("x-auth-expires");

/// What protected things are called in a challenge: printable ASCII without quotation marks and
/// backslashes, so that it can be quoted as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realm(String);

/// Why a request is refused, as far as a challenge says it (RFC 6750, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeError {
    /// Several tokens were sent, or one in several ways that do not agree.
    InvalidRequest,
    /// The token is ill formed, unknown or ended.
    InvalidToken,
}

impl Realm {
    /// What an installation says unless it has another name for it.
    pub const DEFAULT: &str = "Counterfoil";

    /// The realm in `text`.
    pub fn parse(text: &str) -> Option<Self> {
        let printable = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
        let fits = (1..=100).contains(&text.len()) && text.bytes().all(printable);
        fits.then(|| Self(text.to_owned()))
    }

    /// The text, which may stand between quotation marks as it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The challenge to whoever sent no token at all: it names no error.
    pub fn challenge(&self) -> HeaderValue {
        self.value("")
    }

    /// The challenge to whoever sent a token by which the request is refused.
    pub fn refusal(&self, error: ChallengeError) -> HeaderValue {
        self.value(match error {
            ChallengeError::InvalidRequest => ", error=\"invalid_request\"",
            ChallengeError::InvalidToken => ", error=\"invalid_token\"",
        })
    }

    /// The challenge to whoever sent a token without a scope that is needed, and which are.
    pub fn insufficient(&self, needed: &[Scope]) -> HeaderValue {
        let names: Vec<_> = needed.iter().map(|scope| scope.name()).collect();
        let scope = match names.as_slice() {
            [] => String::new(),
            names => format!(", scope=\"{}\"", names.join(" ")),
        };
        self.value(&format!(", error=\"insufficient_scope\"{scope}"))
    }

    /// [`Realm::challenge`] and [`Realm::refusal`] for clients that send tokens only as a Basic
    /// password, and only when they are asked to, as git does.
    pub fn offering_basic(&self, challenge: &HeaderValue) -> HeaderValue {
        let basic = format!(", Basic realm=\"{}\"", self.0);
        HeaderValue::from_bytes(&[challenge.as_bytes(), basic.as_bytes()].concat())
            .expect("a realm is printable")
    }

    fn value(&self, rest: &str) -> HeaderValue {
        HeaderValue::from_str(&format!("Bearer realm=\"{}\"{rest}", self.0))
            .expect("a realm and names of scopes are printable")
    }
}

impl Default for Realm {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_those_of_bearer_tokens() {
        let realm = Realm::default();
        assert_eq!(realm.challenge(), "Bearer realm=\"Counterfoil\"");
        assert_eq!(
            realm.refusal(ChallengeError::InvalidToken),
            "Bearer realm=\"Counterfoil\", error=\"invalid_token\""
        );
        let needed = ["repo", "read:org"].map(|name| Scope::find(name).unwrap());
        assert_eq!(
            realm.insufficient(&needed),
            "Bearer realm=\"Counterfoil\", error=\"insufficient_scope\", scope=\"repo read:org\""
        );
        assert_eq!(
            realm.insufficient(&[]),
            "Bearer realm=\"Counterfoil\", error=\"insufficient_scope\""
        );
        assert_eq!(
            realm.offering_basic(&realm.challenge()),
            "Bearer realm=\"Counterfoil\", Basic realm=\"Counterfoil\""
        );
    }

    #[test]
    fn a_realm_can_be_quoted_as_it_is() {
        assert!(Realm::parse("The tokens of Acme, Inc.").is_some());
        for text in ["", "a\"b", "a\\b", "a\nb", "é"] {
            assert!(Realm::parse(text).is_none(), "{text}");
        }
    }
}
