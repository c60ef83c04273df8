//! What an app sends to the token endpoint, and what it gets.

use counterfoil_domain::oauth::ExpiringLife;
use counterfoil_domain::scope::{Scope, ScopeSet};
use serde_json::Value;

use crate::oauth::encoding::{Encoding, Member};
use crate::oauth::members::Members;
use crate::oauth::{decoded, parts};

/// The parameters of a request. What is empty counts as not there.
#[derive(Clone, Default)]
pub struct TokenRequest {
    /// What the app wants; a code is exchanged where nothing is said.
    pub grant_type: Option<String>,
    /// The client id and secret, as far as they stand in the body or the query.
    pub client: ClientOf,
    /// The code that the browser brought.
    pub code: Option<String>,
    /// The URL that the code was sent to.
    pub redirect_uri: Option<String>,
    /// The verifier of the challenge.
    pub code_verifier: Option<String>,
    /// The refresh token that the app has.
    pub refresh_token: Option<String>,
    /// The code that a device polls with.
    pub device_code: Option<String>,
    /// The names of scopes, as they were sent.
    pub scope: Option<String>,
    /// The token that something is asked about, or that is to end.
    pub token: Option<String>,
    /// Whether a secret stands in the query, where it ends in logs of others.
    pub has_secret_in_query: bool,
}

/// A client id and a secret, each as far as it was sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientOf {
    /// The client id, of whatever form.
    pub id: Option<String>,
    /// The client secret, of whatever form.
    pub secret: Option<String>,
}

/// The request cannot be read, or a parameter stands there twice with different values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a parameter is repeated or malformed")]
pub struct MalformedRequest {
    /// The client id, if it could be read.
    pub client_id: Option<String>,
}

/// A parameter stands there twice with different values, or is none that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a parameter is repeated or malformed")]
pub struct TokenRequestRefused;

impl TokenRequest {
    /// The parameters in a body, which is JSON if it begins like it and else a form whatever it
    /// calls itself, and in the query.
    pub fn parse(body: &[u8], query: &str) -> Result<Self, MalformedRequest> {
        let mut read = Self::default();
        let of_query = read.read_query(query);
        let of_body = if body.trim_ascii_start().starts_with(b"{") {
            read.read_json(body)
        } else {
            read.read_form(body)
        };
        match of_query.and(of_body) {
            Ok(()) => Ok(read),
            Err(TokenRequestRefused) => Err(MalformedRequest {
                client_id: read.client.id,
            }),
        }
    }

    fn read_query(&mut self, query: &str) -> Result<(), TokenRequestRefused> {
        let mut outcome = Ok(());
        for (name, written) in parts(query) {
            let value = decoded(written);
            let is_said = value.as_ref().is_some_and(|value| !value.is_empty());
            self.has_secret_in_query |= name == "client_secret" && is_said;
            outcome = outcome.and(self.set(&name, value));
        }
        outcome
    }

    fn read_form(&mut self, body: &[u8]) -> Result<(), TokenRequestRefused> {
        let body = str::from_utf8(body).map_err(|_| TokenRequestRefused)?;
        let mut outcome = Ok(());
        // To the end, so that it is known whose request it is.
        for (name, written) in parts(body.trim_ascii()) {
            outcome = outcome.and(self.set(&name, decoded(written)));
        }
        outcome
    }

    fn read_json(&mut self, body: &[u8]) -> Result<(), TokenRequestRefused> {
        let members: Result<Members, _> = serde_json::from_slice(body);
        let mut outcome = Ok(());
        for (name, value) in members.map_err(|_| TokenRequestRefused)?.0 {
            match value {
                Value::String(value) => outcome = outcome.and(self.set(&name, Some(value))),
                Value::Null => {}
                _ if self.place(&name).is_some() => outcome = Err(TokenRequestRefused),
                _ => {}
            }
        }
        outcome
    }

