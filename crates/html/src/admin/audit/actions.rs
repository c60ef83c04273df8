//! What each event means, in words.

use counterfoil_domain::audit::Action;
use counterfoil_domain::language::Language;

use crate::text::Text;
use crate::words;

macro_rules! meanings {
    ($($action:ident = $message:ident),+ $(,)?) => {
        /// What has happened, in a sentence. The English one is that of the list of actions, from
        /// which the page of reference is made.
        pub(super) fn meaning(action: Action, language: Language) -> Text {
            let words = words::AdminAuditActions(language);
            match action {
                $(Action::$action => words.$message()),+
            }
        }
    };
}

meanings! {
    UserCreated = user_created,
    UserChanged = user_changed,
    UserPasswordChanged = user_password_changed,
    UserSuspended = user_suspended,
    UserUnsuspended = user_unsuspended,
    UserUnlocked = user_unlocked,
    UserDeleted = user_deleted,
    LoginReleased = user_login_released,
    OtpEnrolmentBegun = user_otp_enrolment_begun,
    OtpEnabled = user_otp_enabled,
    OtpDisabled = user_otp_disabled,
    OtpUsed = user_otp_used,
    OtpExhausted = user_otp_exhausted,
    RecoveryCodesReplaced = user_recovery_codes_replaced,
    RecoveryCodeUsed = user_recovery_code_used,
    PasskeyRegistered = user_passkey_registered,
    PasskeyRenamed = user_passkey_renamed,
    PasskeyRemoved = user_passkey_removed,
    PasskeyUsed = user_passkey_used,
    PasskeyStalled = user_passkey_stalled,
    SignInFailed = sign_in_failed,
    SignInLocked = sign_in_locked,
    SignInRefused = sign_in_refused,
    SignInSuspended = sign_in_suspended,
    SignInAttacked = sign_in_attacked,
    SignedIn = sign_in_succeeded,
    AppRefused = app_refused,
    AdministrationRefused = administration_refused,
    AppCreated = app_created,
    AppChanged = app_changed,
    AppSecretRotated = app_secret_rotated,
    AppSecretCreated = app_secret_created,
    AppSecretEnded = app_secret_ended,
    AppSecretPublished = app_secret_published,
    AppSuspended = app_suspended,
    AppUnsuspended = app_unsuspended,
    AppRevived = app_revived,
    AppTransferred = app_transferred,
    AppDeleted = app_deleted,
    AuthorizationCreated = authorization_created,
    AuthorizationChanged = authorization_changed,
    AuthorizationRevoked = authorization_revoked,
    TokenEnded = token_ended,
    AuthorizationReset = authorization_reset,
    AuthorizationsLapsed = authorization_lapsed,
    EndedRemoved = installation_ended_removed,
    UserStandingChanged = user_standing_changed,
    UserRenamed = user_renamed,
    OrganizationCreated = organization_created,
    OrganizationDeleted = organization_deleted,
    OrganizationMemberAdded = organization_member_added,
    OrganizationMemberRemoved = organization_member_removed,
    TeamCreated = team_created,
    TeamDeleted = team_deleted,
    TeamMemberAdded = team_member_added,
    TeamMemberRemoved = team_member_removed,
    ConsentGiven = consent_given,
    ConsentDenied = consent_denied,
    ConsentReused = consent_reused,
    CodeRefused = code_refused,
    CodeRepeated = code_repeated,
    DeviceRequested = device_requested,
    DeviceApproved = device_approved,
    DeviceDenied = device_denied,
    AuthorizationRefreshed = authorization_refreshed,
    RefreshRepeated = refresh_repeated,
    RefreshFamilyEnded = refresh_family_ended,
    GrantRevoked = grant_revoked,
    KeyAdded = key_added,
    KeyRotated = key_rotated,
    KeyRetired = key_retired,
    AuditKeyMade = key_audit_made,
    Seeded = installation_seeded,
    DatabaseCopied = installation_copied,
    DatabaseRestored = installation_restored,
    SecondFactorRequired = installation_second_factor_required,
    Imported = installation_imported,
    AdministratorScopesKept = installation_administrator_scopes_kept,
    UserPasswordRehashed = user_password_rehashed,
    SessionStarted = session_started,
    SessionConfirmed = session_confirmed,
    SessionEnded = session_ended,
    SessionsLapsed = session_lapsed,
    LinkRequested = link_requested,
    LinkMade = link_made,
    LinkUsed = link_used,
    EmailAdded = user_email_added,
    EmailRemoved = user_email_removed,
    EmailChosen = user_email_chosen,
    EmailRestored = user_email_restored,
    MailGivenUp = mail_given_up,
    OutboxFull = mail_outbox_full,
    OutboxResumed = mail_resumed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_the_sentence_of_the_list_and_one_of_its_own_in_korean() {
        for (action, sentence) in Action::ALL {
            let english = meaning(*action, Language::English).plain();
            assert_eq!(english, *sentence, "{action:?}");
            let korean = meaning(*action, Language::Korean).plain();
            assert_ne!(korean, english, "{action:?}");
        }
    }
}
