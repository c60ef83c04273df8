//! The pages of signing in.

mod password;
#[cfg(test)]
mod samples;

pub use password::{SignIn, SignInProblem};
#[cfg(test)]
pub(crate) use samples::samples;
