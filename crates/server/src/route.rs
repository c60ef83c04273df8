//! What a row of the tables of routes says.

use counterfoil_domain::audit::Action;
use counterfoil_wire::documentation::Operation;
use http::Method;

use crate::handler::Handler;

/// Under which path the REST API lies.
pub const REST_ROOT: &str = "/api/v3";

/// One route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path under [`REST_ROOT`], as a template.
    pub path: &'static str,
    /// The operation of the official description.
    pub operation: Operation,
    /// What proves who asks.
    pub credential: Credential,
    /// The scopes of which a token needs one to get at everything here; none when any token will
    /// do, or when no token is taken. `X-Accepted-OAuth-Scopes` lists them with all that include
    /// them; what a token without them gets, the handler says.
    pub scopes: &'static [&'static str],
    /// What it writes to the audit trail when it changes something.
    pub audit: Option<Action>,
    /// How it is counted when rate limits are on.
    pub bucket: RateBucket,
    pub(crate) handler: Handler,
}

/// A route outside the REST API.
pub struct PlainRoute {
    /// The method; none for all of them.
    pub method: Option<Method>,
    /// The whole path, as a template.
    pub path: &'static str,
    pub(crate) handler: Handler,
}

/// What proves who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A login and password with Basic authentication, and a code where the user has two factors.
    /// No token.
    Password,
    /// A login and password, or a token.
    PasswordOrToken,
    /// Nothing; a login and password, a token, or an app's client id and secret that come all the
    /// same must be right.
    Optional,
    /// A token that may act as a site administrator, of one who is one now. Whoever else is right
    /// is told that there is nothing.
    Administrator,
    /// The client id and secret of the app that the path names.
    App,
    /// The same, where strangers are told that there is nothing. Served only where older token URLs
    /// are.
    AppInPath,
}

/// How a request is counted when rate limits are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateBucket {
    /// With most other requests.
    Core,
    /// Not at all: it asks how one stands.
    Free,
}

impl RateBucket {
    pub(crate) const fn of(operation: Operation) -> Self {
        match operation {
            Operation::GetRateLimit => Self::Free,
            _ => Self::Core,
        }
    }
}

impl Route {
    /// The scopes that `X-Accepted-OAuth-Scopes` lists, with all that include them. For
    /// administrators it lists none, as recorded (wire contract, section 18): a scope alone opens
    /// nothing there.
    pub(crate) fn accepted_scopes(&self) -> &'static [&'static str] {
        match self.credential {
            Credential::Administrator => &[],
            Credential::Password
            | Credential::PasswordOrToken
            | Credential::Optional
            | Credential::App
            | Credential::AppInPath => self.scopes,
        }
    }
}

/// Whether a path lies under [`REST_ROOT`]: `/api/v3` itself or anything below it, and not its
/// neighbour `/api/v30`.
pub(crate) fn is_rest(path: &str) -> bool {
    path.strip_prefix(REST_ROOT)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
