//! Header names and values of the API that HTTP itself does not know (wire contract, sections 2 and
//! 12).

use counterfoil_domain::rate_limit::RateStatus;
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;
use http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    X_XSS_PROTECTION,
};
use http::{HeaderName, HeaderValue};

/// A one-time code on a request; on an answer, that one is wanted.
pub const X_GITHUB_OTP: HeaderName = HeaderName::from_static("x-github-otp");
/// What stands in [`X_GITHUB_OTP`] of an answer when a code of an authenticator is wanted.
pub(crate) const OTP_REQUIRED_APP: HeaderValue = HeaderValue::from_static("required; app");
/// The id of the request, a lower-case UUID; the log has the same.
pub const X_GITHUB_REQUEST_ID: HeaderName = HeaderName::from_static("x-github-request-id");
/// The media type that was chosen.
pub const X_GITHUB_MEDIA_TYPE: HeaderName = HeaderName::from_static("x-github-media-type");
/// The version of the API that is asked for.
pub const X_GITHUB_API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");
/// The version of the API that answers.
pub const X_GITHUB_API_VERSION_SELECTED: HeaderName =
    HeaderName::from_static("x-github-api-version-selected");
/// The release of GitHub Enterprise Server whose API this is.
pub const X_GITHUB_ENTERPRISE_VERSION: HeaderName =
    HeaderName::from_static("x-github-enterprise-version");
/// The value of [`X_GITHUB_ENTERPRISE_VERSION`] unless the installation sets another.
pub const DEFAULT_ENTERPRISE_VERSION: &str = "3.19.0";
/// The scopes of the token that was sent. Absent when no token was.
pub const X_OAUTH_SCOPES: HeaderName = HeaderName::from_static("x-oauth-scopes");
/// The scopes that the endpoint would accept. Absent when no token was sent.
pub const X_ACCEPTED_OAUTH_SCOPES: HeaderName = HeaderName::from_static("x-accepted-oauth-scopes");
/// The app whose token was sent.
pub const X_OAUTH_CLIENT_ID: HeaderName = HeaderName::from_static("x-oauth-client-id");
/// When the token that was sent expires; see [`token_expiration`].
pub const TOKEN_EXPIRATION: HeaderName =
    HeaderName::from_static("github-authentication-token-expiration");

/// Requests in a window of the rate limit.
const X_RATELIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
/// Requests that are left in this window.
const X_RATELIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
/// When the window ends, in seconds since the Unix epoch.
const X_RATELIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
/// Requests counted in this window.
const X_RATELIMIT_USED: HeaderName = HeaderName::from_static("x-ratelimit-used");
/// Which of several limits it is: always `core`.
const X_RATELIMIT_RESOURCE: HeaderName = HeaderName::from_static("x-ratelimit-resource");

/// The headers that say how the one who asked stands with the rate limits, in the recorded order.
pub fn rate_limit(status: RateStatus) -> [(HeaderName, HeaderValue); 5] {
    [
        (X_RATELIMIT_LIMIT, HeaderValue::from(status.limit)),
        (X_RATELIMIT_REMAINING, HeaderValue::from(status.remaining())),
        (
            X_RATELIMIT_RESET,
            HeaderValue::from(status.reset_at.seconds()),
        ),
        (X_RATELIMIT_USED, HeaderValue::from(status.used)),
        (X_RATELIMIT_RESOURCE, HeaderValue::from_static("core")),
    ]
}

/// `Content-Type` of every body.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
/// `Server` of every answer.
pub const SERVER: HeaderValue = HeaderValue::from_static("Counterfoil");
/// `Strict-Transport-Security`, over TLS only.
pub const STRICT_TRANSPORT_SECURITY: HeaderValue =
    HeaderValue::from_static("max-age=31536000; includeSubdomains");

/// Headers that keep browsers from treating an answer as anything but data. Every answer has them.
pub const SECURITY: [(HeaderName, HeaderValue); 5] = [
    (X_FRAME_OPTIONS, HeaderValue::from_static("deny")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_XSS_PROTECTION, HeaderValue::from_static("0")),
    (
        REFERRER_POLICY,
        HeaderValue::from_static("origin-when-cross-origin, strict-origin-when-cross-origin"),
    ),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'"),
    ),
];

