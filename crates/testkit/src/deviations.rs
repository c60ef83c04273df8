//! Where answers depart from the official description on purpose: each departure is a row with the
//! section of the wire contract that it follows. A test fails for a row that nothing needs.

/// One departure that we made on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The id of the operation, or `*` for all.
    pub operation: &'static str,
    /// What departs: `status 400`, or a place in the body with the keyword that it breaks.
    pub what: &'static str,
    /// The section of the wire contract that it follows.
    pub section: u8,
}

const fn row(operation: &'static str, what: &'static str, section: u8) -> Deviation {
    Deviation {
        operation,
        what,
        section,
    }
}

const CHECK: &str = "apps/check-token";
const RESET: &str = "apps/reset-token";
const DELETE_APP_TOKEN: &str = "apps/delete-token";
const DELETE_APP_GRANT: &str = "apps/delete-authorization";
const SCOPE: &str = "apps/scope-token";
const PERSONAL_TOKENS: &str = "enterprise-admin/list-personal-access-tokens";
const DELETE_PERSONAL_TOKEN: &str = "enterprise-admin/delete-personal-access-token";
const IMPERSONATE: &str = "enterprise-admin/create-impersonation-o-auth-token";
const DELETE_IMPERSONATION: &str = "enterprise-admin/delete-impersonation-o-auth-token";
const CREATE_USER: &str = "enterprise-admin/create-user";
const RENAME_USER: &str = "enterprise-admin/update-username-for-user";
const DELETE_USER: &str = "enterprise-admin/delete-user";
const PROMOTE: &str = "enterprise-admin/promote-user-to-be-site-administrator";
const DEMOTE: &str = "enterprise-admin/demote-site-administrator";
const SUSPEND: &str = "enterprise-admin/suspend-user";
const UNSUSPEND: &str = "enterprise-admin/unsuspend-user";
const CREATE: &str = "oauth-authorizations/create-authorization";
const DELETE: &str = "oauth-authorizations/delete-authorization";
const DELETE_GRANT: &str = "oauth-authorizations/delete-grant";
const GET: &str = "oauth-authorizations/get-authorization";
const GET_GRANT: &str = "oauth-authorizations/get-grant";
const LIST: &str = "oauth-authorizations/list-authorizations";
const PUT: &str = "oauth-authorizations/get-or-create-authorization-for-app";
const PUT_FINGERPRINT: &str =
    "oauth-authorizations/get-or-create-authorization-for-app-and-fingerprint";
const UPDATE: &str = "oauth-authorizations/update-authorization";
const MEMBER: &str = "orgs/check-membership-for-user";
const MEMBERS: &str = "orgs/list-members";
const MEMBERSHIP: &str = "orgs/get-membership-for-user";
const META: &str = "meta/get";
const ORGANIZATION: &str = "orgs/get";
const ORGANIZATIONS_OF_USER: &str = "orgs/list-for-user";
const PUBLIC_MEMBER: &str = "orgs/check-public-membership-for-user";
const PUBLIC_MEMBERS: &str = "orgs/list-public-members";
const OWN_MEMBERSHIP: &str = "orgs/get-membership-for-authenticated-user";
const OWN_TEAMS: &str = "teams/list-for-authenticated-user";
const RATE_LIMIT: &str = "rate-limit/get";
const ROOT: &str = "meta/root";
const TEAM: &str = "teams/get-by-name";
const TEAMS: &str = "teams/list";
const TEAM_BY_ID: &str = "teams/get-legacy";
const TEAM_MEMBER: &str = "teams/get-member-legacy";
const TEAM_MEMBERS: &str = "teams/list-members-in-org";
const TEAM_MEMBERSHIP: &str = "teams/get-membership-for-user-in-org";
const TEAM_MEMBERSHIP_BY_ID: &str = "teams/get-membership-for-user-legacy";
const TEAM_MEMBERS_BY_ID: &str = "teams/list-members-legacy";
const USER_BY_ID: &str = "users/get-by-id";
const USER: &str = "users/get-by-username";

