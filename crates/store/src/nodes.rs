//! The processes that serve from a database, and what each of them can judge.
//!
//! What an older program would judge wrongly must not be used while one serves. So every process
//! says again and again that it is there and of which level it is; one that was not seen for a
//! minute is taken to be gone. Programs from before the eighth migration say nothing.
//!
//! Whoever is about to use such a [`Feature`] [demands](demand) it in the same transaction. From
//! then on the schema needs a program that knows it: an older one does not start any more.

use std::time::Duration;

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::migrations::{self, LEVEL};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::Note;

/// How long a process that is gone stays listed.
const KEPT: Duration = Duration::from_hours(24);
/// How long a process may be silent before it is taken to be gone.
const SILENT: Duration = Duration::from_mins(1);
/// Most processes that are looked at.
const LOOKED_AT: u32 = 1_000;

/// What a program of a lower level judges wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// An app that may do less than it could: one that is suspended or has a published secret,
    /// whose redirect URIs are exact, which has to bring a code challenge or whose tokens expire.
    /// Or one that is told of every token, which an older program leaves to the app's next owner.
    RestrictedApps,
    /// A passkey, which is a second factor: an older program would let the password alone in.
    Passkeys,
    /// A device with scopes for administrators, which an older program gives whoever polls.
    AdministratorDevices,
}

impl Feature {
    /// The level of the first program that knew it.
    const fn level(self) -> u32 {
        match self {
            Self::RestrictedApps | Self::Passkeys | Self::AdministratorDevices => 2,
        }
    }

    /// That program, as the schema names it.
    const fn oldest_program(self) -> &'static str {
        match self {
            Self::RestrictedApps | Self::Passkeys | Self::AdministratorDevices => "0.1.0.2",
        }
    }
}

statements! {
    NOTE_NODE = "INSERT INTO nodes (id, level, seen_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE
        SET level = $2, seen_at = CASE WHEN nodes.seen_at > $3 THEN nodes.seen_at ELSE $3 END";
    LEVELS = "SELECT level FROM nodes WHERE seen_at > $1 ORDER BY seen_at DESC LIMIT $2";
    FORGET_NODES = "DELETE FROM nodes WHERE seen_at <= $1";
    HAS_OLDER = "SELECT 1 FROM nodes WHERE seen_at > $2 AND level < $1 LIMIT 1";
    NEEDED_PROGRAMS = "SELECT DISTINCT oldest_program FROM schema_migrations";
    NEED_PROGRAM = "UPDATE schema_migrations SET oldest_program = $1 WHERE number = (SELECT max(number) FROM schema_migrations)";
}

impl Store {
    /// Says that this process is there, `now`, and forgets those that were not for a day.
    pub async fn note_node(&self, now: Timestamp) -> Result<(), StoreError> {
        let process = self.process().0.clone();
        self.note(Note::NodeSeen, move |tx| {
            Box::pin(async move {
                tx.execute(NOTE_NODE, params![process, i64::from(LEVEL), now])
                    .await?;
                tx.execute(FORGET_NODES, params![now.minus(KEPT)]).await?;
                Ok(())
            })
        })
        .await
    }

    /// What each process that serves at `now` can judge, by its level.
    pub async fn levels_of_nodes(&self, now: Timestamp) -> Result<NodeLevels, StoreError> {
        let since = now.minus(SILENT);
        let rows = self.read_one(move |tx| {
            Box::pin(async move { tx.rows(LEVELS, params![since, LOOKED_AT]).await })
        });
        let levels = rows.await?.into_iter().map(|mut row| row.integer(0));
        Ok(NodeLevels {
            own: i64::from(LEVEL),
            levels: levels.collect::<Result<_, _>>()?,
        })
    }
}

/// What the processes that serve can judge: whatever has the lower level would take something for
/// something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLevels {
    /// The level of this program.
    pub own: i64,
    /// Those of all that serve, this process among them if it does.
    pub levels: Vec<i64>,
}

/// Whether a program that does not know a feature serves, or did within the last minute.
pub(crate) async fn older_serves(
    tx: &mut Tx,
    feature: Feature,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let asked = params![i64::from(feature.level()), now.minus(SILENT)];
    Ok(tx.optional(HAS_OLDER, asked).await?.is_some())
}

/// Refuses to begin to use a feature while a program that does not know it serves, or did within
/// the last minute. Otherwise the schema needs a program that knows it, once the transaction
/// commits.
pub(crate) async fn demand(
    tx: &mut Tx,
    feature: Feature,
    now: Timestamp,
) -> Result<(), StoreError> {
    if older_serves(tx, feature, now).await? {
        return Err(StoreError::OlderProgram);
    }
    for mut row in tx.rows(NEEDED_PROGRAMS, &[]).await? {
        if migrations::is_at_least(&row.text(0)?, feature.oldest_program()) {
            return Ok(());
        }
    }
    tx.execute(NEED_PROGRAM, params![feature.oldest_program()])
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_is_of_the_level_of_the_newest_feature_and_its_version_says_so() {
        let features = [
            Feature::RestrictedApps,
            Feature::Passkeys,
            Feature::AdministratorDevices,
        ];
        let levels = features.map(Feature::level);
        assert_eq!(levels.iter().max(), Some(&LEVEL));
        for feature in features {
            let oldest = feature.oldest_program();
            assert!(
                oldest.ends_with(&format!(".{}", feature.level())),
                "{oldest}"
            );
            assert!(migrations::is_at_least(&migrations::own_version(), oldest));
            assert!(!migrations::is_at_least("0.1.0", oldest), "{oldest}");
        }
    }
}
