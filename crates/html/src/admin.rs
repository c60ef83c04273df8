//! The pages of the administration, which only site administrators see: a folder for each subject.

pub mod audit;
pub mod health;
#[cfg(test)]
mod samples;
pub mod settings;
pub mod users;

#[cfg(test)]
pub(crate) use samples::samples;
