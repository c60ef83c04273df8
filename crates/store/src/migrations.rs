//! Numbered migrations, forward only.
//!
//! Each records the oldest program that can use the schema it leads to. A program meets three kinds
//! of database: one that is behind, which it migrates or refuses; one that is ahead, which it uses
//! unless that schema needs a newer program; and one of somebody else, which it never touches. How
//! a database is asked, and how a migration is applied, is its engine's.

use crate::error::OpenError;

/// What this program can judge. It rises with the first program that knows of something which those
/// before it would take for something else.
pub(crate) const LEVEL: u32 = 2;

/// This program's version, against which a schema's oldest program is held: that of its release,
/// and its level as a fourth number. Programs from before the second level have three.
pub(crate) fn own_version() -> String {
    format!("{}.{LEVEL}", env!("CARGO_PKG_VERSION"))
}

/// Whether a version is this one or comes after it.
pub(crate) fn is_at_least(version: &str, oldest: &str) -> bool {
    parse_version(version) >= parse_version(oldest)
}

/// One step of the schema.
pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) name: &'static str,
    pub(crate) oldest_program: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "foundation",
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0001_foundation.sqlite.sql"),
        postgres: include_str!("../migrations/0001_foundation.postgres.sql"),
    },
    Migration {
        number: 2,
        name: "tokens_at_work",
        // An older program would change tokens without a word in the feed of changes. There is
        // none: no version before this one was released.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0002_tokens_at_work.sqlite.sql"),
        postgres: include_str!("../migrations/0002_tokens_at_work.postgres.sql"),
    },
    Migration {
        number: 3,
        name: "old_traces",
        // Indices alone: an older program neither sees them nor misses them.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0003_old_traces.sqlite.sql"),
        postgres: include_str!("../migrations/0003_old_traces.postgres.sql"),
    },
    Migration {
        number: 4,
        name: "wrong_codes",
        // An older program beside a new one neither counts wrong codes nor minds how many there
        // were.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0004_wrong_codes.sqlite.sql"),
        postgres: include_str!("../migrations/0004_wrong_codes.postgres.sql"),
    },
    Migration {
        number: 5,
        name: "administrator_epochs",
        // Columns that an older program neither reads nor writes.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0005_administrator_epochs.sqlite.sql"),
        postgres: include_str!("../migrations/0005_administrator_epochs.postgres.sql"),
    },
    Migration {
        number: 6,
        name: "whose_failures",
        // An older program leaves the columns empty: failures that it counts are not added to those
        // of a user here.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0006_whose_failures.sqlite.sql"),
        postgres: include_str!("../migrations/0006_whose_failures.postgres.sql"),
    },
    Migration {
        number: 7,
        name: "profile_times",
        // Columns that an older program neither reads nor writes.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0007_profile_times.sqlite.sql"),
        postgres: include_str!("../migrations/0007_profile_times.postgres.sql"),
    },
    Migration {
        number: 8,
        name: "trail_and_nodes",
        // Tables that an older program does not look into, and columns that it neither reads nor
        // writes; it lists events of form 2 unread.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0008_trail_and_nodes.sqlite.sql"),
        postgres: include_str!("../migrations/0008_trail_and_nodes.postgres.sql"),
    },
    Migration {
        number: 9,
        name: "sessions",
        // Tables that an older program does not look into.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0009_sessions.sqlite.sql"),
        postgres: include_str!("../migrations/0009_sessions.postgres.sql"),
    },
    Migration {
        number: 10,
        name: "links_and_mail",
        // Tables that an older program does not look into, and indices.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0010_links_and_mail.sqlite.sql"),
        postgres: include_str!("../migrations/0010_links_and_mail.postgres.sql"),
    },
    Migration {
        number: 11,
        name: "ended_tokens",
        // An index alone: an older program neither sees nor misses it.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0011_ended_tokens.sqlite.sql"),
        postgres: include_str!("../migrations/0011_ended_tokens.postgres.sql"),
    },
    Migration {
        number: 12,
        name: "own_accounts",
        // Tables that an older program does not look into, and columns that it neither reads nor
        // writes. It requires no second factor, so all nodes are to be new before that is set.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0012_own_accounts.sqlite.sql"),
        postgres: include_str!("../migrations/0012_own_accounts.postgres.sql"),
    },
    Migration {
        number: 13,
        name: "web_flow",
        // Tables that an older program does not look into, and a column that it neither reads nor
        // writes.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0013_web_flow.sqlite.sql"),
        postgres: include_str!("../migrations/0013_web_flow.postgres.sql"),
    },
    Migration {
        number: 14,
        name: "device_flow",
        // A table that an older program does not look into, and a column that it does not read: all
        // nodes are to be new before a secret is marked as published.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0014_device_flow.sqlite.sql"),
        postgres: include_str!("../migrations/0014_device_flow.postgres.sql"),
    },
    Migration {
        number: 15,
        name: "refresh_tokens",
        // A table that an older program does not look into, and a column that it neither reads nor
        // writes: what it exchanges for such an app lasts.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0015_refresh_tokens.sqlite.sql"),
        postgres: include_str!("../migrations/0015_refresh_tokens.postgres.sql"),
    },
    Migration {
        number: 16,
        name: "app_switches",
        // Columns that an older program neither reads nor writes: all nodes are to be new before a
        // switch that keeps something out is relied on.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0016_app_switches.sqlite.sql"),
        postgres: include_str!("../migrations/0016_app_switches.postgres.sql"),
    },
    Migration {
        number: 17,
        name: "suspended_apps",
        // A column that an older program neither reads nor writes: all nodes are to be new before
        // an app is suspended.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0017_suspended_apps.sqlite.sql"),
        postgres: include_str!("../migrations/0017_suspended_apps.postgres.sql"),
    },
    Migration {
        number: 18,
        name: "what_operators_open",
        // Columns that an older program neither reads nor writes: all nodes are to be new before an
        // app is marked, and before devices get scopes for administrators.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0018_what_operators_open.sqlite.sql"),
        postgres: include_str!("../migrations/0018_what_operators_open.postgres.sql"),
    },
    Migration {
        number: 19,
        name: "passkeys",
        // Tables that an older program neither reads nor writes. The first passkey raises this, see
        // `nodes`.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0019_passkeys.sqlite.sql"),
        postgres: include_str!("../migrations/0019_passkeys.postgres.sql"),
    },
    Migration {
        number: 20,
        name: "who_registered_apps",
        // A column that an older program neither reads nor writes, and an index.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0020_who_registered_apps.sqlite.sql"),
        postgres: include_str!("../migrations/0020_who_registered_apps.postgres.sql"),
    },
];

