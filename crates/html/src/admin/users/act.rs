//! What an administrator does to somebody's account.

use counterfoil_domain::account::TwoFactor;
use counterfoil_domain::administered::UserFacts;
use counterfoil_domain::language::Language;
use counterfoil_domain::scope::Standing;

use crate::text::Text;
use crate::words;

/// What is done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserAct {
    /// Another link by which to choose the first password.
    Invite,
    /// A link by which to choose another password.
    Reset,
    /// The locks on the sign-in are lifted.
    Unlock,
    /// The suspension is lifted.
    Unsuspend,
    /// The account is suspended.
    Suspend,
    /// All sessions end.
    EndSessions,
    /// One-time codes, recovery codes and passkeys end.
    TurnOffTwoFactor,
    /// The user becomes a site administrator.
    Promote,
    /// The user is a site administrator no more.
    Demote,
    /// The account ends.
    Delete,
}

impl UserAct {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Invite,
        Self::Reset,
        Self::Unlock,
        Self::Unsuspend,
        Self::Suspend,
        Self::EndSessions,
        Self::TurnOffTwoFactor,
        Self::Promote,
        Self::Demote,
        Self::Delete,
    ];

    /// Its word in paths.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
            Self::Unlock => "unlock",
            Self::Unsuspend => "unsuspend",
            Self::Suspend => "suspend",
            Self::EndSessions => "end-sessions",
            Self::TurnOffTwoFactor => "two-factor-off",
            Self::Promote => "promote",
            Self::Demote => "demote",
            Self::Delete => "delete",
        }
    }

    /// The one of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }

    /// Whether it makes a link, which is mailed, or shown this once.
    pub const fn makes_link(self) -> bool {
        matches!(self, Self::Invite | Self::Reset)
    }

    /// Whether there is a reason to do it to this user.
    pub fn is_offered_for(self, facts: &UserFacts) -> bool {
        let account = &facts.account;
        let is_suspended = account.is_suspended();
        let is_administrator = account.standing == Standing::SiteAdministrator;
        match self {
            Self::Invite => !facts.has_password && !is_suspended,
            Self::Reset => facts.has_password && !is_suspended,
            Self::Unlock => facts.is_locked(),
            Self::Unsuspend => is_suspended,
            Self::Suspend => !is_suspended,
            Self::EndSessions => facts.sessions > 0,
            Self::TurnOffTwoFactor => account.two_factor == TwoFactor::On,
            Self::Promote => !is_administrator && !is_suspended,
            Self::Demote => is_administrator,
            Self::Delete => true,
        }
    }

    /// What was done, as the next page says it, as plain text.
    pub fn done(self, login: &str, language: Language) -> String {
        let words = words::AdminUsers(language);
        let said = match self {
            Self::Invite => words.invited(login),
            Self::Reset => words.reset_sent(login),
            Self::Unlock => words.unlocked(login),
            Self::Unsuspend => words.unsuspended(login),
            Self::Suspend => words.was_suspended(login),
            Self::EndSessions => words.sessions_ended(login),
            Self::TurnOffTwoFactor => words.two_factor_turned_off(login),
            Self::Promote => words.promoted(login),
            Self::Demote => words.demoted(login),
            Self::Delete => words.deleted(login),
        };
        said.plain()
    }

    /// As a link on the page of the user.
    pub(super) fn label(self, words: words::AdminUsers) -> Text {
        match self {
            Self::Invite => words.invite_again(),
            Self::Reset => words.reset(),
            Self::Unlock => words.unlock(),
            Self::Unsuspend => words.unsuspend(),
            Self::Suspend => words.suspend(),
            Self::EndSessions => words.end_sessions(),
            Self::TurnOffTwoFactor => words.turn_off_two_factor(),
            Self::Promote => words.promote(),
            Self::Demote => words.demote(),
            Self::Delete => words.delete(),
        }
    }

    /// What the page asks.
    pub(super) fn question(self, words: words::AdminUsers, login: &str) -> Text {
        match self {
            Self::Invite => words.invite_question(login),
            Self::Reset => words.reset_question(login),
            Self::Unlock => words.unlock_question(login),
            Self::Unsuspend => words.unsuspend_question(login),
            Self::Suspend => words.suspend_question(login),
            Self::EndSessions => words.end_sessions_question(login),
            Self::TurnOffTwoFactor => words.two_factor_question(login),
            Self::Promote => words.promote_question(login),
            Self::Demote => words.demote_question(login),
            Self::Delete => words.delete_question(login),
        }
    }

    /// Whether something stops working by it.
    pub(super) const fn ends_something(self) -> bool {
        matches!(
            self,
            Self::Suspend
                | Self::EndSessions
                | Self::TurnOffTwoFactor
                | Self::Demote
                | Self::Delete
        )
    }
}
