//! Passkeys of users, and the challenges that wait for an answer of a browser.
//!
//! A credential id is given once: the row of a passkey stays when it has ended, so that nobody gets
//! another one of the same name.

mod challenges;
mod change;
mod end;
mod find;
mod give;
mod register;

pub(crate) use self::challenges::forget_all as forget_challenges;
pub use self::challenges::{NewChallenge, TakenChallenge};
pub(crate) use self::end::{count_live, end_all_of_account, end_since};
pub use self::find::StoredPasskey;
pub use self::give::UsedPasskey;
pub use self::register::{AddedPasskey, NewPasskey};

/// Every statement about passkeys.
#[cfg(test)]
pub(crate) const ALL_STATEMENTS: [&[crate::statement::Statement]; 6] = [
    challenges::STATEMENTS,
    change::STATEMENTS,
    end::STATEMENTS,
    find::STATEMENTS,
    give::STATEMENTS,
    register::STATEMENTS,
];
