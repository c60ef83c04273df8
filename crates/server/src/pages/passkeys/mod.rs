//! Passkeys where people prove who they are: alone, after a password, and anew. Each is two forms:
//! the answer to the first has the browser ask, and the second brings what it said.

pub(super) mod confirm;
pub(super) mod second;
pub(super) mod sign_in;

use counterfoil_authority::{PasskeyError, SignedIn};

use super::visit::Visit;
use crate::metrics::SignInOutcome;

/// Counts what a passkey led to.
fn count(visit: &Visit, signed_in: &Result<SignedIn, PasskeyError>) {
    visit.state().metrics().count_sign_in(match signed_in {
        Ok(_) => SignInOutcome::Accepted,
        Err(PasskeyError::Suspended) => SignInOutcome::Suspended,
        Err(PasskeyError::TooManyChallenges) => SignInOutcome::Locked,
        Err(PasskeyError::Store(_)) => SignInOutcome::Unavailable,
        Err(
            PasskeyError::Refused(_)
            | PasskeyError::Over
            | PasskeyError::NoPasskeys
            | PasskeyError::CallerGone(_),
        ) => SignInOutcome::WrongPasskey,
    });
}
