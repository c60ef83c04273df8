//! What strangers can cause as often as they like is said in the log once a minute, with a count of
//! what came in between: else it fills the disk and hides every other line.

use std::time::Duration;

use tokio::time::Instant;

/// How often one thing is said.
const EACH: Duration = Duration::from_mins(1);

/// When something was said last, and how often it came since.
#[derive(Debug, Default)]
pub(crate) struct Said {
    last: Option<Instant>,
    since: u64,
}

impl Said {
    /// Whether this one is to be said; if so, how many were not said before it.
    pub(crate) fn next(&mut self, now: Instant) -> Option<u64> {
        if self.last.is_some_and(|last| now < last + EACH) {
            self.since += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_minute_says_how_many_were_not_said() {
        let mut said = Said::default();
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(said.next(at(0)), Some(0));
        for second in 1..60 {
            assert_eq!(said.next(at(second)), None);
        }
        assert_eq!(said.next(at(60)), Some(59));
        assert_eq!(said.next(at(61)), None);
        assert_eq!(said.next(at(300)), Some(1));
    }
}
