//! Who acts, by what proof, from where: passed along from whoever identified them to every change.
//!
//! A request is checked when it arrives and changes something later: the password may be replaced,
//! the token revoked or the user suspended in between. So a proof is not a verdict but a claim that
//! is looked at again, in the transaction of the change and under its locks. [`Proof::conditions`]
//! is the one place that says what must still hold there.

use std::fmt;
use std::str::FromStr;

use crate::digest::SecretDigest;
use crate::form::OnceValue;
use crate::id::{AccountId, AppId, SessionId};
use crate::network::ClientAddress;
use crate::scope::Scope;
use crate::timestamp::Timestamp;

/// Longest user agent that is kept, in characters.
const LONGEST_AGENT: usize = 255;

/// Whoever asks. Made once for each request, by what identified them, and passed along from there.
#[derive(Clone, Debug)]
pub struct Principal {
    /// How they proved who they are. Who they are follows from it.
    pub proof: Proof,
    /// Where the request came from; none for what came by no network.
    pub origin: Option<Origin>,
}

impl Principal {
    /// The program, which acts for itself.
    pub const PROGRAM: Self = Self {
        proof: Proof::Program,
        origin: None,
    };
}

/// A principal at the moment of a change, which may come long after their request: to whom the
/// change is put down, and when.
#[derive(Clone, Debug)]
pub struct Attribution {
    /// By whose proof it is made; it is looked at again then.
    pub principal: Principal,
    /// The time of the change and of its event. The store moves it on while the change waits for
    /// its turn.
    pub at: Timestamp,
    /// Random, kept beside the personal fields of events and erased with them, so that their digest
    /// cannot be guessed from.
    pub personal_salt: [u8; 16],
}

impl Attribution {
    /// Who acts, as the audit trail names it.
    pub fn actor(&self) -> Actor {
        self.principal.proof.actor()
    }
}

/// Where a request came from. Personal: kept in the audit trail only, and only where it can be
/// erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The client's address, behind proxies that are trusted.
    pub address: ClientAddress,
    agent: Option<String>,
    /// The id of the request, where one has an id.
    pub request: Option<RequestId>,
}

/// The id that a request was given and its answer names, so that events, log lines and what a
/// client saw can be laid side by side. Not personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub [u8; 16]);

/// A text that is no id of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a request's id has 32 hexadecimal digits, in five groups with hyphens")]
pub struct NoRequestId;

/// The id that somebody typed, with its hyphens or without.
impl FromStr for RequestId {
    type Err = NoRequestId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.replace('-', "");
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
        let bytes = bytes.map_err(|_| NoRequestId)?;
        bytes.try_into().map(Self).map_err(|_| NoRequestId)
    }
}

/// As a UUID (RFC 9562): five groups of lower-case hexadecimal digits.
impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl Origin {
    /// A client at `address` that calls itself `agent`, of which the first 255 characters are kept.
    pub fn new(address: ClientAddress, agent: Option<&str>) -> Self {
        // Each request makes one, and almost none is long.
        let cut = |agent: &str| match agent.len() {
            0..=LONGEST_AGENT => agent.to_owned(),
            _ => agent.chars().take(LONGEST_AGENT).collect(),
        };
        Self {
            address,
            agent: agent.map(cut),
            request: None,
        }
    }

    /// The same, of the request with this id.
    #[must_use]
    pub fn of_request(mut self, id: RequestId) -> Self {
        self.request = Some(id);
        self
    }

    /// The program that the client says it is.
    pub fn agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }
}

/// How somebody proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Not at all: the failed sign-in of whoever it was.
    Nothing,
    /// Not yet to the end: the steps of a user's own sign-in (a code is spent, its success is
    /// noted), each of which is guarded by its own statement. Good for no operation that a caller
    /// asks for.
    SigningIn(AccountId),
    /// It is the program itself.
    Program,
    /// They can read the data folder, and so may do everything: a person at the command line, by
    /// the name the operating system knows.
    Operator(String),
    /// The password of a user, and the second factor where there is one.
    Password(AccountProof),
    /// A passkey of a user, alone or after the password.
    Passkey(AccountProof),
    /// The password of a user, and the second factor, as an app sends them together with its own
    /// client id and secret. Both must hold.
    PasswordThroughApp(AccountProof, ClientProof),
    /// A token of a user.
    Token(AccountProof, TokenProof),
    /// The client id and secret of an app.
    ClientSecret(ClientProof),
    /// None: a program of this app, as it says, without a secret. It holds a token, or the code
    /// that a device polls with, and what an operation does with that needs no other proof. Good
    /// for no other operation.
    PublicClient(AppId),
    /// A session in a browser.
    Session(AccountProof, SessionProof),
    /// The word of an identity provider that the user is linked with.
    ExternalIdentity(AccountProof, ExternalProof),
}

