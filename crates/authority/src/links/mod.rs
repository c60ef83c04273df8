//! Links that work once: made for somebody by whoever may, mailed or shown once, and used.
//!
//! Where mail is sent, a link goes by mail and nobody else sees it. Where none is, whoever has it
//! made is told it once, and hands it on.

mod addresses;
mod offer;
mod open;

pub use crate::links::offer::{Invite, InviteError, LinkDelivery, LinkTo, ShownLink};
pub use crate::links::open::{FirstAdministrator, LinkError, OpenedByLink};
