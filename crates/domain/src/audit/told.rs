//! What the events of each action tell: when one is left, what it is about, and which details it
//! may have. The page of reference is made from it, and a store that runs with checks on records no
//! event that tells more.

use crate::audit::{Action, Event, Subject};

/// Something that an event can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// A user; an organization where one, or a team of it, was made or ended, or which an app
    /// belongs to.
    Account,
    /// An app, or the one that a token is of.
    App,
    /// The record of a token.
    Authorization,
    /// A grant, or the one that a token belongs to.
    Grant,
    /// An organization, or the one that a team or a membership is of.
    Organization,
    /// A team, or the one that a membership is of.
    Team,
    /// A token, by its digest.
    Token,
}

/// What the events of an action tell.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Whose events these are.
    pub action: Action,
    /// When, or by what, one is left.
    pub left: &'static str,
    /// What one may be about.
    pub about: &'static [About],
    /// The words of the details that one may have.
    pub details: &'static [&'static str],
}

macro_rules! told {
    ($($action:ident: $left:literal, [$($about:ident),*], [$($detail:literal),*];)+) => {
        impl Action {
            /// What events of this action tell.
            pub const fn told(self) -> Told {
                match self {
                    $(Self::$action => Told {
                        action: Self::$action,
                        left: $left,
                        about: &[$(About::$about),*],
                        details: &[$($detail),*],
                    }),+
                }
            }
        }
    };
}

