//! The routes of the REST API. The router is made from the tables of routes and from nothing else,
//! so a path stands once and a rule cannot be forgotten.

use axum::extract::State;

use super::extract::OptionalCaller;
use super::{
    administration, app_tokens, authorizations, description, grants, legacy_token_urls, members,
    meta, organizations, teams, user, users,
};
use crate::answer::Answer;
use crate::route::{Route, routes};
use crate::state::ServerState;

pub(super) static ROUTES: &[Route] = routes! {
    GET "/" => GetRoot, Optional, -, Core, meta::root;
    GET "/admin/tokens" => ListPersonalTokens, Administrator ["site_admin"], -, Core, administration::list_tokens;
    DELETE "/admin/tokens/{token_id}" => DeletePersonalToken, Administrator ["site_admin"],
        AuthorizationRevoked, Core, administration::revoke_token;
    POST "/admin/users" => CreateUser, Administrator ["site_admin"], UserCreated, Core, administration::create_user;
    PATCH "/admin/users/{username}" => RenameUser, Administrator ["site_admin"],
        UserRenamed, Core, administration::rename_user;
    // The verb of clients that cannot send PATCH.
    POST "/admin/users/{username}" => RenameUser, Administrator ["site_admin"],
        UserRenamed, Core, administration::rename_user;
    DELETE "/admin/users/{username}" => DeleteUser, Administrator ["site_admin"],
        UserDeleted, Core, administration::delete_user;
    POST "/admin/users/{username}/authorizations" => CreateImpersonation, Administrator ["site_admin"],
        AuthorizationCreated, Core, administration::impersonate;
    DELETE "/admin/users/{username}/authorizations" => DeleteImpersonation, Administrator ["site_admin"],
        AuthorizationRevoked, Core, administration::end_impersonation;
    GET "/applications/grants" => ListGrants, Password, -, Core, grants::list;
    GET "/applications/grants/{grant_id}" => GetGrant, Password, -, Core, grants::find;
    DELETE "/applications/grants/{grant_id}" => DeleteGrant, Password, GrantRevoked, Core, grants::revoke;
    DELETE "/applications/{client_id}/grant" => DeleteAppAuthorization, App,
        GrantRevoked, Core, app_tokens::revoke_grant;
    DELETE "/applications/{client_id}/grants/{access_token}" => DeleteAppAuthorization, AppInPath,
        GrantRevoked, Core, legacy_token_urls::revoke_grant;
    POST "/applications/{client_id}/token" => CheckToken, App, -, Core, app_tokens::check;
    PATCH "/applications/{client_id}/token" => ResetToken, App, AuthorizationReset, Core, app_tokens::reset;
    DELETE "/applications/{client_id}/token" => DeleteAppToken, App, AuthorizationRevoked, Core, app_tokens::revoke;
    POST "/applications/{client_id}/token/scoped" => ScopeToken, App, -, Core, app_tokens::scope;
    GET "/applications/{client_id}/tokens/{access_token}" => CheckToken, AppInPath, -, Core, legacy_token_urls::check;
    POST "/applications/{client_id}/tokens/{access_token}" => ResetToken, AppInPath,
        AuthorizationReset, Core, legacy_token_urls::reset;
    DELETE "/applications/{client_id}/tokens/{access_token}" => DeleteAppToken, AppInPath,
        AuthorizationRevoked, Core, legacy_token_urls::revoke;
    GET "/authorizations" => ListAuthorizations, Password, -, Core, authorizations::list;
    POST "/authorizations" => CreateAuthorization, Password, AuthorizationCreated, Core, authorizations::create;
    PUT "/authorizations/clients/{client_id}" => GetOrCreateForApp, Password,
        AuthorizationCreated, Core, authorizations::get_or_create;
    PUT "/authorizations/clients/{client_id}/{fingerprint}" => GetOrCreateForAppAndFingerprint, Password,
        AuthorizationCreated, Core, authorizations::get_or_create_with_fingerprint;
    GET "/authorizations/{authorization_id}" => GetAuthorization, Password, -, Core, authorizations::find;
    PATCH "/authorizations/{authorization_id}" => UpdateAuthorization, Password,
        AuthorizationChanged, Core, authorizations::change;
    // The verb of clients that cannot send PATCH.
    POST "/authorizations/{authorization_id}" => UpdateAuthorization, Password,
        AuthorizationChanged, Core, authorizations::change;
    DELETE "/authorizations/{authorization_id}" => DeleteAuthorization, Password,
        AuthorizationRevoked, Core, authorizations::revoke;
    GET "/meta" => GetMeta, Optional, -, Core, meta::meta;
    GET "/openapi.json" => -, Optional, -, Core, describe;
    // Answers have addresses by ids, and clients build some.
    GET "/organizations/{org_id}" => GetOrganization, Optional, -, Core, organizations::find;
    GET "/organizations/{org_id}/members" => ListMembers, PasswordOrToken ["read:org"], -, Core, members::list;
    GET "/organizations/{org_id}/members/{username}" => CheckMember, PasswordOrToken ["read:org"],
        -, Core, members::check;
    GET "/organizations/{org_id}/memberships/{username}" => GetMembership, PasswordOrToken ["read:org"],
        -, Core, members::find;
    GET "/organizations/{org_id}/public_members" => ListPublicMembers, Optional, -, Core, members::list_public;
    GET "/organizations/{org_id}/public_members/{username}" => CheckPublicMember, Optional,
        -, Core, members::check_public;
    GET "/organizations/{org_id}/team/{team_id}" => GetTeam, PasswordOrToken ["read:org"], -, Core, teams::find;
    GET "/organizations/{org_id}/team/{team_id}/members" => ListTeamMembers, PasswordOrToken ["read:org"],
        -, Core, teams::list_members;
    GET "/organizations/{org_id}/team/{team_id}/members/{username}" => CheckTeamMember, PasswordOrToken ["read:org"],
        -, Core, teams::check_member;
    GET "/organizations/{org_id}/team/{team_id}/memberships/{username}" => GetTeamMembership,
        PasswordOrToken ["read:org"], -, Core, teams::find_membership;
    GET "/organizations/{org_id}/teams" => ListTeams, PasswordOrToken ["read:org"], -, Core, teams::list;
    GET "/orgs/{org}" => GetOrganization, Optional, -, Core, organizations::find;
    GET "/orgs/{org}/members" => ListMembers, PasswordOrToken ["read:org"], -, Core, members::list;
    GET "/orgs/{org}/members/{username}" => CheckMember, PasswordOrToken ["read:org"], -, Core, members::check;
    GET "/orgs/{org}/memberships/{username}" => GetMembership, PasswordOrToken ["read:org"], -, Core, members::find;
    GET "/orgs/{org}/public_members" => ListPublicMembers, Optional, -, Core, members::list_public;
    GET "/orgs/{org}/public_members/{username}" => CheckPublicMember, Optional, -, Core, members::check_public;
    GET "/orgs/{org}/teams" => ListTeams, PasswordOrToken ["read:org"], -, Core, teams::list;
    GET "/orgs/{org}/teams/{team_slug}" => GetTeam, PasswordOrToken ["read:org"], -, Core, teams::find;
    GET "/orgs/{org}/teams/{team_slug}/members" => ListTeamMembers, PasswordOrToken ["read:org"],
        -, Core, teams::list_members;
    GET "/orgs/{org}/teams/{team_slug}/members/{username}" => CheckTeamMember, PasswordOrToken ["read:org"],
        -, Core, teams::check_member;
    GET "/orgs/{org}/teams/{team_slug}/memberships/{username}" => GetTeamMembership, PasswordOrToken ["read:org"],
        -, Core, teams::find_membership;
    GET "/rate_limit" => GetRateLimit, Optional, -, Free, meta::rate_limit;
    GET "/teams/{team_id}" => GetTeamById, PasswordOrToken ["read:org"], -, Core, teams::find;
    GET "/teams/{team_id}/members" => ListTeamMembersById, PasswordOrToken ["read:org"],
        -, Core, teams::list_members;
    GET "/teams/{team_id}/members/{username}" => CheckTeamMember, PasswordOrToken ["read:org"],
        -, Core, teams::check_member;
    GET "/teams/{team_id}/memberships/{username}" => GetTeamMembershipById, PasswordOrToken ["read:org"],
        -, Core, teams::find_membership;
    GET "/user" => GetAuthenticatedUser, PasswordOrToken, -, Core, user::find;
    GET "/user/emails" => ListEmails, PasswordOrToken ["user:email"], -, Core, user::emails;
    GET "/user/memberships/orgs" => ListMemberships, PasswordOrToken ["read:org"],
        -, Core, organizations::list_memberships;
    GET "/user/memberships/orgs/{org}" => GetOwnMembership, PasswordOrToken ["read:org"],
        -, Core, organizations::find_membership;
    GET "/user/orgs" => ListOrganizations, PasswordOrToken ["read:org", "user"], -, Core, organizations::list_own;
    GET "/user/teams" => ListOwnTeams, PasswordOrToken ["read:org", "repo", "user"], -, Core, teams::list_own;
    GET "/user/{account_id}" => GetUserById, Optional, -, Core, users::find_by_id;
    GET "/users/{username}" => GetUser, Optional, -, Core, users::find;
    GET "/users/{username}/orgs" => ListOrganizationsOfUser, Optional, -, Core, users::list_organizations;
    PUT "/users/{username}/site_admin" => PromoteUser, Administrator ["site_admin"],
        UserStandingChanged, Core, administration::promote_user;
    DELETE "/users/{username}/site_admin" => DemoteUser, Administrator ["site_admin"],
        UserStandingChanged, Core, administration::demote_user;
    PUT "/users/{username}/suspended" => SuspendUser, Administrator ["site_admin"],
        UserSuspended, Core, administration::suspend_user;
    DELETE "/users/{username}/suspended" => UnsuspendUser, Administrator ["site_admin"],
        UserUnsuspended, Core, administration::unsuspend_user;
    GET "/versions" => ListVersions, Optional, -, Core, meta::versions;
};

/// `GET /openapi.json`: this table, described.
async fn describe(_: OptionalCaller, State(state): State<ServerState>) -> Answer {
    description::show(ROUTES, &state)
}