/// Every departure.
pub const DEVIATIONS: &[Deviation] = &[
    // Versions that do not exist, and bodies that are not JSON.
    row("*", "status 400", 11),
    // Media types that are not JSON.
    row("*", "status 415", 11),
    // Strangers are refused everywhere, also where the description forgets to say so.
    row(PUT_FINGERPRINT, "status 401", 3),
    row(PUT_FINGERPRINT, "status 403", 3),
    row(UPDATE, "status 401", 3),
    row(UPDATE, "status 403", 3),
    // Filters that are none.
    row(TEAM_MEMBERS, "status 422", 28),
    row(TEAM_MEMBERS_BY_ID, "status 422", 28),
    // What is gone or somebody else's is not found.
    row(GET_GRANT, "status 404", 14),
    row(DELETE_GRANT, "status 404", 14),
    row(GET, "status 404", 15),
    row(UPDATE, "status 404", 15),
    row(DELETE, "status 404", 15),
    // What the client has is not sent again, also where the description forgets to say so.
    row(ROOT, "status 304", 9),
    row(USER, "status 304", 9),
    row(USER_BY_ID, "status 304", 9),
    row(ORGANIZATIONS_OF_USER, "status 304", 9),
    row(PUBLIC_MEMBERS, "status 304", 9),
    row(TEAM_MEMBERSHIP_BY_ID, "status 304", 9),
    row(OWN_MEMBERSHIP, "status 304", 9),
    row(ORGANIZATION, "status 304", 9),
    row(MEMBERS, "status 304", 9),
    row(MEMBERSHIP, "status 304", 9),
    row(TEAMS, "status 304", 9),
    row(TEAM, "status 304", 9),
    row(TEAM_MEMBERS, "status 304", 9),
    row(TEAM_MEMBERSHIP, "status 304", 9),
    row(TEAM_BY_ID, "status 304", 9),
    row(TEAM_MEMBERS_BY_ID, "status 304", 9),
    // Credentials that come must be right, also where none are needed.
    row(ROOT, "status 401", 3),
    row(META, "status 401", 3),
    row(RATE_LIMIT, "status 401", 3),
    row(USER, "status 401", 3),
    row(USER_BY_ID, "status 401", 3),
    row(ORGANIZATIONS_OF_USER, "status 401", 3),
    row(PUBLIC_MEMBERS, "status 401", 3),
    row(PUBLIC_MEMBER, "status 401", 3),
    row(TEAM_MEMBERSHIP_BY_ID, "status 401", 3),
    row(OWN_TEAMS, "status 401", 3),
    row(OWN_MEMBERSHIP, "status 401", 3),
    row(ORGANIZATION, "status 401", 3),
    row(MEMBERS, "status 401", 3),
    row(MEMBER, "status 401", 3),
    row(MEMBERSHIP, "status 401", 3),
    row(TEAMS, "status 401", 3),
    row(TEAM, "status 401", 3),
    row(TEAM_MEMBERS, "status 401", 3),
    row(TEAM_MEMBERSHIP, "status 401", 3),
    row(TEAM_BY_ID, "status 401", 3),
    row(TEAM_MEMBERS_BY_ID, "status 401", 3),
    row(TEAM_MEMBER, "status 401", 3),
    // Who failed too often is refused everywhere.
    row(ROOT, "status 403", 10),
    row(META, "status 403", 10),
    row(RATE_LIMIT, "status 403", 10),
    row(USER, "status 403", 10),
    row(USER_BY_ID, "status 403", 10),
    row(ORGANIZATIONS_OF_USER, "status 403", 10),
    row(PUBLIC_MEMBERS, "status 403", 10),
    row(PUBLIC_MEMBER, "status 403", 10),
    row(TEAM_MEMBERSHIP_BY_ID, "status 403", 10),
    row(ORGANIZATION, "status 403", 10),
    row(MEMBERS, "status 403", 10),
    row(MEMBER, "status 403", 10),
    row(TEAM, "status 403", 10),
    row(TEAM_MEMBERS, "status 403", 10),
    row(TEAM_MEMBERSHIP, "status 403", 10),
    row(TEAM_BY_ID, "status 403", 10),
    row(TEAM_MEMBERS_BY_ID, "status 403", 10),
    row(TEAM_MEMBER, "status 403", 10),
    // Who asks too much is refused everywhere, where rate limits are on.
    row(CHECK, "status 403", 10),
    // Who changes too much is refused everywhere.
    row(RESET, "status 403", 10),
    row(DELETE_APP_TOKEN, "status 403", 10),
    row(DELETE_APP_GRANT, "status 403", 10),
    // An organization or a team that the caller may not see does not exist.
    row(MEMBERS, "status 404", 5),
    row(TEAMS, "status 404", 5),
    row(TEAM_MEMBERS, "status 404", 5),
    row(ORGANIZATIONS_OF_USER, "status 404", 5),
    row(PUBLIC_MEMBERS, "status 404", 5),
    // What an organization does not tell is null: the keys of a body are all there.
    row(ORGANIZATION, "/name type", 1),
    row(ORGANIZATION, "/company type", 1),
    row(ORGANIZATION, "/blog format", 1),
    row(ORGANIZATION, "/location type", 1),
    row(ORGANIZATION, "/email type", 1),
    row(TEAM, "/organization/name type", 1),
    row(TEAM, "/organization/company type", 1),
    row(TEAM, "/organization/blog format", 1),
    row(TEAM, "/organization/location type", 1),
    row(TEAM, "/organization/email type", 1),
    row(TEAM_BY_ID, "/organization/name type", 1),
    row(TEAM_BY_ID, "/organization/company type", 1),
    row(TEAM_BY_ID, "/organization/blog format", 1),
    row(TEAM_BY_ID, "/organization/location type", 1),
    row(TEAM_BY_ID, "/organization/email type", 1),
    row(OWN_TEAMS, "/*/organization/name type", 1),
    row(OWN_TEAMS, "/*/organization/company type", 1),
    row(OWN_TEAMS, "/*/organization/blog format", 1),
    row(OWN_TEAMS, "/*/organization/location type", 1),
    row(OWN_TEAMS, "/*/organization/email type", 1),
    // A refusal says why, also where the description has only its status.
    row(MEMBER, "a body where none is described", 5),
    row(PUBLIC_MEMBER, "a body where none is described", 5),
    row(TEAM_MEMBER, "a body where none is described", 5),
    row(TEAM_MEMBERSHIP, "a body where none is described", 5),
    // A path that cannot be decoded, or with an empty segment.
    row(PUT, "status 404", 15),
    row(PUT_FINGERPRINT, "status 404", 15),
    // Bodies are bounded.
    row(CREATE, "status 413", 5),
    row(PUT, "status 413", 5),
    row(PUT_FINGERPRINT, "status 413", 5),
    row(UPDATE, "status 413", 5),
    // The recorded API keeps an empty note URL, and anything else that is not a URL.
    row(CREATE, "/note_url format", 15),
    row(PUT, "/note_url format", 15),
    row(PUT_FINGERPRINT, "/note_url format", 15),
    row(GET, "/note_url format", 15),
    row(UPDATE, "/note_url format", 15),
    row(LIST, "/*/note_url format", 15),
    // Personal tokens show their note URL as that of their app.
    row(CREATE, "/app/url format", 13),
    row(GET, "/app/url format", 13),
    row(UPDATE, "/app/url format", 13),
    row(LIST, "/*/app/url format", 13),
    // Apps that prove nothing, or name a token that is not theirs.
    row(CHECK, "status 401", 16),
    row(RESET, "status 401", 16),
    row(RESET, "status 404", 16),
    row(DELETE_APP_TOKEN, "status 401", 16),
    row(DELETE_APP_TOKEN, "status 404", 16),
    row(DELETE_APP_GRANT, "status 401", 16),
    row(DELETE_APP_GRANT, "status 404", 16),
    row(CHECK, "status 413", 5),
    row(RESET, "status 413", 5),
    row(DELETE_APP_TOKEN, "status 413", 5),
    row(DELETE_APP_GRANT, "status 413", 5),
    row(SCOPE, "status 413", 5),
    row(CHECK, "/note_url format", 15),
    row(RESET, "/note_url format", 15),
    // Whoever is no administrator, or a suspended one, and whatever is not there.
    row(PERSONAL_TOKENS, "status 401", 18),
    row(PERSONAL_TOKENS, "status 403", 18),
    row(PERSONAL_TOKENS, "status 404", 18),
    row(DELETE_PERSONAL_TOKEN, "status 401", 18),
    row(DELETE_PERSONAL_TOKEN, "status 403", 18),
    row(DELETE_PERSONAL_TOKEN, "status 404", 18),
    row(IMPERSONATE, "status 401", 18),
    row(IMPERSONATE, "status 403", 18),
    row(IMPERSONATE, "status 404", 18),
    row(DELETE_IMPERSONATION, "status 401", 18),
    row(DELETE_IMPERSONATION, "status 403", 18),
    row(DELETE_IMPERSONATION, "status 404", 18),
    row(CREATE_USER, "status 401", 18),
    row(CREATE_USER, "status 403", 18),
    row(CREATE_USER, "status 404", 18),
    row(RENAME_USER, "status 401", 18),
    row(RENAME_USER, "status 403", 18),
    row(RENAME_USER, "status 404", 18),
    row(DELETE_USER, "status 401", 18),
    row(DELETE_USER, "status 403", 18),
    row(DELETE_USER, "status 404", 18),
    row(PROMOTE, "status 401", 18),
    row(PROMOTE, "status 403", 18),
    row(PROMOTE, "status 404", 18),
    row(DEMOTE, "status 401", 18),
    row(DEMOTE, "status 403", 18),
    row(DEMOTE, "status 404", 18),
    row(SUSPEND, "status 401", 18),
    row(SUSPEND, "status 403", 18),
    row(SUSPEND, "status 404", 18),
    row(UNSUSPEND, "status 401", 18),
    row(UNSUSPEND, "status 403", 18),
    row(UNSUSPEND, "status 404", 18),
    // What administrators say wrongly.
    row(IMPERSONATE, "status 413", 5),
    row(IMPERSONATE, "status 422", 18),
    row(CREATE_USER, "status 413", 5),
    row(CREATE_USER, "status 422", 18),
    row(RENAME_USER, "status 413", 5),
    row(RENAME_USER, "status 422", 18),
    row(SUSPEND, "status 413", 5),
    row(SUSPEND, "status 422", 18),
    row(UNSUSPEND, "status 413", 5),
    row(UNSUSPEND, "status 422", 18),
    row(PERSONAL_TOKENS, "status 304", 9),
    row(PERSONAL_TOKENS, "/*/note_url format", 15),
    row(PERSONAL_TOKENS, "/*/app/url format", 13),
];
