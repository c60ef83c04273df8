//! Authorizations: the record of one token, whose it is and what it may do (wire contract, sections
//! 13 and 15).

mod own;
mod refused;

use crate::app::{AppSummary, KeptSecret};
use crate::id::{AccountId, AppId, AuthorizationId};
use crate::scope::{AdministratorEpoch, Scope, ScopeSet, Standing};
use crate::text::{Fingerprint, Note, NoteUrl};
use crate::timestamp::Timestamp;
use crate::token_life::TokenTimes;
use crate::words::words;

pub use crate::authorization::own::{EndedToken, Expiring, OwnToken, OwnTokenCounts};
pub use crate::authorization::refused::{
    AuthorizationChangeRefused, CreationRefused, DeletionRefused, NameTaken, NoSuchToken,
    RegenerationRefused, ResetRefused, TooManyOnPages,
};

/// The record of a live token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Its id, which a reset of the token keeps.
    pub id: AuthorizationId,
    /// Whose token it is.
    pub owner: AccountId,
    /// What kind of token, and for which app.
    pub kind: Kind,
    /// The scopes in the order they were asked for.
    pub scopes: ScopeSet,
    /// In which epoch of its owner as an administrator they were given, if in any: see
    /// [`Standing::of_token`].
    pub administrator_epoch: Option<AdministratorEpoch>,
    /// What its owner calls it; a personal token always has one.
    pub note: Option<Note>,
    /// A URL that goes with the note.
    pub note_url: Option<NoteUrl>,
    /// What tells several tokens of one user and app apart.
    pub fingerprint: Option<Fingerprint>,
    /// What is kept of the token.
    pub token: KeptSecret,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed; never before `created_at`.
    pub updated_at: Timestamp,
    /// From when on the token is refused.
    pub expires_at: Option<Timestamp>,
    /// When the token was last seen, as far as it was written down.
    pub last_used_at: Option<Timestamp>,
}

impl Authorization {
    /// When anything last changed that is shown of it: itself or its app.
    pub fn shown_changed_at(&self) -> Timestamp {
        let app = self.kind.app().map(|app| app.updated_at);
        app.map_or(self.updated_at, |changed| self.updated_at.max(changed))
    }

    /// The times that its life depends on, as far as they were written down.
    pub fn times(&self) -> TokenTimes {
        TokenTimes {
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            expires_at: self.expires_at,
        }
    }
}

/// The kinds of token that there are records of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A personal access token: no app, no grant.
    Personal,
    /// A token of an OAuth app.
    App(AppSummary),
    /// A token that a site administrator made to act as its owner: no app, no grant. It ends with
    /// its maker's rights.
    Impersonation {
        /// The site administrator who made it, and with whose rights it ends.
        maker: AccountId,
    },
}

impl Kind {
    /// The app of an app token.
    pub fn app(&self) -> Option<&AppSummary> {
        match self {
            Self::Personal | Self::Impersonation { .. } => None,
            Self::App(app) => Some(app),
        }
    }
}

words! {
    /// How an authorization was made. Organizations that enforce single sign-on decide by it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Provenance {
        /// `POST` or `PUT` under `/authorizations`, with a password.
        PasswordApi = "password_api",
        /// A page of settings, by a user who is signed in with a browser.
        Page = "page",
        /// A command that an operator gave.
        CommandLine = "command_line",
        /// The web application flow.
        WebFlow = "web_flow",
        /// The device flow, by a code that a user typed elsewhere.
        DeviceFlow = "device_flow",
        /// An administrator, for another user.
        Impersonation = "impersonation",
        /// A file: an import or a seed.
        Import = "import",
    }
}

impl Provenance {
    /// Whether the owner asked for the token, rather than an operator on the owner's behalf.
    pub const fn is_the_owners_wish(self) -> bool {
        match self {
            Self::PasswordApi | Self::Page | Self::WebFlow | Self::DeviceFlow => true,
            Self::CommandLine | Self::Impersonation | Self::Import => false,
        }
    }
}

/// What an authorization to be made is for: of an app or personal, or, as
/// `NewAuthorization<ForApp>`, surely of an app.
#[derive(Clone, Debug)]
pub struct NewAuthorization<P = Purpose> {
    /// Whose token it will be.
    pub owner: AccountId,
    /// Personal, or of an app.
    pub purpose: P,
    /// The scopes asked for.
    pub scopes: ScopeSet,
    /// A URL that goes with the note.
    pub note_url: Option<NoteUrl>,
    /// How it is made.
    pub provenance: Provenance,
    /// From when on the token is refused.
    pub expires_at: Option<Timestamp>,
    /// What is kept of the token.
    pub token: KeptSecret,
}

impl NewAuthorization {
    /// The stamp that its scopes get, of an owner of this standing. No password gives an app what
    /// is for administrators: who consents to that does not see what it means.
    pub fn stamp(&self, owner: Standing, epoch: AdministratorEpoch) -> Option<AdministratorEpoch> {
        match (&self.purpose, self.provenance) {
            (Purpose::App(_), Provenance::PasswordApi) => None,
            (Purpose::App(_) | Purpose::Personal { .. }, _) => owner.stamp(epoch),
        }
    }
}

