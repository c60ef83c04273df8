//! Who asks.

use axum::extract::FromRequestParts;
use counterfoil_authority::{CheckedToken, PasswordAttempt, SignInRefused};
use counterfoil_domain::access::Viewer;
use counterfoil_domain::account::Account;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::password::Password;
use counterfoil_domain::principal::Origin;
use counterfoil_domain::token::PlainToken;
use counterfoil_wire::credentials::Credentials;
use counterfoil_wire::header::X_GITHUB_OTP;
use counterfoil_wire::problem::Problem;
use http::header::AUTHORIZATION;
use http::request::Parts;
use serde::Serialize;

use super::app_caller::{app_in_pair, app_of};
use super::request::{admit, origin};
use crate::answer::Answer;
use crate::facts::RequestFacts;
use crate::limiter::Who;
use crate::metrics::SignInOutcome;
use crate::problem::RestProblem;
use crate::state::ServerState;

/// A user who proved who they are with a password, and with a code where they have two factors. A
/// live token is refused with its own answer (wire contract, section 3).
pub(crate) struct PasswordCaller(pub(crate) counterfoil_authority::Caller);

/// A user who proved who they are.
pub(crate) enum Caller {
    /// With a password.
    Password(counterfoil_authority::Caller),
    /// With a token, from there.
    Token(CheckedToken, Origin),
}

/// A user who proved who they are with a token; a password is refused unread.
pub(crate) struct TokenCaller {
    /// The token.
    pub(crate) token: CheckedToken,
    /// From where they ask.
    pub(crate) from: ClientAddress,
}

/// Whoever asks for what everybody may see. Credentials that come all the same must be right.
pub(crate) enum OptionalCaller {
    /// Somebody without credentials.
    Anonymous,
    /// A user.
    User(Caller),
    /// An app, by its client id and secret.
    App,
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

impl OptionalCaller {
    /// 200 with what everybody may see, as it is kept for whoever asks.
    pub(crate) fn answer(&self, view: &impl Serialize) -> Answer {
        match self {
            Self::App => Answer::public(view),
            Self::Anonymous | Self::User(_) => Answer::ok(self.reader(), view),
        }
    }

    /// For whom the answer is: part of its entity tag. Nobody has the id 0.
    pub(crate) fn reader(&self) -> AccountId {
        match self {
            Self::User(caller) => caller.account().id,
            Self::Anonymous | Self::App => AccountId(0),
        }
    }
}

impl PasswordCaller {
    pub(crate) async fn read(parts: &mut Parts, state: &ServerState) -> Result<Self, RestProblem> {
        match credentials(parts, state)? {
            Proof::Password { login, password } => {
                let user = sign_in(parts, state, login, password).await?;
                admit(parts, Who::User(user.account().id))?;
                Ok(Self(user))
            }
            Proof::Token(token) => {
                let from = origin(parts)?.address;
                let token = state.authority().authenticate_token(&token, from).await?;
                admit(parts, Who::User(token.account().id))?;
                Err(Problem::PasswordOnly.into())
            }
        }
    }
}

impl Caller {
    pub(crate) async fn read(parts: &mut Parts, state: &ServerState) -> Result<Self, RestProblem> {
        match credentials(parts, state)? {
            Proof::Password { login, password } => {
                let user = sign_in(parts, state, login, password).await?;
                admit(parts, Who::User(user.account().id))?;
                Ok(Self::Password(user))
            }
            Proof::Token(token) => {
                let origin = origin(parts)?;
                let token = state
                    .authority()
                    .authenticate_token(&token, origin.address)
                    .await?;
                if let Some(seen) =
                    RequestFacts::of(parts).and_then(|facts| facts.seen_token.as_ref())
                {
                    seen.note(&token);
                }
                admit(parts, Who::User(token.account().id))?;
                Ok(Self::Token(token, origin))
            }
        }
    }
}

impl FromRequestParts<ServerState> for PasswordCaller {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        Self::read(parts, state).await
    }
}

impl FromRequestParts<ServerState> for Caller {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        Self::read(parts, state).await
    }
}

impl FromRequestParts<ServerState> for OptionalCaller {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Ok(Self::Anonymous);
        }
        match app_in_pair(parts, state).await? {
            Some(_) => Ok(Self::App),
            None => Caller::read(parts, state).await.map(Self::User),
        }
    }
}

impl FromRequestParts<ServerState> for TokenCaller {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        if let Proof::Password { .. } = credentials(parts, state)? {
            return Err(Problem::BadCredentials.into());
        }
        match Caller::read(parts, state).await? {
            Caller::Password(_) => Err(Problem::BadCredentials.into()),
            Caller::Token(token, origin) => Ok(Self {
                token,
                from: origin.address,
            }),
        }
    }
}

/// Credentials that can be right.
enum Proof {
    Password { login: String, password: Password },
    Token(PlainToken),
}

fn credentials(parts: &Parts, state: &ServerState) -> Result<Proof, Problem> {
    let formats = &state.authority().settings().token_formats;
    match Credentials::read(parts.headers.get_all(AUTHORIZATION), formats) {
        Credentials::None => Err(Problem::RequiresAuthentication),
        Credentials::Malformed => Err(Problem::BadCredentials),
        Credentials::Basic { login, password } => Ok(Proof::Password { login, password }),
        Credentials::Token(token) => Ok(Proof::Token(token)),
    }
}

async fn sign_in(
    parts: &Parts,
    state: &ServerState,
    login: String,
    password: Password,
) -> Result<counterfoil_authority::Caller, RestProblem> {
    // An app is no user, and its secret no password: neither signs in, nor is it counted as a
    // failure to.
    if app_of(parts, state, &login, &password).await?.is_some() {
        return Err(Problem::BadCredentials.into());
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
        Err(SignInRefused::BadCredentials) => SignInOutcome::WrongPassword,
        Err(SignInRefused::CodeRequired) => SignInOutcome::CodeRequired,
        Err(SignInRefused::Suspended) => SignInOutcome::Suspended,
        Err(SignInRefused::TooManyAttempts) => SignInOutcome::Locked,
        Err(SignInRefused::Busy(_) | SignInRefused::Store(_)) => SignInOutcome::Unavailable,
    });
    Ok(outcome?)
}
