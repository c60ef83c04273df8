//! `/admin/users`: users are found, looked at, and acted on.

pub(in crate::pages) mod list;
