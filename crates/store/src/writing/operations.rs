//! The list of what can be done, with the events that each leaves.
//!
//! [`crate::Store::change`] takes nothing else, and the conformance suite tries every one of them
//! with proofs that lapsed: an operation that is missing there does not compile.

use counterfoil_domain::audit::Action;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident leaves $($event:ident)or+;)+) => {
        /// What can be done to what is stored.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[$doc])* $name),+
        }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The events one of which records that it was done.
            pub const fn events(self) -> &'static [Action] {
                match self { $(Self::$name => &[$(Action::$event),+]),+ }
            }
        }
    };
}

impl Operation {
    /// Whether a program may ask for it that brings no secret of its app: for what it does by what
    /// it holds.
    pub const fn is_for_public_clients(self) -> bool {
        matches!(
            self,
            Self::RedeemDevice
                | Self::RefreshToken
                | Self::RevokeTokenOfApp
                | Self::RevokeByRefreshToken
        )
    }
}

operations! {
    /// An app is made, with its first secret.
    CreateApp leaves AppCreated;
    /// Name, URLs, flows or expiry of an app change.
    ChangeApp leaves AppChanged;
    /// An app gets another secret, and the earlier ones end.
    RotateAppSecret leaves AppSecretRotated;
    /// An app gets a secret beside the one that it has.
    CreateAppSecret leaves AppSecretCreated;
    /// One secret of an app ends.
    EndAppSecret leaves AppSecretEnded;
    /// Everybody may know a secret of an app.
    PublishAppSecret leaves AppSecretPublished;
    /// An app begins nothing and proves nothing any more, until that is lifted.
    SuspendApp leaves AppSuspended;
    /// The suspension of an app is lifted.
    UnsuspendApp leaves AppUnsuspended;
    /// The apps that a new installation has are made in an older one, or live again where a restore
    /// ended them.
    MakeBuiltInApps leaves OrganizationCreated or AppCreated or AppRevived or AppSecretPublished;
    /// An app goes to another owner.
    TransferApp leaves AppTransferred;
    /// An app ends, with its secrets, tokens and grants.
    DeleteApp leaves AppDeleted;
    /// An organization is made.
    CreateOrganization leaves OrganizationCreated;
    /// An organization ends, with its teams and memberships.
    DeleteOrganization leaves OrganizationDeleted;
    /// A user becomes a member of an organization, or changes roles in it.
    SetMember leaves OrganizationMemberAdded;
    /// A user leaves an organization and its teams.
    RemoveMember leaves OrganizationMemberRemoved;
    /// A team is made.
    CreateTeam leaves TeamCreated;
    /// A team ends.
    DeleteTeam leaves TeamDeleted;
    /// A member of an organization comes into a team.
    AddTeamMember leaves TeamMemberAdded;
    /// A user leaves a team.
    RemoveTeamMember leaves TeamMemberRemoved;
    /// A user is made.
    CreateAccount leaves UserCreated;
    /// Name, e-mail address or standing of a user change.
    ChangeAccount leaves UserChanged;
    /// A user gets another password.
    SetPassword leaves UserPasswordChanged;
    /// A user is suspended.
    SuspendAccount leaves UserSuspended;
    /// A suspension is lifted.
    UnsuspendAccount leaves UserUnsuspended;
    /// A user ends, with all they have.
    DeleteAccount leaves UserDeleted;
    /// The login of a user who is gone may be given again.
    ReleaseLogin leaves LoginReleased;
    /// A user gets another login.
    RenameAccount leaves UserRenamed;
    /// A user becomes a site administrator, or is one no more.
    SetStanding leaves UserStandingChanged;
    /// A user says how they are called, and how pages speak to them.
    ChangeProfile leaves UserChanged;
    /// A new seed for one-time codes waits for its first code.
    BeginEnrolment leaves OtpEnrolmentBegun;
    /// The seed that waited is confirmed by a code, which turns one-time codes on.
    ConfirmEnrolment leaves OtpEnabled or LinkUsed;
    /// A user gets other recovery codes.
    ReplaceRecoveryCodes leaves RecoveryCodesReplaced;
    /// One-time codes are turned on, with a new seed.
    EnableTotp leaves OtpEnabled;
    /// One-time codes are turned off.
    DisableTotp leaves OtpDisabled or PasskeyRemoved;
    /// A user gets a passkey.
    RegisterPasskey leaves PasskeyRegistered or LinkUsed;
    /// A passkey gets another name.
    RenamePasskey leaves PasskeyRenamed;
    /// A passkey ends.
    RemovePasskey leaves PasskeyRemoved;
    /// A user lets an app in, which gets a code for it.
    AllowApp leaves ConsentGiven;
    /// A user turns an app away.
    DenyApp leaves ConsentDenied;
    /// An app gets a code for what a user agreed to before.
    ReuseConsent leaves ConsentReused;
    /// An app exchanges a code for a token, or tries to.
    RedeemCode leaves AuthorizationCreated or CodeRefused or CodeRepeated;
    /// A user lets a device in.
    ApproveDevice leaves DeviceApproved;
    /// A user turns a device away.
    DenyDevice leaves DeviceDenied;
    /// A device that was let in gets its token.
    RedeemDevice leaves AuthorizationCreated;
    /// An app gets other tokens for a refresh token, or tries to.
    RefreshToken leaves AuthorizationRefreshed or RefreshRepeated or RefreshFamilyEnded;
    /// An app ends what a user gave it, by its refresh token.
    RevokeByRefreshToken leaves AuthorizationRevoked;
    /// A grant ends, with the tokens under it.
    RevokeGrant leaves GrantRevoked;
    /// A token is issued.
    CreateAuthorization leaves AuthorizationCreated;
    /// A token of an app is issued, unless there is one.
    GetOrCreateAuthorization leaves AuthorizationCreated;
    /// Scopes, note or fingerprint of a token change.
    ChangeAuthorization leaves AuthorizationChanged;
    /// A user puts another token in the place of a personal one.
    RegenerateToken leaves AuthorizationReset;
    /// All personal tokens of a user end.
    DeletePersonalTokens leaves AuthorizationRevoked;
    /// A token ends.
    RevokeAuthorization leaves AuthorizationRevoked;
    /// All tokens of a user or an app end.
    RevokeAll leaves AuthorizationRevoked;
    /// An app puts another token in the place of one.
    ResetTokenOfApp leaves AuthorizationReset;
    /// An app ends a token that a user gave it.
    RevokeTokenOfApp leaves AuthorizationRevoked;
    /// An app ends all that a user gave it.
    RevokeGrantOfApp leaves GrantRevoked;
    /// An administrator gets a token that acts as a user.
    Impersonate leaves AuthorizationCreated or AuthorizationReset;
    /// The tokens of administrators that act as a user end.
    EndImpersonation leaves AuthorizationRevoked;
    /// An administrator ends a personal token of whichever user.
    RevokePersonalToken leaves AuthorizationRevoked;
    /// The locks on a user's sign-in are lifted.
    Unlock leaves UserUnlocked;
    /// A link is made, and shown to whoever has it made.
    IssueLink leaves LinkMade;
    /// A link is to be mailed to a user.
    RequestLink leaves LinkRequested;
    /// A user is invited, who is made or changed with it.
    Invite leaves UserCreated or UserChanged or LinkMade or LinkRequested;
    /// A user who needs a second factor wants a link by which to turn one on.
    AskEnrolment leaves LinkRequested;
    /// A user wants to have an e-mail address, and a link is to be mailed to it.
    AskAddress leaves LinkRequested;
    /// Another one of a user's e-mail addresses becomes the primary one.
    ChooseAddress leaves EmailChosen;
    /// An e-mail address of a user ends.
    RemoveAddress leaves EmailRemoved;
    /// Mail of a database that was restored or copied may go.
    ResumeSending leaves OutboxResumed;
    /// A key becomes known.
    AddKey leaves KeyAdded;
    /// All that is sealed moves to another key.
    RotateKeys leaves KeyRotated;
    /// A key that seals nothing ends.
    RetireKey leaves KeyRetired;
    /// That a seed file was applied as a whole is written down.
    RecordSeeding leaves Seeded;
    /// Users, apps and tokens of a file are taken over.
    Import leaves Imported;
    /// A user who has proved who they are gets a session in a browser.
    StartSession leaves SessionStarted;
    /// A session goes on under another secret, since its user proved anew who they are.
    ConfirmSession leaves SessionConfirmed;
    /// A session ends.
    EndSession leaves SessionEnded;
    /// All sessions of a user end, but the one that asks for it if it is the user who does.
    EndOtherSessions leaves SessionEnded;
    /// Every token of a database that somebody restored ends.
    EndUnproven leaves DatabaseRestored;
}
