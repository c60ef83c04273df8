//! What protects an account, and what happened to it, as its user is shown it.

use crate::audit::Action;
use crate::login::Login;
use crate::second_factor::SecondFactor;
use crate::timestamp::Timestamp;

/// The one-time codes of a user who has them on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneTimeCodes {
    /// Since when the seed is in use.
    pub since: Timestamp,
    /// When a code was last accepted.
    pub last_used_at: Option<Timestamp>,
    /// How many unused recovery codes there are.
    pub recovery_codes: u64,
}

/// A token that an administrator made to act as the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impersonation {
    /// The login of the administrator.
    pub maker: Login,
    /// When it was made.
    pub since: Timestamp,
    /// Until when, if it ends by itself.
    pub until: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// Who did something to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doer {
    /// The user whose account it is.
    Oneself,
    /// Another user, by the login, where the account of the id has one.
    Other(Option<Login>),
    /// Somebody at the command line of the server.
    Operator,
    /// The server by itself.
    Program,
    /// Somebody who did not prove who they are.
    Stranger,
}

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    /// The time of the event in the audit trail.
    pub at: Timestamp,
    /// What happened, as the audit trail has it.
    pub action: Action,
    /// Who did it, as far as it was proved.
    pub by: Doer,
    /// From where; nothing for what came by no network, or was erased.
    pub address: Option<String>,
    /// The program that the client said it is.
    pub agent: Option<String>,
    /// How many times, where the event tells of several.
    pub count: Option<u64>,
}

/// What the page about the security of an account shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityOverview {
    /// How the account stands to what is required.
    pub second_factor: SecondFactor,
    /// One-time codes, where they are on.
    pub codes: Option<OneTimeCodes>,
    /// Who may act as the user, the newest first.
    pub impersonations: Vec<Impersonation>,
    /// What happened to the account, the newest first.
    pub events: Vec<AccountEvent>,
    /// Refused sign-ins, the newest first.
    pub refusals: Vec<AccountEvent>,
}
