//! Randomness that repeats: the same seed gives the same bytes.

use std::sync::atomic::{AtomicU64, Ordering};

use counterfoil_domain::entropy::Entropy;

/// See the module. Each draw is `SplitMix64` of the next number, so draws differ and repeat.
#[derive(Debug)]
pub struct RepeatableEntropy(AtomicU64);

impl RepeatableEntropy {
    /// The series of this seed.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for RepeatableEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
