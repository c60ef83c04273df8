//! Leave to open a transaction that writes.

/// What [`crate::engine::Store::write`] wants. Only [`crate::writing`] can make one.
#[derive(Debug)]
pub(crate) struct Permit(pub(super) ());
