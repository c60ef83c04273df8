//! Audit events: one for each change of state, committed with it.
//!
//! What can happen is one list, and what can be said of it another ([`Detail`]), so that whoever
//! reads the trail finds every field with one meaning and one type. How an event is written is said
//! in [`form`]. No event holds a secret.

mod details;
pub mod form;
mod named_actor;
mod personal;
pub mod reading;
mod told;

pub use self::details::{Detail, Kind, Value};
pub use self::named_actor::{NamedActor, NoActor};
pub use self::personal::{BadPersonal, PersonalField, pack, unpack};
pub use self::told::{About, Told};

use crate::digest::SecretDigest;
use crate::id::{AccountId, AppId, AuthorizationId, GrantId, TeamId};
use crate::network::ClientAddress;
use crate::principal::{Attribution, Origin};

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal),+ $(,)?) => {
        /// What an event says has happened, by the word that the trail keeps for ever.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = $doc])+ $name),+
        }

        impl Action {
            /// Every action, with what has happened in a sentence, for the reference page.
            pub const ALL: &'static [(Self, &'static str)] =
                &[$((Self::$name, concat!($($doc),+).trim_ascii())),+];

            /// The word of the audit trail.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The action of a word; none for one that this program does not know.
            pub fn find(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

actions! {
    /// A user was made.
    UserCreated = "user.created",
    /// Name, e-mail address or standing of a user changed.
    UserChanged = "user.changed",
    /// A user's password changed.
    UserPasswordChanged = "user.password_changed",
    /// A user was suspended.
    UserSuspended = "user.suspended",
    /// A suspension was lifted.
    UserUnsuspended = "user.unsuspended",
    /// The locks on a user's sign-in were lifted.
    UserUnlocked = "user.unlocked",
    /// A user was deleted, with all it had.
    UserDeleted = "user.deleted",
    /// The login of a deleted user may be given again.
    LoginReleased = "user.login_released",
    /// A user was shown a new secret for one-time codes, which counts when a code of it is given.
    OtpEnrolmentBegun = "user.otp_enrolment_begun",
    /// One-time codes were turned on for a user.
    OtpEnabled = "user.otp_enabled",
    /// One-time codes were turned off for a user.
    OtpDisabled = "user.otp_disabled",
    /// A one-time code was accepted for the first time.
    OtpUsed = "user.otp_used",
    /// So many one-time codes were wrong since the last right one that none is accepted any more.
    OtpExhausted = "user.otp_exhausted",
    /// A user got new recovery codes in the place of the earlier ones.
    RecoveryCodesReplaced = "user.recovery_codes_replaced",
    /// A recovery code was used up.
    RecoveryCodeUsed = "user.recovery_code_used",
    /// A user got a passkey.
    PasskeyRegistered = "user.passkey_registered",
    /// A passkey got another name.
    PasskeyRenamed = "user.passkey_renamed",
    /// A passkey of a user ended.
    PasskeyRemoved = "user.passkey_removed",
    /// A passkey was given, and was right.
    PasskeyUsed = "user.passkey_used",
    /// The count of signatures that a passkey told did not grow: it may have been copied.
    PasskeyStalled = "user.passkey_stalled",
    /// A password, code or passkey was wrong.
    SignInFailed = "sign_in.failed",
    /// Failures locked a login for an address.
    SignInLocked = "sign_in.locked",
    /// Attempts were refused during a lock; one event a minute, with a count.
    SignInRefused = "sign_in.refused",
    /// The password of a suspended user was right, and refused.
    SignInSuspended = "sign_in.suspended",
    /// So many sign-ins of one login failed over all addresses that unknown addresses are slowed
    /// down; once an hour at most.
    SignInAttacked = "sign_in.attacked",
    /// A user signed in from an address; the first time in a day.
    SignedIn = "sign_in.succeeded",
    /// An app's client secret was wrong; one event a minute for each app and address, with a count.
    AppRefused = "app.refused",
    /// Somebody asked for what is for site administrators, and is none or came with a token that
    /// does not act as one; one event a minute for each user and token, with a count.
    AdministrationRefused = "administration.refused",
    /// An app was made.
    AppCreated = "app.created",
    /// Name, home page, callback URLs or switches of an app changed.
    AppChanged = "app.changed",
    /// An app's client secret was replaced.
    AppSecretRotated = "app.secret_rotated",
    /// An app got another client secret beside the one that it has.
    AppSecretCreated = "app.secret_created",
    /// One of an app's client secrets ended.
    AppSecretEnded = "app.secret_ended",
    /// A secret of an app was marked as one that everybody may know.
    AppSecretPublished = "app.secret_published",
    /// An app was suspended.
    AppSuspended = "app.suspended",
    /// The suspension of an app was lifted.
    AppUnsuspended = "app.unsuspended",
    /// An app of the installation lives again that a restore had ended.
    AppRevived = "app.revived",
    /// An app went to another owner, and asks everybody again who let it in.
    AppTransferred = "app.transferred",
    /// An app was deleted, with all grants and tokens it had.
    AppDeleted = "app.deleted",
    /// A token was issued.
    AuthorizationCreated = "authorization.created",
    /// Scopes, note or fingerprint of a token changed.
    AuthorizationChanged = "authorization.changed",
    /// A token was revoked.
    AuthorizationRevoked = "authorization.revoked",
    /// A token ended: each one has this event of its own, beside the one of what ended it.
    TokenEnded = "token.ended",
    /// A token was replaced by another one of the same authorization.
    AuthorizationReset = "authorization.reset",
    /// Tokens ended by themselves: they expired, or nobody used them for long.
    AuthorizationsLapsed = "authorization.lapsed",
    /// What had ended long ago was removed.
    EndedRemoved = "installation.ended_removed",
    /// A user's standing as a site administrator was given or taken at the API.
    UserStandingChanged = "user.standing_changed",
    /// The login of a user changed.
    UserRenamed = "user.renamed",
    /// An organization was made.
    OrganizationCreated = "organization.created",
    /// An organization was deleted, with its apps, teams and memberships.
    OrganizationDeleted = "organization.deleted",
    /// A user became a member of an organization, or changed roles in it.
    OrganizationMemberAdded = "organization.member_added",
    /// A user is no longer a member of an organization and its teams.
    OrganizationMemberRemoved = "organization.member_removed",
    /// A team was made.
    TeamCreated = "team.created",
    /// A team was deleted.
    TeamDeleted = "team.deleted",
    /// A user became a member of a team.
    TeamMemberAdded = "team.member_added",
    /// A user is no longer a member of a team.
    TeamMemberRemoved = "team.member_removed",
    /// A user allowed an app access, on a page.
    ConsentGiven = "consent.given",
    /// A user denied an app access, on a page.
    ConsentDenied = "consent.denied",
    /// An app got a code without a question, since the user had agreed to as much before.
    ConsentReused = "consent.reused",
    /// An app brought a code with a wrong redirect URI or verifier, and the code has ended.
    CodeRefused = "code.refused",
    /// An app brought a code that was exchanged before.
    CodeRepeated = "code.repeated",
    /// Devices asked to be let in, so many times.
    DeviceRequested = "device.requested",
    /// A user let a device in.
    DeviceApproved = "device.approved",
    /// A user turned a device away.
    DeviceDenied = "device.denied",
    /// An app got other tokens in the place of those that it had, by a refresh token.
    AuthorizationRefreshed = "authorization.refreshed",
    /// An app brought a refresh token that had been replaced before.
    RefreshRepeated = "refresh.repeated",
    /// The access of an app has ended, since a refresh token of it came again.
    RefreshFamilyEnded = "refresh.family_ended",
    /// A grant was deleted, with all tokens under it.
    GrantRevoked = "grant.revoked",
    /// A key was added.
    KeyAdded = "key.added",
    /// Sealed values were moved to another key.
    KeyRotated = "key.rotated",
    /// A key was retired.
    KeyRetired = "key.retired",
    /// The key was made under which events of this program's form are vouched for: what came before
    /// has none.
    AuditKeyMade = "key.audit_made",
    /// A seed file was applied.
    Seeded = "installation.seeded",
    /// The database was copied here from another one.
    DatabaseCopied = "installation.copied",
    /// The database was restored from a backup, or what its backup could not prove was ended.
    DatabaseRestored = "installation.restored",
    /// A second factor is required of others than before.
    SecondFactorRequired = "installation.second_factor_required",
    /// Users, apps and tokens were taken over from a file.
    Imported = "installation.imported",
    /// Tokens of administrators keep the scopes for administrators that they had before it was
    /// written down when such scopes were given; one event, after an upgrade.
    AdministratorScopesKept = "installation.administrator_scopes_kept",
    /// A password was hashed anew, in the way of this program; it is the same password.
    UserPasswordRehashed = "user.password_rehashed",
    /// A user signed in with a browser.
    SessionStarted = "session.started",
    /// A user proved anew who they are, in a session that lives.
    SessionConfirmed = "session.confirmed",
    /// A session in a browser was ended.
    SessionEnded = "session.ended",
    /// Sessions ended by themselves: their time was over, nobody used them for long, or the
    /// credentials of their users had changed.
    SessionsLapsed = "session.lapsed",
    /// A link was asked for, and its mail waits to be sent.
    LinkRequested = "link.requested",
    /// A link that works once was made.
    LinkMade = "link.made",
    /// A link was used, for what it was made for.
    LinkUsed = "link.used",
    /// A user has one more e-mail address, or one that counts from here on.
    EmailAdded = "user.email_added",
    /// A user has an e-mail address no more.
    EmailRemoved = "user.email_removed",
    /// Another one of a user's e-mail addresses is the primary one.
    EmailChosen = "user.email_chosen",
    /// A change of a user's e-mail addresses was taken back, by whoever had the address before.
    EmailRestored = "user.email_restored",
    /// Mail to a user was given up.
    MailGivenUp = "mail.given_up",
    /// So much mail waits that some is not sent; once an hour at most.
    OutboxFull = "mail.outbox_full",
    /// Mail of a database that was restored or copied may be sent again.
    OutboxResumed = "mail.resumed",
}

/// What an event is about: at most one of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The user that it happened to; the organization where it is one that was made or ended.
    pub account: Option<AccountId>,
    /// The app, or the one that a token is of.
    pub app: Option<AppId>,
    /// The record of the token.
    pub authorization: Option<AuthorizationId>,
    /// The grant, or the one that a token belongs to.
    pub grant: Option<GrantId>,
    /// The organization, or the one that a team or membership is of.
    pub organization: Option<AccountId>,
    /// The team that was made, changed or ended.
    pub team: Option<TeamId>,
    /// What is kept of the token that was made or has ended: a search by it finds the event.
    pub token: Option<SecretDigest>,
}

