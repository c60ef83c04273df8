//! The bodies of answers, with their members in the recorded order.

use std::borrow::Cow;

use counterfoil_domain::app::AppSummary;
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;
use data_encoding::BASE64;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

mod administration;
mod authorization;
mod checked;
mod email;
mod grant;
mod meta;
mod organization;
mod rate_limit;
mod team;
mod user;

pub use administration::RenameQueued;
pub use authorization::AuthorizationView;
pub use checked::{CheckedView, Fragment};
pub use email::EmailView;
pub use grant::GrantView;
pub use meta::{Meta, Root};
pub use organization::{FullOrganization, MembershipView, OrganizationView, SimpleOrganization};
pub use rate_limit::RateLimitView;
pub use team::{SimpleTeam, TeamMembershipView, TeamView};
pub use user::{PrivateUser, PublicUser, SimpleUser};

/// What the plan of users and organizations is called: there is one.
const PLAN: &str = "enterprise";

/// What bodies show of an app.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct AppView<'a> {
    name: &'a str,
    url: &'a str,
    client_id: &'a str,
}

impl<'a> From<&'a AppSummary> for AppView<'a> {
    fn from(app: &'a AppSummary) -> Self {
        Self {
            name: app.name.as_str(),
            url: app.url.as_str(),
            client_id: app.client_id.as_str(),
        }
    }
}

/// The older form of node ids, which clients take for opaque: the length of the type's name, the
/// type and the id, in base 64.
pub fn node_id(kind: &str, id: i64) -> String {
    BASE64.encode(format!("0{}:{kind}{id}", kind.len()).as_bytes())
}

/// A point in time as bodies show it.
struct Time(Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Scopes as bodies show them: a list of names.
struct ScopeNames<'a>(&'a ScopeSet);

impl Serialize for ScopeNames<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.0.iter().map(Scope::name))
    }
}

impl JsonSchema for ScopeNames<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "scopes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <Vec<String>>::json_schema(generator)
    }
}
