//! What stops a use case: a rule that is the use case's own, or what can stop any of them.

use std::convert::Infallible;

use counterfoil_domain::principal::Lapsed;
use counterfoil_store::{ChangeError, StoreError};

/// Whatever may stop a use case that a rule may refuse for the reasons of `R`.
#[derive(Debug, thiserror::Error)]
pub enum UseCaseError<R> {
    /// A rule said no.
    #[error(transparent)]
    Refused(R),
    /// What proved who asks holds no more.
    #[error("the caller's credentials changed meanwhile")]
    CallerGone(Lapsed),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<R> UseCaseError<R> {
    /// A rule said no, as one of several that may.
    pub(crate) fn refused(reason: impl Into<R>) -> Self {
        Self::Refused(reason.into())
    }
}

impl<R, S: Into<R>> From<ChangeError<S>> for UseCaseError<R> {
    fn from(error: ChangeError<S>) -> Self {
        match error {
            ChangeError::Refused(refused) => Self::refused(refused),
            ChangeError::Lapsed(lapsed) => Self::CallerGone(lapsed),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

/// There is no user of the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no user of this login")]
pub struct NoSuchUser;

/// There is no app of the client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no app of this client id")]
pub struct NoSuchApp;

/// What is done to somebody may be refused for nothing but that they are not there.
impl From<Infallible> for NoSuchUser {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// What is done to an app may be refused for nothing but that it is not there.
impl From<Infallible> for NoSuchApp {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
