//! What keeps an installation in order beside the requests.

mod background;
pub(crate) mod clean_up;
pub(crate) mod counted;
pub(crate) mod import;
pub(crate) mod inventory;
pub(crate) mod maintenance;
pub(crate) mod progress;
