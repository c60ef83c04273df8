//! Whether failed sign-ins can be counted at present.

use std::sync::atomic::{AtomicBool, Ordering};

/// Broken since a failure could not be written down, until the database takes writes again.
#[derive(Debug, Default)]
pub(crate) struct FailureCounting(AtomicBool);

impl FailureCounting {
    pub(crate) fn note_broken(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn mend(&self) {
        self.0.store(false, Ordering::Release);
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
