//! The timer of a connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::{Activity, Expiry};
use super::shutdown::RegisteredWaker;

/// Tells when a connection has waited long enough.
pub(super) struct Watchdog<'a> {
    activity: &'a Activity,
    timer: Pin<Box<Sleep>>,
    /// The task that the timer wakes.
    task: RegisteredWaker,
}

impl<'a> Watchdog<'a> {
    pub(super) fn new(activity: &'a Activity) -> Self {
        Self {
            activity,
            timer: Box::pin(sleep_until(
                activity.started() + activity.limits().header_time,
            )),
            task: RegisteredWaker::default(),
        }
    }

    /// Ready when the connection has waited long enough. The timer is moved back only when it
    /// fires: most deadlines are put off by the next request before that. And it is looked at only
    /// when it may have fired: a busy connection comes here with every request.
    pub(super) fn poll_expiry(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Expiry> {
        let this = &mut *self;
        let mut look = this.timer.is_elapsed();
        if let Some((at, _)) = this.activity.deadline()
            && at < this.timer.deadline()
        {
            this.timer.as_mut().reset(at);
            look = true;
        }
        look |= this.task.is_new(cx);
        if !look {
            return Poll::Pending;
        }
        loop {
            ready!(this.timer.as_mut().poll(cx));
            let now = Instant::now();
            match this.activity.deadline() {
                Some((at, expiry)) if at <= now => return Poll::Ready(expiry),
                Some((at, _)) => this.timer.as_mut().reset(at),
                None => this
                    .timer
                    .as_mut()
                    .reset(now + this.activity.limits().idle_time),
            }
        }
    }
}
