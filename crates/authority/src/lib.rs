//! The use cases of Counterfoil: what the API, the pages and the command line ask for.
//!
//! An [`Authority`] decides, by the rules of the domain and what the store knows. It holds the only
//! clock and the only source of randomness; the program and the tests choose which.

mod access;
mod accounts;
mod apps;
mod authority;
mod clock;
mod gateway;
mod health;
mod keys;
mod links;
mod mail;
mod oauth;
mod organizations;
mod passkeys;
mod passwords;
mod principal;
mod refused;
mod sessions;
mod settings;
mod sign_in;
mod token_cache;
mod tokens;
mod trail;
mod upkeep;
mod use_case;

pub use crate::access::AccessError;
pub use crate::accounts::administration::{
    AdministrationRefused, Administrator, CreateUser, Impersonated, InitialState, SelfAction,
};
pub use crate::accounts::enrolment::{EnrolmentError, ShownSeed};
pub use crate::accounts::two_factor::{EnabledTwoFactor, TwoFactorError};
pub use crate::accounts::{CreateAccount, GivePasswordError};
pub use crate::apps::client::{AppCaller, ClientClaim, ClientError, SecretUse};
pub use crate::apps::own_apps::RegisterApp;
pub use crate::apps::{CreateApp, CreateAppRefused, CreatedApp};
pub use crate::authority::Authority;
pub use crate::clock::Clock;
pub use crate::gateway::{GatewayError, GatewayRule};
pub use crate::health::judge_mail;
pub use crate::keys::KeyError;
pub use crate::keys::keyring::{
    KeySource, KeySourceError, MissingKey, StartError, make_audit_key, open_audit_key,
};
pub use crate::links::{
    FirstAdministrator, Invite, InviteError, LinkDelivery, LinkError, LinkTo, OpenedByLink,
    ShownLink,
};
pub use crate::mail::{Letter, LetterLink, MailError, MailServerState, Mailer};
pub use crate::oauth::authorize::{AppWish, ConsideredRequest};
pub use crate::oauth::device::{AskingDevice, BegunDevice, DeviceError, NamedApp, TypedCodeError};
pub use crate::oauth::exchange::{ExchangeError, ExchangeRefused};
pub use crate::oauth::flow_tokens::FlowTokens;
pub use crate::oauth::refresh::BadRefreshToken;
pub use crate::organizations::viewed::VisibleTeam;
pub use crate::passkeys::{
    AssertionAnswer, AssertionOptions, FactorsAwaited, KnownCredential, PasskeyError,
    RegisteredPasskey, RegistrationAnswer, RegistrationError, RegistrationOptions,
};
pub use crate::passwords::queue::{Busy, Permit};
pub use crate::passwords::{LocalPasswords, PasswordVerifier};
pub use crate::principal::{Caller, Operator};
pub use crate::sessions::listing::NoSuchSession;
pub use crate::sessions::person::{FreshPerson, GoneOn, Person};
pub use crate::sessions::sign_in::{GiveCodeError, PageSignIn, SignedIn};
pub use crate::settings::{HashingSettings, Retention, Settings};
pub use crate::sign_in::{PasswordAttempt, SignInError};
pub use crate::token_cache::{
    CheckSettings, CheckStats, LAG_BOUNDS, LEASE, LagCounts, LookUpBounds, OwnedToken,
};
pub use crate::tokens::app_access::EndedAccess;
pub use crate::tokens::app_tokens::{AppTokenError, ResetToken};
pub use crate::tokens::authorizations::{
    CreateAuthorization, CreationError, GetOrCreateAuthorization, GotOrIssued, Issued,
    RequestedPurpose,
};
pub use crate::tokens::operator_tokens::{IssueRefused, IssueToken};
pub use crate::tokens::own_tokens::{
    EditToken, EditTokenRefused, ForAdministrators, MakeToken, MakeTokenRefused, ProofTooOld,
    RegenerateTokenRefused,
};
pub use crate::tokens::searched::SearchRefused;
pub use crate::tokens::{CheckedToken, TokenError};
pub use crate::trail::named::NamedEvent;
pub use crate::trail::page::{TrailPage, page_cursor};
pub use crate::trail::query::{TrailQuery, TrailQueryError, UnknownName};
pub use crate::upkeep::clean_up::MoreToClean;
pub use crate::upkeep::counted::Inventory;
pub use crate::upkeep::progress::CleanedRows;
pub use crate::use_case::UseCaseError;
pub use counterfoil_store::{
    AddressRefused, AnswerRefused, AskingApp, BadCursor, FoundRequest, Outage, OutboxState,
    PasswordSet, PoolStats, ReuseRefused, RevokeTokens, StoreError, TokenCounts, TokenRecord,
    TrailCursor, TrailError,
};
