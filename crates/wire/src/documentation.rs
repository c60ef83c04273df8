//! Where the documentation of the API is: every error names a page of it (wire contract, section 5).

/// An operation of the official description of the API. Its id and its page are those of that description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `GET /applications/grants`
    ListGrants,
    /// `GET /applications/grants/{grant_id}`
    GetGrant,
    /// `DELETE /applications/grants/{grant_id}`
    DeleteGrant,
    /// `GET /authorizations`
    ListAuthorizations,
    /// `POST /authorizations`
    CreateAuthorization,
    /// `PUT /authorizations/clients/{client_id}`
    GetOrCreateForApp,
    /// `PUT /authorizations/clients/{client_id}/{fingerprint}`
    GetOrCreateForAppAndFingerprint,
    /// `GET /authorizations/{authorization_id}`
    GetAuthorization,
    /// `PATCH /authorizations/{authorization_id}`
    UpdateAuthorization,
    /// `DELETE /authorizations/{authorization_id}`
    DeleteAuthorization,
    /// `GET /user`
    GetAuthenticatedUser,
    /// `GET /`
    GetRoot,
    /// `GET /meta`
    GetMeta,
    /// `GET /versions`
    ListVersions,
    /// `GET /rate_limit`
    GetRateLimit,
    /// `GET /users/{username}`
    GetUser,
    /// `GET /user/emails`
    ListEmails,
    /// `GET /user/orgs`
    ListOrganizations,
    /// `GET /user/teams`
    ListOwnTeams,
    /// `GET /user/memberships/orgs`
    ListMemberships,
    /// `GET /user/memberships/orgs/{org}`
    GetOwnMembership,
    /// `GET /orgs/{org}`
    GetOrganization,
    /// `GET /orgs/{org}/members`
    ListMembers,
    /// `GET /orgs/{org}/members/{username}`
    CheckMember,
    /// `GET /orgs/{org}/memberships/{username}`
    GetMembership,
    /// `GET /orgs/{org}/teams`
    ListTeams,
    /// `GET /orgs/{org}/teams/{team_slug}`
    GetTeam,
    /// `GET /orgs/{org}/teams/{team_slug}/members`
    ListTeamMembers,
    /// `GET /orgs/{org}/teams/{team_slug}/memberships/{username}`
    GetTeamMembership,
    /// `GET /teams/{team_id}`
    GetTeamById,
    /// `GET /teams/{team_id}/members`
    ListTeamMembersById,
    /// `GET /teams/{team_id}/members/{username}`, also by the slug of the team
    CheckTeamMember,
    /// `POST /applications/{client_id}/token`
    CheckToken,
    /// `PATCH /applications/{client_id}/token`
    ResetToken,
    /// `DELETE /applications/{client_id}/token`
    DeleteAppToken,
    /// `DELETE /applications/{client_id}/grant`
    DeleteAppAuthorization,
    /// `POST /applications/{client_id}/token/scoped`
    ScopeToken,
    /// `GET /admin/tokens`
    ListPersonalTokens,
    /// `DELETE /admin/tokens/{token_id}`
    DeletePersonalToken,
    /// `POST /admin/users/{username}/authorizations`
    CreateImpersonation,
    /// `DELETE /admin/users/{username}/authorizations`
    DeleteImpersonation,
    /// `POST /admin/users`
    CreateUser,
    /// `PATCH /admin/users/{username}`
    RenameUser,
    /// `DELETE /admin/users/{username}`
    DeleteUser,
    /// `PUT /users/{username}/site_admin`
    PromoteUser,
    /// `DELETE /users/{username}/site_admin`
    DemoteUser,
    /// `PUT /users/{username}/suspended`
    SuspendUser,
    /// `DELETE /users/{username}/suspended`
    UnsuspendUser,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 48] = [
        Self::ListGrants,
        Self::GetGrant,
        Self::DeleteGrant,
        Self::ListAuthorizations,
        Self::CreateAuthorization,
        Self::GetOrCreateForApp,
        Self::GetOrCreateForAppAndFingerprint,
        Self::GetAuthorization,
        Self::UpdateAuthorization,
        Self::DeleteAuthorization,
        Self::GetAuthenticatedUser,
        Self::GetRoot,
        Self::GetMeta,
        Self::ListVersions,
        Self::GetRateLimit,
        Self::GetUser,
        Self::ListEmails,
        Self::ListOrganizations,
        Self::ListOwnTeams,
        Self::ListMemberships,
        Self::GetOwnMembership,
        Self::GetOrganization,
        Self::ListMembers,
        Self::CheckMember,
        Self::GetMembership,
        Self::ListTeams,
        Self::GetTeam,
        Self::ListTeamMembers,
        Self::GetTeamMembership,
        Self::GetTeamById,
        Self::ListTeamMembersById,
        Self::CheckTeamMember,
        Self::CheckToken,
        Self::ResetToken,
        Self::DeleteAppToken,
        Self::DeleteAppAuthorization,
        Self::ScopeToken,
        Self::ListPersonalTokens,
        Self::DeletePersonalToken,
        Self::CreateImpersonation,
        Self::DeleteImpersonation,
        Self::CreateUser,
        Self::RenameUser,
        Self::DeleteUser,
        Self::PromoteUser,
        Self::DemoteUser,
        Self::SuspendUser,
        Self::UnsuspendUser,
    ];

    /// Its `operationId` in the official description.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ListGrants => "oauth-authorizations/list-grants",
            Self::GetGrant => "oauth-authorizations/get-grant",
            Self::DeleteGrant => "oauth-authorizations/delete-grant",
            Self::ListAuthorizations => "oauth-authorizations/list-authorizations",
            Self::CreateAuthorization => "oauth-authorizations/create-authorization",
            Self::GetOrCreateForApp => "oauth-authorizations/get-or-create-authorization-for-app",
            Self::GetOrCreateForAppAndFingerprint => {
                "oauth-authorizations/get-or-create-authorization-for-app-and-fingerprint"
            }
            Self::GetAuthorization => "oauth-authorizations/get-authorization",
            Self::UpdateAuthorization => "oauth-authorizations/update-authorization",
            Self::DeleteAuthorization => "oauth-authorizations/delete-authorization",
            Self::GetAuthenticatedUser => "users/get-authenticated",
            Self::GetRoot => "meta/root",
            Self::GetMeta => "meta/get",
            Self::ListVersions => "meta/get-all-versions",
            Self::GetRateLimit => "rate-limit/get",
            Self::GetUser => "users/get-by-username",
            Self::ListEmails => "users/list-emails-for-authenticated-user",
            Self::ListOrganizations => "orgs/list-for-authenticated-user",
            Self::ListOwnTeams => "teams/list-for-authenticated-user",
            Self::ListMemberships => "orgs/list-memberships-for-authenticated-user",
            Self::GetOwnMembership => "orgs/get-membership-for-authenticated-user",
            Self::GetOrganization => "orgs/get",
            Self::ListMembers => "orgs/list-members",
            Self::CheckMember => "orgs/check-membership-for-user",
            Self::GetMembership => "orgs/get-membership-for-user",
            Self::ListTeams => "teams/list",
            Self::GetTeam => "teams/get-by-name",
            Self::ListTeamMembers => "teams/list-members-in-org",
            Self::GetTeamMembership => "teams/get-membership-for-user-in-org",
            Self::GetTeamById => "teams/get-legacy",
            Self::ListTeamMembersById => "teams/list-members-legacy",
            Self::CheckTeamMember => "teams/get-member-legacy",
            Self::CheckToken => "apps/check-token",
            Self::ResetToken => "apps/reset-token",
            Self::DeleteAppToken => "apps/delete-token",
            Self::DeleteAppAuthorization => "apps/delete-authorization",
            Self::ScopeToken => "apps/scope-token",
            Self::ListPersonalTokens => "enterprise-admin/list-personal-access-tokens",
            Self::DeletePersonalToken => "enterprise-admin/delete-personal-access-token",
            Self::CreateImpersonation => "enterprise-admin/create-impersonation-o-auth-token",
            Self::DeleteImpersonation => "enterprise-admin/delete-impersonation-o-auth-token",
            Self::CreateUser => "enterprise-admin/create-user",
            Self::RenameUser => "enterprise-admin/update-username-for-user",
            Self::DeleteUser => "enterprise-admin/delete-user",
            Self::PromoteUser => "enterprise-admin/promote-user-to-be-site-administrator",
            Self::DemoteUser => "enterprise-admin/demote-site-administrator",
            Self::SuspendUser => "enterprise-admin/suspend-user",
            Self::UnsuspendUser => "enterprise-admin/unsuspend-user",
        }
    }

    /// Its page, relative to the documentation's root, and its place on it.
    const fn page(self) -> (&'static str, &'static str) {
        match self {
            Self::ListGrants => (AUTHORIZATIONS, "list-your-grants"),
            Self::GetGrant => (AUTHORIZATIONS, "get-a-single-grant"),
            Self::DeleteGrant => (AUTHORIZATIONS, "delete-a-grant"),
            Self::ListAuthorizations => (AUTHORIZATIONS, "list-your-authorizations"),
            Self::CreateAuthorization => (AUTHORIZATIONS, "create-a-new-authorization"),
            Self::GetOrCreateForApp => (
                AUTHORIZATIONS,
                "get-or-create-an-authorization-for-a-specific-app",
            ),
            Self::GetOrCreateForAppAndFingerprint => (
                AUTHORIZATIONS,
                "get-or-create-an-authorization-for-a-specific-app-and-fingerprint",
            ),
            Self::GetAuthorization => (AUTHORIZATIONS, "get-a-single-authorization"),
            Self::UpdateAuthorization => (AUTHORIZATIONS, "update-an-existing-authorization"),
            Self::DeleteAuthorization => (AUTHORIZATIONS, "delete-an-authorization"),
            Self::GetAuthenticatedUser => ("users/users", "get-the-authenticated-user"),
            Self::GetRoot => (META, "github-api-root"),
            Self::GetMeta => (META, "get-apiname-meta-information"),
            Self::ListVersions => (META, "get-all-api-versions"),
            Self::GetRateLimit => (
                "rate-limit/rate-limit",
                "get-rate-limit-status-for-the-authenticated-user",
            ),
            Self::GetUser => ("users/users", "get-a-user"),
            Self::ListEmails => (
                "users/emails",
                "list-email-addresses-for-the-authenticated-user",
            ),
            Self::ListOrganizations => {
                ("orgs/orgs", "list-organizations-for-the-authenticated-user")
            }
            Self::ListOwnTeams => ("teams/teams", "list-teams-for-the-authenticated-user"),
            Self::ListMemberships => (
                ORGANIZATION_MEMBERS,
                "list-organization-memberships-for-the-authenticated-user",
            ),
            Self::GetOwnMembership => (
                ORGANIZATION_MEMBERS,
                "get-an-organization-membership-for-the-authenticated-user",
            ),
            Self::GetOrganization => ("orgs/orgs", "get-an-organization"),
            Self::ListMembers => (ORGANIZATION_MEMBERS, "list-organization-members"),
            Self::CheckMember => (
                ORGANIZATION_MEMBERS,
                "check-organization-membership-for-a-user",
            ),
            Self::GetMembership => (
                ORGANIZATION_MEMBERS,
                "get-organization-membership-for-a-user",
            ),
            Self::ListTeams => ("teams/teams", "list-teams"),
            Self::GetTeam => ("teams/teams", "get-a-team-by-name"),
            Self::ListTeamMembers => (TEAM_MEMBERS, "list-team-members"),
            Self::GetTeamMembership => (TEAM_MEMBERS, "get-team-membership-for-a-user"),
            Self::GetTeamById => ("teams/teams", "get-a-team-legacy"),
            Self::ListTeamMembersById => (TEAM_MEMBERS, "list-team-members-legacy"),
            Self::CheckTeamMember => (TEAM_MEMBERS, "get-team-member-legacy"),
            Self::CheckToken => (APP_TOKENS, "check-a-token"),
            Self::ResetToken => (APP_TOKENS, "reset-a-token"),
            Self::DeleteAppToken => (APP_TOKENS, "delete-an-app-token"),
            Self::DeleteAppAuthorization => (APP_TOKENS, "delete-an-app-authorization"),
            Self::ScopeToken => ("apps/apps", "create-a-scoped-access-token"),
            Self::ListPersonalTokens => (ADMINISTRATION, "list-personal-access-tokens"),
            Self::DeletePersonalToken => (ADMINISTRATION, "delete-a-personal-access-token"),
            Self::CreateImpersonation => (ADMINISTRATION, "create-an-impersonation-oauth-token"),
            Self::DeleteImpersonation => (ADMINISTRATION, "delete-an-impersonation-oauth-token"),
            Self::CreateUser => (ADMINISTRATION, "create-a-user"),
            Self::RenameUser => (ADMINISTRATION, "update-the-username-for-a-user"),
            Self::DeleteUser => (ADMINISTRATION, "delete-a-user"),
            Self::PromoteUser => (ADMINISTRATION, "promote-a-user-to-be-a-site-administrator"),
            Self::DemoteUser => (ADMINISTRATION, "demote-a-site-administrator"),
            Self::SuspendUser => (ADMINISTRATION, "suspend-a-user"),
            Self::UnsuspendUser => (ADMINISTRATION, "unsuspend-a-user"),
        }
    }
}

