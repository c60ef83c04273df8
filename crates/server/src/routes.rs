//! Every route as data: what it takes, what it needs, what it leaves in the audit trail, how it is
//! counted.
//!
//! The router is made from this table and from nothing else, so a path stands once and a rule
//! cannot be forgotten.

use counterfoil_domain::audit::Action;
use counterfoil_wire::documentation::Operation;
use http::Method;

use crate::gateway;
use crate::graphql;
use crate::handler;
use crate::ops;
use crate::rest::{
    administration, app_tokens, authorizations, grants, legacy_token_urls, members, meta,
    organizations, teams, user, users,
};

pub use crate::route::{Credential, PlainRoute, REST_ROOT, RateBucket, Route};

/// Where GraphQL is, which is counted like the REST API when rate limits are on.
pub(crate) const GRAPHQL: &str = "/api/graphql";

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
            bucket: RateBucket::of(Operation::$operation),
            handler: |request, state| handler::call($handler, request, state),
        }),+];
    };
}

routes! {
    GET "/" => GetRoot, Optional, None, meta::root;
    GET "/admin/tokens" => ListPersonalTokens, Administrator ["site_admin"], None, administration::list_tokens;
    DELETE "/admin/tokens/{token_id}" => DeletePersonalToken, Administrator ["site_admin"],
        Some(Action::AuthorizationRevoked), administration::revoke_token;
    POST "/admin/users" => CreateUser, Administrator ["site_admin"], Some(Action::UserCreated),
        administration::create_user;
    PATCH "/admin/users/{username}" => RenameUser, Administrator ["site_admin"], Some(Action::UserRenamed),
        administration::rename_user;
    // The verb of clients that cannot send PATCH.
    POST "/admin/users/{username}" => RenameUser, Administrator ["site_admin"], Some(Action::UserRenamed),
        administration::rename_user;
    DELETE "/admin/users/{username}" => DeleteUser, Administrator ["site_admin"], Some(Action::UserDeleted),
        administration::delete_user;
    POST "/admin/users/{username}/authorizations" => CreateImpersonation, Administrator ["site_admin"],
        Some(Action::AuthorizationCreated), administration::impersonate;
    DELETE "/admin/users/{username}/authorizations" => DeleteImpersonation, Administrator ["site_admin"],
        Some(Action::AuthorizationRevoked), administration::end_impersonation;
    GET "/applications/grants" => ListGrants, Password, None, grants::list;
    GET "/applications/grants/{grant_id}" => GetGrant, Password, None, grants::find;
    DELETE "/applications/grants/{grant_id}" => DeleteGrant, Password, Some(Action::GrantRevoked), grants::revoke;
    DELETE "/applications/{client_id}/grant" => DeleteAppAuthorization, App, Some(Action::GrantRevoked),
        app_tokens::revoke_grant;
    DELETE "/applications/{client_id}/grants/{access_token}" => DeleteAppAuthorization, AppInPath,
        Some(Action::GrantRevoked), legacy_token_urls::revoke_grant;
    POST "/applications/{client_id}/token" => CheckToken, App, None, app_tokens::check;
    PATCH "/applications/{client_id}/token" => ResetToken, App, Some(Action::AuthorizationReset), app_tokens::reset;
    DELETE "/applications/{client_id}/token" => DeleteAppToken, App, Some(Action::AuthorizationRevoked),
        app_tokens::revoke;
    POST "/applications/{client_id}/token/scoped" => ScopeToken, App, None, app_tokens::scope;
    GET "/applications/{client_id}/tokens/{access_token}" => CheckToken, AppInPath, None, legacy_token_urls::check;
    POST "/applications/{client_id}/tokens/{access_token}" => ResetToken, AppInPath, Some(Action::AuthorizationReset),
        legacy_token_urls::reset;
    DELETE "/applications/{client_id}/tokens/{access_token}" => DeleteAppToken, AppInPath,
        Some(Action::AuthorizationRevoked), legacy_token_urls::revoke;
    GET "/authorizations" => ListAuthorizations, Password, None, authorizations::list;
    POST "/authorizations" => CreateAuthorization, Password, Some(Action::AuthorizationCreated), authorizations::create;
    PUT "/authorizations/clients/{client_id}" => GetOrCreateForApp, Password, Some(Action::AuthorizationCreated),
        authorizations::get_or_create;
    PUT "/authorizations/clients/{client_id}/{fingerprint}" => GetOrCreateForAppAndFingerprint, Password,
        Some(Action::AuthorizationCreated), authorizations::get_or_create_with_fingerprint;
    GET "/authorizations/{authorization_id}" => GetAuthorization, Password, None, authorizations::find;
    PATCH "/authorizations/{authorization_id}" => UpdateAuthorization, Password, Some(Action::AuthorizationChanged),
        authorizations::change;
    // The verb of clients that cannot send PATCH.
    POST "/authorizations/{authorization_id}" => UpdateAuthorization, Password, Some(Action::AuthorizationChanged),
        authorizations::change;
    DELETE "/authorizations/{authorization_id}" => DeleteAuthorization, Password, Some(Action::AuthorizationRevoked),
        authorizations::revoke;
    GET "/meta" => GetMeta, Optional, None, meta::meta;
    GET "/orgs/{org}" => GetOrganization, Optional, None, organizations::find;
    GET "/orgs/{org}/members" => ListMembers, PasswordOrToken ["read:org"], None, members::list;
    GET "/orgs/{org}/members/{username}" => CheckMember, PasswordOrToken ["read:org"], None, members::check;
    GET "/orgs/{org}/memberships/{username}" => GetMembership, PasswordOrToken ["read:org"], None, members::find;
    GET "/orgs/{org}/teams" => ListTeams, PasswordOrToken ["read:org"], None, teams::list;
    GET "/orgs/{org}/teams/{team_slug}" => GetTeam, PasswordOrToken ["read:org"], None, teams::find;
    GET "/orgs/{org}/teams/{team_slug}/members" => ListTeamMembers, PasswordOrToken ["read:org"], None,
        teams::list_members;
    GET "/orgs/{org}/teams/{team_slug}/members/{username}" => CheckTeamMember, PasswordOrToken ["read:org"], None,
        teams::check_member;
    GET "/orgs/{org}/teams/{team_slug}/memberships/{username}" => GetTeamMembership, PasswordOrToken ["read:org"], None,
        teams::find_membership;
    GET "/rate_limit" => GetRateLimit, Optional, None, meta::rate_limit;
    GET "/teams/{team_id}" => GetTeamById, PasswordOrToken ["read:org"], None, teams::find_by_id;
    GET "/teams/{team_id}/members" => ListTeamMembersById, PasswordOrToken ["read:org"], None,
        teams::list_members_by_id;
    GET "/teams/{team_id}/members/{username}" => CheckTeamMember, PasswordOrToken ["read:org"], None,
        teams::check_member_by_id;
    GET "/user" => GetAuthenticatedUser, PasswordOrToken, None, user::find;
    GET "/user/emails" => ListEmails, PasswordOrToken ["user:email"], None, user::emails;
    GET "/user/memberships/orgs" => ListMemberships, PasswordOrToken ["read:org"], None,
        organizations::list_memberships;
    GET "/user/memberships/orgs/{org}" => GetOwnMembership, PasswordOrToken ["read:org"], None,
        organizations::find_membership;
    GET "/user/orgs" => ListOrganizations, PasswordOrToken ["read:org", "user"], None, organizations::list_own;
    GET "/user/teams" => ListOwnTeams, PasswordOrToken ["read:org", "repo", "user"], None, teams::list_own;
    GET "/users/{username}" => GetUser, Optional, None, users::find;
    PUT "/users/{username}/site_admin" => PromoteUser, Administrator ["site_admin"], Some(Action::UserStandingChanged),
        administration::promote_user;
    DELETE "/users/{username}/site_admin" => DemoteUser, Administrator ["site_admin"],
        Some(Action::UserStandingChanged), administration::demote_user;
    PUT "/users/{username}/suspended" => SuspendUser, Administrator ["site_admin"], Some(Action::UserSuspended),
        administration::suspend_user;
    DELETE "/users/{username}/suspended" => UnsuspendUser, Administrator ["site_admin"],
        Some(Action::UserUnsuspended), administration::unsuspend_user;
    GET "/versions" => ListVersions, Optional, None, meta::versions;
}

