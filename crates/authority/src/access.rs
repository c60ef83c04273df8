//! What a read for a viewer ends with when it shows nothing.

use counterfoil_domain::access::AccessRefused;
use counterfoil_store::StoreError;

/// Why a viewer was not shown something.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A rule said no.
    #[error(transparent)]
    Refused(#[from] AccessRefused),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
