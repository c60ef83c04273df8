//! The sections of the settings file, one file each.

mod apps;
mod checks;
mod database;
mod gateway;
mod general;
mod keys;
mod limits;
mod links;
mod logging;
mod mail;
mod passwords;
mod rate_limits;
mod retention;
mod sessions;
mod sign_in;
mod tls;
mod tokens;
mod traces;

pub use apps::Apps;
pub use checks::Checks;
pub use database::Database as DatabaseSection;
pub use gateway::Gateway;
pub use general::General;
pub use keys::Keys;
pub use limits::Limits;
pub use links::Links;
pub use logging::{LogFormat, LogLevel, Logging};
pub use mail::{Mail, MailEncryption};
pub use passwords::Passwords;
pub use rate_limits::RateLimits;
pub use retention::Retention;
pub use sessions::Sessions;
pub use sign_in::SignIn;
pub use tls::Tls;
pub use tokens::Tokens;
pub use traces::Traces;
