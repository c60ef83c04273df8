//! The pages of signing in and out, and of proving anew who one is.

mod code;
mod confirm;
mod passkey;
mod password;
#[cfg(test)]
mod samples;
mod sign_out;

pub use code::{Code, CodeProblem, RecoveryCode, SecondPasskey, recovery_codes_left};
pub use confirm::{Confirm, ConfirmProblem, ConfirmWays};
pub(crate) use passkey::TIMEOUT_MS as PASSKEY_TIMEOUT_MS;
pub use passkey::{PasskeyPurpose, UsePasskey};
pub use password::{SignIn, SignInProblem};
#[cfg(test)]
pub(crate) use samples::samples;
pub use sign_out::SignOut;
