//! What stops a use case: a rule that is the use case's own, or what can stop any of them.

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

    /// The same, with the reason of a rule as another use case gives it.
    pub(crate) fn map<U>(self, reason: impl FnOnce(R) -> U) -> UseCaseError<U> {
        match self {
            Self::Refused(refused) => UseCaseError::Refused(reason(refused)),
            Self::CallerGone(lapsed) => UseCaseError::CallerGone(lapsed),
            Self::Store(error) => UseCaseError::Store(error),
        }
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
