//! Turns: what one transaction does at a time, where no row stands for it that could be locked.
//!
//! SQLite has one writer, and there every turn is taken. On PostgreSQL a turn is an advisory lock
//! that ends with its transaction. Nothing that must hold depends on it alone: rows are changed by
//! guarded statements whose counts are told.

use counterfoil_domain::id::AccountId;
use counterfoil_domain::sign_in::SignInSubject;

use crate::engine::connection::AnyConnection;
use crate::error::StoreError;

/// What is done by one transaction at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Removing what is over.
    CleaningUp,
    /// Forgetting what is too old, beside something else.
    Forgetting,
    /// Taking over what there is elsewhere.
    Importing,
    /// Making the link for the first administrator, or an administrator.
    SettingUp,
    /// Writing down of whom a second factor is required.
    RequiringSecondFactor,
    /// Counting the failed sign-ins of a subject.
    SigningIn(SignInSubject),
    /// Telling that an account is under attack. Whoever takes it has its other turns already.
    NotingAttack(AccountId),
}

impl Turn {
    /// The number that stands for it. Two turns that had the same one would only wait for each
    /// other.
    fn number(self) -> i64 {
        match self {
            Self::CleaningUp => 1,
            Self::Forgetting => 2,
            Self::Importing => 3,
            Self::SettingUp => 4,
            Self::RequiringSecondFactor => 5,
            Self::SigningIn(SignInSubject(digest)) => {
                let mut head = [0; 8];
                head.copy_from_slice(&digest[..8]);
                i64::from_be_bytes(head)
            }
            // Far from the small numbers above.
            Self::NotingAttack(AccountId(id)) => i64::MIN.wrapping_add(id),
        }
    }
}

impl AnyConnection {
    /// Waits until nobody else has this turn, and has it until the transaction ends.
    pub(crate) async fn take_turn(&mut self, turn: Turn) -> Result<(), StoreError> {
        match self.server() {
            None => Ok(()),
            Some(postgres) => postgres.take_turn(turn.number()).await,
        }
    }

    /// Has this turn until the transaction ends, unless somebody else has it.
    pub(crate) async fn try_turn(&mut self, turn: Turn) -> Result<bool, StoreError> {
        match self.server() {
            None => Ok(true),
            Some(postgres) => postgres.try_turn(turn.number()).await,
        }
    }
}