/// `Access-Control-Allow-Origin`: any page may read, since nothing is decided by cookies.
pub const ALLOW_ORIGIN: HeaderValue = HeaderValue::from_static("*");
/// `Access-Control-Expose-Headers`: what scripts of other origins may read.
pub const EXPOSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Used, \
     X-RateLimit-Resource, X-RateLimit-Reset, X-OAuth-Scopes, X-Accepted-OAuth-Scopes, X-Poll-Interval, \
     X-GitHub-Media-Type, X-GitHub-SSO, X-GitHub-Request-Id, Deprecation, Sunset",
);
/// `Access-Control-Allow-Headers`: what scripts of other origins may send.
pub const ALLOW_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Accept-Encoding, \
     X-GitHub-OTP, X-GitHub-Api-Version, X-Requested-With, User-Agent",
);
/// `Access-Control-Allow-Methods`: what scripts of other origins may ask for.
pub const ALLOW_METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE");
/// `Access-Control-Max-Age`: a day, in seconds.
pub const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");

/// Who an answer is for, which decides how it may be cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A user, by password or token.
    User,
    /// An app, by client id and secret.
    App,
    /// A user, for the moment: what is said changes with every request.
    Momentary,
    /// Whoever holds it: the body contains a token, a secret or a code.
    Secret,
    /// Anyone: an error, or an answer without a body.
    Anyone,
}

/// `Cache-Control` for an answer; errors and empty answers have none.
pub const fn cache_control(audience: Audience) -> Option<HeaderValue> {
    match audience {
        Audience::User => Some(HeaderValue::from_static("private, max-age=60, s-maxage=60")),
        Audience::App => Some(HeaderValue::from_static("public, max-age=60, s-maxage=60")),
        Audience::Momentary => Some(HeaderValue::from_static("no-cache")),
        Audience::Secret => Some(HeaderValue::from_static("no-store")),
        Audience::Anyone => None,
    }
}

/// `Vary` for an answer, in the recorded form of 2023, which repeats a name.
pub const fn vary(audience: Audience) -> HeaderValue {
    match audience {
        Audience::User | Audience::Momentary | Audience::Secret => HeaderValue::from_static(
            "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With",
        ),
        Audience::App => {
            HeaderValue::from_static("Accept, Accept-Encoding, Accept, X-Requested-With")
        }
        Audience::Anyone => HeaderValue::from_static("Accept-Encoding, Accept, X-Requested-With"),
    }
}

/// The value of [`X_OAUTH_SCOPES`]: the names sorted by byte value; empty for a token without
/// scopes.
pub fn scopes(scopes: &ScopeSet) -> HeaderValue {
    HeaderValue::from_str(&scopes.sorted_names().join(", "))
        .expect("names of scopes are letters, digits, colons and underscores")
}

/// The value of [`X_ACCEPTED_OAUTH_SCOPES`] where each of these scopes opens the endpoint: they and
/// all that include them, sorted by byte value; empty where any token will do.
pub fn accepted_scopes(accepted: &[&str]) -> HeaderValue {
    let accepted = || accepted.iter().filter_map(|name| Scope::find(name));
    let opening = Scope::all().filter(|scope| accepted().any(|accepted| scope.includes(accepted)));
    let mut names: Vec<_> = opening.map(Scope::name).collect();
    names.sort_unstable();
    HeaderValue::from_str(&names.join(", "))
        .expect("names of scopes are letters, digits, colons and underscores")
}

/// The value of [`TOKEN_EXPIRATION`]: `2023-06-08 03:28:00 UTC`.
pub fn token_expiration(at: Timestamp) -> HeaderValue {
    let text = at.to_string().replace('T', " ").replace('Z', " UTC");
    HeaderValue::from_str(&text).expect("a time is digits, hyphens, colons and letters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_listed_sorted() {
        let set = ScopeSet::parse(["user", "admin:org", "gist"]).unwrap();
        assert_eq!(scopes(&set), "admin:org, gist, user");
        assert_eq!(scopes(&ScopeSet::default()), "");
    }

    #[test]
    fn accepted_scopes_are_listed_with_all_that_include_them() {
        assert_eq!(
            accepted_scopes(&["user", "read:org"]),
            "admin:org, read:org, user, write:org"
        );
        assert_eq!(accepted_scopes(&["user:email"]), "user, user:email");
        assert_eq!(accepted_scopes(&[]), "");
    }

    #[test]
    fn an_expiration_is_written_in_utc() {
        assert_eq!(
            token_expiration(Timestamp::from_seconds(1_686_194_880)),
            "2023-06-08 03:28:00 UTC"
        );
    }
}