impl Proof {
    /// Who it is that proved it, for the audit trail.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Nothing => Actor::Anonymous,
            Self::SigningIn(account) => Actor::Account(*account),
            Self::Program => Actor::Program,
            Self::Operator(user) => Actor::OperatingSystemUser(user.clone()),
            Self::Password(account)
            | Self::Passkey(account)
            | Self::PasswordThroughApp(account, _)
            | Self::Token(account, _)
            | Self::Session(account, _)
            | Self::ExternalIdentity(account, _) => Actor::Account(account.account),
            Self::ClientSecret(client) => Actor::App(client.app),
            Self::PublicClient(app) => Actor::App(*app),
        }
    }

    /// What must hold when the change is made.
    pub fn conditions(&self) -> Conditions {
        let of_account = |account: &AccountProof| Conditions {
            account: Some(*account),
            ..Conditions::default()
        };
        match self {
            Self::Nothing | Self::SigningIn(_) => Conditions {
                is_unproven: true,
                ..Conditions::default()
            },
            Self::Program | Self::Operator(_) => Conditions::default(),
            Self::PublicClient(_) => Conditions {
                is_public_client: true,
                ..Conditions::default()
            },
            Self::Password(account) | Self::Passkey(account) => of_account(account),
            Self::PasswordThroughApp(account, client) => Conditions {
                client: Some(*client),
                ..of_account(account)
            },
            Self::Token(account, token) => Conditions {
                token: Some(*token),
                ..of_account(account)
            },
            Self::ClientSecret(client) => Conditions {
                client: Some(*client),
                ..Conditions::default()
            },
            Self::Session(account, session) => Conditions {
                session: Some(*session),
                until: Some(session.ends_at),
                is_administrator: session.administers,
                ..of_account(account)
            },
            Self::ExternalIdentity(account, identity) => Conditions {
                until: Some(identity.valid_until),
                ..of_account(account)
            },
        }
    }
}

/// A user as somebody proved to be them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountProof {
    /// The user whom it is a proof of.
    pub account: AccountId,
    /// The version that their credentials had. A new password, a second factor, a suspension and
    /// whatever else ends what was proven before raises it.
    pub credential_version: i64,
}

/// The token by which a caller proved who they are, and what it had to be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenProof {
    /// What is kept of the token: another one of the same authorization proves nothing.
    pub digest: SecretDigest,
    /// The scope that was needed.
    pub scope: Scope,
}

/// An app, and the secret by which it proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientProof {
    /// The app that it is a proof of.
    pub app: AppId,
    /// The digest of its client secret.
    pub secret: SecretDigest,
}

/// A session, as far as a change leans on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionProof {
    /// The id of its row.
    pub id: SessionId,
    /// What is kept of its secret: an earlier one of the same session proves nothing.
    pub digest: SecretDigest,
    /// When it ends by itself.
    pub ends_at: Timestamp,
    /// The form that the change was asked for with, if it counts once.
    pub once: Option<OnceValue>,
    /// The secret under which the session goes on once the change is made, whatever that does to
    /// the credentials. Without one a change of them ends it like all others.
    pub next: Option<SecretDigest>,
    /// Whether the change is one that only a site administrator makes.
    pub administers: bool,
}

/// What an identity provider said, as far as a change leans on it. Linking a user with an identity
/// and parting the two raises the version of their credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExternalProof {
    /// Until when its word is good.
    pub valid_until: Timestamp,
}

/// What must hold of a proof when the change is made, or the change is not made. All that is given
/// must.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Nobody proved anything: only what belongs to a sign-in itself is done.
    pub is_unproven: bool,
    /// A program of an app brought no secret: only what it holds is exchanged or ended.
    pub is_public_client: bool,
    /// The user lives, is not suspended, and has credentials of this version.
    pub account: Option<AccountProof>,
    /// That user is a site administrator.
    pub is_administrator: bool,
    /// The token lives, and its scopes as they count now cover the one that was needed.
    pub token: Option<TokenProof>,
    /// The app lives, its owner is not suspended, and the secret is one of its own.
    pub client: Option<ClientProof>,
    /// The session lives under this secret, and its form was not sent before.
    pub session: Option<SessionProof>,
    /// It is earlier than this.
    pub until: Option<Timestamp>,
}

/// Which condition of a proof no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lapsed {
    /// Nothing was proven in the first place.
    Unproven,
    /// The user's credentials changed, or the user is suspended, gone or no administrator any more.
    Account,
    /// The token ended, or may no longer do what was needed.
    Token,
    /// The app's secret was replaced, or the app or its owner may act no more.
    Client,
    /// The session ended, or goes on under another secret.
    Session,
    /// The form was sent before, and counts once.
    Repeated,
    /// Its time is over.
    Time,
}

/// Who did what an event tells of, as far as it was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody known: the request did not prove who sent it.
    Anonymous,
    /// A user, who proved it by a password or a token.
    Account(AccountId),
    /// An app, by its client id and secret.
    App(AppId),
    /// A person at the command line, by the name the operating system knows.
    OperatingSystemUser(String),
    /// The program itself, as when it ends tokens whose time is over.
    Program,
}

