//! Samples of all subjects.

use super::{apps, audit, health, organizations, settings, tokens, users};
use crate::tests::Sample;

/// A new subject is added here.
pub(crate) fn samples() -> Vec<Sample> {
    let subjects = [
        apps::samples,
        audit::samples,
        health::samples,
        organizations::samples,
        settings::samples,
        tokens::samples,
        users::samples,
    ];
    subjects.into_iter().flat_map(|samples| samples()).collect()
}
