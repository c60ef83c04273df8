//! The handlers of the REST API, a file for each kind of resource.

pub(crate) mod administration;
pub(crate) mod app_tokens;
pub(crate) mod authorizations;
pub(crate) mod grants;
pub(crate) mod legacy_token_urls;
pub(crate) mod members;
pub(crate) mod meta;
pub(crate) mod organizations;
pub(crate) mod teams;
pub(crate) mod user;
pub(crate) mod users;
