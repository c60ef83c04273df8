//! The use cases of Counterfoil: what the API, the pages and the command line ask for.
//!
//! An [`Authority`] decides, by the rules of the domain and what the store knows. It holds the only
//! clock and the only source of randomness; the program and the tests choose which.

mod accounts;
mod administration;
mod app_tokens;
mod apps;
mod authority;
mod authorizations;
mod checks;
mod clean_up;
mod clock;
mod counted;
mod counting;
mod failures;
mod fair_queue;
mod gateway;
mod grants;
mod import;
mod keys;
mod maintenance;
mod operator_tokens;
mod organizations;
mod password_memory;
mod password_queue;
mod password_threads;
mod passwords;
mod principal;
mod questions;
mod refusal_time;
mod refusals;
mod refused_administration;
mod settings;
mod sign_in;
mod tokens;
mod turns;
mod two_factor;
mod verification;
mod wrong_secrets;

pub use crate::accounts::{AccountError, CreateAccount};
pub use crate::administration::{
    AdministrationError, Administrator, CreateUser, Impersonated, InitialState, ToOneself,
};
pub use crate::app_tokens::{AppCaller, AppTokenError, CheckedApp, ClientRefused, ResetToken};
pub use crate::apps::{AppError, CreateApp, CreatedApp};
pub use crate::authority::{Authority, StartError};
pub use crate::authorizations::{
    AuthorizationError, ClientClaim, CreateAuthorization, GetOrCreateAuthorization, GotOrIssued,
    Issued,
};
pub use crate::checks::{
    CheckSettings, CheckStats, LAG_BOUNDS, LEASE, LagCounts, LookUpBounds, OwnedToken,
};
pub use crate::clean_up::{CleanedRows, MoreToClean, Retention};
pub use crate::clock::Clock;
pub use crate::gateway::{GatewayRefused, GatewayRule};
pub use crate::grants::GrantError;
pub use crate::keys::{KeyError, KeySource, KeySourceError, MissingKey};
pub use crate::operator_tokens::IssueToken;
pub use crate::organizations::OrganizationError;
pub use crate::password_queue::Permit;
pub use crate::passwords::{Busy, LocalPasswords, PasswordVerifier};
pub use crate::principal::{Caller, Operator};
pub use crate::settings::{HashingSettings, Settings};
pub use crate::sign_in::{PasswordAttempt, SignInRefused};
pub use crate::tokens::{CheckedToken, TokenRefused};
pub use counterfoil_store::{PoolStats, StoreError};

pub use crate::two_factor::{EnabledTwoFactor, TwoFactorError};
