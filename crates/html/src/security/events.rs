//! Events of an account in words.

use counterfoil_domain::audit::Action;
use counterfoil_domain::security::{AccountEvent, Doer};

use crate::agent;
use crate::frame::Frame;
use crate::text::Text;
use crate::words;

/// An event as a row of a list.
pub(super) struct EventRow {
    pub(super) what: Text,
    pub(super) when: Text,
    /// From where and by whom, as far as it says something.
    pub(super) more: Vec<Text>,
}

impl EventRow {
    pub(super) fn of(event: &AccountEvent, frame: &Frame<'_>) -> Self {
        let words = words::Security(frame.language);
        let mut more = Vec::new();
        match &event.by {
            Doer::Oneself | Doer::Stranger => {}
            Doer::Other(Some(login)) => more.push(words.by_other(login.as_str())),
            Doer::Other(None) => more.push(words.by_someone()),
            Doer::Operator => more.push(words.by_operator()),
            // Refusals are written down by the server for whoever it was.
            Doer::Program if is_refusal(event.action) => {}
            Doer::Program => more.push(words.by_program()),
        }
        if let Some(address) = &event.address {
            more.push(words.from(address));
        }
        if let Some(agent) = event.agent.as_deref() {
            more.push(agent::in_words(agent, frame.language));
        }
        match (event.action, event.count) {
            (Action::RecoveryCodeUsed, Some(left)) => more.push(words.codes_left(left)),
            (Action::SignInRefused, Some(times)) => more.push(words.times(times)),
            _ => {}
        }
        Self {
            what: what(event.action, words),
            when: frame.when(event.at),
            more,
        }
    }
}

fn is_refusal(action: Action) -> bool {
    matches!(
        action,
        Action::SignInFailed
            | Action::SignInLocked
            | Action::SignInRefused
            | Action::SignInSuspended
            | Action::SignInAttacked
    )
}

fn what(action: Action, words: words::Security) -> Text {
    match action {
        Action::SignedIn => words.event_signed_in(),
        Action::SessionStarted => words.event_signed_in_browser(),
        Action::UserPasswordChanged => words.event_password(),
        Action::OtpEnrolmentBegun => words.event_enrolment(),
        Action::OtpEnabled => words.event_on(),
        Action::OtpDisabled => words.event_off(),
        Action::OtpExhausted => words.event_exhausted(),
        Action::RecoveryCodesReplaced => words.event_codes(),
        Action::RecoveryCodeUsed => words.event_code_used(),
        Action::PasskeyRegistered => words.event_passkey_added(),
        Action::PasskeyRenamed => words.event_passkey_renamed(),
        Action::PasskeyRemoved => words.event_passkey_removed(),
        Action::PasskeyStalled => words.event_passkey_stalled(),
        Action::EmailAdded | Action::EmailRemoved | Action::EmailChosen | Action::EmailRestored => {
            words.event_address()
        }
        Action::LinkUsed => words.event_link(),
        Action::LinkMade | Action::LinkRequested => words.event_link_made(),
        Action::SessionEnded => words.event_sessions_ended(),
        Action::UserChanged => words.event_profile(),
        Action::UserRenamed => words.event_renamed(),
        Action::UserStandingChanged => words.event_standing(),
        Action::UserSuspended => words.event_suspended(),
        Action::UserUnsuspended => words.event_unsuspended(),
        Action::UserUnlocked => words.event_unlocked(),
        Action::ConsentGiven => words.event_app_allowed(),
        Action::AppTransferred => words.event_app_transferred(),
        Action::OrganizationMemberAdded
        | Action::OrganizationMemberRemoved
        | Action::TeamMemberAdded
        | Action::TeamMemberRemoved => words.event_membership(),
        Action::ConsentDenied => words.event_app_denied(),
        Action::DeviceApproved => words.event_device_allowed(),
        Action::DeviceDenied => words.event_device_denied(),
        Action::CodeRefused => words.event_code_refused(),
        Action::RefreshFamilyEnded => words.event_refresh_repeated(),
        Action::SignInFailed => words.event_failed(),
        Action::SignInLocked => words.event_locked(),
        Action::SignInRefused => words.event_refused(),
        Action::SignInSuspended => words.event_refused_suspended(),
        Action::SignInAttacked => words.event_attacked(),
        _ => words.event_other(),
    }
}
