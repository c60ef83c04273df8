//! What tells a thread that works until it is told to stop.

use std::sync::atomic::{AtomicBool, Ordering};

/// Tells threads to stop when it goes out of scope, also when that is because something failed: a
/// scope of threads waits for all of its threads, and would otherwise wait for ever.
#[derive(Debug)]
pub struct StopAtEnd<'a>(pub &'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
