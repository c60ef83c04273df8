//! Where the documentation of the API is: every error names a page of it (wire contract, section
//! 5).

macro_rules! operations {
    ($($(#[$doc:meta])+ $name:ident = $id:literal, $page:expr, $anchor:literal;)+) => {
        /// An operation of the official description of the API. Its id and its page are those of
        /// that description.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[$doc])+ $name),+
        }

        impl Operation {
            /// Every operation, in the order of the list below.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its `operationId` in the official description.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// Its page, relative to the documentation's root, and its place on it.
            const fn page(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($page, $anchor)),+ }
            }
        }
    };
}

operations! {
    /// `GET /applications/grants`
    ListGrants = "oauth-authorizations/list-grants", AUTHORIZATIONS, "list-your-grants";
    /// `GET /applications/grants/{grant_id}`
    GetGrant = "oauth-authorizations/get-grant", AUTHORIZATIONS, "get-a-single-grant";
    /// `DELETE /applications/grants/{grant_id}`
    DeleteGrant = "oauth-authorizations/delete-grant", AUTHORIZATIONS, "delete-a-grant";
    /// `GET /authorizations`
    ListAuthorizations = "oauth-authorizations/list-authorizations", AUTHORIZATIONS, "list-your-authorizations";
    /// `POST /authorizations`
    CreateAuthorization = "oauth-authorizations/create-authorization", AUTHORIZATIONS, "create-a-new-authorization";
    /// `PUT /authorizations/clients/{client_id}`
    GetOrCreateForApp = "oauth-authorizations/get-or-create-authorization-for-app",
        AUTHORIZATIONS, "get-or-create-an-authorization-for-a-specific-app";
    /// `PUT /authorizations/clients/{client_id}/{fingerprint}`
    GetOrCreateForAppAndFingerprint = "oauth-authorizations/get-or-create-authorization-for-app-and-fingerprint",
        AUTHORIZATIONS, "get-or-create-an-authorization-for-a-specific-app-and-fingerprint";
    /// `GET /authorizations/{authorization_id}`
    GetAuthorization = "oauth-authorizations/get-authorization", AUTHORIZATIONS, "get-a-single-authorization";
    /// `PATCH /authorizations/{authorization_id}`
    UpdateAuthorization = "oauth-authorizations/update-authorization",
        AUTHORIZATIONS, "update-an-existing-authorization";
    /// `DELETE /authorizations/{authorization_id}`
    DeleteAuthorization = "oauth-authorizations/delete-authorization", AUTHORIZATIONS, "delete-an-authorization";
    /// `GET /user`
    GetAuthenticatedUser = "users/get-authenticated", "users/users", "get-the-authenticated-user";
    /// `GET /`
    GetRoot = "meta/root", META, "github-api-root";
    /// `GET /meta`
    GetMeta = "meta/get", META, "get-apiname-meta-information";
    /// `GET /versions`
    ListVersions = "meta/get-all-versions", META, "get-all-api-versions";
    /// `GET /rate_limit`
    GetRateLimit = "rate-limit/get", "rate-limit/rate-limit", "get-rate-limit-status-for-the-authenticated-user";
    /// `GET /users/{username}`
    GetUser = "users/get-by-username", "users/users", "get-a-user";
    /// `GET /user/{account_id}`
    GetUserById = "users/get-by-id", "users/users", "get-a-user-using-their-id";
    /// `GET /user/emails`
    ListEmails = "users/list-emails-for-authenticated-user",
        "users/emails", "list-email-addresses-for-the-authenticated-user";
    /// `GET /user/orgs`
    ListOrganizations = "orgs/list-for-authenticated-user",
        "orgs/orgs", "list-organizations-for-the-authenticated-user";
    /// `GET /users/{username}/orgs`
    ListOrganizationsOfUser = "orgs/list-for-user", "orgs/orgs", "list-organizations-for-a-user";
    /// `GET /user/teams`
    ListOwnTeams = "teams/list-for-authenticated-user", "teams/teams", "list-teams-for-the-authenticated-user";
    /// `GET /user/memberships/orgs`
    ListMemberships = "orgs/list-memberships-for-authenticated-user",
        ORGANIZATION_MEMBERS, "list-organization-memberships-for-the-authenticated-user";
    /// `GET /user/memberships/orgs/{org}`
    GetOwnMembership = "orgs/get-membership-for-authenticated-user",
        ORGANIZATION_MEMBERS, "get-an-organization-membership-for-the-authenticated-user";
    /// `GET /orgs/{org}`
    GetOrganization = "orgs/get", "orgs/orgs", "get-an-organization";
    /// `GET /orgs/{org}/members`
    ListMembers = "orgs/list-members", ORGANIZATION_MEMBERS, "list-organization-members";
    /// `GET /orgs/{org}/members/{username}`
    CheckMember = "orgs/check-membership-for-user", ORGANIZATION_MEMBERS, "check-organization-membership-for-a-user";
    /// `GET /orgs/{org}/memberships/{username}`
    GetMembership = "orgs/get-membership-for-user", ORGANIZATION_MEMBERS, "get-organization-membership-for-a-user";
    /// `GET /orgs/{org}/public_members`
    ListPublicMembers = "orgs/list-public-members", ORGANIZATION_MEMBERS, "list-public-organization-members";
    /// `GET /orgs/{org}/public_members/{username}`
    CheckPublicMember = "orgs/check-public-membership-for-user",
        ORGANIZATION_MEMBERS, "check-public-organization-membership-for-a-user";
    /// `GET /orgs/{org}/teams`
    ListTeams = "teams/list", "teams/teams", "list-teams";
    /// `GET /orgs/{org}/teams/{team_slug}`
    GetTeam = "teams/get-by-name", "teams/teams", "get-a-team-by-name";
    /// `GET /orgs/{org}/teams/{team_slug}/members`
    ListTeamMembers = "teams/list-members-in-org", TEAM_MEMBERS, "list-team-members";
    /// `GET /orgs/{org}/teams/{team_slug}/memberships/{username}`
    GetTeamMembership = "teams/get-membership-for-user-in-org", TEAM_MEMBERS, "get-team-membership-for-a-user";
    /// `GET /teams/{team_id}`
    GetTeamById = "teams/get-legacy", "teams/teams", "get-a-team-legacy";
    /// `GET /teams/{team_id}/members`
    ListTeamMembersById = "teams/list-members-legacy", TEAM_MEMBERS, "list-team-members-legacy";
    /// `GET /teams/{team_id}/members/{username}`, also by the slug of the team
    CheckTeamMember = "teams/get-member-legacy", TEAM_MEMBERS, "get-team-member-legacy";
    /// `GET /teams/{team_id}/memberships/{username}`
    GetTeamMembershipById = "teams/get-membership-for-user-legacy",
        TEAM_MEMBERS, "get-team-membership-for-a-user-legacy";
    /// `POST /applications/{client_id}/token`
    CheckToken = "apps/check-token", APP_TOKENS, "check-a-token";
    /// `PATCH /applications/{client_id}/token`
    ResetToken = "apps/reset-token", APP_TOKENS, "reset-a-token";
    /// `DELETE /applications/{client_id}/token`
    DeleteAppToken = "apps/delete-token", APP_TOKENS, "delete-an-app-token";
    /// `DELETE /applications/{client_id}/grant`
    DeleteAppAuthorization = "apps/delete-authorization", APP_TOKENS, "delete-an-app-authorization";
    /// `POST /applications/{client_id}/token/scoped`
    ScopeToken = "apps/scope-token", "apps/apps", "create-a-scoped-access-token";
    /// `GET /admin/tokens`
    ListPersonalTokens = "enterprise-admin/list-personal-access-tokens", ADMINISTRATION, "list-personal-access-tokens";
    /// `DELETE /admin/tokens/{token_id}`
    DeletePersonalToken = "enterprise-admin/delete-personal-access-token",
        ADMINISTRATION, "delete-a-personal-access-token";
    /// `POST /admin/users/{username}/authorizations`
    CreateImpersonation = "enterprise-admin/create-impersonation-o-auth-token",
        ADMINISTRATION, "create-an-impersonation-oauth-token";
    /// `DELETE /admin/users/{username}/authorizations`
    DeleteImpersonation = "enterprise-admin/delete-impersonation-o-auth-token",
        ADMINISTRATION, "delete-an-impersonation-oauth-token";
    /// `POST /admin/users`
    CreateUser = "enterprise-admin/create-user", ADMINISTRATION, "create-a-user";
    /// `PATCH /admin/users/{username}`
    RenameUser = "enterprise-admin/update-username-for-user", ADMINISTRATION, "update-the-username-for-a-user";
    /// `DELETE /admin/users/{username}`
    DeleteUser = "enterprise-admin/delete-user", ADMINISTRATION, "delete-a-user";
    /// `PUT /users/{username}/site_admin`
    PromoteUser = "enterprise-admin/promote-user-to-be-site-administrator",
        ADMINISTRATION, "promote-a-user-to-be-a-site-administrator";
    /// `DELETE /users/{username}/site_admin`
    DemoteUser = "enterprise-admin/demote-site-administrator", ADMINISTRATION, "demote-a-site-administrator";
    /// `PUT /users/{username}/suspended`
    SuspendUser = "enterprise-admin/suspend-user", ADMINISTRATION, "suspend-a-user";
    /// `DELETE /users/{username}/suspended`
    UnsuspendUser = "enterprise-admin/unsuspend-user", ADMINISTRATION, "unsuspend-a-user";
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
    /// The root of the documentation, for what belongs to no operation.
    Root,
    /// The page of an operation.
    Operation(Operation),
    /// Another page: a path and an anchor, relative to the root.
    Fixed(&'static str),
    /// A page at this address, wherever the installation's documentation is.
    Elsewhere(&'static str),
}

impl Page {
    /// About signing in with one-time codes.
    pub(crate) const TWO_FACTOR: Self = Self::Fixed("auth#working-with-two-factor-authentication");
    /// About the endpoints that take passwords only.
    pub(crate) const PASSWORD_ENDPOINTS: Self =
        Self::Fixed("oauth-authorizations/oauth-authorizations#oauth-authorizations-api");
    /// About how many requests may be made.
    pub(crate) const RATE_LIMITS: Self =
        Self::Fixed("overview/resources-in-the-rest-api#rate-limiting");
    /// About bursts of requests. Clients know such a refusal by how this address ends.
    pub(crate) const SECONDARY_RATE_LIMITS: Self =
        Self::Fixed("overview/resources-in-the-rest-api#secondary-rate-limits");
    /// About media types, by the address that the refusal of one has named since its first version.
    pub(crate) const MEDIA_TYPES: Self = Self::Elsewhere("https://docs.github.com/v3/media");
}

/// What personal access tokens without a note URL show as the URL of their app, word for word as
/// documented for Enterprise Server: a page of no release in particular, whatever the
/// installation's documentation is.
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
        Page::Elsewhere(address) => address.to_owned(),
    }
}
