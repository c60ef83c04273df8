//! The addresses that answers contain. All are built from the public URL of the installation, never
//! from what a client may choose to send as `Host`; on loopback without a public URL the client
//! chooses among three names.

use std::fmt::Display;

use counterfoil_domain::id::{AccountId, AuthorizationId, GrantId, TeamId};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::Slug;
use http::uri::{PathAndQuery, Uri};

/// Where the REST API lies under the public URL (wire contract, section 1).
const REST_PREFIX: &str = "/api/v3";

/// The public URL of the installation, with the starts of all addresses ready.
///
/// ```
/// use counterfoil_domain::id::GrantId;
/// use counterfoil_wire::base::ApiBase;
///
/// let base = ApiBase::parse("https://tokens.example.com")?;
/// assert_eq!(base.rest(), "https://tokens.example.com/api/v3");
/// assert_eq!(base.grant(GrantId(7)), "https://tokens.example.com/api/v3/applications/grants/7");
/// # Ok::<(), counterfoil_wire::base::OriginRefused>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiBase {
    origin: String,
    rest: String,
    authorizations: String,
    grants: String,
    users: String,
    avatars: String,
}

/// A public URL that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a public URL is http:// or https:// with a host and perhaps a port, without user, path or query"
)]
pub struct OriginRefused;

impl ApiBase {
    /// The base under this origin. One slash at the end is understood and dropped.
    pub fn parse(origin: &str) -> Result<Self, OriginRefused> {
        let uri: Uri = origin.parse().map_err(|_| OriginRefused)?;
        let scheme = uri
            .scheme_str()
            .filter(|scheme| matches!(*scheme, "http" | "https"));
        let authority = uri.authority().filter(|authority| {
            let host = authority.host();
            let ported = authority.as_str() == host || authority.port_u16().is_some();
            !host.is_empty() && ported && !authority.as_str().contains('@')
        });
        let bare = uri
            .path_and_query()
            .is_none_or(|rest| *rest == PathAndQuery::from_static("/"));
        match (scheme, authority) {
            // A fragment is silently dropped by the parser, so it is looked for in the text.
            (Some(scheme), Some(authority)) if bare && !origin.contains('#') => {
                Ok(Self::of_origin(format!("{scheme}://{authority}")))
            }
            _ => Err(OriginRefused),
        }
    }

    fn of_origin(origin: String) -> Self {
        let rest = format!("{origin}{REST_PREFIX}");
        Self {
            authorizations: format!("{rest}/authorizations/"),
            grants: format!("{rest}/applications/grants/"),
            users: format!("{rest}/users/"),
            avatars: format!("{origin}/avatars/u/"),
            origin,
            rest,
        }
    }

    /// The public URL, without a slash at its end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The start of every REST address: `<origin>/api/v3`.
    pub fn rest(&self) -> &str {
        &self.rest
    }

    /// The `url` of an authorization: `…/api/v3/authorizations/{id}`.
    pub fn authorization(&self, id: AuthorizationId) -> String {
        join(&self.authorizations, id)
    }

    /// The `url` of a grant: `…/api/v3/applications/grants/{id}`.
    pub fn grant(&self, id: GrantId) -> String {
        join(&self.grants, id)
    }

    /// The `url` of a user: `…/api/v3/users/{login}`.
    pub fn user(&self, login: &Login) -> String {
        join(&self.users, login)
    }

    /// The `url` of an organization: `…/api/v3/orgs/{login}`.
    pub fn organization(&self, login: &Login) -> String {
        format!("{}/orgs/{login}", self.rest)
    }

    /// The `url` of a team: `…/api/v3/teams/{id}`.
    pub fn team(&self, id: TeamId) -> String {
        format!("{}/teams/{id}", self.rest)
    }

    /// The page of a team for people.
    pub(crate) fn team_page(&self, organization: &Login, slug: &Slug) -> String {
        format!("{}/orgs/{organization}/teams/{slug}", self.origin)
    }

    /// A user by id, which no change of login touches.
    pub(crate) fn user_by_id(&self, id: AccountId) -> String {
        format!("{}/user/{id}", self.rest)
    }

    /// The page of a user or an organization for people.
    pub fn user_page(&self, login: &Login) -> String {
        format!("{}/{login}", self.origin)
    }

    /// The picture of a user.
    pub fn avatar(&self, id: AccountId) -> String {
        format!("{}{id}?", self.avatars)
    }
}

fn join(start: &str, end: impl Display) -> String {
    format!("{start}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_may_have_a_port_and_a_closing_slash() {
        let base = ApiBase::parse("http://localhost:8080/").unwrap();
        assert_eq!(base.origin(), "http://localhost:8080");
        assert_eq!(
            ApiBase::parse("http://[::1]:80").unwrap().origin(),
            "http://[::1]:80"
        );
    }

    #[test]
    fn anything_but_an_origin_is_refused() {
        for text in [
            "",
            "localhost:8080",
            "/api",
            "ftp://host",
            "http://",
            "http://host/path",
            "http://host/?q",
            "http://host/#f",
            "http://user@host",
            "http://ho st",
            "http://host:",
            "http://host:70000",
        ] {
            assert_eq!(ApiBase::parse(text), Err(OriginRefused), "{text}");
        }
    }
}
