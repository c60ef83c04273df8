//! Every route as data: what it takes, what it needs, what it leaves in the audit trail, how it is counted.
//!
//! The router is made from this table and from nothing else, so a path stands once and a rule cannot be forgotten.

use axum::routing::{MethodRouter, delete, get, patch, post, put};
use counterfoil_domain::audit::Action;
use counterfoil_wire::documentation::Operation;
use http::Method;

use crate::rest::{authorizations, grants, members, meta, organizations, teams, user, users};
use crate::state::ServerState;

/// Under which path the REST API lies.
pub const REST_ROOT: &str = "/api/v3";

/// One route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path under [`REST_ROOT`], as a template.
    pub path: &'static str,
    /// The operation of the official description.
    pub operation: Operation,
    /// What proves who asks.
    pub credential: Credential,
    /// The scopes of which a token needs one to get at everything here; none when any token will do, or when no token is
    /// taken. `X-Accepted-OAuth-Scopes` lists them with all that include them; what a token without them gets, the
    /// handler says.
    pub scopes: &'static [&'static str],
    /// What it writes to the audit trail when it changes something.
    pub audit: Option<Action>,
    /// How it is counted when rate limits are on.
    pub bucket: RateBucket,
    handler: fn() -> MethodRouter<ServerState>,
}

/// What proves who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A login and password with Basic authentication, and a code where the user has two factors. No token.
    Password,
    /// A login and password, or a token.
    PasswordOrToken,
    /// Nothing; a login and password or a token that come all the same must be right.
    Optional,
}

/// How a request is counted when rate limits are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateBucket {
    /// With most other requests.
    Core,
}

impl Route {
    pub(crate) fn handler(&self) -> MethodRouter<ServerState> {
        (self.handler)()
    }
}

macro_rules! routes {
    ($($method:ident $path:literal => $operation:ident, $credential:ident $([$($scope:literal),+])?, $audit:expr,
        $handler:expr;)+) => {
        /// All routes of the REST API.
        pub static ROUTES: &[Route] = &[$(Route {
            method: Method::$method,
            path: $path,
            operation: Operation::$operation,
            credential: Credential::$credential,
            scopes: &[$($($scope),+)?],
            audit: $audit,
            bucket: RateBucket::Core,
            handler: || $handler,
        }),+];
    };
}

routes! {
    GET "/" => GetRoot, Optional, None, get(meta::root);
    GET "/applications/grants" => ListGrants, Password, None, get(grants::list);
    GET "/applications/grants/{grant_id}" => GetGrant, Password, None, get(grants::find);
    DELETE "/applications/grants/{grant_id}" => DeleteGrant, Password, Some(Action::GrantRevoked), delete(grants::revoke);
    GET "/authorizations" => ListAuthorizations, Password, None, get(authorizations::list);
    POST "/authorizations" => CreateAuthorization, Password, Some(Action::AuthorizationCreated), post(authorizations::create);
    PUT "/authorizations/clients/{client_id}" => GetOrCreateForApp, Password, Some(Action::AuthorizationCreated),
        put(authorizations::get_or_create);
    PUT "/authorizations/clients/{client_id}/{fingerprint}" => GetOrCreateForAppAndFingerprint, Password,
        Some(Action::AuthorizationCreated), put(authorizations::get_or_create_with_fingerprint);
    GET "/authorizations/{authorization_id}" => GetAuthorization, Password, None, get(authorizations::find);
    PATCH "/authorizations/{authorization_id}" => UpdateAuthorization, Password, Some(Action::AuthorizationChanged),
        patch(authorizations::change);
    // The verb of clients that cannot send PATCH.
    POST "/authorizations/{authorization_id}" => UpdateAuthorization, Password, Some(Action::AuthorizationChanged),
        post(authorizations::change);
    DELETE "/authorizations/{authorization_id}" => DeleteAuthorization, Password, Some(Action::AuthorizationRevoked),
        delete(authorizations::revoke);
    GET "/meta" => GetMeta, Optional, None, get(meta::meta);
    GET "/orgs/{org}" => GetOrganization, Optional, None, get(organizations::find);
    GET "/orgs/{org}/members" => ListMembers, PasswordOrToken ["read:org"], None, get(members::list);
    GET "/orgs/{org}/members/{username}" => CheckMember, PasswordOrToken ["read:org"], None, get(members::check);
    GET "/orgs/{org}/memberships/{username}" => GetMembership, PasswordOrToken ["read:org"], None, get(members::find);
    GET "/orgs/{org}/teams" => ListTeams, PasswordOrToken ["read:org"], None, get(teams::list);
    GET "/orgs/{org}/teams/{team_slug}" => GetTeam, PasswordOrToken ["read:org"], None, get(teams::find);
    GET "/orgs/{org}/teams/{team_slug}/members" => ListTeamMembers, PasswordOrToken ["read:org"], None,
        get(teams::list_members);
    GET "/orgs/{org}/teams/{team_slug}/members/{username}" => CheckTeamMember, PasswordOrToken ["read:org"], None,
        get(teams::check_member);
    GET "/orgs/{org}/teams/{team_slug}/memberships/{username}" => GetTeamMembership, PasswordOrToken ["read:org"], None,
        get(teams::find_membership);
    GET "/rate_limit" => GetRateLimit, Optional, None, get(meta::rate_limit);
    GET "/teams/{team_id}" => GetTeamById, PasswordOrToken ["read:org"], None, get(teams::find_by_id);
    GET "/teams/{team_id}/members" => ListTeamMembersById, PasswordOrToken ["read:org"], None,
        get(teams::list_members_by_id);
    GET "/teams/{team_id}/members/{username}" => CheckTeamMember, PasswordOrToken ["read:org"], None,
        get(teams::check_member_by_id);
    GET "/user" => GetAuthenticatedUser, PasswordOrToken, None, get(user::find);
    GET "/user/emails" => ListEmails, PasswordOrToken ["user:email"], None, get(user::emails);
    GET "/user/memberships/orgs" => ListMemberships, PasswordOrToken ["read:org"], None,
        get(organizations::list_memberships);
    GET "/user/memberships/orgs/{org}" => GetOwnMembership, PasswordOrToken ["read:org"], None,
        get(organizations::find_membership);
    GET "/user/orgs" => ListOrganizations, PasswordOrToken ["read:org", "user"], None, get(organizations::list_own);
    GET "/user/teams" => ListOwnTeams, PasswordOrToken ["read:org", "repo", "user"], None, get(teams::list_own);
    GET "/users/{username}" => GetUser, Optional, None, get(users::find);
    GET "/versions" => ListVersions, Optional, None, get(meta::versions);
}

/// Whether a path lies under [`REST_ROOT`]: `/api/v3` itself or anything below it, and not its neighbour `/api/v30`.
pub(crate) fn is_rest(path: &str) -> bool {
    path.strip_prefix(REST_ROOT)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The route of a request, by its method and the template it matched, with [`REST_ROOT`] before it.
pub(crate) fn find(method: &Method, template: &str) -> Option<&'static Route> {
    let path = template.strip_prefix(REST_ROOT)?;
    ROUTES
        .iter()
        .find(|route| route.path == path && route.method == *method)
}

/// What a path without an operation for this method asks for first.
pub(crate) fn credential_of_path(template: &str) -> Option<Credential> {
    let path = template.strip_prefix(REST_ROOT)?;
    ROUTES
        .iter()
        .find(|route| route.path == path)
        .map(|route| route.credential)
}
