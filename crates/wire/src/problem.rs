//! Everything that can go wrong with a request, and the body that says so (wire contract, sections
//! 3, 4, 5, 10 and 11).
//!
//! This is the one place where a reason becomes a status, a message and a page of the
//! documentation. The kinds are data, so that the reference page of statuses and the tests can list
//! them.

use std::borrow::Cow;
use std::time::Duration;

use counterfoil_domain::app::ClientId;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::rate_limit::BURST_WINDOW;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::documentation::{Operation, Page};
use crate::header;
use crate::text::clipped;
use crate::version::{self, UnsupportedVersion};

mod field_error;
mod schema;

pub use field_error::{Code, Field, FieldError};
pub use schema::{BasicError, ValidationError};

/// Which page an error names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageRule {
    /// The root of the documentation, whatever the operation.
    Root,
    /// The page of the operation, or the root when the path has none.
    Operation,
    /// One page, whatever the operation.
    Fixed(Page),
}

macro_rules! kinds {
    ($(
        $(#[$more:meta])*
        $name:ident $(($value:ty))? $({ $(#[$doc:meta])* $field:ident: $type:ty })?:
            $status:ident, $page:expr, $message:literal, $when:literal;
    )+) => {
        /// The kinds of [`Problem`], without what a single request adds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $(#[doc = $when] $name),+
        }

        impl ProblemKind {
            /// Every kind, in the order of their statuses.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name of the kind, for logs and metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// The status of the answer.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            /// The message of the body. Kinds that add something to it write an ellipsis here.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),+ }
            }

            /// When a request is answered so.
            pub const fn when(self) -> &'static str {
                match self { $(Self::$name => $when),+ }
            }

            const fn page(self) -> PageRule {
                match self { $(Self::$name => $page),+ }
            }
        }

        /// What is wrong with a request.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Problem {
            $(
                #[doc = $when]
                $(#[doc = ""] #[$more])*
                $name $(($value))? $({ $(#[$doc])* $field: $type })?
            ),+
        }

        impl Problem {
            /// The kind, without what this request adds to it.
            pub const fn kind(&self) -> ProblemKind {
                match self { $(Self::$name { .. } => ProblemKind::$name),+ }
            }
        }
    };
}

kinds! {
    ParsingJson: BAD_REQUEST, PageRule::Operation, "Problems parsing JSON",
        "The body is not JSON, or is nested too deeply.";
    NotAnObject: BAD_REQUEST, PageRule::Operation, "Body should be a JSON object",
        "The body is JSON, but not an object.";
    /// With the version that was asked for.
    UnsupportedVersion(String): BAD_REQUEST, PageRule::Root, "Bad Request",
        "The request asks for a version of the API that does not exist here.";
    InvalidHost: BAD_REQUEST, PageRule::Root, "Invalid Host header",
        "A request of HTTP/1.1 has no Host header, or a request has more than one, or one that names no host.";
    BodyUnreadable: BAD_REQUEST, PageRule::Operation, "Problems reading the body",
        "The body ended before its announced length, or broke the rules of HTTP.";
    BadCredentials: UNAUTHORIZED, PageRule::Root, "Bad credentials",
        "The login, password or token is wrong, or the Authorization header cannot be understood.";
    RequiresAuthentication: UNAUTHORIZED, PageRule::Operation, "Requires authentication",
        "The request has no credentials.";
    PrivateMode: UNAUTHORIZED, PageRule::Root, "Must authenticate to access this API.",
        "Private mode is on, and the request has no credentials.";
    OtpRequired: UNAUTHORIZED, PageRule::Fixed(Page::TWO_FACTOR),
        "Must specify two-factor authentication OTP code.",
        "The password is right, and a one-time code is missing or wrong. The answer carries X-GitHub-OTP.";
    PasswordOnly: FORBIDDEN, PageRule::Fixed(Page::PASSWORD_ENDPOINTS),
        "This API can only be accessed with username and password Basic Auth",
        "A live token was sent to an endpoint that takes a password only.";
    Suspended: FORBIDDEN, PageRule::Root, "Sorry. Your account was suspended.",
        "The credentials are right, but their owner is suspended.";
    SecondFactorOverdue: FORBIDDEN, PageRule::Fixed(Page::TWO_FACTOR),
        "Two-factor authentication is required for this account. Ask an administrator how to turn it on.",
        "The password is right, and its owner should have turned a second factor on by now. Tokens live on.";
    TooManyAttempts: FORBIDDEN, PageRule::Root,
        "Maximum number of login attempts exceeded. Please try again later.",
        "Too many sign-ins failed before; or a client secret is wrong, as too many from the address were within a minute; or a \
         one-time code is missing, as it was too often within a minute.";
    /// With the name of the scope.
    ScopeMissing(&'static str): FORBIDDEN, PageRule::Operation, "Missing the '…' scope.",
        "The token lacks the scope that the message names.";
    OrganizationsNeedScope: FORBIDDEN, PageRule::Operation,
        "You need at least read:org scope or user scope to list your organizations.",
        "The token has neither of the scopes that list its owner's organizations.";
    MembersOnly: FORBIDDEN, PageRule::Operation, "You must be a member of this organization.",
        "Only members of an organization see this, with a token that has the scope read:org.";
    /// With what cannot be done, as a verb.
    OwnAccount(&'static str): FORBIDDEN, PageRule::Operation, "You can … any user account except your own.",
        "An administrator cannot suspend, demote or delete the own account; the message says which.";
    TokenInUse: FORBIDDEN, PageRule::Operation, "You cannot delete the token that you are using.",
        "An administrator asked to delete the token that the request came with.";
    /// With the address that made them.
    AddressRateLimited(ClientAddress): FORBIDDEN, PageRule::Fixed(Page::RATE_LIMITS),
        "API rate limit exceeded for …. (But here's the good news: Authenticated requests get a higher rate limit. Check out \
         the documentation for more details.)",
        "Rate limits are on, and the client's address has made all requests without credentials that it may in this hour.";
    /// With the user who made them.
    UserRateLimited(AccountId): FORBIDDEN, PageRule::Fixed(Page::RATE_LIMITS), "API rate limit exceeded for user ID ….",
        "Rate limits are on, and the user has made all requests of this hour, with all tokens together.";
    /// With the client id that made them.
    AppRateLimited(ClientId): FORBIDDEN, PageRule::Fixed(Page::RATE_LIMITS), "API rate limit exceeded for client ID ….",
        "Rate limits are on, and the app has made all requests of this hour with its client id and secret.";
    SecondaryRateLimited: FORBIDDEN, PageRule::Fixed(Page::SECONDARY_RATE_LIMITS),
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        "Too many requests came in a minute or at a time, where rate limits are on; or a user or an app changed as much as they \
         may in an hour. The answer carries Retry-After.";
    NotFound: NOT_FOUND, PageRule::Operation, "Not Found",
        "There is nothing here, or nothing that the caller may see.";
    NotAMember: NOT_FOUND, PageRule::Operation, "User does not exist or is not a member of the organization",
        "A member of an organization asks about somebody who is none.";
    RateLimitsOff: NOT_FOUND, PageRule::Operation, "Rate limiting is not enabled.",
        "The installation has no rate limits, so there is nothing to say about them.";
    RequestTimeout: REQUEST_TIMEOUT, PageRule::Operation, "The request took too long to arrive.",
        "The body did not arrive in time.";
    PayloadTooLarge: PAYLOAD_TOO_LARGE, PageRule::Operation, "The body is too large.",
        "The body is larger than the installation reads.";
    /// With the value of the header.
    UnsupportedAccept(String): UNSUPPORTED_MEDIA_TYPE, PageRule::Fixed(Page::MEDIA_TYPES),
        "Unsupported 'Accept' header: '…'. Must accept 'application/json'.",
        "The request accepts nothing that the API can answer with.";
    /// With at least one error.
    ValidationFailed(Vec<FieldError>): UNPROCESSABLE_ENTITY, PageRule::Operation, "Validation Failed",
        "A field of the body breaks a rule; errors says which.";
    OwnersOnly: UNPROCESSABLE_ENTITY, PageRule::Operation, "Only owners can use this filter.",
        "Somebody who does not administer the organization asks about the second factors of its \
         members.";
    InvalidClient: UNPROCESSABLE_ENTITY, PageRule::Operation, "Invalid Application client_id or secret.",
        "The client id and the client secret do not belong together.";
    /// With what is wrong, one sentence a line.
    InvalidRequest(String): UNPROCESSABLE_ENTITY, PageRule::Operation, "Invalid request.\n\n…",
        "The body lacks a key, has one too many, or a value of the wrong type, or a filter of a list is none; the message says \
         which.";
    Internal: INTERNAL_SERVER_ERROR, PageRule::Root, "Server Error",
        "Something broke on our side. The log has the cause under the request id of the answer.";
    Busy {
        /// After how long trying again makes sense.
        retry_after: Duration
    }: SERVICE_UNAVAILABLE, PageRule::Root, "The server is busy. Please try again later.",
        "More work is queued than can be done soon. The answer carries Retry-After.";
    Unavailable {
        /// After how long trying again makes sense.
        retry_after: Duration
    }: SERVICE_UNAVAILABLE, PageRule::Root, "The service is unavailable. Please try again later.",
        "The database does not answer. The answer carries Retry-After.";
}

impl From<UnsupportedVersion> for Problem {
    fn from(UnsupportedVersion(wanted): UnsupportedVersion) -> Self {
        Self::UnsupportedVersion(wanted)
    }
}

impl Problem {
    /// A refusal because of one field.
    pub fn field(error: FieldError) -> Self {
        Self::ValidationFailed(vec![error])
    }

    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        self.kind().status()
    }

    /// The page of the documentation that the body names, for a request that came to `operation`;
    /// `None` for a path or method that has no operation.
    pub const fn page(&self, operation: Option<Operation>) -> Page {
        match (self.kind().page(), operation) {
            (PageRule::Root, _) | (PageRule::Operation, None) => Page::Root,
            (PageRule::Operation, Some(operation)) => Page::Operation(operation),
            (PageRule::Fixed(page), _) => page,
        }
    }

    /// A header that this answer has beside those of every answer.
    pub fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        if let Self::OtpRequired = self {
            return Some((header::X_GITHUB_OTP, header::OTP_REQUIRED_APP));
        }
        // Whole seconds, rounded up and never zero, so that who waits that long is not early.
        let seconds = self.retry_after()?.as_millis().div_ceil(1000).max(1);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        Some((http::header::RETRY_AFTER, HeaderValue::from(seconds)))
    }

    fn retry_after(&self) -> Option<Duration> {
        if let Self::Busy { retry_after } | Self::Unavailable { retry_after } = self {
            Some(*retry_after)
        } else if let Self::SecondaryRateLimited = self {
            Some(BURST_WINDOW)
        } else {
            None
        }
    }

    /// The body of the answer.
    pub fn body<'a>(&'a self, documentation_url: &'a str) -> ProblemBody<'a> {
        // Recorded so: this one names its page before it says anything.
        let first = matches!(self, Self::SecondaryRateLimited);
        ProblemBody {
            page_first: first.then_some(documentation_url),
            message: self.message(),
            errors: self.errors(),
            documentation_url: (!first).then_some(documentation_url),
            status: self.status(),
        }
    }

    fn message(&self) -> Cow<'static, str> {
        if let Self::InvalidRequest(complaints) = self {
            format!("Invalid request.\n\n{complaints}").into()
        } else if let Self::ScopeMissing(scope) = self {
            format!("Missing the '{scope}' scope.").into()
        } else if let Self::OwnAccount(verb) = self {
            format!("You can {verb} any user account except your own.").into()
        } else if let Some(who) = self.rate_limited() {
            self.kind().message().replacen('…', &who, 1).into()
        } else if let Self::UnsupportedAccept(accept) = self {
            let accept = clipped(accept);
            format!("Unsupported 'Accept' header: '{accept}'. Must accept 'application/json'.")
                .into()
        } else {
            self.kind().message().into()
        }
    }

    /// Who made too many requests, as the message names them.
    fn rate_limited(&self) -> Option<String> {
        if let Self::AddressRateLimited(address) = self {
            Some(address.to_string())
        } else if let Self::UserRateLimited(user) = self {
            Some(user.to_string())
        } else if let Self::AppRateLimited(client_id) = self {
            Some(client_id.as_str().to_owned())
        } else {
            None
        }
    }

    fn errors(&self) -> Option<Errors<'_>> {
        if let Self::ValidationFailed(errors) = self {
            Some(Errors::Fields(errors))
        } else if let Self::UnsupportedVersion(wanted) = self {
            Some(Errors::Text(version::refusal(wanted)))
        } else {
            None
        }
    }
}

/// The body of an error.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemBody<'a> {
    #[serde(rename = "documentation_url", skip_serializing_if = "Option::is_none")]
    page_first: Option<&'a str>,
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Errors<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documentation_url: Option<&'a str>,
    #[serde(serialize_with = "status_as_text")]
    status: StatusCode,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Errors<'a> {
    Fields(&'a [FieldError]),
    Text(String),
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn status_as_text<S: serde::Serializer>(status: &StatusCode, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(status.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(problem: &Problem) -> String {
        serde_json::to_string(&problem.body("https://d")).unwrap()
    }

    #[test]
    fn members_come_in_the_recorded_order() {
        assert_eq!(
            json(&Problem::field(FieldError::already_exists(
                Field::Description
            ))),
            r#"{"message":"Validation Failed","errors":[{"resource":"OauthAccess","code":"already_exists","field":"description"}],"documentation_url":"https://d","status":"422"}"#,
        );
    }

    #[test]
    fn too_many_requests_are_refused_in_the_recorded_words() {
        let address = Problem::AddressRateLimited("192.0.2.7".parse().unwrap());
        assert_eq!(
            json(&address),
            r#"{"message":"API rate limit exceeded for 192.0.2.7. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)","documentation_url":"https://d","status":"403"}"#,
        );
        assert_eq!(
            json(&Problem::UserRateLimited(AccountId(17))),
            r#"{"message":"API rate limit exceeded for user ID 17.","documentation_url":"https://d","status":"403"}"#,
        );
        let burst = Problem::SecondaryRateLimited;
        assert_eq!(
            json(&burst),
            r#"{"documentation_url":"https://d","message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","status":"403"}"#,
        );
        assert_eq!(burst.header().unwrap().1, "60");
    }

    #[test]
    fn an_unsupported_version_has_a_text_for_errors() {
        assert_eq!(
            json(&Problem::UnsupportedVersion("v3".to_owned())),
            r#"{"message":"Bad Request","errors":"The version you specified in the \"X-GitHub-API-Version\" request header, \"v3\", is not a supported version. The following versions are currently supported: \"2022-11-28\" (most recent).","documentation_url":"https://d","status":"400"}"#,
        );
    }

    #[test]
    fn waiting_is_told_in_whole_seconds_and_never_none() {
        let told = |milliseconds| {
            let retry_after = Duration::from_millis(milliseconds);
            Problem::Busy { retry_after }.header().unwrap().1
        };
        assert_eq!([told(0), told(1000), told(1001)], ["1", "1", "2"]);
    }

    #[test]
    fn kinds_stand_in_the_order_of_their_statuses() {
        assert!(ProblemKind::ALL.is_sorted_by_key(|kind| kind.status()));
    }
}
