//! OAuth apps, their client ids, secrets and callback URLs (wire contract, section 7).

use std::convert::Infallible;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

pub use crate::app_switches::{AppSwitch, AppSwitches, SendIss, SwitchChange};
pub use crate::app_url::{AppUrl, AppUrlRefused, CallbackUrlRefused};
use crate::digest::SecretDigest;
use crate::entropy::{Entropy, random_hex};
use crate::id::{AccountId, AppId, ClientSecretId};
use crate::login::Login;
use crate::text::DisplayName;
use crate::timestamp::Timestamp;

/// The public name of an app on the wire: 20 characters, letters, digits and dots. Personal access
/// tokens show [`ClientId::PERSONAL`] in its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

/// A client id that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client id has 20 letters, digits or dots, and is not all zeros")]
pub struct ClientIdRefused;

impl ClientId {
    /// What bodies show as the client id of a personal access token. No app can have it.
    pub const PERSONAL: &'static str = "00000000000000000000";

    /// A new id: 20 lower-case hexadecimal digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(random_hex(entropy, 10))
    }

    /// The id that a digest stands for: its first ten bytes in hexadecimal digits.
    pub fn of_digest(digest: [u8; 32]) -> Self {
        Self(data_encoding::HEXLOWER.encode(&digest[..10]))
    }

    /// A given id, of an app that moves here.
    pub fn parse(text: &str) -> Result<Self, ClientIdRefused> {
        let letters = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        if text.len() == 20 && letters && text != Self::PERSONAL {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientIdRefused)
        }
    }

    /// An id as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The id as clients send it: 20 ASCII letters and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A client secret as the app holds it: 40 lower-case hexadecimal digits when we make it.
#[derive(Clone)]
pub struct ClientSecret(SecretString);

/// A client secret that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client secret has 32 to 40 letters and digits")]
pub struct ClientSecretRefused;

impl ClientSecret {
    const LONGEST: usize = 40;

    /// A new secret of 160 bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(SecretString::from(random_hex(entropy, 20)))
    }

    /// A given secret, of an app that moves here: 32 to 40 letters and digits, so that it can hold
    /// 128 bits.
    pub fn parse(text: &str) -> Result<Self, ClientSecretRefused> {
        let fits = (32..=Self::LONGEST).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits {
            Ok(Self(SecretString::from(text)))
        } else {
            Err(ClientSecretRefused)
        }
    }

    /// What is compared of a secret that somebody claims to be an app's. Of whatever form it is, it
    /// is wrong unless it is the app's own.
    pub fn claimed(text: &str) -> SecretDigest {
        // No secret is empty, and none is longer: what is long costs no more to refuse than what is
        // not.
        SecretDigest::of(if text.len() > Self::LONGEST { "" } else { text })
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.0.expose_secret())
    }

    /// The secret itself, for the one answer that delivers it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its last eight characters, which may be shown to tell secrets apart.
    pub fn last_eight(&self) -> String {
        let text = self.expose();
        text[text.len() - 8..].to_owned()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// What bodies show of an app, shared by authorizations and grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSummary {
    /// Its id, which is not shown.
    pub id: AppId,
    /// What the app is called, in bodies `name`.
    pub name: DisplayName,
    /// The home page of the app, in bodies `url`.
    pub url: AppUrl,
    /// How clients name the app: 20 letters and digits.
    pub client_id: ClientId,
    /// When the app last changed.
    pub updated_at: Timestamp,
}

/// Whether the device flow is open to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceFlow {
    /// The app did not ask for it.
    Disabled,
    /// Devices may sign in.
    Enabled,
}

impl DeviceFlow {
    /// Enabled where a switch says so.
    pub const fn when(enabled: bool) -> Self {
        if enabled {
            Self::Enabled
        } else {
            Self::Disabled
        }
    }
}

/// Whether the tokens that an app gets at the end of a flow expire, and come with refresh tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpiringTokens {
    /// They live until somebody ends them, or as long as the settings say.
    #[default]
    Disabled,
    /// They expire after some hours, and the app gets the next one by a refresh token.
    Enabled,
}

