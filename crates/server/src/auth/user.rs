//! Which user asks, by a password or a token.

use counterfoil_authority::{CheckedToken, PasswordAttempt, SignInError};
use counterfoil_domain::access::Viewer;
use counterfoil_domain::account::Account;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::password::Password;
use counterfoil_domain::principal::Origin;
use counterfoil_domain::token::PlainToken;
use counterfoil_wire::credentials::Credentials;
use counterfoil_wire::header::X_GITHUB_OTP;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::app::app_of;
use super::error::AuthError;
use super::request::{admit, origin, told};
use crate::facts::RequestFacts;
use crate::limiter::Who;
use crate::metrics::SignInOutcome;
use crate::middleware::access_log::ProvenClient;
use crate::state::ServerState;

/// A user who proved who they are.
pub(crate) enum Caller {
    /// With a password.
    Password(counterfoil_authority::Caller),
    /// With a token, from there.
    Token(CheckedToken, Origin),
}

impl Caller {
    /// The user.
    pub(crate) fn account(&self) -> &Account {
        match self {
            Self::Password(caller) => caller.account(),
            Self::Token(token, _) => token.account(),
        }
    }

    /// The token, if one was sent.
    pub(crate) fn token(&self) -> Option<&CheckedToken> {
        match self {
            Self::Password(_) => None,
            Self::Token(token, _) => Some(token),
        }
    }

    /// From where they ask.
    pub(crate) fn address(&self) -> ClientAddress {
        match self {
            Self::Password(caller) => caller.address(),
            Self::Token(_, origin) => origin.address,
        }
    }

    /// Who looks, and what the password or the token allows them.
    pub(crate) fn viewer(&self) -> Viewer<'_> {
        match self {
            Self::Token(token, _) => token.viewer(),
            Self::Password(_) => Viewer::by_password(self.account().id),
        }
    }
}

/// The user whose password or token a request carries.
pub(crate) async fn caller(parts: &Parts, state: &ServerState) -> Result<Caller, AuthError> {
    match credentials(parts, state)? {
        Proof::Password { login, password } => {
            let user = sign_in(parts, state, login, password).await?;
            Ok(Caller::Password(user))
        }
        Proof::Token(token) => {
            let (token, origin) = check(parts, state, &token).await?;
            Ok(Caller::Token(token, origin))
        }
    }
}

/// The user whose password a request carries, with a code where they have two factors. A live token
/// is told apart from what is not right at all (wire contract, section 3).
pub(crate) async fn by_password(
    parts: &Parts,
    state: &ServerState,
) -> Result<counterfoil_authority::Caller, AuthError> {
    match credentials(parts, state)? {
        Proof::Password { login, password } => sign_in(parts, state, login, password).await,
        Proof::Token(token) => {
            let from = origin(parts)?.address;
            let token = state.authority().authenticate_token(&token, from).await?;
            told(parts, || ProvenClient::by_token(&token));
            admit(parts, Who::User(token.account().id))?;
            Err(AuthError::PasswordOnly)
        }
    }
}

/// The token that a request carries, and from where; a password is refused unread.
pub(crate) async fn by_token(
    parts: &Parts,
    state: &ServerState,
) -> Result<(CheckedToken, Origin), AuthError> {
    match credentials(parts, state)? {
        Proof::Password { .. } => Err(AuthError::Wrong),
        Proof::Token(token) => check(parts, state, &token).await,
    }
}

/// Credentials that can be right.
enum Proof {
    Password { login: String, password: Password },
    Token(PlainToken),
}

fn credentials(parts: &Parts, state: &ServerState) -> Result<Proof, AuthError> {
    let formats = &state.authority().settings().token_formats;
    match Credentials::read(parts.headers.get_all(AUTHORIZATION), formats) {
        Credentials::None => Err(AuthError::Missing),
        Credentials::Malformed => Err(AuthError::Wrong),
        Credentials::Basic { login, password } => Ok(Proof::Password { login, password }),
        Credentials::Token(token) => Ok(Proof::Token(token)),
    }
}

async fn sign_in(
    parts: &Parts,
    state: &ServerState,
    login: String,
    password: Password,
) -> Result<counterfoil_authority::Caller, AuthError> {
    // An app is no user, and its secret no password: neither signs in, nor is it counted as a
    // failure to.
    if app_of(parts, state, &login, &password).await?.is_some() {
        return Err(AuthError::Wrong);
    }
    // A code that is not even text is a wrong code, not a missing one.
    let code = parts
        .headers
        .get(X_GITHUB_OTP)
        .map(|value| value.to_str().unwrap_or_default().to_owned());
    let attempt = PasswordAttempt {
        login,
        password,
        code,
    };
    let outcome = state
        .authority()
        .sign_in_basic(attempt, origin(parts)?)
        .await;
    state.metrics().count_sign_in(match &outcome {
        Ok(_) => SignInOutcome::Accepted,
        Err(SignInError::BadCredentials) => SignInOutcome::WrongPassword,
        Err(SignInError::CodeRequired) => SignInOutcome::CodeRequired,
        Err(SignInError::Suspended) => SignInOutcome::Suspended,
        Err(SignInError::SecondFactorOverdue) => SignInOutcome::SecondFactorOverdue,
        Err(SignInError::TooManyAttempts) => SignInOutcome::Locked,
        Err(SignInError::Busy(_) | SignInError::Store(_)) => SignInOutcome::Unavailable,
    });
    let user = outcome?;
    told(parts, || ProvenClient {
        account: Some(user.account().id),
        ..ProvenClient::default()
    });
    admit(parts, Who::User(user.account().id))?;
    Ok(user)
}

async fn check(
    parts: &Parts,
    state: &ServerState,
    token: &PlainToken,
) -> Result<(CheckedToken, Origin), AuthError> {
    let origin = origin(parts)?;
    let authority = state.authority();
    let token = authority.authenticate_token(token, origin.address).await?;
    if let Some(seen) = RequestFacts::of(parts).and_then(|facts| facts.seen_token.as_ref()) {
        seen.note(&token);
    }
    told(parts, || ProvenClient::by_token(&token));
    admit(parts, Who::User(token.account().id))?;
    Ok((token, origin))
}
