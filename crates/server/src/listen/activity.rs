//! What happens on one connection, and when it has waited long enough.
//!
//! A client can draw out four waits: a request's head may trickle in, nothing may come between two
//! requests, the socket may take no more of an answer, and on HTTP/2 an answer may be held by the
//! client's window while the socket takes everything. Each has a deadline of its own, computed from
//! the times noted here. Nothing else is timed while a handler works. On HTTP/2 only the first
//! request's head is timed: control frames may come at any time and say nothing of a head; a later
//! head that does not end keeps everything else from coming, and so ends with the idle time.
//!
//! A connection has a time to live too, and one that takes no new requests has a time to end.
//!
//! Noting a time costs a clock reading and an atomic store, so that a busy connection touches no
//! timer.

mod deadlines;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::answers::Answers;
use super::connection_state::ConnectionState;
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
    /// What it took since.
    written: AtomicU64,
    /// The last piece of an answer's body on HTTP/1.1, in bytes.
    last_piece: AtomicU64,
    /// The answers that are on their way on HTTP/2.
    answers: Answers,
    /// Since when the connection only finishes what it has begun.
    finishing_since: Moment,
    /// Whether bytes came that no request has used up.
    unread: AtomicBool,
    /// Whether the rest of a request's body is being discarded.
    reads_on: AtomicBool,
    /// Whether the next answer is the last.
    is_last: AtomicBool,
    /// Whether it makes room for others.
    is_leaving: AtomicBool,
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
    /// Say with the next answer that it is the last.
    EndAfterAnswer,
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
            written: AtomicU64::new(0),
            last_piece: AtomicU64::new(0),
            answers: Answers::default(),
            finishing_since: Moment::never(),
            unread: AtomicBool::new(false),
            reads_on: AtomicBool::new(false),
            is_last: AtomicBool::new(false),
            is_leaving: AtomicBool::new(false),
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
        if self.protocol == Protocol::Http1
            && between_requests
            && !self.reads_on.load(Ordering::Relaxed)
        {
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

    /// The socket takes no more.
    pub(super) fn write_blocked(&self) {
        if self.write_blocked_since.is_never() {
            self.written.store(0, Ordering::Relaxed);
            self.write_blocked_since.note(self.started, Instant::now());
        }
    }

    /// The socket took some more. It counts as blocked until it has taken all: a client that reads
    /// a byte now and then reads too little.
    pub(super) fn wrote(&self, bytes: usize) {
        if !self.write_blocked_since.is_never() {
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            self.written.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// The socket has taken all there is.
    pub(super) fn wrote_all(&self) {
        self.write_blocked_since.forget();
    }

    /// A piece of an answer's body goes to HTTP/1.1's buffer.
    pub(super) fn note_piece(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.last_piece.store(bytes, Ordering::Relaxed);
    }

    /// The answers that are on their way on HTTP/2.
    pub(super) fn answers(&self) -> &Answers {
        &self.answers
    }

    /// What answers take that the client has not taken, in bytes. On HTTP/1.1 that is not known in
    /// detail: what there is room for counts, once the socket takes no more.
    pub(super) fn unread_bytes(&self) -> u64 {
        match self.protocol {
            Protocol::Http2 => self.answers.bytes(),
            Protocol::Http1 if self.write_blocked_since.is_never() => 0,
            Protocol::Http1 => {
                u64::from(self.limits.http1_buffer()) + self.last_piece.load(Ordering::Relaxed)
            }
        }
    }

    /// Since when an answer is unread.
    pub(super) fn unread_since(&self) -> Option<Instant> {
        let blocked = self.write_blocked_since.find(self.started);
        match self.protocol {
            Protocol::Http1 => blocked,
            Protocol::Http2 => self.answers.oldest().1.or(blocked),
        }
    }

    /// What the connection does, as far as it matters to others.
    pub(super) fn standing(&self) -> ConnectionState {
        let in_flight = self.requests_in_flight.load(Ordering::Acquire);
        let (answered, oldest) = match self.protocol {
            Protocol::Http1 => (0, None),
            Protocol::Http2 => self.answers.oldest(),
        };
        let worked_on = usize::try_from(in_flight).is_ok_and(|in_flight| in_flight > answered);
        let unread = oldest.or_else(|| self.write_blocked_since.find(self.started));
        match unread {
            _ if worked_on => ConnectionState::Busy,
            Some(since) => ConnectionState::Unread(since),
            None => {
                ConnectionState::Idle(self.idle_since.find(self.started).unwrap_or(self.started))
            }
        }
    }

    /// The connection takes no new request.
    pub(super) fn finish(&self) {
        self.finishing_since.note(self.started, Instant::now());
    }

    /// The connection makes room for others.
    pub(super) fn leave(&self) {
        self.is_leaving.store(true, Ordering::Relaxed);
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

    /// The rest of a body that its handler did not read is discarded from here on: the bytes that
    /// come belong to no new request.
    pub(super) fn begin_reading_on(&self) {
        self.reads_on.store(true, Ordering::Relaxed);
    }

    /// The discarding is over; `whole` if the body came to its end.
    pub(super) fn end_reading_on(&self, whole: bool) {
        self.reads_on.store(false, Ordering::Relaxed);
        if whole && self.protocol == Protocol::Http1 {
            self.unread.store(false, Ordering::Relaxed);
        }
    }

    /// Whether bytes came that no request has used up: closing now would make the system reset the
    /// connection, and the client might never see the answer that says why.
    pub(super) fn has_unread_bytes(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
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

/// A time that one side notes and another reads, in nanoseconds after the connection began plus
/// one; 0 is never.
#[derive(Debug)]
struct Moment(AtomicU64);

impl Moment {
    fn never() -> Self {
        Self(AtomicU64::new(0))
    }

    fn note(&self, started: Instant, now: Instant) {
        let nanoseconds = u64::try_from((now - started).as_nanos()).unwrap_or(u64::MAX - 1);
        self.0.store(nanoseconds + 1, Ordering::Release);
    }

    fn forget(&self) {
        self.0.store(0, Ordering::Release);
    }

    fn is_never(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    fn find(&self, started: Instant) -> Option<Instant> {
        let nanoseconds = self.0.load(Ordering::Acquire).checked_sub(1)?;
        Some(started + Duration::from_nanos(nanoseconds))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[test]
    fn a_moment_is_found_as_it_was_noted() {
        let started = Instant::now();
        let noted = started + Duration::from_nanos(1_999_999);
        let moment = Moment::never();
        assert_eq!(moment.find(started), None);
        moment.note(started, noted);
        assert_eq!(moment.find(started), Some(noted));
    }

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
        let life = |left| Some((left, Expiry::EndAfterAnswer));
        assert_eq!(expiry(&activity), life(3_600));
        activity.write_blocked();
        advance(Duration::from_secs(5)).await;
        activity.write_blocked();
        activity.wrote(1);
        assert_eq!(expiry(&activity), Some((70, Expiry::Close)));
        activity.wrote(10_000);
        assert_eq!(expiry(&activity), Some((80, Expiry::Close)));
        activity.wrote_all();
        assert_eq!(expiry(&activity), life(3_595));
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
        // What was asked before has had its own limits by then.
        assert_eq!(expiry(&activity), Some((105, Expiry::Close)));
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

    #[tokio::test(start_paused = true)]
    async fn the_rest_of_a_body_that_nobody_wants_is_no_head() {
        let activity = begin(Protocol::Http1);
        let request = activity.begin_request();
        activity.leave_body_unread();
        activity.begin_reading_on();
        drop(request);
        activity.received();
        activity.end_reading_on(true);
        assert_eq!(expiry(&activity), Some((75, Expiry::Finish)));
        assert!(!activity.has_unread_bytes());
        // The next bytes are.
        activity.received();
        assert_eq!(expiry(&activity), Some((10, Expiry::Close)));
    }
}
