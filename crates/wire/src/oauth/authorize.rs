//! What an app asks for in the address that it leads a browser to, and what the browser brings
//! back.

use counterfoil_domain::oauth::{AuthorizationCode, State};
use counterfoil_domain::scope::{Scope, ScopeSet};
use form_urlencoded::Serializer;

use crate::oauth::{SITE, decoded, parts};

/// The parameters of a request. What is empty counts as not there, but for a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorizeQuery {
    /// The app that asks, by the id that it claims.
    pub client_id: Option<String>,
    /// Where the answer is to go.
    pub redirect_uri: Option<String>,
    /// As whom the user is to sign in.
    pub login: Option<String>,
    /// The scopes; none if the app names none. Names of no scope are left out.
    pub scopes: Option<ScopeSet>,
    /// What the app wants back, as it is written.
    pub state: Option<String>,
    /// Whether the user is to choose who they are.
    pub prompt: Option<String>,
    /// Of a verifier that comes with the code.
    pub code_challenge: Option<String>,
    /// How it was made.
    pub code_challenge_method: Option<String>,
    /// What is asked for, as other servers want it said.
    pub response_type: Option<String>,
    /// The names of scopes, as they were sent.
    scope: Option<String>,
    /// A parameter that stands there twice with different values, or is no text.
    pub unclear: Option<&'static str>,
}

impl AuthorizeQuery {
    /// The parameters in a query. Those that nobody here knows are passed over.
    pub fn parse(query: &str) -> Self {
        let mut read = Self::default();
        let mut seen: Vec<(&'static str, &str)> = Vec::new();
        for (name, written) in parts(query) {
            let Some((name, place)) = read.place(&name) else {
                continue;
            };
            let before = seen.iter().find(|(seen, _)| *seen == name);
            if before.is_some_and(|(_, before)| *before != written) {
                read.unclear = read.unclear.or(Some(name));
                continue;
            }
            seen.push((name, written));
            if name == "state" {
                *place = Some(written.to_owned());
                continue;
            }
            match decoded(written) {
                Some(value) => *place = Some(value).filter(|value| !value.is_empty()),
                None => read.unclear = read.unclear.or(Some(name)),
            }
        }
        read.scopes = read.scope.take().map(|names| scopes_in(&names));
        read
    }

    /// Where the value of a parameter is kept.
    fn place(&mut self, name: &str) -> Option<(&'static str, &mut Option<String>)> {
        Some(match name {
            "client_id" => ("client_id", &mut self.client_id),
            "redirect_uri" => ("redirect_uri", &mut self.redirect_uri),
            "login" => ("login", &mut self.login),
            "scope" => ("scope", &mut self.scope),
            "state" => ("state", &mut self.state),
            "prompt" => ("prompt", &mut self.prompt),
            "code_challenge" => ("code_challenge", &mut self.code_challenge),
            "code_challenge_method" => ("code_challenge_method", &mut self.code_challenge_method),
            "response_type" => ("response_type", &mut self.response_type),
            _ => return None,
        })
    }
}

/// The scopes of these names, which blanks or commas part.
fn scopes_in(names: &str) -> ScopeSet {
    let names = names.split([' ', ',', '\t', '\n', '\r']);
    ScopeSet::from_scopes(names.filter_map(Scope::find))
}

/// What an app is told that gets no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizeError {
    /// The redirect URI fits no callback.
    RedirectUriMismatch,
    /// The user said no.
    AccessDenied,
    /// A parameter is missing, stands there twice, or is none that can be.
    InvalidRequest {
        /// The name of the parameter.
        parameter: &'static str,
    },
    /// Something else than a code is asked for.
    UnsupportedResponseType,
}

impl AuthorizeError {
    fn parts(self) -> (&'static str, String, Option<&'static str>) {
        match self {
            Self::RedirectUriMismatch => (
                "redirect_uri_mismatch",
                super::token_error::REDIRECT_MISMATCH.to_owned(),
                Some("redirect-uri-mismatch"),
            ),
            Self::AccessDenied => (
                "access_denied",
                "The user has denied your application access.".to_owned(),
                Some("access-denied"),
            ),
            Self::InvalidRequest { parameter } => (
                "invalid_request",
                format!("The parameter {parameter} is missing, repeated or malformed."),
                None,
            ),
            Self::UnsupportedResponseType => (
                "unsupported_response_type",
                "The response_type must be code.".to_owned(),
                None,
            ),
        }
    }
}

