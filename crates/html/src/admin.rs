//! The pages of the administration, which only site administrators see: a folder for each subject.

#[cfg(test)]
mod samples;
pub mod users;

#[cfg(test)]
pub(crate) use samples::samples;
