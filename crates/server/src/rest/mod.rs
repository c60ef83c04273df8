//! The handlers of the REST API, a file for each kind of resource.

pub(crate) mod authorizations;
pub(crate) mod grants;
pub(crate) mod members;
pub(crate) mod meta;
pub(crate) mod organizations;
pub(crate) mod teams;
pub(crate) mod user;
pub(crate) mod users;
