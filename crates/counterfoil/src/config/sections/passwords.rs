//! What a password check costs.

use crate::config::rule::whole;
use crate::config::section::section;

section! {
    /// What Argon2id costs (RFC 9106), and how much of it may go on at a time. A password that was
    /// stored with less memory, fewer passes or fewer lanes is hashed anew when its owner next
    /// signs in.
    pub struct Passwords = "passwords", "passwords." {
        /// The memory of one computation, in KiB.
        memory_kib: u32 = 19_456, whole("KiB", 8, 4_194_304), Restart;
        /// How often that memory is passed over.
        iterations: u32 = 2, whole("passes", 1, 100), Restart;
        /// The lanes of one computation.
        parallelism: u32 = 1, whole("lanes", 1, 16), Restart;
        /// How many computations run at a time, each on a thread of its own with memory of its own.
        /// 0 means one for each core, at most 4.
        threads: u32 = 0, whole("threads", 0, 256), Restart;
        /// How many computations may wait for a thread, half of them from addresses that somebody
        /// signed in from lately. When a half is full, a newcomer takes a place of the network that
        /// holds most of them, unless its own holds as many: who finds or keeps no place is
        /// answered 503 with `Retry-After`.
        queue: u32 = 64, whole("computations", 0, 100_000), Restart;
    }
}
