//! Teams as bodies show them.

use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Role, Team};
use schemars::JsonSchema;
use serde::Serialize;

use super::organization::membership;
use super::{OrganizationView, Time, node_id};
use crate::base::ApiBase;

/// A team in the list of its organization.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "team")]
pub struct SimpleTeam<'a> {
    id: i64,
    node_id: String,
    url: String,
    html_url: String,
    name: &'a str,
    slug: &'a str,
    description: Option<&'static str>,
    #[schemars(extend("enum" = ["closed", "secret"]))]
    privacy: &'static str,
    #[schemars(extend("enum" = ["notifications_enabled", "notifications_disabled"]))]
    notification_setting: &'static str,
    permission: &'static str,
    members_url: String,
    repositories_url: String,
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["organization"]))]
    kind: &'static str,
    organization_id: i64,
    parent: Option<()>,
}

impl<'a> SimpleTeam<'a> {
    /// The body for this team.
    pub fn new(team: &'a Team, base: &ApiBase) -> Self {
        let url = base.team(team.id);
        let slug = team.name.slug();
        Self {
            id: team.id.0,
            node_id: node_id("Team", team.id.0),
            html_url: base.team_page(&team.organization.login, slug),
            name: team.name.as_str(),
            slug: slug.as_str(),
            description: None,
            // Every member of the organization sees it.
            privacy: "closed",
            notification_setting: "notifications_disabled",
            permission: "pull",
            members_url: format!("{url}/members{{/member}}"),
            repositories_url: format!("{url}/repos"),
            url,
            kind: "organization",
            organization_id: team.organization.id.0,
            parent: None,
        }
    }
}

/// A team with its organization.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "team-full")]
pub struct TeamView<'a> {
    #[serde(flatten)]
    simple: SimpleTeam<'a>,
    members_count: u64,
    repos_count: u32,
    created_at: Time,
    updated_at: Time,
    organization: OrganizationView<'a>,
}

impl<'a> TeamView<'a> {
    /// The body for this team.
    pub fn new(team: &'a Team, base: &ApiBase) -> Self {
        Self {
            simple: SimpleTeam::new(team, base),
            members_count: team.members,
            repos_count: 0,
            created_at: Time(team.created_at),
            updated_at: Time(team.updated_at),
            organization: OrganizationView::new(&team.organization, base),
        }
    }
}

/// That somebody is in a team.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "team-membership")]
pub struct TeamMembershipView {
    url: String,
    #[schemars(extend("enum" = ["member", "maintainer"]))]
    role: &'static str,
    #[schemars(extend("enum" = ["active", "pending"]))]
    state: &'static str,
}

impl TeamMembershipView {
    /// The body for this user in this team, who has this role in its organization.
    pub fn new(team: &Team, login: &Login, role: Role, base: &ApiBase) -> Self {
        Self {
            url: membership(&base.team(team.id), login),
            role: role.in_a_team(),
            state: "active",
        }
    }
}
