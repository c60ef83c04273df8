//! What is done without anybody's proof, with the events that each leaves.

use counterfoil_domain::audit::Action;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident leaves $($event:ident)or+;)+) => {
        /// What the program does by itself, what is a part of signing in, and what a link does,
        /// which proves itself by being used up: nothing is proven that could lapse. Nothing else
        /// that a caller asks for is among them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum SystemOperation {
            $($(#[$doc])* $name),+
        }

        impl SystemOperation {
            /// The events by which it is recorded.
            pub(crate) const fn events(self) -> &'static [Action] {
                match self { $(Self::$name => &[$(Action::$event),+]),+ }
            }
        }
    };
}

operations! {
    /// An empty database becomes an installation's, with the apps that it has from the start.
    Initialise leaves KeyAdded or OrganizationCreated or AppCreated or AppSecretPublished;
    /// An installation of an older program gets a key for its audit trail.
    MakeAuditKey leaves AuditKeyMade;
    /// A sign-in failed: its login may be locked for the address, or be under attack.
    CountFailure leaves SignInFailed or SignInSuspended or SignInLocked or SignInAttacked;
    /// Requests that are told by counts: most of them were refused.
    TellCounted leaves SignInRefused or AppRefused or AdministrationRefused or DeviceRequested;
    /// A recovery code is used up by whoever signs in.
    UseRecoveryCode leaves RecoveryCodeUsed;
    /// A passkey is given by whoever signs in, or proves anew who they are.
    UsePasskey leaves PasskeyUsed or PasskeyStalled;
    /// A password is hashed anew at a sign-in; it is the same password.
    RehashPassword leaves UserPasswordRehashed;
    /// A link is used, for what it was made for: its row proves who brings it.
    UseLink leaves LinkUsed or LinkMade or UserCreated or UserPasswordChanged or UserUnlocked or EmailAdded or EmailRestored or OtpDisabled or PasskeyRemoved;
    /// The settings require a second factor of others than before.
    RequireSecondFactor leaves SecondFactorRequired;
    /// The tokens of a user end who should have a second factor by now.
    EndOverdue leaves AuthorizationRevoked;
    /// Tokens end whose time is over.
    EndLapsed leaves AuthorizationsLapsed;
    /// Sessions end whose time is over.
    EndLapsedSessions leaves SessionsLapsed;
    /// What ended long ago goes, or the beginning of the audit trail.
    RemoveEnded leaves EndedRemoved;
}
