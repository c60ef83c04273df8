//! The answers of one HTTP/2 connection that are ready and not yet taken.
//!
//! HTTP/2 has a window for each answer, which the client opens. A client that never opens it leaves
//! the answer in our memory while the socket takes everything else, so the socket says nothing of
//! it: each answer is followed here, from the moment it is ready until its last byte is on its way.
//!
//! The time that an answer has grows with what is taken of it, at [`LEAST_RATE`]. A client that
//! takes a byte now and then gains nothing by it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// The least rate, in bytes a second, at which an answer must be taken once its time is over.
pub(super) const LEAST_RATE: u64 = 1_000;

/// What an answer takes beside its body, in bytes: its headers, its stream and the task that sends
/// it. Measured as 2,000 to 3,000.
pub(super) const BESIDE_THE_BODY: u64 = 4_096;

/// How long it may take to take an answer, after this many bytes were taken.
pub(super) fn time_for(time: Duration, taken: u64) -> Duration {
    time + Duration::from_millis(taken.saturating_mul(1_000) / LEAST_RATE)
}

/// The answers of a connection.
#[derive(Debug, Default)]
pub(super) struct Answers {
    // A place keeps its number; there are as many as the client may have streams.
    table: Mutex<Vec<Option<Answer>>>,
    /// What they take together.
    bytes: AtomicU64,
}

#[derive(Debug)]
struct Answer {
    ready: Instant,
    taken: u64,
    left: u64,
}

impl Answers {
    /// An answer with so many bytes is ready. Returns the place that it has until [`Answers::end`].
    pub(super) fn begin(&self, bytes: u64) -> usize {
        let answer = Answer {
            ready: Instant::now(),
            taken: 0,
            left: bytes,
        };
        self.bytes
            .fetch_add(bytes + BESIDE_THE_BODY, Ordering::Relaxed);
        let mut table = self.table.lock();
        let place = table.iter().position(Option::is_none);
        let place = place.unwrap_or_else(|| {
            table.push(None);
            table.len() - 1
        });
        table[place] = Some(answer);
        place
    }

    /// An answer turns out to be longer.
    pub(super) fn grow(&self, place: usize, bytes: u64) {
        self.with(place, |answer| answer.left += bytes);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes of an answer are on their way.
    pub(super) fn take(&self, place: usize, bytes: u64) {
        let mut less = 0;
        self.with(place, |answer| {
            less = bytes.min(answer.left);
            answer.left -= less;
            answer.taken += bytes;
        });
        self.bytes.fetch_sub(less, Ordering::Relaxed);
    }

    /// An answer is over, taken or not.
    pub(super) fn end(&self, place: usize) {
        let answer = self.table.lock()[place].take();
        let left = answer.map_or(0, |answer| answer.left + BESIDE_THE_BODY);
        self.bytes.fetch_sub(left, Ordering::Relaxed);
    }

    fn with(&self, place: usize, change: impl FnOnce(&mut Answer)) {
        if let Some(answer) = &mut self.table.lock()[place] {
            change(answer);
        }
    }

    /// What they take together, in bytes; zero if there are none.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many there are, and since when the oldest is ready.
    pub(super) fn oldest(&self) -> (usize, Option<Instant>) {
        let table = self.table.lock();
        let all = || table.iter().flatten();
        (all().count(), all().map(|answer| answer.ready).min())
    }

    /// When the first of them will have been left unread for too long.
    pub(super) fn deadline(&self, time: Duration) -> Option<Instant> {
        if self.bytes() == 0 {
            return None;
        }
        let table = self.table.lock();
        let ends = table.iter().flatten();
        ends.map(|answer| answer.ready + time_for(time, answer.taken))
            .min()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const TIME: Duration = Duration::from_secs(75);

    fn left(answers: &Answers) -> Option<u64> {
        Some((answers.deadline(TIME)? - Instant::now()).as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_unread_answer_decides() {
        let answers = Answers::default();
        let first = answers.begin(100);
        advance(Duration::from_secs(5)).await;
        let second = answers.begin(100);
        assert_eq!(left(&answers), Some(70));
        answers.end(first);
        assert_eq!(left(&answers), Some(75));
        answers.end(second);
        assert_eq!((left(&answers), answers.bytes()), (None, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_gains_no_time_and_a_thousand_gain_a_second() {
        let answers = Answers::default();
        let place = answers.begin(100_000);
        for _ in 0..70 {
            advance(Duration::from_secs(1)).await;
            answers.take(place, 1);
        }
        assert_eq!(left(&answers), Some(5));
        answers.take(place, 20_000);
        assert_eq!(left(&answers), Some(25));
    }

    #[test]
    fn what_is_counted_is_what_is_left() {
        let answers = Answers::default();
        let place = answers.begin(1_000);
        answers.grow(place, 500);
        answers.take(place, 600);
        assert_eq!(answers.bytes(), 900 + BESIDE_THE_BODY);
        // More than was announced is no debt.
        answers.take(place, 5_000);
        assert_eq!(answers.bytes(), BESIDE_THE_BODY);
        answers.end(place);
        assert_eq!(answers.bytes(), 0);
    }
}