    /// Notes the value of a parameter; none is one that is no text.
    fn set(&mut self, name: &str, value: Option<String>) -> Result<(), TokenRequestRefused> {
        let value = value.ok_or(TokenRequestRefused)?;
        let Some(place) = self.place(name).filter(|_| !value.is_empty()) else {
            return Ok(());
        };
        if place.as_ref().is_some_and(|before| *before != value) {
            return Err(TokenRequestRefused);
        }
        *place = Some(value);
        Ok(())
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "grant_type" => &mut self.grant_type,
            "client_id" => &mut self.client.id,
            "client_secret" => &mut self.client.secret,
            "code" => &mut self.code,
            "redirect_uri" => &mut self.redirect_uri,
            "code_verifier" => &mut self.code_verifier,
            "refresh_token" => &mut self.refresh_token,
            "device_code" => &mut self.device_code,
            "scope" => &mut self.scope,
            "token" => &mut self.token,
            _ => return None,
        })
    }
}

impl ClientOf {
    /// Who it is by both, which must agree where both say something.
    pub fn and(self, other: Self) -> Result<Self, TokenRequestRefused> {
        let one_of = |one: Option<String>, other: Option<String>| match (one, other) {
            (Some(one), Some(other)) if one != other => Err(TokenRequestRefused),
            (one, other) => Ok(one.or(other)),
        };
        Ok(Self {
            id: one_of(self.id, other.id)?,
            secret: one_of(self.secret, other.secret)?,
        })
    }
}

/// A token that was issued.
#[derive(Clone, Copy)]
pub struct IssuedToken<'a> {
    /// The token in the clear, for this one answer.
    pub access_token: &'a str,
    /// What it may do.
    pub scopes: &'a ScopeSet,
    /// By what the app gets the next one, where it expires.
    pub refresh: Option<IssuedRefreshToken<'a>>,
}

/// A refresh token that was issued beside a token.
#[derive(Clone, Copy)]
pub struct IssuedRefreshToken<'a> {
    /// The refresh token in the clear, for this one answer.
    pub refresh_token: &'a str,
    /// Until when both live.
    pub life: ExpiringLife,
}

