//! What is refused at the door is counted, and told to the audit trail in portions.

pub(crate) mod administration;
pub(crate) mod counted;
pub(crate) mod devices;
pub(crate) mod sign_ins;
mod told;
pub(crate) mod windows;
pub(crate) mod wrong_secrets;