told! {
    UserCreated: "At the command line, by a seed file, by an administrator at the API or on a page, or by the link that makes the first administrator.",
        [Account], ["login", "site_administrator"];
    UserChanged: "At the command line, or by the user on the page of the profile. Names and addresses are not told, only that they changed. `count` and `token_ids` name tokens that carry scopes for administrators which a new administrator's standing does not wake.",
        [Account], ["changed", "site_administrator", "count", "token_ids"];
    UserPasswordChanged: "At the command line, by a link, or by the user on a page. `tokens` is 0 unless tokens were to end with it.",
        [Account], ["tokens"];
    UserSuspended: "At the command line, or by an administrator at the API or on a page.", [Account], [];
    UserUnsuspended: "At the command line, or by an administrator at the API or on a page.", [Account], [];
    UserUnlocked: "At the command line, or by an administrator on a page.", [Account], ["locks"];
    UserDeleted: "At the command line, or by an administrator at the API or on a page.",
        [Account], ["tokens", "grants", "apps"];
    LoginReleased: "At the command line.", [Account], ["login"];
    OtpEnrolmentBegun: "On the pages. Nothing changes before a code of the secret is given.", [Account], [];
    OtpEnabled: "At the command line, or by the user on a page with the first code.", [Account], ["recovery_codes"];
    OtpDisabled: "At the command line, by the user or an administrator on a page, or where a change of addresses is taken back that came before.", [Account], [];
    OtpUsed: "When a code is accepted that was not accepted before; the same code serves again for a while.", [Account], [];
    OtpExhausted: "Once, when the bound on wrong codes is reached. The user gets in again with a recovery code, or when an operator unlocks them.",
        [Account], ["wrong_codes"];
    RecoveryCodesReplaced: "By the user on a page.", [Account], ["recovery_codes"];
    RecoveryCodeUsed: "At a sign-in.", [Account], ["remaining"];
    PasskeyRegistered: "By the user on a page. `recovery_codes` is there where it is the first second factor.",
        [Account], ["passkey", "recovery_codes"];
    PasskeyRenamed: "By the user on a page. Names are not told.", [Account], ["passkey"];
    PasskeyRemoved: "By the user on a page; with the second factor at the command line, or where a change of addresses is taken back that came before, where `count` says how many.",
        [Account], ["passkey", "count"];
    PasskeyUsed: "At a sign-in on the pages, or before something that wants a fresh proof. `purpose` is `sign_in`, `second_factor` or `confirmation`.",
        [Account], ["passkey", "purpose"];
    PasskeyStalled: "Beside `user.passkey_used`: the passkey was accepted all the same, and its user is told.",
        [Account], ["passkey"];
    SignInFailed: "At each failed sign-in that does not lock. A login that nobody has is not told.", [Account], ["kind"];
    SignInLocked: "At the failure that begins the lock. A login that nobody has is not told.", [Account], ["kind", "until"];
    SignInRefused: "After the minute in which they were refused.", [Account], ["count"];
    SignInSuspended: "At each such sign-in.", [Account], [];
    SignInAttacked: "When the failures of one login in an hour pass the bound.", [Account], ["failures"];
    SignedIn: "At the first sign-in of a day from an address.", [Account], [];
    AppRefused: "After the minute in which they were refused.", [App], ["count"];
    AdministrationRefused: "After the minute in which they were refused.", [Account, Authorization], ["count"];
    AppCreated: "When the installation is made, at the command line, on a page by the user or, for the apps of a new installation, an administrator, by a seed file, or by an import.", [Account, App], ["client_id"];
    AppChanged: "At the command line, on a page by the owner or an administrator, or by a seed file. Each of `expiring_tokens`, `exact_match`, `require_pkce`, `send_iss`, `standard_errors` and `resource_server`, which only operators and administrators turn, is there where that changed.", [App], ["expiring_tokens", "exact_match", "require_pkce", "send_iss", "standard_errors", "resource_server"];
    AppSecretRotated: "At the command line.", [App], [];
    AppSecretCreated: "At the command line, or on a page by the owner.", [App], ["secret_id"];
    AppSecretEnded: "At the command line, or on a page by the owner.", [App], ["secret_id"];
    AppSecretPublished: "When the installation is made or an app of its own lives again, for the secrets of those, at the command line, and on a page by an administrator.",
        [App], ["secret_id"];
    AppSuspended: "At the command line, or on a page by an administrator.", [App], [];
    AppUnsuspended: "At the command line, or on a page by an administrator.", [App], [];
    AppRevived: "At the command line, or on a page by an administrator, for the apps that a new installation has.", [Account, App], [];
    AppTransferred: "At the command line, or on a page by an owner or an administrator. The account is the new owner's, a user or an organization; `owner_before` is the id of the one before. `resource_server` is there where the app was marked as one, which it is no longer.",
        [Account, App], ["owner_before", "resource_server"];
    AppDeleted: "At the command line, or on a page by the owner. Apps of a user or an organization that is deleted are counted by that event.",
        [App], ["tokens", "grants"];
    AuthorizationCreated: "At the API, on a page, for a code of the web flow or at the poll of a device (`provenance` is `web_flow` or `device_flow`), at the command line, by a seed file, or by an administrator for somebody else (`maker`). `token_ids` names tokens that ended to make room.",
        [Account, App, Authorization, Grant, Token], ["provenance", "scopes", "maker", "token_ids"];
    AuthorizationChanged: "At the API or on a page. Notes and fingerprints are not told.",
        [Account, App, Authorization, Grant], ["scopes_before", "scopes"];
    AuthorizationRevoked: "At the API by the user, the app or an administrator, on a page by the user or an administrator, at the command line, or by the clean-up where the settings end the tokens of who has no second factor. `count` is there where several may have ended.",
        [Account, App, Authorization, Grant], ["reason", "count"];
    TokenEnded: "Beside the event of what ended it, with the same request id.",
        [Account, App, Authorization, Grant, Token], ["reason"];
    AuthorizationReset: "At the API by the app, on a page by the user, or when an administrator asks again for a token for somebody else.",
        [Account, App, Authorization, Grant, Token], ["provenance", "maker", "scopes_before", "scopes"];
    AuthorizationsLapsed: "By the clean-up, for up to some hundred tokens at once. They were refused from the moment at which they expired.",
        [], ["reason", "count"];
    EndedRemoved: "By the clean-up: records of tokens that ended long ago, or the beginning of the trail.",
        [], ["authorizations", "digests", "events"];
    UserStandingChanged: "By an administrator at the API or on a page. `count` and `token_ids` as for `user.changed`.",
        [Account], ["site_administrator", "count", "token_ids"];
    UserRenamed: "By an administrator at the API or at the command line.", [Account], ["login_before", "login"];
    OrganizationCreated: "When the installation is made, for the one that owns its apps, at the command line, on a page by an administrator, or by a seed file.",
        [Account, Organization], ["login"];
    OrganizationDeleted: "At the command line, or on a page by an administrator.", [Account, Organization], ["members", "teams", "apps"];
    OrganizationMemberAdded: "At the command line, on a page by an administrator, or by a seed file, also where the role changes.", [Account, Organization], ["role"];
    OrganizationMemberRemoved: "At the command line, or on a page by an administrator.", [Account, Organization], ["teams"];
    TeamCreated: "At the command line, on a page by an administrator, or by a seed file.", [Account, Organization, Team], ["slug"];
    TeamDeleted: "At the command line, or on a page by an administrator.", [Account, Organization, Team], ["members"];
    TeamMemberAdded: "At the command line, on a page by an administrator, or by a seed file.", [Account, Organization, Team], [];
    TeamMemberRemoved: "At the command line, or on a page by an administrator.", [Account, Organization, Team], [];
    ConsentGiven: "By the user on the page that an app led to. `scopes` are those that the app gets.",
        [Account, App], ["scopes", "session"];
    ConsentDenied: "By the user on the page that an app led to.", [Account, App], ["session"];
    ConsentReused: "When an app leads a user here who has agreed to as much before.", [Account, App], ["scopes", "session"];
    CodeRefused: "At the token endpoint. `kind` is `redirect_uri` or `code_verifier`.", [Account, App], ["kind", "session"];
    CodeRepeated: "At the token endpoint. `tokens` is how many tokens ended for it: one if what was brought with the code was wrong, if the secret is published and there was no verifier, or where `oauth.code_replay` is `strict`.",
        [Account, App, Authorization], ["tokens", "session"];
    DeviceRequested: "Once a minute, for an app and an address. `count` is how many requests there were.", [App], ["count"];
    DeviceApproved: "By the user who typed the code of the device. `scopes` are those that its app gets.",
        [Account, App], ["scopes", "session"];
    DeviceDenied: "By the user who typed the code of the device.", [Account, App], ["session"];
    AuthorizationRefreshed: "At the token endpoint. `until` is when the new refresh token is over, and the access with it.",
        [Account, App, Authorization, Grant, Token], ["until"];
    RefreshRepeated: "At the token endpoint. `tokens` is how many authorizations ended for it: none if the one replaced last came again within 30 seconds, with the app's secret.",
        [Account, App, Authorization, Grant], ["tokens"];
    RefreshFamilyEnded: "Beside `refresh.repeated`, where that ended what the user had given the app.", [Account, App], [];
    GrantRevoked: "At the API by the user or the app, or at the command line.",
        [Account, App, Grant], ["tokens"];
    KeyAdded: "When the installation is made, and at the command line.", [], ["key"];
    KeyRotated: "At the command line.", [], ["key", "values"];
    KeyRetired: "At the command line.", [], ["key"];
    AuditKeyMade: "When a program of this form first opens an installation that an older one made.", [], [];
    Seeded: "At a start with a seed file that was not applied before.", [], ["file_digest"];
    DatabaseCopied: "By `counterfoil db copy`, in the new database.", [], ["rows"];
    DatabaseRestored: "By `counterfoil db restore`, and by `counterfoil db after-restore` (`tokens`).",
        [], ["proof", "carried_over", "tokens"];
    SecondFactorRequired: "At a start with other settings of `two_factor` than the last one had.", [], ["required_of"];
    Imported: "By `counterfoil import`, once for the file, beside an event for each thing that came.",
        [], ["users", "apps", "tokens", "file_digest"];
    AdministratorScopesKept: "Once, at the first start after the upgrade.", [], ["count", "token_ids"];
    UserPasswordRehashed: "At a sign-in with a password whose hash is of another way or costs less.", [Account], [];
    SessionStarted: "At each sign-in on the pages, beside `sign_in.succeeded` where that is due. `count` is how many others ended to make room. `proof` is there where a passkey was given: `passkey`, or `password, passkey`.",
        [Account], ["session", "count", "proof"];
    SessionConfirmed: "On the pages, before something that wants a fresh proof.", [Account], ["session"];
    SessionEnded: "On the pages or at the command line. `session` names the one that ended, or where `count` tells how many others ended, the one that stays; it is not there where an administrator ended all.",
        [Account], ["session", "reason", "count"];
    SessionsLapsed: "By the clean-up, for up to some hundred sessions at once. They were refused from the moment at which they were over.",
        [], ["reason", "count"];
    LinkRequested: "When its mail is put into the outbox, but for one that somebody asked for who forgot a password: those are told when they are sent.",
        [Account], ["purpose"];
    LinkMade: "When its secret is made: at the command line, by an administrator on a page where no mail is sent, at the first start, or when its mail is sent.",
        [Account], ["purpose", "until"];
    LinkUsed: "Beside the event of what was done with it.", [Account], ["purpose"];
    EmailAdded: "When the link that was mailed to it is used. Addresses are not told.", [Account], [];
    EmailRemoved: "On the page of the profile.", [Account], [];
    EmailChosen: "On the page of the profile.", [Account], [];
    EmailRestored: "By the link that was mailed to the address. `count` is how many addresses ended with it.",
        [Account], ["count"];
    MailGivenUp: "When a mail server refused it for good, or none took it for three days.", [Account], ["mail"];
    OutboxFull: "When mail was dropped or refused because too much waits.", [], ["count"];
    OutboxResumed: "At the command line.", [], ["count"];
}

