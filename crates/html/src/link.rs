//! The pages of links that work once, and of who forgot a password.

mod forgotten;
mod forms;
#[cfg(test)]
mod samples;

pub use forgotten::{Forgotten, ForgottenSent};
pub use forms::{
    AcceptInvitation, DeadLink, EmailProblem, LinkDone, LinkDoneWhat, LoginProblem, NewPassword,
    PasswordProblem, SetUp, UndoAddresses, VerifyAddress,
};
#[cfg(test)]
pub(crate) use samples::samples;
