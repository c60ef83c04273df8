//! A panic in a handler is a bug of ours and an answer all the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::handler::Reply;
use crate::refused::FrontRefused;

/// Polls a handler, and says whether it panicked. What it said is in the log already; it may hold
/// anything, so it goes nowhere else.
pub(crate) fn catching(poll: impl FnOnce() -> Poll<Reply>) -> Poll<Result<Reply, FrontRefused>> {
    // The handler is never polled again, and what it shares with others is made of locks and
    // atomics that hold.
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(poll) => poll.map(Ok),
        Err(_) => Poll::Ready(Err(FrontRefused::Panicked)),
    }
}
