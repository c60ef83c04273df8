//! Samples of all subjects.

use super::{audit, health, settings, users};
use crate::tests::Sample;

/// A new subject is added here.
pub(crate) fn samples() -> Vec<Sample> {
    let subjects = [
        audit::samples,
        health::samples,
        settings::samples,
        users::samples,
    ];
    subjects.into_iter().flat_map(|samples| samples()).collect()
}
