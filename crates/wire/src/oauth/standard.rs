//! What clients that are not GitHub's expect of an authorization server: introspection (RFC 7662),
//! revocation (RFC 7009), metadata (RFC 8414), and errors of the token endpoint (RFC 6749).

use counterfoil_domain::id::AccountId;
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::oauth::token_error::TokenError;

/// What a device that polls names as its grant type (RFC 8628).
pub const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The issuer, below the origin.
const ISSUER: &str = "/login/oauth";

/// The issuer that the server at this origin is.
pub fn issuer(origin: &str) -> String {
    format!("{origin}{ISSUER}")
}

/// A token that lives, as an app is told of it.
#[derive(Clone, Copy)]
pub struct ActiveToken<'a> {
    /// What it may do.
    pub scopes: &'a ScopeSet,
    /// The client id of the app that it is of, unless it is a personal one.
    pub client_id: Option<&'a str>,
    /// The login of its owner.
    pub login: &'a str,
    /// The id of its owner.
    pub owner: AccountId,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

impl ActiveToken<'_> {
    /// The answer, of the server at this origin.
    pub fn write(&self, origin: &str) -> String {
        let names: Vec<_> = self.scopes.iter().map(Scope::name).collect();
        let mut members = json!({ "active": true, "scope": names.join(" ") });
        if let Some(client_id) = self.client_id {
            members["client_id"] = client_id.into();
        }
        members["username"] = self.login.into();
        members["token_type"] = "bearer".into();
        members["iat"] = self.issued_at.seconds().into();
        members["sub"] = self.owner.to_string().into();
        members["iss"] = issuer(origin).into();
        if let Some(expires_at) = self.expires_at {
            members["exp"] = expires_at.seconds().into();
        }
        members.to_string()
    }
}

/// The answer about whatever is no live token that the app which asks is told of, whatever else it
/// is.
pub const INACTIVE: &str = r#"{"active":false}"#;

/// An error of these endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandardError {
    /// The client id or secret is wrong or missing.
    InvalidClient,
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// It cannot be done now.
    TemporarilyUnavailable,
}

impl StandardError {
    /// The answer (RFC 6749, section 5.2).
    pub fn write(self) -> String {
        let error = match self {
            Self::InvalidClient => "invalid_client",
            Self::InvalidRequest => "invalid_request",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        };
        json!({ "error": error }).to_string()
    }
}

impl TokenError {
    /// The body of the answer for a client that is not GitHub's (RFC 6749, section 5.2; RFC 8628,
    /// section 3.5).
    pub fn write_standard(self) -> String {
        let (recorded, description) = self.said();
        let (error, description) = match self {
            Self::IncorrectClientCredentials => ("invalid_client", description),
            Self::BadVerificationCode
            | Self::BadRefreshToken
            | Self::RedirectUriMismatch
            | Self::IncorrectDeviceCode
            | Self::UnverifiedUserEmail
            | Self::TooManyTokens => ("invalid_grant", description),
            Self::CodeMissing | Self::RefreshTokenMissing | Self::DeviceCodeMissing => {
                ("invalid_request", "What is to be exchanged is missing.")
            }
            Self::DeviceFlowDisabled => ("unauthorized_client", description),
            Self::TooManyRequests => ("temporarily_unavailable", description),
            Self::NotFound
            | Self::InvalidRequest
            | Self::UnsupportedGrantType
            | Self::TemporarilyUnavailable
            | Self::AuthorizationPending
            | Self::SlowDown { .. }
            | Self::ExpiredToken
            | Self::AccessDenied => (recorded, description),
        };
        json!({ "error": error, "error_description": description }).to_string()
    }
}

/// What this server does, of the server at this origin: nothing that it does not do. `has_iss`
/// where every app is told who answers it.
pub fn metadata(origin: &str, has_iss: bool) -> Value {
    let at = |path: &str| format!("{origin}{ISSUER}{path}");
    let scopes: Vec<_> = Scope::all().map(Scope::name).collect();
    let methods = ["client_secret_basic", "client_secret_post"];
    let mut members = json!({
        "issuer": at(""),
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/access_token"),
        "device_authorization_endpoint": format!("{origin}/login/device/code"),
        "introspection_endpoint": at("/introspect"),
        "revocation_endpoint": at("/revoke"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", DEVICE_GRANT, "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
    });
    if has_iss {
        members["authorization_response_iss_parameter_supported"] = true.into();
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_token_is_told_of_in_the_words_of_the_standard() {
        let scopes = ScopeSet::parse(["repo", "gist"]).expect("scopes");
        let token = ActiveToken {
            scopes: &scopes,
            client_id: Some("abc"),
            login: "mona",
            owner: AccountId(7),
            issued_at: Timestamp::from_seconds(10),
            expires_at: None,
        };
        let lasting = token.write("https://tokens.example.org");
        let expected = r#"{"active":true,"scope":"repo gist","client_id":"abc","username":"mona","token_type":"bearer","iat":10,"sub":"7","iss":"https://tokens.example.org/login/oauth"}"#;
        assert_eq!(lasting, expected);
        let expiring = ActiveToken {
            expires_at: Some(Timestamp::from_seconds(20)),
            ..token
        };
        assert!(expiring.write("").contains(r#""exp":20"#));
        let personal = ActiveToken {
            client_id: None,
            ..token
        };
        let without = expected.replace(r#""client_id":"abc","#, "");
        assert_eq!(personal.write("https://tokens.example.org"), without);
    }

    #[test]
    fn errors_are_told_in_the_words_of_the_standard() {
        for (error, name) in [
            (TokenError::IncorrectClientCredentials, "invalid_client"),
            (TokenError::BadVerificationCode, "invalid_grant"),
            (TokenError::BadRefreshToken, "invalid_grant"),
            (TokenError::RedirectUriMismatch, "invalid_grant"),
            (TokenError::IncorrectDeviceCode, "invalid_grant"),
            (TokenError::UnverifiedUserEmail, "invalid_grant"),
            (TokenError::TooManyTokens, "invalid_grant"),
            (TokenError::InvalidRequest, "invalid_request"),
            (TokenError::CodeMissing, "invalid_request"),
            (TokenError::RefreshTokenMissing, "invalid_request"),
            (TokenError::DeviceCodeMissing, "invalid_request"),
            (TokenError::UnsupportedGrantType, "unsupported_grant_type"),
            (TokenError::DeviceFlowDisabled, "unauthorized_client"),
            (TokenError::AuthorizationPending, "authorization_pending"),
            (TokenError::SlowDown { interval: 10 }, "slow_down"),
            (TokenError::ExpiredToken, "expired_token"),
            (TokenError::AccessDenied, "access_denied"),
            (TokenError::TooManyRequests, "temporarily_unavailable"),
            (
                TokenError::TemporarilyUnavailable,
                "temporarily_unavailable",
            ),
        ] {
            let body: Value = serde_json::from_str(&error.write_standard()).expect("JSON");
            assert_eq!(body["error"], name, "{error:?}");
            let members = body.as_object().map(serde_json::Map::len);
            assert_eq!(members, Some(2), "{error:?}");
        }
    }

    #[test]
    fn metadata_says_that_every_app_is_told_who_answers_only_where_that_is_so() {
        let member = "authorization_response_iss_parameter_supported";
        assert_eq!(metadata("", true)[member], true);
        assert!(metadata("", false).get(member).is_none());
    }
}
