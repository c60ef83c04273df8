//! How things end. Nothing is deleted: what ends keeps its row, the time and the reason.

use crate::principal::Actor;

/// Why something ended: a token, a grant, an account, a membership. Each reason has a word in the
/// store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// Its time was over.
    Expired,
    /// Its owner deleted it.
    DeletedByOwner,
    /// An operator revoked it on the command line.
    RevokedByOperator,
    /// The grant it belonged to was deleted.
    GrantDeleted,
    /// The account it belonged to was deleted.
    AccountDeleted,
    /// The app it belonged to was deleted.
    AppDeleted,
    /// A newer one of the same kind took its place.
    Replaced,
    /// The limit of live tokens for one user, app and scope set was reached, and this was the
    /// oldest.
    MaxForApp,
    /// Its owner asked, with a new password, that older tokens end.
    PasswordChanged,
    /// It could be used once and was.
    Used,
    /// The app had the token replaced; the authorization lives on under another one.
    Reset,
    /// It was not used for as long as the settings allow.
    Idle,
    /// The app it belongs to deleted it.
    RevokedByApp,
    /// A site administrator deleted it at the API.
    RevokedByAdministrator,
    /// It was made by an administrator for somebody else, and that administrator is one no more.
    MakerLostRights,
    /// A member was taken out of an organization or a team.
    MemberRemoved,
    /// The organization it belonged to was deleted.
    OrganizationDeleted,
    /// The team it belonged to was deleted.
    TeamDeleted,
    /// The database was restored from a backup, and nothing proved that it was live still.
    Restored,
}

impl EndReason {
    const ALL: [Self; 19] = [
        Self::Expired,
        Self::DeletedByOwner,
        Self::RevokedByOperator,
        Self::GrantDeleted,
        Self::AccountDeleted,
        Self::AppDeleted,
        Self::Replaced,
        Self::MaxForApp,
        Self::PasswordChanged,
        Self::Used,
        Self::Reset,
        Self::Idle,
        Self::RevokedByApp,
        Self::RevokedByAdministrator,
        Self::MakerLostRights,
        Self::MemberRemoved,
        Self::OrganizationDeleted,
        Self::TeamDeleted,
        Self::Restored,
    ];

    /// The reason when somebody took a thing away without saying more: its owner or the app on the
    /// wire, or a person at the command line.
    pub fn of_deletion_by(actor: &Actor) -> Self {
        match actor {
            Actor::Account(_) | Actor::Anonymous => Self::DeletedByOwner,
            Actor::App(_) => Self::RevokedByApp,
            Actor::OperatingSystemUser(_) | Actor::Program => Self::RevokedByOperator,
        }
    }

    /// The word the store and the audit trail use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::DeletedByOwner => "deleted_by_owner",
            Self::RevokedByOperator => "revoked_by_operator",
            Self::GrantDeleted => "grant_deleted",
            Self::AccountDeleted => "account_deleted",
            Self::AppDeleted => "app_deleted",
            Self::Replaced => "replaced",
            Self::MaxForApp => "max_for_app",
            Self::PasswordChanged => "password_changed",
            Self::Used => "used",
            Self::Reset => "reset",
            Self::Idle => "idle",
            Self::RevokedByApp => "revoked_by_app",
            Self::RevokedByAdministrator => "revoked_by_administrator",
            Self::MakerLostRights => "maker_lost_rights",
            Self::MemberRemoved => "member_removed",
            Self::OrganizationDeleted => "organization_deleted",
            Self::TeamDeleted => "team_deleted",
            Self::Restored => "restored",
        }
    }

    /// The reason behind a stored word.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}
