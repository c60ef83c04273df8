//! Organizations and who is in them, as bodies show them.
//!
//! Members about things that do not exist here (repositories, hooks, followers) are there because
//! clients read them; they say none.

use counterfoil_domain::account::Account;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Membership, Organization, Role};
use counterfoil_domain::text::DisplayName;
use schemars::JsonSchema;
use serde::Serialize;

use super::{PLAN, SimpleUser, Time, node_id};
use crate::base::ApiBase;

/// An organization in a list, or inside another body.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "organization-simple")]
pub struct SimpleOrganization<'a> {
    login: &'a str,
    id: i64,
    node_id: String,
    url: String,
    repos_url: String,
    events_url: String,
    hooks_url: String,
    issues_url: String,
    members_url: String,
    public_members_url: String,
    avatar_url: String,
    description: Option<&'static str>,
}

impl<'a> SimpleOrganization<'a> {
    /// The body for this organization.
    pub fn new(organization: &'a Organization, base: &ApiBase) -> Self {
        let url = base.organization(&organization.login);
        Self {
            login: organization.login.as_str(),
            id: organization.id.0,
            node_id: node_id("Organization", organization.id.0),
            repos_url: format!("{url}/repos"),
            events_url: format!("{url}/events"),
            hooks_url: format!("{url}/hooks"),
            issues_url: format!("{url}/issues"),
            members_url: format!("{url}/members{{/member}}"),
            public_members_url: format!("{url}/public_members{{/member}}"),
            avatar_url: base.avatar(organization.id),
            url,
            description: None,
        }
    }
}

/// An organization, as everybody sees it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "organization")]
pub struct OrganizationView<'a> {
    #[serde(flatten)]
    simple: SimpleOrganization<'a>,
    name: Option<&'a str>,
    company: Option<&'static str>,
    blog: &'static str,
    location: Option<&'static str>,
    email: Option<&'static str>,
    twitter_username: Option<&'static str>,
    is_verified: bool,
    has_organization_projects: bool,
    has_repository_projects: bool,
    public_repos: u32,
    public_gists: u32,
    followers: u32,
    following: u32,
    html_url: String,
    created_at: Time,
    updated_at: Time,
    archived_at: Option<Time>,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> OrganizationView<'a> {
    /// The body for this organization.
    pub fn new(organization: &'a Organization, base: &ApiBase) -> Self {
        Self {
            simple: SimpleOrganization::new(organization, base),
            name: organization.name.as_ref().map(DisplayName::as_str),
            company: None,
            blog: "",
            location: None,
            email: None,
            twitter_username: None,
            is_verified: false,
            has_organization_projects: false,
            has_repository_projects: false,
            public_repos: 0,
            public_gists: 0,
            followers: 0,
            following: 0,
            html_url: base.user_page(&organization.login),
            created_at: Time(organization.created_at),
            updated_at: Time(organization.updated_at),
            archived_at: None,
            kind: "Organization",
        }
    }
}

/// An organization, as those see it who administer it: what its settings say about repositories,
/// pages and billing, of which there are none here.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "organization-full")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the body, with a name that clients know"
)]
pub struct FullOrganization<'a> {
    #[serde(flatten)]
    public: OrganizationView<'a>,
    total_private_repos: u32,
    owned_private_repos: u32,
    private_gists: u32,
    disk_usage: u32,
    collaborators: u32,
    billing_email: Option<&'static str>,
    default_repository_permission: &'static str,
    members_can_create_repositories: bool,
    two_factor_requirement_enabled: bool,
    members_allowed_repository_creation_type: &'static str,
    members_can_create_public_repositories: bool,
    members_can_create_private_repositories: bool,
    members_can_create_internal_repositories: bool,
    members_can_create_pages: bool,
    members_can_fork_private_repositories: bool,
    web_commit_signoff_required: bool,
    members_can_create_public_pages: bool,
    members_can_create_private_pages: bool,
    plan: Plan,
}

impl<'a> FullOrganization<'a> {
    /// The body for this organization.
    pub fn new(organization: &'a Organization, base: &ApiBase) -> Self {
        Self {
            public: OrganizationView::new(organization, base),
            total_private_repos: 0,
            owned_private_repos: 0,
            private_gists: 0,
            disk_usage: 0,
            collaborators: 0,
            billing_email: None,
            default_repository_permission: "none",
            members_can_create_repositories: false,
            two_factor_requirement_enabled: false,
            members_allowed_repository_creation_type: "none",
            members_can_create_public_repositories: false,
            members_can_create_private_repositories: false,
            members_can_create_internal_repositories: false,
            members_can_create_pages: false,
            members_can_fork_private_repositories: false,
            web_commit_signoff_required: false,
            members_can_create_public_pages: false,
            members_can_create_private_pages: false,
            plan: Plan {
                name: PLAN,
                space: 0,
                private_repos: 0,
            },
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Plan {
    name: &'static str,
    space: u32,
    private_repos: u32,
}

/// That somebody is a member of an organization.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "org-membership")]
pub struct MembershipView<'a> {
    url: String,
    #[schemars(extend("enum" = ["active", "pending"]))]
    state: &'static str,
    #[schemars(extend("enum" = ["admin", "member"]))]
    role: &'static str,
    organization_url: String,
    organization: SimpleOrganization<'a>,
    user: SimpleUser<'a>,
}

impl<'a> MembershipView<'a> {
    /// The body for a member in this role.
    pub fn new(
        organization: &'a Organization,
        account: &'a Account,
        role: Role,
        base: &ApiBase,
    ) -> Self {
        let organization_url = base.organization(&organization.login);
        Self {
            url: membership(&organization_url, &account.login),
            state: "active",
            role: role.as_str(),
            organization: SimpleOrganization::new(organization, base),
            user: SimpleUser::new(account, base),
            organization_url,
        }
    }

    /// The body for one of somebody's memberships.
    pub fn of(account: &'a Account, held: &'a Membership, base: &ApiBase) -> Self {
        Self::new(&held.organization, account, held.role, base)
    }
}

/// Where a membership of an organization or a team is.
pub(super) fn membership(place: &str, login: &Login) -> String {
    format!("{place}/memberships/{login}")
}