impl ExpiringTokens {
    /// Enabled where a switch says so.
    pub const fn when(enabled: bool) -> Self {
        if enabled {
            Self::Enabled
        } else {
            Self::Disabled
        }
    }

    /// Whether tokens made now expire.
    pub const fn are_enabled(self) -> bool {
        matches!(self, Self::Enabled)
    }
}

/// Which tokens an app is told of that introspects them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeenTokens {
    /// Those that users gave it.
    #[default]
    Own,
    /// All of the installation: an operator marked the app as a resource server.
    All,
}

impl SeenTokens {
    /// All where an app is marked as a resource server.
    pub const fn when(is_resource_server: bool) -> Self {
        if is_resource_server {
            Self::All
        } else {
            Self::Own
        }
    }

    /// Whether those of other apps and personal ones are among them.
    pub const fn are_all(self) -> bool {
        matches!(self, Self::All)
    }
}

/// An OAuth app as its owner and operators see it, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// What bodies show of it.
    pub summary: AppSummary,
    /// The account it belongs to.
    pub owner: AccountId,
    /// Where the web flow may return to.
    pub callback_urls: Vec<AppUrl>,
    /// Whether devices may sign in.
    pub device_flow: DeviceFlow,
    /// Whether tokens that it gets from now on expire.
    pub expiring_tokens: ExpiringTokens,
    /// What else is switched on for it.
    pub switches: AppSwitches,
    /// Which tokens it is told of.
    pub seen_tokens: SeenTokens,
    /// Since when an operator has it suspended, if so.
    pub suspended_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An app to be made.
#[derive(Clone, Debug)]
pub struct NewApp {
    /// The account it will belong to.
    pub owner: AccountId,
    /// What the app will be called; other apps may be called the same.
    pub name: DisplayName,
    /// The home page of the app, shown wherever the app is.
    pub url: AppUrl,
    /// Where the web flow may return to; at least one.
    pub callback_urls: Vec<AppUrl>,
    /// Whether devices may sign in.
    pub device_flow: DeviceFlow,
    /// Whether its tokens expire.
    pub expiring_tokens: ExpiringTokens,
    /// What else is switched on for it.
    pub switches: AppSwitches,
    /// Its client id, new or given.
    pub client_id: ClientId,
    /// What is kept of its first secret.
    pub secret: KeptSecret,
}

/// What is kept of a secret or token: its digest, and its end to tell it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSecret {
    /// The SHA-256 of the whole text, prefix included.
    pub digest: SecretDigest,
    /// The last eight characters.
    pub last_eight: String,
}

impl From<&ClientSecret> for KeptSecret {
    fn from(secret: &ClientSecret) -> Self {
        Self {
            digest: secret.digest(),
            last_eight: secret.last_eight(),
        }
    }
}

impl From<&crate::token::PlainToken> for KeptSecret {
    fn from(token: &crate::token::PlainToken) -> Self {
        Self {
            digest: token.digest(),
            last_eight: token.last_eight(),
        }
    }
}

/// A change of an app; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AppChange {
    /// What the app is to be called.
    pub name: Option<DisplayName>,
    /// A new home page.
    pub url: Option<AppUrl>,
    /// New callback URLs, in place of all earlier ones.
    pub callback_urls: Option<Vec<AppUrl>>,
    /// Open or close the device flow.
    pub device_flow: Option<DeviceFlow>,
    /// Whether tokens made from then on expire. Those that there are stay as they are.
    pub expiring_tokens: Option<ExpiringTokens>,
    /// What else is switched on or off for it.
    pub switches: SwitchChange,
    /// Which tokens it is told of from then on. For operators to say, and not for its owner.
    pub seen_tokens: Option<SeenTokens>,
}

/// A live secret of an app, as its owner and operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSecret {
    /// Its id, by which it is ended.
    pub id: ClientSecretId,
    /// The last eight characters, to tell it from others.
    pub last_eight: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the app last proved itself by it, as far as that was written down.
    pub last_used_at: Option<Timestamp>,
    /// Since when everybody may know it, if so.
    pub published_at: Option<Timestamp>,
}