/// One event, before its writer numbers it.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened; it says which details there are.
    pub action: Action,
    /// What it is about.
    pub subject: Subject,
    /// What it says beside its subject, in the order of the bytes.
    pub details: Vec<Detail>,
    /// The address of the client that the event tells of, where another principal records it.
    origin: Option<Origin>,
}

impl Event {
    /// An event of this kind about this subject.
    pub fn new(action: Action, subject: Subject) -> Self {
        Self {
            action,
            subject,
            details: Vec::new(),
            origin: None,
        }
    }

    /// The event with the address of the client that it tells of, if that is known: for events
    /// that the program records of requests that it refused.
    #[must_use]
    pub fn from_address(mut self, address: Option<ClientAddress>) -> Self {
        self.origin = address.map(|address| Origin::new(address, None));
        self
    }

    /// The client's address and agent: the event's own, or else those of the principal `by`.
    pub fn origin<'a>(&'a self, by: &'a Attribution) -> Option<&'a Origin> {
        self.origin.as_ref().or(by.principal.origin.as_ref())
    }

    /// The event with one more detail.
    #[must_use]
    pub fn with(mut self, detail: Detail) -> Self {
        self.details.push(detail);
        self
    }
}

/// What a change led to, with the event that records it. Nothing changes without one: there is no
/// way to give the value alone, and whoever found nothing to change has what they wrote undone.
///
/// ```
/// use counterfoil_domain::audit::{Action, Event, Outcome, Subject};
///
/// let changed = Outcome::new(7, Event::new(Action::AppChanged, Subject::default()));
/// assert_eq!(changed.into_parts().1.len(), 1);
/// assert!(Outcome::unchanged(7).into_parts().1.is_empty());
/// ```
///
/// ```compile_fail
/// # use counterfoil_domain::audit::Outcome;
/// let forgotten = Outcome { value: 7, events: Vec::new() };
/// ```
///
/// ```compile_fail
/// # use counterfoil_domain::audit::Outcome;
/// let forgotten = Outcome::new(7);
/// ```
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    value: T,
    events: Vec<Event>,
}

impl<T> Outcome<T> {
    /// Something changed, as `event` records.
    pub fn new(value: T, event: Event) -> Self {
        Self {
            value,
            events: vec![event],
        }
    }

    /// There was nothing to change.
    pub fn unchanged(value: T) -> Self {
        Self {
            value,
            events: Vec::new(),
        }
    }

    /// The same change, which another event records too.
    #[must_use]
    pub fn and(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// What the change led to.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The same change with another value.
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Outcome<U> {
        Outcome {
            value: value(self.value),
            events: self.events,
        }
    }

    /// The value, and the events if something changed.
    pub fn into_parts(self) -> (T, Vec<Event>) {
        (self.value, self.events)
    }
}

/// The process that writes events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriterId(pub String);

/// An event's place in its writer's series.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The process, or the connection of PostgreSQL, that numbers this series.
    pub writer: &'a WriterId,
    /// The number, from 1 without gaps.
    pub number: i64,
}
