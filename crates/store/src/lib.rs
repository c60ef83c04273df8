//! Durable state behind one facade, [`Store`].
//!
//! The seam speaks the domain: one call, one transaction, one audit event. Statements are text that
//! SQLite and PostgreSQL both understand, written once; what differs between engines is in the
//! engine's own module and nowhere else. No row, no query and no open transaction leaves this
//! crate.

mod accounts;
mod addresses;
mod apps;
mod audit;
mod authorizations;
mod changes;
mod clean_up;
mod codes;
mod context;
mod copy;
mod counted;
mod devices;
mod engine;
mod error;
mod flows;
mod gateway;
mod grants;
mod import;
mod installation;
mod keys;
mod leases;
mod links;
mod liveness;
mod maintenance;
mod migrations;
mod nodes;
mod oauth;
mod organizations;
mod outbox;
mod passkeys;
mod progress;
mod refresh_tokens;
mod removal;
mod restore;
mod second_factor;
mod security;
mod seeds;
mod sessions;
mod sign_in;
mod statement;
mod table;
mod trail;
mod turn;
mod two_factor;
mod tx;
mod uses;
mod verify;
mod writing;

pub use crate::accounts::{DeletedAccount, HashClasses, PasswordSet, RevokeTokens};
pub use crate::addresses::{AddressRefused, MOST_ADDRESSES, RestoredAddress};
pub use crate::apps::{ActingFor, DeletedApp, ReachedApp, SecretUse, Transfer};
pub use crate::authorizations::{
    AdministratorRefused, GotOrCreated, NewImpersonation, OwnedAuthorization, Regeneration,
    TokenCounts, TokenOwner, TokenRecord, Whose,
};
pub use crate::changes::{
    ChangeListener, CommitOutcome, FeedPosition, FeedRead, FeedReading, NumberedChange,
    WakeupListener,
};
pub use crate::clean_up::{IdleSweep, Removed, RemovedTraces};
pub use crate::copy::{CopiedDatabase, CopyError};
pub use crate::counted::CountedRequests;
pub use crate::devices::NewDevice;
pub use crate::engine::postgres::{
    BadDatabaseUrl, DatabaseClock, Encryption, PostgresOptions, ServerSurvey, StatementMode,
};
pub use crate::engine::sqlite::{
    BackupError, BackupRefused, RestoreError, RestoredCounts, Unverifiable,
};
pub use crate::engine::{DatabaseLocation, Durability, OpenOptions, PoolStats, Store, StoreStats};
pub use crate::error::{ChangeError, OpenError, Outage, StoreError, WriteError};
pub use crate::import::{
    ImportLine, ImportRecord, ImportRefused, Imported, ImportedApp, ImportedToken, ImportedUser,
    PROBLEMS_TOLD, Suspension, Trial,
};
pub use crate::installation::{BuiltInMade, NewInstallation};
pub use crate::keys::{
    AuditKeyRecord, DIGEST_KEY_PLACE, Initialised, InstallationRecord, KeyRecord, KeyState,
    audit_key_place, totp_seed_place,
};
pub use crate::leases::{Lease, LeaseName};
pub use crate::links::{LinkPassword, NewLink, SetUpAccount};
pub use crate::liveness::StoreClock;
pub use crate::maintenance::Schema;
pub use crate::migrations::SchemaState;
pub use crate::nodes::NodeLevels;
pub use crate::oauth::{
    AnswerRefused, AskingApp, CodeRedemption, DeviceAsked, DeviceRedemption, FlowResult,
    FoundRequest, Redeemed, Refreshed, RemovedFlows, ReuseRefused, ReusedConsent, TokenRefresh,
    WhatStands,
};
pub use crate::organizations::DeletedOrganization;
pub use crate::outbox::{
    DueMail, InvitationBy, InvitationRefused, InvitedUser, MadeMail, MailResult, MailToMake,
    OutboxState, ResetAsked,
};
pub use crate::passkeys::{
    AddedPasskey, NewChallenge, NewPasskey, StoredPasskey, TakenChallenge, UsedPasskey,
};
pub use crate::progress::{Progress, ProgressReading};
pub use crate::restore::{RestoreRequest, Restored, TrailKey, UnprovenEnded, restore};
pub use crate::security::SecurityRecord;
pub use crate::sessions::{
    FoundSession, HalfSignIn, NewHalfSignIn, NewSession, RemovedSessions, SessionUse,
};
pub use crate::sign_in::{CountedFailure, FailedSignIn};
pub use crate::trail::{
    AccountName, BadCursor, EventFilter, IdsToName, Order, ReadFrom, StoredEvent, TrailCursor,
    TrailError, TrailNames, TrailReading, WantedActor,
};
pub use crate::two_factor::{
    ConfirmedEnrolment, MatchedStep, NewEnrolment, RecoveryCodeUse, StoredTotp, WaitingSeed,
    waiting_seed_place,
};
pub use crate::uses::TokenUse;
pub use crate::verify::{VerifiedBackup, verify_backup};
pub use crate::writing::Operation;