impl AppSecret {
    /// How many an app may have at the same time: as many as it takes to replace one by another
    /// without a gap.
    pub const MOST: u32 = 2;
}

/// A live client secret, as far as it is compared with the one in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownSecret {
    /// Its id, by which its uses are noted.
    pub id: ClientSecretId,
    /// What is kept of it.
    pub digest: SecretDigest,
    /// Whether everybody may know it. It proves nothing then, and opens the token endpoint alone.
    pub is_published: bool,
}

/// A live app, as far as it has to prove itself and is answered in its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownClient {
    /// The app as answers name it.
    pub app: AppSummary,
    /// What is switched on for it.
    pub switches: AppSwitches,
    /// Which tokens it is told of.
    pub seen_tokens: SeenTokens,
    /// The secrets by which it may act.
    pub secrets: Vec<KnownSecret>,
}

/// An app as its owner looks at it on pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnApp {
    /// What it is called, where it leads, and by which client id it is known.
    pub app: App,
    /// The organization that it belongs to; none where it is a user's.
    pub organization: Option<Login>,
    /// How many people have given it access.
    pub users: u64,
    /// When any token of it was last used, as far as that was written down.
    pub last_used_at: Option<Timestamp>,
}

/// An organization whose apps a user looks after, who is one of its owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedOrganization {
    /// Its id, in the number space of users.
    pub id: AccountId,
    /// Its login, as it was made.
    pub login: Login,
}

/// How many apps there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppLimits {
    /// Live apps that one user may own.
    pub per_user: u32,
    /// Apps that a user may register on pages in an hour.
    pub on_pages_per_hour: u32,
}

impl Default for AppLimits {
    fn default() -> Self {
        Self {
            per_user: 100,
            on_pages_per_hour: 20,
        }
    }
}

/// There is no such live app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("there is no such app")]
pub struct NoSuchApp;

/// What is done to an app may be refused for nothing but that it is not there.
impl From<Infallible> for NoSuchApp {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// Why an app got no further secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SecretCreationRefused {
    /// There is no such app.
    #[error(transparent)]
    NoSuchApp(#[from] NoSuchApp),
    /// It has as many as an app may have.
    #[error("this app has as many secrets as an app may have")]
    TooManySecrets,
}

/// Why a secret of an app was not ended, or not marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SecretEndRefused {
    /// There is no such app.
    #[error(transparent)]
    NoSuchApp(#[from] NoSuchApp),
    /// It is no live secret of this app.
    #[error("there is no such secret of this app")]
    NoSuchSecret,
}

/// Why an app did not go to another owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransferRefused {
    /// There is no such app.
    #[error(transparent)]
    NoSuchApp(#[from] NoSuchApp),
    /// It went to another owner meanwhile.
    #[error("this app went to another owner meanwhile")]
    OwnerChanged,
    /// It came with the installation, whose it stays: nobody could give it back.
    #[error("this app belongs to the installation")]
    OfInstallation,
    /// Who is to have it was deleted or suspended, or is not there for whoever asks.
    #[error("there is nobody of that login who could own this app")]
    RecipientGone,
    /// Who is to have it has as many live apps as one may have.
    #[error("the new owner has as many apps as one may have")]
    TooManyApps,
}

/// Why an app was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AppCreationRefused {
    /// The client id was given before. It stays taken when its app has ended.
    #[error("this client id is taken")]
    ClientIdTaken,
    /// The owner has as many live apps as one may have.
    #[error("this user has as many apps as one may have")]
    TooManyApps,
    /// The owner was deleted or suspended meanwhile.
    #[error("this user was deleted or suspended")]
    OwnerGone,
}

/// Why an app was not registered on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RegistrationRefused {
    /// What is in the way of any app.
    #[error(transparent)]
    Creation(#[from] AppCreationRefused),
    /// The user registered as many within the hour as one may.
    #[error("this user registered as many apps on pages within an hour as one may")]
    TooManyOnPages {
        /// How many that is.
        limit: u32,
    },
}