impl IssuedToken<'_> {
    /// The body of the answer, in this encoding.
    pub fn write(&self, encoding: Encoding) -> String {
        let names: Vec<_> = self.scopes.iter().map(Scope::name).collect();
        let scope = names.join(",");
        let scope = ("scope", scope.as_str().into());
        let (token, kind) = (
            ("access_token", self.access_token.into()),
            ("token_type", "bearer".into()),
        );
        let Some(refresh) = &self.refresh else {
            // In XML the documentation has another order than what was recorded of JSON.
            return match encoding {
                Encoding::Form | Encoding::Json => encoding.write(&[token, kind, scope]),
                Encoding::Xml => encoding.write(&[kind, scope, token]),
            };
        };
        encoding.write(&[
            token,
            ("expires_in", Member::Number(refresh.life.access_seconds())),
            ("refresh_token", refresh.refresh_token.into()),
            (
                "refresh_token_expires_in",
                Member::Number(refresh.life.refresh_seconds()),
            ),
            kind,
            scope,
        ])
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::timestamp::Timestamp;
    use counterfoil_domain::token_life::TokenLife;

    use super::*;
    use crate::oauth::TokenError;

    fn parse(body: &str, query: &str) -> Option<TokenRequest> {
        TokenRequest::parse(body.as_bytes(), query).ok()
    }

    #[test]
    fn a_form_json_and_the_query_say_the_same() {
        let json = r#" {"client_id":"a","client_secret":"b","code":"c","n":1,"redirect_uri":null}"#;
        for (body, query) in [
            ("client_id=a&client_secret=b&code=c", ""),
            (json, ""),
            ("", "client_id=a&client_secret=b&code=c"),
            ("client_id=a&code=c&code=c&redirect_uri=", "client_secret=b"),
        ] {
            let read = parse(body, query).expect("it can be read");
            let client = (read.client.id.as_deref(), read.client.secret.as_deref());
            assert_eq!(
                (client, read.code.as_deref()),
                ((Some("a"), Some("b")), Some("c"))
            );
            assert_eq!(read.redirect_uri, None);
            assert_eq!(read.has_secret_in_query, query.contains("secret"));
        }
    }

    #[test]
    fn what_says_two_things_or_cannot_be_read_is_refused() {
        for (body, query) in [
            ("code=a&code=b", ""),
            ("code=a", "code=b"),
            ("code=%ff", ""),
            (r#"{"code":1}"#, ""),
            (r#"{"code":"a""#, ""),
            (r#"{"code":"a","code":"b"}"#, ""),
            (r#"{"code":"a"}"#, "code=b"),
            (r#"{"code":"a"}{"code":"a"}"#, ""),
        ] {
            assert!(parse(body, query).is_none(), "{body} {query}");
        }
        assert!(TokenRequest::parse(b"code=\xff", "").is_err());
    }

    #[test]
    fn a_client_that_comes_at_two_places_is_the_same() {
        let client = |id: Option<&str>, secret: Option<&str>| ClientOf {
            id: id.map(str::to_owned),
            secret: secret.map(str::to_owned),
        };
        let both = client(Some("a"), Some("b"));
        assert!(both.clone().and(both.clone()) == Ok(both.clone()));
        assert!(both.clone().and(client(Some("a"), None)) == Ok(both.clone()));
        assert!(both.and(client(Some("a"), Some("c"))).is_err());
    }

    #[test]
    fn answers_are_as_recorded() {
        let scopes = ScopeSet::parse(["repo", "gist"]).expect("scopes");
        let issued = IssuedToken {
            access_token: "gho_x",
            scopes: &scopes,
            refresh: None,
        };
        for (encoding, answer) in [
            (
                Encoding::Form,
                "access_token=gho_x&scope=repo%2Cgist&token_type=bearer",
            ),
            (
                Encoding::Json,
                r#"{"access_token":"gho_x","token_type":"bearer","scope":"repo,gist"}"#,
            ),
            (
                Encoding::Xml,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAuth>\n  <token_type>bearer</token_type>\n  <scope>repo,gist</scope>\n  <access_token>gho_x</access_token>\n</OAuth>\n",
            ),
        ] {
            assert_eq!(issued.write(encoding), answer);
        }
        let made_at = Timestamp::from_seconds(1);
        let expiring = IssuedToken {
            refresh: Some(IssuedRefreshToken {
                refresh_token: "ghr_x",
                life: ExpiringLife::of(TokenLife::default(), made_at, made_at),
            }),
            ..issued
        };
        for (encoding, answer) in [
            (
                Encoding::Form,
                "access_token=gho_x&expires_in=28800&refresh_token=ghr_x&refresh_token_expires_in=15897600&scope=repo%2Cgist&token_type=bearer",
            ),
            (
                Encoding::Json,
                r#"{"access_token":"gho_x","expires_in":28800,"refresh_token":"ghr_x","refresh_token_expires_in":15897600,"token_type":"bearer","scope":"repo,gist"}"#,
            ),
            (
                Encoding::Xml,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAuth>\n  <access_token>gho_x</access_token>\n  <expires_in>28800</expires_in>\n  <refresh_token>ghr_x</refresh_token>\n  <refresh_token_expires_in>15897600</refresh_token_expires_in>\n  <token_type>bearer</token_type>\n  <scope>repo,gist</scope>\n</OAuth>\n",
            ),
        ] {
            assert_eq!(expiring.write(encoding), answer);
        }
        let bad = TokenError::BadRefreshToken.write(Encoding::Json);
        let expected = r#"{"error":"bad_refresh_token","error_description":"The refresh token passed is incorrect or expired.","error_uri":"https://docs.github.com"}"#;
        assert_eq!(bad, expected);
        let bad = TokenError::BadVerificationCode.write(Encoding::Json);
        let expected = r#"{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired.","error_uri":"https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#bad-verification-code"}"#;
        assert_eq!(bad, expected);
        let unknown = TokenError::NotFound.write(Encoding::Json);
        assert_eq!(unknown, r#"{"error":"Not Found"}"#);
    }
}
