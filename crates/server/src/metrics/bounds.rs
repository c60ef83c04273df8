//! The upper bounds of histograms' buckets.

use std::time::Duration;

use counterfoil_authority::LAG_BOUNDS;

/// Bounds of durations: 50 microseconds, and twice as much each time, up to 6.5 seconds.
pub(super) const DURATIONS: usize = 18;
pub(super) const FIRST_DURATION: Duration = Duration::from_nanos(FIRST_NANOSECONDS);
const FIRST_NANOSECONDS: u64 = 50_000;

/// The bounds of durations, in seconds.
pub(super) fn durations() -> Vec<f64> {
    let bound = |place: u32| FIRST_DURATION.as_secs_f64() * f64::from(1_u32 << place);
    (0..u32::MAX).map(bound).take(DURATIONS).collect()
}

/// The bounds of lags, in seconds.
pub(super) fn lags() -> Vec<f64> {
    let seconds = |milliseconds| Duration::from_millis(milliseconds).as_secs_f64();
    LAG_BOUNDS.into_iter().map(seconds).collect()
}

/// The first bound that is not below a duration. Each request asks, so it counts in 64 bits:
/// processors have no division of 128.
pub(super) fn bound_of(took: Duration) -> usize {
    let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    let firsts = nanoseconds.div_ceil(FIRST_NANOSECONDS).max(1);
    let doublings = u64::BITS - (firsts - 1).leading_zeros();
    usize::try_from(doublings)
        .unwrap_or(DURATIONS)
        .min(DURATIONS)
}
