//! What tests of locks have in common: how one fails to sign in, and how one is told of a lock.

use counterfoil_testkit::{Answer, UserActor};

/// Fails to sign in `times` times.
pub(super) async fn fail(user: &UserActor<'_>, times: usize) {
    let wrong = user.with_password("wrong");
    for _ in 0..times {
        assert_eq!(
            wrong.get("/user").await.assert_status(401).message(),
            "Bad credentials"
        );
    }
}

/// Demands the answer of a lock.
#[track_caller]
pub(super) fn assert_locked(answer: &Answer) {
    let message = "Maximum number of login attempts exceeded. Please try again later.";
    assert_eq!(answer.assert_status(403).message(), message);
    // Clients that obey Retry-After on a 403 would hang for as long as the lock lasts, and one that
    // hammers with codes must not be asked for another.
    for header in ["retry-after", "x-github-otp", "x-ratelimit-limit"] {
        assert!(!answer.has(header), "{header}");
    }
}
