//! What can be asked: the viewer, whose token it is.

use std::sync::LazyLock;

use async_graphql::{
    Context, EmptyMutation, EmptySubscription, Error, ErrorExtensions as _, ID, InputValueError,
    InputValueResult, Object, Result, Scalar, ScalarType, Schema, SimpleObject, Value,
};
use counterfoil_authority::{AccessError, CheckedToken};
use counterfoil_domain::access::{AccessRefused, Own};
use counterfoil_domain::account::Account;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::organization::Organization;
use counterfoil_domain::page::Page;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_wire::view::node_id;

use crate::state::ServerState;

/// The schema. It holds no state: the viewer comes with each request.
pub(super) static SCHEMA: LazyLock<Schema<Query, EmptyMutation, EmptySubscription>> =
    LazyLock::new(|| {
        Schema::build(Query, EmptyMutation, EmptySubscription)
            .disable_suggestions()
            .finish()
    });

/// Where queries begin.
pub(super) struct Query;

#[Object]
impl Query {
    /// The currently authenticated user.
    #[expect(
        clippy::unused_async,
        reason = "the library takes asynchronous fields only"
    )]
    async fn viewer(&self, context: &Context<'_>) -> Result<Viewer> {
        Ok(context.data::<Viewer>()?.clone())
    }
}

/// Whose token a request came with.
#[derive(Clone)]
pub(super) struct Viewer {
    token: CheckedToken,
    state: ServerState,
}

impl Viewer {
    pub(super) fn new(token: CheckedToken, state: ServerState) -> Self {
        Self { token, state }
    }

    fn account(&self) -> &Account {
        self.token.account()
    }

    /// Refuses a field that the token does not open.
    fn need(&self, field: &str, what: Own) -> Result<()> {
        let allowed = self.token.viewer().may_see(what);
        allowed.map_err(|refused| self.unseen(field, refused))
    }

    /// Why a field is not shown.
    fn unseen(&self, field: &str, refused: AccessRefused) -> Error {
        let AccessRefused::ScopeMissing(what) = refused else {
            return Error::new(refused.to_string());
        };
        let list = |names: &[&str]| format!("['{}']", names.join("', '"));
        let needed = what.scopes().iter().map(|scope| scope.name());
        let needed: Vec<_> = needed.collect();
        let held = self.token.effective_scopes().sorted_names();
        let message = format!(
            "Your token has not been granted the required scopes to execute this query. The '{field}' field requires one \
             of the following scopes: {}, but your token has only been granted the: {} scopes. Please modify your \
             token's scopes at: {}/settings/tokens.",
            list(&needed),
            list(&held),
            self.state.base().origin(),
        );
        Error::new(message).extend_with(|_, more| more.set("type", "INSUFFICIENT_SCOPES"))
    }
}

/// A user is an individual's account.
#[Object(name = "User")]
impl Viewer {
    /// The Node ID of the User object
    async fn id(&self) -> ID {
        ID(node_id("User", self.account().id.0))
    }

    /// Identifies the primary key from the database.
    async fn database_id(&self) -> Option<i64> {
        Some(self.account().id.0)
    }

    /// The username used to login.
    async fn login(&self) -> &str {
        self.account().login.as_str()
    }

    /// The user's public profile name.
    async fn name(&self) -> Option<&str> {
        self.account().name.as_ref().map(DisplayName::as_str)
    }

    /// The user's verified primary email, empty without one.
    #[expect(
        clippy::unused_async,
        reason = "the library takes asynchronous fields only"
    )]
    async fn email(&self) -> Result<&str> {
        self.need("email", Own::EmailInGraphQl)?;
        let email = self.account().email.as_ref();
        Ok(email.map_or("", EmailAddress::as_str))
    }

    /// The HTTP URL for this user
    async fn url(&self) -> Uri {
        Uri(self.state.base().user_page(&self.account().login))
    }

    /// A URL pointing to the user's public avatar.
    async fn avatar_url(
        &self,
        #[graphql(desc = "The size of the image.")] size: Option<i32>,
    ) -> Uri {
        // There is one size.
        let _ = size;
        Uri(self.state.base().avatar(self.account().id))
    }

    /// Identifies the date and time when the object was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.account().created_at)
    }

    /// Identifies the date and time when the object was last updated.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.account().updated_at)
    }

    /// Whether or not this user is a site administrator.
    async fn is_site_admin(&self) -> bool {
        self.account().standing == Standing::SiteAdministrator
    }

    /// Whether or not this user is the viewing user.
    async fn is_viewer(&self) -> bool {
        true
    }

    /// A list of organizations the user belongs to.
    async fn organizations(
        &self,
        #[graphql(desc = "Returns the first _n_ elements from the list.")] first: i32,
    ) -> Result<Organizations> {
        self.need("organizations", Own::Organizations)?;
        let size = u32::try_from(first)
            .ok()
            .filter(|first| (1..=100).contains(first));
        let size =
            size.ok_or("`first` on the `organizations` connection must be from 1 to 100.")?;
        let viewer = self.token.viewer();
        let held = self
            .state
            .authority()
            .own_organizations(&viewer, Page::new(1, size));
        let held = held.await.map_err(|error| match error {
            AccessError::Refused(refused) => self.unseen("organizations", refused),
            // What went wrong is logged here; the client is only told that it did.
            AccessError::Store(error) => {
                tracing::error!(cause = %error.causes(), "the organizations of a user cannot be read");
                Error::new("Something went wrong while executing your query.")
            }
        })?;
        Ok(Organizations {
            nodes: held
                .items
                .into_iter()
                .map(|held| Node(held.organization, self.state.clone()))
                .collect(),
            total_count: i32::try_from(held.total).unwrap_or(i32::MAX),
        })
    }
}

/// A list of organizations.
#[derive(SimpleObject)]
#[graphql(name = "OrganizationConnection")]
struct Organizations {
    /// A list of nodes.
    nodes: Vec<Node>,
    /// Identifies the total count of items in the connection.
    total_count: i32,
}

/// One organization.
struct Node(Organization, ServerState);

/// An account with which users are associated.
#[Object(name = "Organization")]
impl Node {
    /// The Node ID of the Organization object
    async fn id(&self) -> ID {
        ID(node_id("Organization", self.0.id.0))
    }

    /// Identifies the primary key from the database.
    async fn database_id(&self) -> Option<i64> {
        Some(self.0.id.0)
    }

    /// The organization's login name.
    async fn login(&self) -> &str {
        self.0.login.as_str()
    }

    /// The organization's public profile name.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_ref().map(DisplayName::as_str)
    }

    /// The HTTP URL for this organization.
    async fn url(&self) -> Uri {
        Uri(self.1.base().user_page(&self.0.login))
    }

    /// A URL pointing to the organization's public avatar.
    async fn avatar_url(&self) -> Uri {
        Uri(self.1.base().avatar(self.0.id))
    }
}

/// An address.
struct Uri(String);

/// An RFC 3986, RFC 3987, and RFC 6570 (level 4) compliant URI string.
#[Scalar(name = "URI")]
impl ScalarType for Uri {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A point in time.
struct DateTime(Timestamp);

/// An ISO-8601 encoded UTC date string.
#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        // Nothing takes one.
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