/// What to do about the schema when a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Make it, or bring it up to date.
    Migrate,
    /// Make it where there is none, even if somebody was killed who had begun to; refuse one that
    /// is behind.
    Make,
    /// Bring it up to date where there is one; refuse a database without a schema.
    Update,
    /// Refuse a database that is behind.
    Require,
}

/// A migration that a database has.
pub(crate) struct Applied {
    pub(crate) number: i64,
    pub(crate) oldest_program: String,
}

impl SchemaState {
    /// Refuses a database with these migrations, ascending, that this program must not use.
    pub(crate) fn judge(self, applied: &[Applied]) -> Result<(), OpenError> {
        refuse_newer(applied)?;
        let newest = newest(applied);
        match self {
            Self::Make if newest == NOTHING => Ok(()),
            Self::Update | Self::Require if newest == NOTHING => Err(OpenError::NoSchema),
            Self::Make | Self::Require if newest < needed() => Err(OpenError::TooOld {
                found: newest,
                needed: needed(),
            }),
            Self::Migrate | Self::Make | Self::Update | Self::Require => Ok(()),
        }
    }

    /// Whether something is to be applied to a database with these migrations. What is to be made
    /// only was judged before: there is nothing yet.
    pub(crate) fn is_to_migrate(self, applied: &[Applied]) -> bool {
        match self {
            Self::Require => false,
            Self::Migrate | Self::Make | Self::Update => newest(applied) < needed(),
        }
    }
}

/// The migrations that come after this one.
pub(crate) fn missing_after(newest: i64) -> impl Iterator<Item = &'static Migration> {
    MIGRATIONS
        .iter()
        .filter(move |migration| migration.number > newest)
}

/// The tables that a PostgreSQL database has once it was migrated up to this number.
pub(crate) fn tables_after(newest: i64) -> impl Iterator<Item = &'static str> {
    MIGRATIONS
        .iter()
        .filter(move |migration| migration.number <= newest)
        .flat_map(|migration| migration.postgres.lines())
        .filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split(' ').next())
}

/// The number of the newest migration where none was applied.
const NOTHING: i64 = 0;

fn newest(applied: &[Applied]) -> i64 {
    applied.last().map_or(NOTHING, |last| last.number)
}

/// The newest migration of this program.
pub(crate) fn needed() -> i64 {
    MIGRATIONS.last().map_or(0, |last| last.number)
}

/// Only a schema that says so refuses an older program, so that nodes can be upgraded one by one.
fn refuse_newer(applied: &[Applied]) -> Result<(), OpenError> {
    let own = own_version();
    let too_new = applied
        .iter()
        .rev()
        .find(|migration| !is_at_least(&own, &migration.oldest_program));
    match too_new {
        Some(migration) => Err(OpenError::TooNew {
            needed: migration.oldest_program.clone(),
            program: own,
        }),
        None => Ok(()),
    }
}

fn parse_version(version: &str) -> Vec<u64> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(u64::MAX))
        .collect()
}
