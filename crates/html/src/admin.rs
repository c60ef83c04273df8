//! The pages of the administration, which only site administrators see: a folder for each subject.

/// The field of a form that names a user by their login.
pub const LOGIN_FIELD: &str = "user";

pub mod apps;
pub mod audit;
pub mod health;
pub mod organizations;
mod question;
#[cfg(test)]
mod samples;
pub mod settings;
pub mod tokens;
pub mod users;

#[cfg(test)]
pub(crate) use samples::samples;