const AUTHORIZATIONS: &str = "oauth-authorizations/oauth-authorizations";
const APP_TOKENS: &str = "apps/oauth-applications";
const ADMINISTRATION: &str = "enterprise-admin/users";
const META: &str = "meta/meta";
const ORGANIZATION_MEMBERS: &str = "orgs/members";
const TEAM_MEMBERS: &str = "teams/members";

/// A page of the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Its root.
    Root,
    /// The page of an operation.
    Operation(Operation),
    /// Another page: a path and an anchor, relative to the root.
    Fixed(&'static str),
}

impl Page {
    /// About signing in with one-time codes.
    pub const TWO_FACTOR: Self = Self::Fixed("auth#working-with-two-factor-authentication");
    /// About the endpoints that take passwords only.
    pub const PASSWORD_ENDPOINTS: Self =
        Self::Fixed("oauth-authorizations/oauth-authorizations#oauth-authorizations-api");
    /// About how many requests may be made.
    pub const RATE_LIMITS: Self = Self::Fixed("overview/resources-in-the-rest-api#rate-limiting");
    /// About bursts of requests. Clients know such a refusal by how this address ends.
    pub const SECONDARY_RATE_LIMITS: Self =
        Self::Fixed("overview/resources-in-the-rest-api#secondary-rate-limits");
}

