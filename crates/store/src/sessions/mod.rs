//! Sessions of users in browsers, and sign-ins that wait for a code.
//!
//! A session lives while its row has not ended, its times are not over, and its user's credentials
//! have the version that they had when it was made: whatever changes them ends all sessions, by
//! whichever program, without a word here. A row that is over by that is ended by the clean-up.

mod clean;
mod find;
mod half;
mod life;
mod proof;
mod status;
mod uses;

pub use self::clean::RemovedSessions;
pub use self::find::FoundSession;
pub use self::half::{HalfSignIn, NewHalfSignIn};
pub use self::life::NewSession;
pub use self::uses::SessionUse;
pub(crate) use self::{
    life::end_all,
    proof::{go_on, is_live, keep_session, spend_form},
};

/// Every statement about sessions.
#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 7] = [
    clean::STATEMENTS,
    find::STATEMENTS,
    half::STATEMENTS,
    life::STATEMENTS,
    proof::STATEMENTS,
    status::STATEMENTS,
    uses::STATEMENTS,
];

/// The condition under which a session is live: it was made after $2 and used after $3.
macro_rules! live_sessions {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM sessions s JOIN accounts a ON a.id = s.account_id
            WHERE s.ended_at IS NULL AND s.created_at > $2 AND s.last_used_at > $3
            AND a.credential_version = s.credential_version AND a.ended_at IS NULL AND a.suspended_at IS NULL AND ",
            $rest
        )
    };
}
pub(crate) use live_sessions;
