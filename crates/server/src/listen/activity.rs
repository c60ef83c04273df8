//! What happens on one connection, and when it has waited long enough.
//!
//! HTTP/1.1 has three waits that a client can draw out: a request's head may trickle in, nothing may come between two
//! requests, and an answer may be left unread. Each has a deadline of its own, computed from the times noted here. Nothing
//! is timed while a request is worked on. On HTTP/2 only the first request's head is timed: control frames may come at
//! any time and say nothing of a head.
//!
//! Noting a time costs a clock reading and an atomic store, so that a busy connection touches no timer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::limits::ConnectionLimits;

/// The version of HTTP that a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// What has happened on one connection; shared by its socket, its requests and its watchdog.
#[derive(Debug)]
pub(super) struct Activity {
    protocol: Protocol,
    limits: Arc<ConnectionLimits>,
    started: Instant,
    requests_in_flight: AtomicU32,
    /// Since when no request is in flight.
    idle_since: Moment,
    /// Since when a head is awaited or arrives.
    head_since: Moment,
    /// Since when the socket takes no more of an answer.
    write_blocked_since: Moment,
    /// Since when the connection only finishes what it has begun.
    finishing_since: Moment,
    /// Whether bytes came that no request has used up.
    unread: AtomicBool,
    /// Whether the next answer is the last.
    is_last: AtomicBool,
}

/// A request in flight, from its head to the last byte of its answer.
#[derive(Debug)]
pub(super) struct RequestInFlight {
    activity: Arc<Activity>,
    began: Instant,
}

/// What to do when a deadline passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    /// Say goodbye as the protocol has it.
    Finish,
    /// Close at once.
    Close,
}

impl Activity {
    /// A connection whose first head is awaited since then.
    pub(super) fn begin(
        protocol: Protocol,
        limits: Arc<ConnectionLimits>,
        started: Instant,
    ) -> Arc<Self> {
        let activity = Self {
            protocol,
            limits,
            started,
            requests_in_flight: AtomicU32::new(0),
            idle_since: Moment::never(),
            head_since: Moment::never(),
            write_blocked_since: Moment::never(),
            finishing_since: Moment::never(),
            unread: AtomicBool::new(false),
            is_last: AtomicBool::new(false),
        };
        activity.head_since.note(activity.started, activity.started);
        Arc::new(activity)
    }

    /// The version of HTTP that is spoken.
    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Since when the first head is awaited.
    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// What the connection may cost.
    pub(super) fn limits(&self) -> &ConnectionLimits {
        &self.limits
    }

    /// Bytes came from the client.
    pub(super) fn received(&self) {
        let between_requests = self.requests_in_flight.load(Ordering::Acquire) == 0;
        if self.protocol == Protocol::Http1 && between_requests {
            self.unread.store(true, Ordering::Relaxed);
            if self.head_since.is_never() {
                self.head_since.note(self.started, Instant::now());
            }
        }
    }

    /// A head is complete, and the request is worked on until the value is dropped.
    pub(super) fn begin_request(self: &Arc<Self>) -> RequestInFlight {
        self.requests_in_flight.fetch_add(1, Ordering::AcqRel);
        self.head_since.forget();
        self.unread.store(false, Ordering::Relaxed);
        RequestInFlight {
            activity: Arc::clone(self),
            began: Instant::now(),
        }
    }

    /// The socket takes no more, or takes more again.
    pub(super) fn write_blocked(&self, blocked: bool) {
        if !blocked {
            self.write_blocked_since.forget();
        } else if self.write_blocked_since.is_never() {
            self.write_blocked_since.note(self.started, Instant::now());
        }
    }

    /// The connection takes no new request.
    pub(super) fn finish(&self) {
        self.finishing_since.note(self.started, Instant::now());
    }

    /// The next answer is the last.
    pub(super) fn end_after_answer(&self) {
        self.is_last.store(true, Ordering::Relaxed);
    }

    /// Whether the next answer is the last.
    pub(super) fn is_last(&self) -> bool {
        self.is_last.load(Ordering::Relaxed)
    }

