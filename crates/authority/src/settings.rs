//! What operators may set about the use cases.

use std::time::Duration;

use counterfoil_domain::app::{AppLimits, SendIss};
use counterfoil_domain::authorization::TokenLimits;
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_domain::link::LinkLives;
use counterfoil_domain::mail::MailBounds;
use counterfoil_domain::oauth::CodeReplay;
use counterfoil_domain::passkey::relying_party::RpId;
use counterfoil_domain::password::HashingCost;
use counterfoil_domain::second_factor::SecondFactorPolicy;
use counterfoil_domain::session::SessionLife;
use counterfoil_domain::sign_in::LockoutPolicy;
use counterfoil_domain::token::TokenFormats;
use counterfoil_domain::token_life::TokenLife;

use crate::token_cache::CheckSettings;

/// Settings of the use cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// When sign-ins are refused because too many went wrong.
    pub lockout: LockoutPolicy,
    /// Of whom a second factor is required.
    pub second_factor: SecondFactorPolicy,
    /// How long a verified password is remembered; zero turns the memory off.
    pub password_memory: Duration,
    /// How passwords are hashed.
    pub hashing: HashingSettings,
    /// The forms of tokens.
    pub token_formats: TokenFormats,
    /// How many tokens there may be.
    pub token_limits: TokenLimits,
    /// How long tokens live.
    pub token_life: TokenLife,
    /// How long sessions in browsers live.
    pub session_life: SessionLife,
    /// How long things are kept after their end.
    pub retention: Retention,
    /// What is remembered of tokens.
    pub checks: CheckSettings,
    /// How many apps there may be.
    pub app_limits: AppLimits,
    /// Which apps are told by what goes back to them who sends it.
    pub send_iss: SendIss,
    /// The apps that an installation has from the start which is made of an empty database.
    pub first_apps: &'static [BuiltInApp],
    /// What it means that an app brings a code twice.
    pub code_replay: CodeReplay,
    /// Whether devices may get scopes for administrators.
    pub device_administrator_scopes: bool,
    /// For how long links work.
    pub links: LinkLives,
    /// How much mail there may be; none where none is sent.
    pub mail: Option<MailBounds>,
    /// How long a token lives that an administrator makes to act as somebody else.
    pub impersonation_lifetime: Duration,
    /// The host that new passkeys are bound to; none binds them to the host of the pages.
    pub passkey_rp_id: Option<RpId>,
    /// The name under which authenticators list one-time codes: plain ASCII without `:` or `&`.
    pub code_issuer: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lockout: LockoutPolicy::default(),
            second_factor: SecondFactorPolicy::default(),
            password_memory: Duration::from_mins(2),
            hashing: HashingSettings::default(),
            token_formats: TokenFormats::default(),
            token_limits: TokenLimits::default(),
            token_life: TokenLife::default(),
            session_life: SessionLife::default(),
            retention: Retention::default(),
            checks: CheckSettings::default(),
            app_limits: AppLimits::default(),
            send_iss: SendIss::default(),
            first_apps: &[],
            code_replay: CodeReplay::default(),
            device_administrator_scopes: false,
            links: LinkLives::default(),
            mail: None,
            impersonation_lifetime: Duration::from_hours(8),
            passkey_rp_id: None,
            code_issuer: "Counterfoil".to_owned(),
        }
    }
}

/// How passwords are hashed, and how many at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingSettings {
    /// What one computation costs; stored passwords keep the cost they were hashed with.
    pub cost: HashingCost,
    /// Computations at a time. Each takes a thread and the memory of its cost.
    pub threads: usize,
    /// Computations that may wait, half of them from addresses that somebody signed in from lately;
    /// more are refused.
    pub queue: usize,
}

impl Default for HashingSettings {
    fn default() -> Self {
        Self {
            cost: HashingCost::default(),
            threads: 2,
            queue: 64,
        }
    }
}

/// How long things are kept after their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Records of tokens that ended, with their reasons.
    pub ended: Duration,
    /// Events of the audit trail; `None` is for ever.
    pub audit: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            ended: Duration::from_hours(24 * 90),
            audit: None,
        }
    }
}
