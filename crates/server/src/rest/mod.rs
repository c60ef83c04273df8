//! The handlers of the REST API, a file for each kind of resource.

pub(crate) mod authorizations;
pub(crate) mod grants;
pub(crate) mod user;
