//! What the API says about itself (wire contract, section 20).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, json};

use crate::base::ApiBase;

/// Where things are, below the root of the API unless the address begins with the origin. Those
/// that do not exist here are listed too: clients build addresses from this list and look for its
/// members, not for what is behind them.
const PLACES: [(&str, &str); 33] = [
    ("current_user_url", "/user"),
    (
        "current_user_authorizations_html_url",
        "ORIGIN/settings/connections/applications{/client_id}",
    ),
    ("authorizations_url", "/authorizations"),
    (
        "code_search_url",
        "/search/code?q={query}{&page,per_page,sort,order}",
    ),
    (
        "commit_search_url",
        "/search/commits?q={query}{&page,per_page,sort,order}",
    ),
    ("emails_url", "/user/emails"),
    ("emojis_url", "/emojis"),
    ("events_url", "/events"),
    ("feeds_url", "/feeds"),
    ("followers_url", "/user/followers"),
    ("following_url", "/user/following{/target}"),
    ("gists_url", "/gists{/gist_id}"),
    ("hub_url", "/hub"),
    (
        "issue_search_url",
        "/search/issues?q={query}{&page,per_page,sort,order}",
    ),
    ("issues_url", "/issues"),
    ("keys_url", "/user/keys"),
    (
        "label_search_url",
        "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    ),
    ("notifications_url", "/notifications"),
    ("organization_url", "/orgs/{org}"),
    (
        "organization_repositories_url",
        "/orgs/{org}/repos{?type,page,per_page,sort}",
    ),
    ("organization_teams_url", "/orgs/{org}/teams"),
    ("public_gists_url", "/gists/public"),
    ("rate_limit_url", "/rate_limit"),
    ("repository_url", "/repos/{owner}/{repo}"),
    (
        "repository_search_url",
        "/search/repositories?q={query}{&page,per_page,sort,order}",
    ),
    (
        "current_user_repositories_url",
        "/user/repos{?type,page,per_page,sort}",
    ),
    ("starred_url", "/user/starred{/owner}{/repo}"),
    ("starred_gists_url", "/gists/starred"),
    (
        "topic_search_url",
        "/search/topics?q={query}{&page,per_page}",
    ),
    ("user_url", "/users/{user}"),
    ("user_organizations_url", "/user/orgs"),
    (
        "user_repositories_url",
        "/users/{user}/repos{?type,page,per_page,sort}",
    ),
    (
        "user_search_url",
        "/search/users?q={query}{&page,per_page,sort,order}",
    ),
];

/// The root of the API: where things are.
pub struct Root<'a>(pub &'a ApiBase);

impl Serialize for Root<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut members = out.serialize_map(Some(PLACES.len()))?;
        for (name, place) in PLACES {
            let address = match place.strip_prefix("ORIGIN") {
                Some(path) => format!("{}{path}", self.0.origin()),
                None => format!("{}{place}", self.0.rest()),
            };
            members.serialize_entry(name, &address)?;
        }
        members.end()
    }
}

impl JsonSchema for Root<'_> {
    fn schema_name() -> Cow<'static, str> {
        "root".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = PLACES.map(|(name, _)| name);
        let members: Map<_, _> = names
            .into_iter()
            .map(|name| (name.to_owned(), json!({ "type": "string" })))
            .collect();
        json_schema!({
            "type": "object",
            "required": names.as_slice(),
            "properties": members,
        })
    }
}

/// What clients look at before they decide how to sign in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "api-overview")]
pub struct Meta<'a> {
    /// Whether the API takes passwords. Git Credential Manager then asks for one.
    pub verifiable_password_authentication: bool,
    /// The release of GitHub Enterprise Server whose API this is.
    pub installed_version: &'a str,
}