    /// Somebody gave up on a request's body before its end.
    pub(super) fn leave_body_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// Whether bytes came that no request has used up: closing now would make the system reset the connection, and the
    /// client might never see the answer that says why.
    pub(super) fn has_unread_bytes(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    /// When the connection has waited long enough, and what to do then; none while nothing is timed.
    pub(super) fn deadline(&self) -> Option<(Instant, Expiry)> {
        let limits = self.limits();
        let after = |moment: &Moment, time: Duration| Some(moment.find(self.started)? + time);
        if let Some(stalled) = after(&self.write_blocked_since, limits.idle_time) {
            return Some((stalled, Expiry::Close));
        }
        if self.requests_in_flight.load(Ordering::Acquire) > 0 {
            return None;
        }
        let closing = after(&self.finishing_since, limits.header_time)
            .or_else(|| after(&self.head_since, limits.header_time));
        match closing {
            Some(at) => Some((at, Expiry::Close)),
            None => Some((after(&self.idle_since, limits.idle_time)?, Expiry::Finish)),
        }
    }
}

impl RequestInFlight {
    /// When the request's head was complete.
    pub(super) fn began(&self) -> Instant {
        self.began
    }

    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        let activity = &self.activity;
        activity.idle_since.note(activity.started, Instant::now());
        activity.requests_in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A time that one side notes and another reads, in milliseconds after the connection began plus one; 0 is never.
#[derive(Debug)]
struct Moment(AtomicU64);

impl Moment {
    fn never() -> Self {
        Self(AtomicU64::new(0))
    }

    fn note(&self, started: Instant, now: Instant) {
        let milliseconds = u64::try_from((now - started).as_millis()).unwrap_or(u64::MAX - 1);
        self.0.store(milliseconds + 1, Ordering::Release);
    }

    fn forget(&self) {
        self.0.store(0, Ordering::Release);
    }

    fn is_never(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    fn find(&self, started: Instant) -> Option<Instant> {
        let milliseconds = self.0.load(Ordering::Acquire).checked_sub(1)?;
        Some(started + Duration::from_millis(milliseconds))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn begin(protocol: Protocol) -> Arc<Activity> {
        Activity::begin(protocol, Arc::default(), Instant::now())
    }

    /// What happens to the connection, in seconds from now.
    fn expiry(activity: &Activity) -> Option<(u64, Expiry)> {
        let (at, expiry) = activity.deadline()?;
        Some(((at - Instant::now()).as_secs(), expiry))
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_head_is_timed_from_the_start() {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let activity = begin(protocol);
            assert_eq!(expiry(&activity), Some((10, Expiry::Close)));
            advance(Duration::from_secs(4)).await;
            activity.received();
            assert_eq!(expiry(&activity), Some((6, Expiry::Close)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_flight_is_not_timed_but_an_unread_answer_is() {
        let activity = begin(Protocol::Http1);
        let _request = activity.begin_request();
        assert_eq!(expiry(&activity), None);
        activity.write_blocked(true);
        advance(Duration::from_secs(5)).await;
        activity.write_blocked(true);
        assert_eq!(expiry(&activity), Some((70, Expiry::Close)));
        activity.write_blocked(false);
        assert_eq!(expiry(&activity), None);
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_the_idle_time_counts_until_a_head_begins() {
        let activity = begin(Protocol::Http1);
        drop(activity.begin_request());
        advance(Duration::from_secs(70)).await;
        assert_eq!(expiry(&activity), Some((5, Expiry::Finish)));
        activity.received();
        assert_eq!(expiry(&activity), Some((10, Expiry::Close)));
        advance(Duration::from_secs(3)).await;
        activity.received();
        assert_eq!(expiry(&activity), Some((7, Expiry::Close)));
    }

    #[tokio::test(start_paused = true)]
    async fn on_http_2_frames_between_requests_do_not_begin_a_head() {
        let activity = begin(Protocol::Http2);
        drop(activity.begin_request());
        activity.received();
        assert_eq!(expiry(&activity), Some((75, Expiry::Finish)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_finishes_has_the_time_of_a_head_left() {
        let activity = begin(Protocol::Http2);
        drop(activity.begin_request());
        activity.finish();
        assert_eq!(expiry(&activity), Some((10, Expiry::Close)));
        let request = activity.begin_request();
        assert_eq!(expiry(&activity), None);
        drop(request);
        assert_eq!(expiry(&activity), Some((10, Expiry::Close)));
    }

    #[tokio::test]
    async fn bytes_count_as_unread_until_a_request_has_used_them_up() {
        let activity = begin(Protocol::Http1);
        assert!(!activity.has_unread_bytes());
        activity.received();
        assert!(activity.has_unread_bytes());
        let _request = activity.begin_request();
        activity.received();
        assert!(!activity.has_unread_bytes());
        activity.leave_body_unread();
        assert!(activity.has_unread_bytes());
    }
}