impl Actor {
    fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Account(_) => "account",
            Self::App(_) => "app",
            Self::OperatingSystemUser(_) => "os_user",
            Self::Program => "program",
        }
    }

    /// As what stays for ever of the audit trail names it: `account:7`, `app:3`, `os_user`,
    /// `anonymous`, `program`.
    pub fn lasting_text(&self) -> String {
        match self {
            Self::OperatingSystemUser(_) => self.kind().to_owned(),
            Self::Anonymous | Self::Account(_) | Self::App(_) | Self::Program => self.to_text(),
        }
    }

    /// As the audit trail shows it: `account:7`, `app:3`, `os_user:root`, `anonymous`, `program`.
    pub fn to_text(&self) -> String {
        match self {
            Self::Account(id) => format!("{}:{id}", self.kind()),
            Self::App(id) => format!("{}:{id}", self.kind()),
            Self::OperatingSystemUser(name) => format!("{}:{name}", self.kind()),
            Self::Anonymous | Self::Program => self.kind().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountProof = AccountProof {
        account: AccountId(7),
        credential_version: 3,
    };

    #[test]
    fn the_id_of_a_request_comes_back_from_its_text() {
        let id = RequestId([0xab; 16]);
        let text = id.to_string();
        for typed in [text.clone(), text.replace('-', ""), text.to_uppercase()] {
            assert_eq!(typed.parse(), Ok(id), "{typed}");
        }
        for other in ["", "ab", &text[1..], &format!("{text}0"), "x"] {
            assert_eq!(other.parse::<RequestId>(), Err(NoRequestId), "{other}");
        }
    }

    #[test]
    fn whoever_is_known_by_the_machine_alone_has_nothing_that_could_lapse() {
        for proof in [Proof::Program, Proof::Operator("root".to_owned())] {
            assert_eq!(proof.conditions(), Conditions::default());
        }
    }

    #[test]
    fn whoever_is_still_signing_in_has_proven_nothing() {
        for proof in [Proof::Nothing, Proof::SigningIn(AccountId(7))] {
            assert!(proof.conditions().is_unproven, "{proof:?}");
        }
    }

    #[test]
    fn a_session_and_a_provider_s_word_hold_for_a_time_and_for_one_state_of_the_user() {
        let ends_at = Timestamp::from_seconds(10);
        let session = SessionProof {
            id: SessionId(5),
            digest: SecretDigest::of("session"),
            ends_at,
            once: None,
            next: None,
            administers: false,
        };
        let valid_until = ends_at;
        let external = Proof::ExternalIdentity(ACCOUNT, ExternalProof { valid_until });
        for (proof, session) in [
            (Proof::Session(ACCOUNT, session), Some(session)),
            (external, None),
        ] {
            let expected = Conditions {
                account: Some(ACCOUNT),
                session,
                until: Some(ends_at),
                ..Conditions::default()
            };
            assert_eq!(proof.conditions(), expected);
            assert_eq!(proof.actor().to_text(), "account:7");
        }
    }

    #[test]
    fn what_an_administrator_does_in_a_session_leans_on_their_standing() {
        let session = SessionProof {
            id: SessionId(5),
            digest: SecretDigest::of("session"),
            ends_at: Timestamp::from_seconds(10),
            once: None,
            next: None,
            administers: true,
        };
        let conditions = Proof::Session(ACCOUNT, session).conditions();
        assert!(conditions.is_administrator);
        assert_eq!(conditions.account, Some(ACCOUNT));
    }

    #[test]
    fn a_token_leans_on_its_user_too() {
        let token = TokenProof {
            digest: SecretDigest::of("token"),
            scope: Scope::find("site_admin").expect("it is known"),
        };
        let conditions = Proof::Token(ACCOUNT, token).conditions();
        assert_eq!(
            (conditions.account, conditions.token),
            (Some(ACCOUNT), Some(token))
        );
    }

    #[test]
    fn an_app_is_who_has_its_secret() {
        let client = ClientProof {
            app: AppId(3),
            secret: SecretDigest::of("secret"),
        };
        let proof = Proof::ClientSecret(client);
        assert_eq!(proof.actor().to_text(), "app:3");
        assert_eq!(proof.conditions().client, Some(client));
    }

    #[test]
    fn who_signs_in_through_an_app_is_the_user_and_leans_on_both() {
        let client = ClientProof {
            app: AppId(3),
            secret: SecretDigest::of("secret"),
        };
        let proof = Proof::PasswordThroughApp(ACCOUNT, client);
        let conditions = proof.conditions();
        assert_eq!(proof.actor().to_text(), "account:7");
        assert_eq!(
            (conditions.account, conditions.client),
            (Some(ACCOUNT), Some(client))
        );
    }

    #[test]
    fn a_long_agent_is_cut_by_characters() {
        let address: ClientAddress = "192.0.2.1".parse().expect("an address");
        let origin = Origin::new(address, Some(&"ü".repeat(9000)));
        assert_eq!(origin.agent(), Some("ü".repeat(255).as_str()));
    }
}
