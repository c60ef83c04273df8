//! What a row of the tables of routes says.

use counterfoil_domain::audit::Action;
use counterfoil_wire::documentation::Operation;
use http::Method;

use crate::credential::Credential;
use crate::handler::Handler;
use crate::limiter::RateBucket;
use crate::metrics::RouteClass;

/// One route of a surface.
pub struct Route {
    /// The method; none for all of them.
    pub method: Option<Method>,
    /// The path under the root of its surface, as a template.
    pub path: &'static str,
    /// The operation of the official description, where it is one.
    pub operation: Option<Operation>,
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

impl Route {
    /// What kind of work it asks for, on a surface that mostly asks for `usual`.
    pub(crate) fn class(&self, usual: RouteClass) -> RouteClass {
        if usual != RouteClass::RestRead {
            usual
        } else if self.audit.is_some() {
            RouteClass::RestWrite
        } else if self.operation == Some(Operation::CheckToken) {
            RouteClass::TokenCheck
        } else {
            usual
        }
    }

    /// The scopes that `X-Accepted-OAuth-Scopes` lists, with all that include them. For
    /// administrators it lists none, as recorded (wire contract, section 18): a scope alone opens
    /// nothing there.
    pub(crate) fn accepted_scopes(&self) -> &'static [&'static str] {
        match self.credential {
            Credential::Administrator => &[],
            Credential::Nothing
            | Credential::Visitor
            | Credential::Session
            | Credential::FreshSession
            | Credential::AdministratorSession
            | Credential::FreshAdministratorSession
            | Credential::Password
            | Credential::PasswordOrToken
            | Credential::Token
            | Credential::TokenInPlaces
            | Credential::Optional
            | Credential::App
            | Credential::AppInBody
            | Credential::AppInPath => self.scopes,
        }
    }
}

/// Makes a table of rows: `METHOD "path" => operation, credential [scopes], audit event, bucket,
/// handler`. `ANY` stands for every method and `-` for none; scopes may be left out.
macro_rules! routes {
    ($($method:ident $path:literal => $operation:tt, $credential:ident $([$($scope:literal),+])?, $audit:tt,
        $bucket:ident, $handler:expr;)+) => {
        &[$($crate::route::Route {
            method: $crate::route::routes!(@method $method),
            path: $path,
            operation: $crate::route::routes!(@operation $operation),
            credential: $crate::credential::Credential::$credential,
            scopes: &[$($($scope),+)?],
            audit: $crate::route::routes!(@audit $audit),
            bucket: $crate::limiter::RateBucket::$bucket,
            handler: |request, state| $crate::handler::call($handler, request, state),
        }),+]
    };
    (@method ANY) => { None };
    (@method $method:ident) => { Some(::http::Method::$method) };
    (@operation -) => { None };
    (@operation $operation:ident) => { Some(::counterfoil_wire::documentation::Operation::$operation) };
    (@audit -) => { None };
    (@audit $audit:ident) => { Some(::counterfoil_domain::audit::Action::$audit) };
}

pub(crate) use routes;