/// Personal or of an app, with what differs between the two.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// A personal access token needs a note that no other live one of its owner has.
    Personal {
        /// What the user calls it, at most 255 characters.
        note: Note,
    },
    /// A token of an app.
    App(ForApp),
}

/// What a token of an app is for. It may have a note and a fingerprint.
#[derive(Clone, Debug)]
pub struct ForApp {
    /// The app; it must be live when the token is made.
    pub app: AppId,
    /// What the user calls it, at most 255 characters; several may have the same.
    pub note: Option<Note>,
    /// The fingerprint; at most one live token for each user, app and fingerprint.
    pub fingerprint: Option<Fingerprint>,
}

impl From<NewAuthorization<ForApp>> for NewAuthorization {
    fn from(new: NewAuthorization<ForApp>) -> Self {
        Self {
            owner: new.owner,
            purpose: Purpose::App(new.purpose),
            scopes: new.scopes,
            note_url: new.note_url,
            provenance: new.provenance,
            expires_at: new.expires_at,
            token: new.token,
        }
    }
}

/// Bounds on how many tokens there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLimits {
    /// Live app tokens for one user, app and scope set; one more ends the oldest.
    pub live_per_scope_set: u32,
    /// App tokens made in an hour for one user, app and scope set; 0 means no bound.
    pub per_hour: u32,
    /// Live tokens of one user.
    pub live_per_user: u32,
    /// Personal tokens that one user makes or regenerates on pages in an hour.
    pub on_pages_per_hour: u32,
}

impl Default for TokenLimits {
    fn default() -> Self {
        Self {
            live_per_scope_set: 10,
            per_hour: 0,
            live_per_user: 1_000,
            on_pages_per_hour: 60,
        }
    }
}

/// A change of an authorization; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AuthorizationChange {
    /// What happens to its scopes.
    pub scopes: ScopeChange,
    /// A new note. The inner `None` takes it away, which a personal token refuses.
    pub note: Option<Option<Note>>,
    /// A new note URL. The inner `None` takes it away.
    pub note_url: Option<Option<NoteUrl>>,
    /// A new fingerprint. The inner `None` takes it away. Ignored on a personal token.
    pub fingerprint: Option<Option<Fingerprint>>,
}

/// A change of scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ScopeChange {
    /// The scopes stay as they are, in their order.
    #[default]
    Keep,
    /// These in place of all others.
    Replace(ScopeSet),
    /// First these in addition, then these away: removal wins.
    Amend {
        /// What is added behind those that are held.
        add: ScopeSet,
        /// What goes, as it was named.
        remove: Vec<Scope>,
    },
}

impl ScopeChange {
    /// The scopes after the change.
    pub fn apply(&self, held: &ScopeSet) -> ScopeSet {
        match self {
            Self::Keep => held.clone(),
            Self::Replace(scopes) => scopes.clone(),
            Self::Amend { add, remove } => held.with(add).without(remove),
        }
    }
}

impl ScopeChange {
    /// The stamp after the change, of a token that had `held`, where one that is written now gets
    /// `now`. Only what names a scope for administrators, or all scopes, gives such scopes: to add
    /// another one wakes nothing that was asleep.
    pub fn stamp(
        &self,
        held: Option<AdministratorEpoch>,
        now: Option<AdministratorEpoch>,
    ) -> Option<AdministratorEpoch> {
        match self {
            Self::Replace(_) => now,
            Self::Amend { add, .. } if add.for_administrators().next().is_some() => now,
            Self::Keep | Self::Amend { .. } => held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_scope_for_administrators_wakes_none() {
        let [held, now] = [None, Some(AdministratorEpoch(3))];
        let adding = |names| ScopeChange::Amend {
            add: set(names),
            remove: Vec::new(),
        };
        for (change, stamp) in [
            (ScopeChange::Keep, held),
            (adding("gist"), held),
            (adding("read:enterprise"), now),
            (ScopeChange::Replace(set("gist site_admin")), now),
        ] {
            assert_eq!(change.stamp(held, now), stamp, "{change:?}");
        }
    }

    fn set(names: &str) -> ScopeSet {
        ScopeSet::parse(names.split_whitespace()).unwrap()
    }

    #[test]
    fn removing_a_scope_that_a_held_parent_includes_leaves_the_parent() {
        let change = ScopeChange::Amend {
            add: ScopeSet::default(),
            remove: vec![Scope::find("public_repo").unwrap()],
        };
        assert_eq!(change.apply(&set("repo gist")), set("repo gist"));
    }

    #[test]
    fn a_scope_both_added_and_removed_is_gone() {
        let change = ScopeChange::Amend {
            add: set("user"),
            remove: vec![Scope::find("user").unwrap()],
        };
        assert_eq!(change.apply(&set("gist")), set("gist"));
    }
}
