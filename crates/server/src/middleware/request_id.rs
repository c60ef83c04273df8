//! Request ids: the client gets the one that the log has.

use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;
use uuid::{Builder, Uuid};

use crate::metrics::Sharded;

/// Bits of a number that count; those above say in which shard.
const COUNTING_BITS: u32 = 48;

/// Gives each request an id that no other has: a lower-case UUID (wire contract, section 2). It
/// identifies and protects nothing, so it is a counter mixed with a secret of the process rather
/// than fresh randomness each time.
#[derive(Debug)]
pub(crate) struct RequestIds {
    seed: (u64, u64),
    next: Sharded<AtomicU64>,
}
/// The id of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId(Uuid);

impl RequestIds {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        let [first, second] = [0, 8].map(|start| {
            let half = seed[start..]
                .first_chunk()
                .expect("sixteen bytes have two halves");
            u64::from_le_bytes(*half)
        });
        let seed = (first, second);
        Self {
            seed,
            next: Sharded::new(|shard| AtomicU64::new((shard as u64) << COUNTING_BITS)),
        }
    }

    pub(crate) fn give(&self) -> RequestId {
        let number = self.next.own().fetch_add(1, Ordering::Relaxed);
        let [first, second] = [self.seed.0.wrapping_add(number), self.seed.1 ^ number].map(mix);
        let bytes = (u128::from(first) << 64 | u128::from(second)).to_be_bytes();
        RequestId(Builder::from_random_bytes(bytes).into_uuid())
    }
}

impl RequestId {
    /// As events have it.
    pub(crate) fn in_events(self) -> counterfoil_domain::principal::RequestId {
        counterfoil_domain::principal::RequestId(self.0.into_bytes())
    }

    pub(crate) fn header_value(self) -> HeaderValue {
        let mut buffer = Uuid::encode_buffer();
        HeaderValue::from_str(self.0.hyphenated().encode_lower(&mut buffer))
            .expect("hexadecimal digits and hyphens are plain")
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The finishing steps of `SplitMix64`, a bijection: distinct inputs stay distinct.
fn mix(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
