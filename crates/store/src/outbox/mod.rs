//! Mail that waits to be sent.
//!
//! A row is put here in the transaction of the change that it is about, and says what it is about
//! and no more: the words, and the secret of a link, are made when it goes. One process sends, the
//! one that has the lease.

mod ask;
mod invite;
mod owners;
mod put;
mod send;
mod state;

pub use crate::outbox::ask::ResetAsked;
pub(crate) use crate::outbox::ask::asked_lately;
pub use crate::outbox::invite::{InvitationBy, InvitationRefused, InvitedUser};
pub(crate) use crate::outbox::owners::tell_owners;
pub(crate) use crate::outbox::put::{NewMail, Put, put, tell, tell_former_address};
pub use crate::outbox::send::{DueMail, MadeMail, MailResult, MailToMake};
pub use crate::outbox::state::OutboxState;
pub(crate) use crate::outbox::state::pause_sending;

#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 5] = [
    ask::STATEMENTS,
    owners::STATEMENTS,
    put::STATEMENTS,
    send::STATEMENTS,
    state::STATEMENTS,
];
