//! Why an app gets no token, in the words that clients of GitHub know.

use crate::oauth::SITE;
use crate::oauth::encoding::{Encoding, Member};

pub(super) const REDIRECT_MISMATCH: &str =
    "The redirect_uri MUST match the registered callback URL for this application.";

/// Why an app gets no token. Sent with the status 200 unless a variant says otherwise, or the app
/// wants the standard's (RFC 6749, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// There is no such app: the status is 404.
    NotFound,
    /// The client id or secret is wrong, or they are different ones at two places.
    IncorrectClientCredentials,
    /// The code is wrong, over or used, or what it wants proved was not.
    BadVerificationCode,
    /// There is no code in the request. It is told like a wrong one, but to clients that are not
    /// GitHub's.
    CodeMissing,
    /// The refresh token is wrong, over or replaced.
    BadRefreshToken,
    /// There is no refresh token in the request. It is told as a missing code is.
    RefreshTokenMissing,
    /// The redirect URI is another one than the code was sent to.
    RedirectUriMismatch,
    /// The user has no e-mail address that was verified.
    UnverifiedUserEmail,
    /// The user has as many tokens as one may have.
    TooManyTokens,
    /// A parameter is repeated or malformed.
    InvalidRequest,
    /// Something else is to be exchanged than a code or a refresh token.
    UnsupportedGrantType,
    /// Too many client secrets were wrong: the status is 429.
    TooManyRequests,
    /// It cannot be done now: the status is 503.
    TemporarilyUnavailable,
    /// The app did not ask for the device flow.
    DeviceFlowDisabled,
    /// The user has not answered the device.
    AuthorizationPending,
    /// The device polls too early: from now on its polls are to be so far apart.
    SlowDown {
        /// Seconds from one poll to the next.
        interval: u64,
    },
    /// The code that the device polls with is over.
    ExpiredToken,
    /// There is no such code, or it was exchanged before.
    IncorrectDeviceCode,
    /// There is no code to poll with in the request. It is told as a missing code is.
    DeviceCodeMissing,
    /// The user turned the device away.
    AccessDenied,
}

const TOO_MANY: &str = "Too many requests have been made in the same timeframe.";

/// The page about errors of the device flow.
const DEVICE_ERRORS: &str =
    "/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow";

/// The page about errors of the token endpoint.
const TOKEN_ERRORS: &str =
    "/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";

impl TokenError {
    /// The body of the answer, in this encoding.
    pub fn write(self, encoding: Encoding) -> String {
        let Some((error, description, page)) = self.parts() else {
            return encoding.write(&[("error", "Not Found".into())]);
        };
        let uri = page.map(|page| format!("{SITE}{page}"));
        let mut members: Vec<(&str, Member<'_>)> = vec![
            ("error", error.into()),
            ("error_description", description.into()),
        ];
        members.extend(uri.as_deref().map(|uri| ("error_uri", uri.into())));
        if let Self::SlowDown { interval } = self {
            members.push(("interval", Member::Number(interval)));
        }
        encoding.write(&members)
    }

    /// Its name and description as clients of GitHub know them.
    pub(super) fn said(self) -> (&'static str, &'static str) {
        let not_found = ("Not Found", "There is no such client.");
        self.parts()
            .map_or(not_found, |(error, description, _)| (error, description))
    }

    fn parts(self) -> Option<(&'static str, &'static str, Option<String>)> {
        let of_tokens = |anchor: &str| Some(format!("{TOKEN_ERRORS}#{anchor}"));
        Some(match self {
            Self::NotFound => return None,
            Self::IncorrectClientCredentials => (
                "incorrect_client_credentials",
                "The client_id and/or client_secret passed are incorrect.",
                of_tokens("incorrect-client-credentials"),
            ),
            Self::BadVerificationCode | Self::CodeMissing => (
                "bad_verification_code",
                "The code passed is incorrect or expired.",
                of_tokens("bad-verification-code"),
            ),
            // Recorded with a page of which no more than the site is known.
            Self::BadRefreshToken | Self::RefreshTokenMissing => (
                "bad_refresh_token",
                "The refresh token passed is incorrect or expired.",
                Some(String::new()),
            ),
            Self::RedirectUriMismatch => {
                let page =
                    "/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/";
                let uri = format!("{page}#redirect-uri-mismatch2");
                ("redirect_uri_mismatch", REDIRECT_MISMATCH, Some(uri))
            }
            Self::UnverifiedUserEmail => (
                "unverified_user_email",
                "The user must have a verified primary email.",
                of_tokens("unverified_user_email"),
            ),
            Self::TooManyTokens => (
                "too_many_tokens",
                "The user has as many tokens as one may have.",
                None,
            ),
            Self::InvalidRequest => (
                "invalid_request",
                "A parameter is repeated or malformed.",
                None,
            ),
            Self::UnsupportedGrantType => (
                "unsupported_grant_type",
                "The grant_type is not supported.",
                None,
            ),
            Self::TooManyRequests => ("slow_down", TOO_MANY, None),
            Self::TemporarilyUnavailable => (
                "temporarily_unavailable",
                "The server cannot handle the request now.",
                None,
            ),
            _ => return Some(self.parts_of_device()),
        })
    }
}

impl TokenError {
    /// Of those that devices alone are told.
    fn parts_of_device(self) -> (&'static str, &'static str, Option<String>) {
        let site = || Some(String::new());
        match self {
            Self::DeviceFlowDisabled => (
                "device_flow_disabled",
                "Device Flow must be explicitly enabled for this App",
                site(),
            ),
            Self::AuthorizationPending => (
                "authorization_pending",
                "The authorization request is still pending.",
                Some(DEVICE_ERRORS.to_owned()),
            ),
            Self::SlowDown { .. } => ("slow_down", TOO_MANY, site()),
            Self::ExpiredToken => (
                "expired_token",
                "The device_code has expired.",
                Some(DEVICE_ERRORS.to_owned()),
            ),
            Self::IncorrectDeviceCode | Self::DeviceCodeMissing => (
                "incorrect_device_code",
                "The device_code provided is not valid.",
                Some(DEVICE_ERRORS.to_owned()),
            ),
            _ => (
                "access_denied",
                "The authorization request was denied.",
                Some(DEVICE_ERRORS.to_owned()),
            ),
        }
    }
}
