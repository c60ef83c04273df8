//! What an answer says about the token that its request came with (wire contract, section 2): on
//! successes, and on whatever is refused once the token was found to be right.

use std::sync::{Arc, OnceLock};

use counterfoil_authority::CheckedToken;
use counterfoil_wire::header;
use http::{HeaderMap, HeaderValue};

use crate::credential::Credential;
use crate::route::Route;

/// Where the extractor that checked a token leaves it for this middleware.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenToken(Arc<OnceLock<CheckedToken>>);

impl SeenToken {
    /// A place for the token of a request to this operation; none where tokens are not taken.
    pub(crate) fn for_route(route: Option<&Route>) -> Option<Self> {
        match route?.credential {
            // GraphQL says it itself, and gateways are told in other headers.
            Credential::Token
            | Credential::TokenInPlaces
            | Credential::Nothing
            | Credential::Visitor
            | Credential::Session
            | Credential::FreshSession
            | Credential::AdministratorSession
            | Credential::FreshAdministratorSession
            | Credential::Password
            | Credential::App
            | Credential::AppInBody
            | Credential::AppInPath => None,
            Credential::PasswordOrToken | Credential::Optional | Credential::Administrator => {
                Some(Self::default())
            }
        }
    }

    /// Leaves a token. A request has one; the first one counts.
    pub(crate) fn note(&self, token: &CheckedToken) {
        // Two extractors of one request check the same header.
        drop(self.0.set(token.clone()));
    }
}

/// Says on the answer of an operation that wants one of the `accepted` scopes what is known of the
/// token that was seen.
pub(crate) fn describe(headers: &mut HeaderMap, seen: &SeenToken, accepted: &[&str]) {
    let Some(token) = seen.0.get() else { return };
    headers.insert(header::X_OAUTH_SCOPES, header::scopes(token.scopes()));
    headers.insert(
        header::X_ACCEPTED_OAUTH_SCOPES,
        header::accepted_scopes(accepted),
    );
    let client_id = token.app().map(|app| app.client_id.as_str());
    let client_id = client_id.and_then(|id| HeaderValue::from_str(id).ok());
    headers.extend(client_id.map(|id| (header::X_OAUTH_CLIENT_ID, id)));
    let expires = token.expires_at().map(header::token_expiration);
    headers.extend(expires.map(|at| (header::TOKEN_EXPIRATION, at)));
}
