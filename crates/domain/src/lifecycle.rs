//! How things end. Nothing is deleted: what ends keeps its row, the time and the reason.

use crate::principal::{Actor, Proof};
use crate::words::words;

words! {
    /// Why something ended: a token, a grant, an account, a membership. Each reason has a word in
    /// the store.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum EndReason {
        /// Its time was over.
        Expired = "expired",
        /// Its owner deleted it.
        DeletedByOwner = "deleted_by_owner",
        /// An operator revoked it on the command line, or a site administrator on a page.
        RevokedByOperator = "revoked_by_operator",
        /// The grant it belonged to was deleted.
        GrantDeleted = "grant_deleted",
        /// The account it belonged to was deleted.
        AccountDeleted = "account_deleted",
        /// The app it belonged to was deleted.
        AppDeleted = "app_deleted",
        /// The app it belonged to went to another owner.
        AppTransferred = "app_transferred",
        /// A newer one of the same kind took its place.
        Replaced = "replaced",
        /// The limit of live tokens for one user, app and scope set was reached, and this was the
        /// oldest.
        MaxForApp = "max_for_app",
        /// Its owner asked, with a new password, that older tokens end.
        PasswordChanged = "password_changed",
        /// It could be used once and was.
        Used = "used",
        /// The app or the owner had the token replaced; the authorization lives on under another
        /// one.
        Reset = "reset",
        /// It was not used for as long as the settings allow.
        Idle = "idle",
        /// The app it belongs to deleted it.
        RevokedByApp = "revoked_by_app",
        /// A site administrator deleted it at the API.
        RevokedByAdministrator = "revoked_by_administrator",
        /// An administrator made it for another user, and is an administrator no longer.
        MakerLostRights = "maker_lost_rights",
        /// A member was taken out of an organization or a team.
        MemberRemoved = "member_removed",
        /// The organization it belonged to was deleted.
        OrganizationDeleted = "organization_deleted",
        /// The team it belonged to was deleted.
        TeamDeleted = "team_deleted",
        /// Its owner should have had a second factor by then.
        SecondFactorOverdue = "second_factor_overdue",
        /// The database was restored from a backup, and nothing proved that it was live still.
        Restored = "restored",
        /// Its user signed out of it.
        SignedOut = "signed_out",
        /// Its user ended it from another session.
        EndedByOwner = "ended_by_owner",
        /// Its user had too many sessions, and this was used least recently.
        TooManySessions = "too_many_sessions",
        /// The credentials of its user changed.
        CredentialsChanged = "credentials_changed",
        /// What had to be proved with it was wrong.
        WrongProof = "wrong_proof",
        /// The code that it was exchanged for was redeemed once more, which ends the token.
        CodeRepeated = "code_repeated",
        /// The app refreshed it; the authorization lives on under another one.
        Refreshed = "refreshed",
        /// A refresh token of its family came again after another one had taken its place.
        RefreshRepeated = "refresh_repeated",
        /// Its owner was suspended.
        OwnerSuspended = "owner_suspended",
    }
}

impl EndReason {
    /// The reason when somebody took a thing away without saying more: its owner or the app on the
    /// wire, or whoever administers the installation.
    pub fn of_deletion_by(proof: &Proof) -> Self {
        if let Proof::Session(_, session) = proof
            && session.administers
        {
            return Self::RevokedByOperator;
        }
        match proof.actor() {
            Actor::Account(_) | Actor::Anonymous => Self::DeletedByOwner,
            Actor::App(_) => Self::RevokedByApp,
            Actor::OperatingSystemUser(_) | Actor::Program => Self::RevokedByOperator,
        }
    }
}
