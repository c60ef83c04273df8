//! When a connection has waited or lived long enough, and what to do then.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::super::answers::time_for;
use super::{Activity, Expiry, Protocol};

/// How long a connection that makes room for others may take to say goodbye.
const LEAVING_TIME: Duration = Duration::from_secs(1);

impl Activity {
    /// When the connection has waited or lived long enough, and what to do then; none while nothing
    /// is timed.
    pub(in super::super) fn deadline(&self) -> Option<(Instant, Expiry)> {
        let finishing = self.finishing_since.find(self.started);
        let waiting = self.waiting_deadline(finishing);
        let unread = self.unread_deadline(finishing);
        let life = self.life_deadline(finishing);
        sooner(sooner(waiting, unread), life)
    }

    /// When the client must have asked something, and when one that may ask no more must be done.
    fn waiting_deadline(&self, finishing: Option<Instant>) -> Option<(Instant, Expiry)> {
        let limits = self.limits();
        if self.requests_in_flight.load(Ordering::Acquire) > 0 {
            // Whatever was asked before the goodbye has had its own limits by then.
            let time = limits.body_time + limits.idle_time;
            return Some((finishing? + time, Expiry::Close));
        }
        if let Some(since) = finishing {
            let leaving = self.is_leaving.load(Ordering::Relaxed);
            let time = if leaving {
                LEAVING_TIME
            } else {
                limits.header_time
            };
            return Some((since + time.min(limits.header_time), Expiry::Close));
        }
        if let Some(since) = self.head_since.find(self.started) {
            return Some((since + limits.header_time, Expiry::Close));
        }
        let since = self.idle_since.find(self.started)?;
        Some((since + limits.idle_time, Expiry::Finish))
    }

    /// When the client must have taken the answers that it has.
    fn unread_deadline(&self, finishing: Option<Instant>) -> Option<(Instant, Expiry)> {
        let limits = self.limits();
        let blocked = self.write_blocked_since.find(self.started).map(|since| {
            let written = self.written.load(Ordering::Relaxed);
            (since + time_for(limits.idle_time, written), Expiry::Close)
        });
        if self.protocol == Protocol::Http1 {
            return blocked;
        }
        let answers = self
            .answers
            .deadline(limits.idle_time)
            .map(|at| match finishing {
                None => (at, Expiry::Finish),
                // The others of the connection get as long as it takes to say goodbye.
                Some(since) => (at.max(since + limits.header_time), Expiry::Close),
            });
        sooner(blocked, answers)
    }

    /// When the connection is old enough.
    fn life_deadline(&self, finishing: Option<Instant>) -> Option<(Instant, Expiry)> {
        if finishing.is_some() || self.is_last() {
            return None;
        }
        let expiry = match self.protocol {
            Protocol::Http1 => Expiry::EndAfterAnswer,
            Protocol::Http2 => Expiry::Finish,
        };
        Some((self.started + self.limits().connection_time, expiry))
    }
}

fn sooner(
    one: Option<(Instant, Expiry)>,
    other: Option<(Instant, Expiry)>,
) -> Option<(Instant, Expiry)> {
    match (one, other) {
        (Some(one), Some(other)) if other.0 < one.0 => Some(other),
        (one, other) => one.or(other),
    }
}
