//! A panic in a handler is a bug of ours and an answer all the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::handler::Reply;

/// Polls a handler; a panic becomes the reply that `panicked` gives. The panic's message is in the
/// log already; it may hold anything, so it goes nowhere else.
pub(crate) fn catching(
    poll: impl FnOnce() -> Poll<Reply>,
    panicked: impl FnOnce() -> Reply,
) -> Poll<Reply> {
    // The handler is never polled again, and what it shares with others is made of locks and
    // atomics that hold.
    catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|_| Poll::Ready(panicked()))
}
