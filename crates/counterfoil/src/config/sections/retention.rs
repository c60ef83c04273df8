//! How long things are kept after their end.

use crate::config::rule::whole;
use crate::config::section::section;

section! {
    /// How long things are kept after their end. Whatever is removed, its ids, logins and client
    /// ids are never given again.
    pub struct Retention = "retention", "retention." {
        /// For how many days the record of a token is kept after the token ended, with the reason.
        /// Nothing but its digest is known of the token itself.
        ended_days: u32 = 90, whole("days", 1, 36_500), Restart;
        /// For how many days events stay in the audit trail. 0 means for ever. Their removal is an
        /// event itself.
        audit_days: u32 = 0, whole("days", 0, 36_500), Restart;
    }
}
