//! What protects an account: passwords, second factors, recovery codes, and what happened to it.

mod events;
mod overdue;
mod overview;
mod passkey;
mod passkeys;
mod password;
mod place;
mod qr;
mod recovery_codes;
#[cfg(test)]
mod samples;
mod two_factor;

pub use overdue::{EnrolAsAnother, EnrolByLink, SecondFactorOverdue, enrolment_asked};
pub use overview::Security;
pub use passkey::{PasskeyPage, RemovePasskey, passkey_removed, passkey_renamed};
pub use passkeys::{AddPasskey, PasskeyPlace, PasskeyProblem, PasskeyRow, Passkeys, passkey_added};
pub use password::{ChangePassword, PasswordProblem, password_changed};
pub use place::SetUpPlace;
pub use recovery_codes::{
    NewRecoveryCodes, NewRecoveryCodesProblem, RecoveryCodes, RecoveryCodesProblem,
    recovery_codes_file, recovery_codes_saved,
};
#[cfg(test)]
pub(crate) use samples::samples;
pub use two_factor::{
    EnrolmentProblem, SetUpTwoFactor, TurnOffTwoFactor, TwoFactorPage, TwoFactorState,
    two_factor_is_off,
};