impl About {
    /// All of them, in the order of a subject.
    pub const ALL: [Self; 7] = [
        Self::Account,
        Self::App,
        Self::Authorization,
        Self::Grant,
        Self::Organization,
        Self::Team,
        Self::Token,
    ];

    /// The names under which `counterfoil audit list --json` shows it.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Account => &["account_id", "login"],
            Self::App => &["app_id", "app"],
            Self::Authorization => &["authorization_id"],
            Self::Grant => &["grant_id"],
            Self::Organization => &["organization_id", "organization"],
            Self::Team => &["team_id", "team"],
            Self::Token => &["token_digest"],
        }
    }

    /// Whether a subject names one.
    pub const fn is_of(self, subject: &Subject) -> bool {
        match self {
            Self::Account => subject.account.is_some(),
            Self::App => subject.app.is_some(),
            Self::Authorization => subject.authorization.is_some(),
            Self::Grant => subject.grant.is_some(),
            Self::Organization => subject.organization.is_some(),
            Self::Team => subject.team.is_some(),
            Self::Token => subject.token.is_some(),
        }
    }
}

impl Told {
    /// What an event tells that its action does not say it tells.
    pub fn untold(event: &Event) -> Option<String> {
        let told = event.action.told();
        let about = About::ALL
            .into_iter()
            .find(|about| about.is_of(&event.subject) && !told.about.contains(about));
        let word = event.details.iter().map(crate::audit::Detail::word);
        let detail = word.into_iter().find(|word| !told.details.contains(word));
        about
            .map(|about| format!("{about:?}"))
            .or_else(|| detail.map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Detail;
    use crate::id::AppId;

    #[test]
    fn every_detail_is_one_that_there_is_and_none_is_of_no_action() {
        let known: Vec<&str> = Detail::ALL.iter().map(|(word, ..)| *word).collect();
        let told = || Action::ALL.iter().map(|(action, _)| action.told());
        for Told {
            action, details, ..
        } in told()
        {
            for word in details {
                assert!(known.contains(word), "{action:?}: {word}");
            }
        }
        for word in known {
            assert!(told().any(|told| told.details.contains(&word)), "{word}");
        }
    }

    #[test]
    fn an_event_that_tells_more_is_found() {
        let event = || Event::new(Action::UserSuspended, Subject::default());
        assert_eq!(Told::untold(&event()), None);
        let more = event().with(Detail::Count(1));
        assert_eq!(Told::untold(&more), Some("count".to_owned()));
        let subject = Subject {
            app: Some(AppId(1)),
            ..Subject::default()
        };
        let other = Event::new(Action::UserSuspended, subject);
        assert_eq!(Told::untold(&other), Some("App".to_owned()));
    }
}
