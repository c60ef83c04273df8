//! The other sides: what Counterfoil is measured against.

pub(crate) mod nginx;
pub(crate) mod node_peer;
pub(crate) mod postgres;
pub(crate) mod reference;