/// What personal access tokens without a note URL show as the URL of their app, word for word as documented for Enterprise
/// Server: a page of no release in particular, whatever the installation's documentation is.
pub const PERSONAL_TOKENS: &str =
    "https://docs.github.com/enterprise/rest/enterprise-admin/users#list-personal-access-tokens";

/// Where the documentation lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documentation {
    root: String,
}

impl Documentation {
    /// The root unless the installation sets another one.
    pub const DEFAULT_ROOT: &'static str = "https://docs.github.com/enterprise-server@3.19/rest";

    /// Documentation under this root. A slash at its end is dropped.
    pub fn new(root: &str) -> Self {
        let root = root.trim_end_matches('/').to_owned();
        Self { root }
    }

    /// The address of a page.
    ///
    /// ```
    /// use counterfoil_wire::documentation::{Documentation, Operation, Page};
    ///
    /// assert_eq!(
    ///     Documentation::default().url(Page::Operation(Operation::DeleteGrant)),
    ///     "https://docs.github.com/enterprise-server@3.19/rest/oauth-authorizations/oauth-authorizations#delete-a-grant",
    /// );
    /// ```
    pub fn url(&self, page: Page) -> String {
        url(&self.root, page)
    }
}

impl Default for Documentation {
    fn default() -> Self {
        Self::new(Self::DEFAULT_ROOT)
    }
}

fn url(root: &str, page: Page) -> String {
    match page {
        Page::Root => root.to_owned(),
        Page::Operation(operation) => {
            let (path, anchor) = operation.page();
            format!("{root}/{path}#{anchor}")
        }
        Page::Fixed(path) => format!("{root}/{path}"),
    }
}