macro_rules! plain_routes {
    ($($method:ident $path:literal => $handler:expr;)+) => {
        /// All routes outside the REST API. `ANY` stands for every method.
        pub static PLAIN_ROUTES: &[PlainRoute] = &[$(PlainRoute {
            method: plain_routes!(@method $method),
            path: $path,
            handler: |request, state| handler::call($handler, request, state),
        }),+];
    };
    (@method ANY) => { None };
    (@method $method:ident) => { Some(Method::$method) };
}

plain_routes! {
    POST "/api/graphql" => graphql::query;
    GET "/healthz" => ops::healthz;
    GET "/readyz" => ops::readyz;
    ANY "/gateway/verify" => gateway::by_query;
    ANY "/gateway/verify/{rule}" => gateway::by_rule;
    // For proxies that always append the address of the client's request, which says nothing about
    // what is needed.
    ANY "/gateway/verify/{rule}/for" => gateway::for_address;
    ANY "/gateway/verify/{rule}/for/" => gateway::for_address;
    ANY "/gateway/verify/{rule}/for/{*address}" => gateway::for_address;
    ANY "/gateway/{*path}" => gateway::nowhere;
}

/// What takes whatever else stands under the gateway's path.
pub(crate) const GATEWAY_REST: &str = "/gateway/{*path}";