/// What goes back to an app beside a code or an error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alongside<'a> {
    /// Who sends it, for an app that is to be told (RFC 9207).
    pub issuer: Option<&'a str>,
    /// What the app wanted back.
    pub state: Option<&'a State>,
}

/// What is added to the address that an app gets a code at.
pub fn granted(code: &AuthorizationCode, alongside: Alongside<'_>) -> String {
    let mut pairs = Serializer::new(String::new());
    pairs.append_pair("code", code.expose());
    alongside.behind(pairs)
}

/// What is added to the address that an app is told an error at.
pub fn refused(error: AuthorizeError, alongside: Alongside<'_>) -> String {
    let (name, description, place) = error.parts();
    let mut pairs = Serializer::new(String::new());
    pairs.append_pair("error", name);
    pairs.append_pair("error_description", &description);
    if let Some(place) = place {
        let page = "/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/";
        let uri = format!("{SITE}{page}#{place}");
        pairs.append_pair("error_uri", &uri);
    }
    alongside.behind(pairs)
}

impl Alongside<'_> {
    /// The pairs with these behind them. The state goes back as it was written, byte for byte.
    fn behind(self, mut pairs: Serializer<'_, String>) -> String {
        if let Some(issuer) = self.issuer {
            pairs.append_pair("iss", issuer);
        }
        let answer = pairs.finish();
        match self.state {
            Some(state) => format!("{answer}&state={}", state.as_str()),
            None => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_and_a_state_is_kept_as_it_is_written() {
        let query = AuthorizeQuery::parse(
            "client_id=abc&redirect_uri=https%3A%2F%2Fa.example%2F&scope=repo,gist+nope&state=%7e+%C3%28&x=1&prompt=",
        );
        let expected = AuthorizeQuery {
            client_id: Some("abc".to_owned()),
            redirect_uri: Some("https://a.example/".to_owned()),
            scopes: Some(ScopeSet::parse(["repo", "gist"]).expect("scopes")),
            state: Some("%7e+%C3%28".to_owned()),
            ..AuthorizeQuery::default()
        };
        assert_eq!(query, expected);
        assert_eq!(AuthorizeQuery::parse("scope=").scopes, None);
        assert_eq!(
            AuthorizeQuery::parse("scope=nope").scopes,
            Some(ScopeSet::default())
        );
        assert_eq!(AuthorizeQuery::parse("state=").state.as_deref(), Some(""));
    }

    #[test]
    fn a_parameter_that_says_two_things_or_none_is_unclear() {
        for (query, unclear) in [
            ("client_id=a&client_id=a", None),
            ("client_id=a&client_id=b", Some("client_id")),
            ("state=a&state=%61", Some("state")),
            ("s%63ope=repo&scope=gist", Some("scope")),
            ("redirect_uri=%ff", Some("redirect_uri")),
            ("other=1&other=2&%ff=1", None),
        ] {
            assert_eq!(AuthorizeQuery::parse(query).unclear, unclear, "{query}");
        }
    }

    #[test]
    fn answers_are_as_recorded() {
        let state = State::parse("x%20y").expect("a state");
        let alongside = Alongside {
            issuer: None,
            state: Some(&state),
        };
        let answer = refused(AuthorizeError::RedirectUriMismatch, alongside);
        let expected = "error=redirect_uri_mismatch&error_description=The+redirect_uri+MUST+match+the+registered+callback+URL+for+this+application.&error_uri=https%3A%2F%2Fdocs.github.com%2Fapps%2Fmanaging-oauth-apps%2Ftroubleshooting-authorization-request-errors%2F%23redirect-uri-mismatch&state=x%20y";
        assert_eq!(answer, expected);
        let code = AuthorizationCode::claimed("c0de");
        assert_eq!(granted(&code, alongside), "code=c0de&state=x%20y");
        assert_eq!(granted(&code, Alongside::default()), "code=c0de");
    }

    #[test]
    fn who_answers_stands_before_the_state() {
        let state = State::parse("x").expect("a state");
        let alongside = Alongside {
            issuer: Some("https://a.example/login/oauth"),
            state: Some(&state),
        };
        let code = AuthorizationCode::claimed("c0de");
        assert_eq!(
            granted(&code, alongside),
            "code=c0de&iss=https%3A%2F%2Fa.example%2Flogin%2Foauth&state=x"
        );
        let answer = refused(AuthorizeError::AccessDenied, alongside);
        let expected = "&iss=https%3A%2F%2Fa.example%2Flogin%2Foauth&state=x";
        assert!(answer.starts_with("error=access_denied&") && answer.ends_with(expected));
    }
}
