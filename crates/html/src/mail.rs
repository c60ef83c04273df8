//! The words of mail, as plain text.

use std::time::Duration;

use counterfoil_domain::language::Language;
use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_domain::timestamp::Timestamp;

use crate::frame::Frame;
use crate::text::Text;
use crate::words;

/// What a mail is about, and what stands in it.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// What it says.
    pub words: MailWords,
    /// The login of the account that it is about.
    pub login: &'a str,
    /// The address that it goes to.
    pub to: &'a str,
    /// The login of the user who had it made, if one did.
    pub maker: Option<&'a str>,
    /// When what it tells of happened.
    pub at: Timestamp,
    /// Its link, and for how long that works.
    pub link: Option<(&'a str, Duration)>,
    /// Where somebody asks for a new password.
    pub forgotten: &'a str,
}

/// A mail as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its subject, one line.
    pub subject: String,
    /// Its text: paragraphs, and the link on a line of its own.
    pub body: String,
}

/// A mail before its end: the subject, what it says before its link, and what after it.
struct Draft {
    subject: Text,
    before: Vec<Text>,
    after: Vec<Text>,
}

impl Letter<'_> {
    /// Writes it in the frame's language and zone.
    pub fn write(&self, frame: &Frame<'_>) -> Written {
        let draft = match self.words {
            MailWords::AddressTaken => self.taken(frame),
            MailWords::OfKind(kind) => self.of_kind(kind, frame),
        };
        // A notice says where a new password is asked for, where another mail has its link.
        let place = match self.words {
            MailWords::AddressTaken | MailWords::OfKind(MailKind::RefreshRepeated) => None,
            MailWords::OfKind(kind) if kind.tells_of_administrators() => None,
            MailWords::OfKind(_) => Some(self.link.map_or(self.forgotten, |(url, _)| url)),
        };
        draft.ended(place, frame)
    }

    fn of_kind(&self, kind: MailKind, frame: &Frame<'_>) -> Draft {
        match kind {
            MailKind::Invitation => self.invitation(frame),
            MailKind::Reset | MailKind::ResetAsked => self.reset(kind, frame),
            MailKind::Address => self.address(frame),
            MailKind::AddressChanged => self.changed(frame),
            MailKind::Enrolment => self.enrolment(frame),
            MailKind::AddressSet
            | MailKind::PasswordChanged
            | MailKind::TwoFactorOn
            | MailKind::TwoFactorOff
            | MailKind::RecoveryCodeUsed
            | MailKind::RecoveryCodesReplaced
            | MailKind::WrongCodes
            | MailKind::CodesExhausted
            | MailKind::PasskeyAdded
            | MailKind::PasskeyRemoved
            | MailKind::PasskeyStalled
            | MailKind::AdministratorScopes
            | MailKind::Renamed
            | MailKind::AppTransferred
            | MailKind::AppSuspended
            | MailKind::AppUnsuspended
            | MailKind::AppSecretPublished
            | MailKind::ResourceServerChanged
            | MailKind::MembershipChanged
            | MailKind::OrganizationDeleted
            | MailKind::StandingChanged
            | MailKind::Suspended
            | MailKind::Unsuspended
            | MailKind::Impersonated
            | MailKind::TokensRevoked
            | MailKind::Unlocked
            | MailKind::SessionsEnded
            | MailKind::Deleted => self.notice(kind, frame),
            MailKind::RefreshRepeated => self.refresh_repeated(frame),
        }
    }

    fn invitation(&self, frame: &Frame<'_>) -> Draft {
        let words = words::Mail(frame.language);
        let (brand, host) = (frame.brand.name(), frame.host);
        let by = match self.maker {
            Some(maker) => words.invitation_from(host, self.login, maker),
            None => words.invitation(host, self.login),
        };
        Draft {
            subject: words.invitation_subject(brand),
            before: vec![by, words.invitation_link(self.life(frame.language))],
            after: vec![words.invitation_else()],
        }
    }

    fn reset(&self, kind: MailKind, frame: &Frame<'_>) -> Draft {
        let words = words::Mail(frame.language);
        let by = match kind {
            MailKind::ResetAsked => words.reset_asked(frame.host, self.login),
            _ => words.reset(frame.host, self.login),
        };
        Draft {
            subject: words.reset_subject(self.login),
            before: vec![by, words.reset_link(self.life(frame.language))],
            after: vec![words.reset_else()],
        }
    }

    fn address(&self, frame: &Frame<'_>) -> Draft {
        let words = words::Mail(frame.language);
        let wants = words.address(frame.host, self.login);
        Draft {
            subject: words.address_subject(),
            before: vec![wants, words.address_link(self.life(frame.language))],
            after: vec![words.address_else()],
        }
    }

    fn taken(&self, frame: &Frame<'_>) -> Draft {
        let words = words::Mail(frame.language);
        Draft {
            subject: words.taken_subject(),
            before: vec![words.taken(frame.host, self.login)],
            after: vec![words.taken_else(self.login)],
        }
    }

    fn changed(&self, frame: &Frame<'_>) -> Draft {
        let words = words::Mail(frame.language);
        let changed = words.changed(frame.host, self.login, frame.date_and_time(self.at));
        Draft {
            subject: words.changed_subject(self.login),
            before: vec![changed, words.changed_link(self.life(frame.language))],
            after: vec![words.changed_else(self.to)],
        }
    }

    fn enrolment(&self, frame: &Frame<'_>) -> Draft {
        let words = words::Mail(frame.language);
        let needs = words.enrolment(frame.host, self.login);
        Draft {
            subject: words.enrolment_subject(self.login),
            before: vec![needs, words.enrolment_link(self.life(frame.language))],
            after: vec![words.enrolment_else()],
        }
    }

    /// What it tells of has ended already; there is nothing to undo.
    fn refresh_repeated(&self, frame: &Frame<'_>) -> Draft {
        let words = words::Mail(frame.language);
        let (host, time) = (frame.host, frame.date_and_time(self.at));
        Draft {
            subject: words.refresh_subject(self.login),
            before: vec![words.refresh(host, self.login, time), words.refresh_else()],
            after: Vec::new(),
        }
    }

    fn notice(&self, kind: MailKind, frame: &Frame<'_>) -> Draft {
        let words = words::Mail(frame.language);
        let (subject, told) = if kind.tells_of_administrators() {
            self.done_by_administrators(kind, frame)
        } else {
            self.done_to_protection(kind, frame)
        };
        let otherwise = if kind.tells_of_administrators() {
            words.administrators_else()
        } else {
            words.notice_else()
        };
        Draft {
            subject,
            before: vec![told, otherwise],
            after: Vec::new(),
        }
    }

    /// Subject and first paragraph of a notice about what only administrators and operators do.
    fn done_by_administrators(&self, kind: MailKind, frame: &Frame<'_>) -> (Text, Text) {
        let words = words::Mail(frame.language);
        let (host, login, time) = (frame.host, self.login, frame.date_and_time(self.at));
        match kind {
            MailKind::Renamed => (
                words.renamed_subject(login),
                words.renamed(host, login, time),
            ),
            MailKind::AppTransferred => (
                words.app_transferred_subject(login),
                words.app_transferred(host, login, time),
            ),
            MailKind::AppSuspended
            | MailKind::AppUnsuspended
            | MailKind::AppSecretPublished
            | MailKind::ResourceServerChanged
            | MailKind::MembershipChanged
            | MailKind::OrganizationDeleted => self.done_to_possessions(kind, frame),
            MailKind::StandingChanged => (
                words.standing_subject(login),
                words.standing(host, login, time),
            ),
            MailKind::Suspended => (
                words.suspended_subject(login),
                words.suspended(host, login, time),
            ),
            MailKind::Unsuspended => (
                words.unsuspended_subject(login),
                words.unsuspended(host, login, time),
            ),
            MailKind::Impersonated => (
                words.impersonated_subject(login),
                words.impersonated(host, login, time),
            ),
            MailKind::TokensRevoked => (
                words.tokens_revoked_subject(login),
                words.tokens_revoked(host, login, time),
            ),
            MailKind::Unlocked => (
                words.unlocked_subject(login),
                words.unlocked(host, login, time),
            ),
            MailKind::SessionsEnded => (
                words.sessions_ended_subject(login),
                words.sessions_ended(host, login, time),
            ),
            MailKind::Deleted => (
                words.deleted_subject(login),
                words.deleted(host, login, time),
            ),
            _ => (
                words.address_set_subject(login),
                words.address_set(host, login, time),
            ),
        }
    }

    /// The same of what they do to apps and organizations.
    fn done_to_possessions(&self, kind: MailKind, frame: &Frame<'_>) -> (Text, Text) {
        let words = words::Mail(frame.language);
        let (host, login, time) = (frame.host, self.login, frame.date_and_time(self.at));
        match kind {
            MailKind::AppSuspended => (
                words.app_suspended_subject(login),
                words.app_suspended(host, login, time),
            ),
            MailKind::AppUnsuspended => (
                words.app_unsuspended_subject(login),
                words.app_unsuspended(host, login, time),
            ),
            MailKind::AppSecretPublished => (
                words.app_published_subject(login),
                words.app_published(host, login, time),
            ),
            MailKind::ResourceServerChanged => (
                words.resource_server_subject(login),
                words.resource_server(host, login, time),
            ),
            MailKind::MembershipChanged => (
                words.membership_subject(login),
                words.membership(host, login, time),
            ),
            _ => (
                words.organization_deleted_subject(login),
                words.organization_deleted(host, login, time),
            ),
        }
    }

    /// The same of a notice about what protects the account.
    fn done_to_protection(&self, kind: MailKind, frame: &Frame<'_>) -> (Text, Text) {
        let words = words::Mail(frame.language);
        let (host, login, time) = (frame.host, self.login, frame.date_and_time(self.at));
        match kind {
            MailKind::TwoFactorOn => (
                words.factor_on_subject(login),
                words.factor_on(host, login, time),
            ),
            MailKind::TwoFactorOff => (
                words.factor_off_subject(login),
                words.factor_off(host, login, time),
            ),
            MailKind::RecoveryCodeUsed => (
                words.recovery_subject(login),
                words.recovery(host, login, time),
            ),
            MailKind::RecoveryCodesReplaced => (
                words.codes_replaced_subject(login),
                words.codes_replaced(host, login, time),
            ),
            MailKind::WrongCodes => (
                words.wrong_codes_subject(login),
                words.wrong_codes(host, login, time),
            ),
            MailKind::CodesExhausted => (
                words.exhausted_subject(login),
                words.exhausted(host, login, time),
            ),
            MailKind::PasskeyAdded => (
                words.passkey_added_subject(login),
                words.passkey_added(host, login, time),
            ),
            MailKind::PasskeyRemoved => (
                words.passkey_removed_subject(login),
                words.passkey_removed(host, login, time),
            ),
            MailKind::PasskeyStalled => (
                words.passkey_stalled_subject(login),
                words.passkey_stalled(host, login, time),
            ),
            MailKind::AdministratorScopes => {
                (words.scopes_subject(login), words.scopes(host, login, time))
            }
            _ => (
                words.password_subject(login),
                words.password(host, login, time),
            ),
        }
    }

    /// For how long the link works, in the largest unit that says it whole.
    fn life(&self, language: Language) -> Text {
        const HOUR: u64 = 60;
        const DAY: u64 = 24 * HOUR;
        let words = words::Mail(language);
        let life = self.link.map(|(_, life)| life).unwrap_or_default();
        let minutes = life.as_secs().div_ceil(60);
        if minutes >= DAY && minutes.is_multiple_of(DAY) {
            words.days(minutes / DAY)
        } else if minutes >= HOUR && minutes.is_multiple_of(HOUR) {
            words.hours(minutes / HOUR)
        } else {
            words.minutes(minutes)
        }
    }
}

/// A mail by which somebody sees that mail arrives.
pub fn test(frame: &Frame<'_>) -> Written {
    let words = words::Mail(frame.language);
    let draft = Draft {
        subject: words.test_subject(frame.brand.name()),
        before: vec![words.test(frame.host)],
        after: Vec::new(),
    };
    draft.ended(None, frame)
}

impl Draft {
    /// The whole of it, with the link after the first paragraphs.
    fn ended(self, link: Option<&str>, frame: &Frame<'_>) -> Written {
        let foot = words::Mail(frame.language).foot(frame.brand.name(), frame.host);
        let mut paragraphs: Vec<String> = self.before.iter().map(Text::plain).collect();
        paragraphs.extend(link.map(str::to_owned));
        paragraphs.extend(self.after.iter().map(Text::plain));
        // Programs that show mail fold away what stands behind this line.
        paragraphs.push(format!("-- \n{}", foot.plain()));
        Written {
            subject: self.subject.plain(),
            body: paragraphs.join("\n\n") + "\n",
        }
    }
}

#[cfg(test)]
mod tests;
