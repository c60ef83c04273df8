//! Who asks.

use axum::extract::FromRequestParts;
use counterfoil_domain::id::AccountId;
use http::header::AUTHORIZATION;
use http::request::Parts;
use serde::Serialize;

use crate::answer::Answer;
use crate::auth;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// A user who proved who they are with a password, and with a code where they have two factors. A
/// live token is refused with its own answer (wire contract, section 3).
pub(crate) struct PasswordCaller(pub(crate) counterfoil_authority::Caller);

/// A user who proved who they are with a password or a token.
pub(crate) struct Caller(pub(crate) auth::Caller);

/// Whoever asks for what everybody may see. Credentials that come all the same must be right.
pub(crate) enum OptionalCaller {
    /// Somebody without credentials.
    Anonymous,
    /// A user.
    User(Box<auth::Caller>),
    /// An app, by its client id and secret.
    App,
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

impl FromRequestParts<ServerState> for PasswordCaller {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, ApiProblem> {
        Ok(Self(auth::by_password(parts, state).await?))
    }
}

impl FromRequestParts<ServerState> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, ApiProblem> {
        Ok(Self(auth::caller(parts, state).await?))
    }
}

impl FromRequestParts<ServerState> for OptionalCaller {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, ApiProblem> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Ok(Self::Anonymous);
        }
        match auth::app_in_pair(parts, state).await? {
            Some(_) => Ok(Self::App),
            None => Ok(Self::User(Box::new(auth::caller(parts, state).await?))),
        }
    }
}
