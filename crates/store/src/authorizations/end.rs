//! Ending authorizations, one or many, with their digests; and what that does to their grants.

use std::collections::BTreeMap;

use counterfoil_domain::audit::Subject;
use counterfoil_domain::change::Change;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::timestamp::Timestamp;

use crate::audit::Ending;
use crate::authorizations::rows::times_from;
use crate::error::StoreError;
use crate::grants;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

statements! {
    END_AUTHORIZATION = "UPDATE authorizations SET ended_at = $2, end_reason = $3,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND ended_at IS NULL
        RETURNING account_id, app_id, grant_id";
    END_DIGESTS = "UPDATE token_digests SET ended_at = $2, end_reason = $3 WHERE authorization_id = $1 AND ended_at IS NULL
        RETURNING digest_head, digest";
    LIVE_HEADS = "SELECT digest_head FROM token_digests WHERE authorization_id = $1 AND ended_at IS NULL";
    EXPIRED_OF_ACCOUNT = "SELECT id, grant_id, created_at, last_used_at, expires_at FROM authorizations
        WHERE account_id = $1 AND ended_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $2";
    IDLE_OF_ACCOUNT = "SELECT id, grant_id, created_at, last_used_at, expires_at FROM authorizations
        WHERE account_id = $1 AND ended_at IS NULL AND created_at <= $2 AND coalesce(last_used_at, created_at) <= $2";
    OF_ACCOUNT = "SELECT id, created_at, last_used_at, expires_at FROM authorizations
        WHERE account_id = $1 AND ended_at IS NULL";
    OF_APP = "SELECT id, created_at, last_used_at, expires_at FROM authorizations
        WHERE app_id = $1 AND ended_at IS NULL";
    OF_GRANT = "SELECT id, created_at, last_used_at, expires_at FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND ended_at IS NULL";
    OF_MAKER = "SELECT id FROM authorizations WHERE maker_account_id = $1 AND ended_at IS NULL ORDER BY id";
    END_IDLE = "UPDATE authorizations SET ended_at = $2, end_reason = $3,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL AND created_at <= $4 AND coalesce(last_used_at, created_at) <= $4
        RETURNING account_id, app_id, grant_id";
    END_EXPIRED = "UPDATE authorizations SET ended_at = $2, end_reason = $3,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL AND expires_at <= $2 RETURNING account_id, app_id, grant_id";
    END_EXPIRED_DIGEST = "UPDATE token_digests SET ended_at = $2, end_reason = $3
        WHERE id = $1 AND ended_at IS NULL AND expires_at <= $2 RETURNING authorization_id, digest";
    WHOSE = "SELECT account_id, app_id, grant_id FROM authorizations WHERE id = $1";
}

/// Grants that are to be brought up to date when no authorization is to be taken hold of any more,
/// for whoever holds both takes authorizations first.
#[derive(Debug, Default)]
pub(crate) struct DirtyGrants {
    grants: BTreeMap<i64, Gained>,
}

/// Whether a token came to a grant, or only others went or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gained {
    None,
    One,
}

impl DirtyGrants {
    /// A token of this grant changed or went.
    pub(super) fn changed(&mut self, grant: GrantId) {
        self.grants.entry(grant.0).or_insert(Gained::None);
    }

    /// A token came to this grant, so its time moves.
    pub(super) fn gained(&mut self, grant: GrantId) {
        self.grants.insert(grant.0, Gained::One);
    }

    fn all_changed(&mut self, grants: impl IntoIterator<Item = i64>) {
        grants.into_iter().for_each(|id| self.changed(GrantId(id)));
    }
}

/// Ends one authorization and its digests, and announces it. Says whether it did: somebody else may
/// have been first.
pub(super) async fn one(
    tx: &mut Tx,
    id: AuthorizationId,
    reason: EndReason,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(heads) = end_unannounced(tx, id, reason, now).await? else {
        return Ok(false);
    };
    announce(tx, id, heads, now);
    Ok(true)
}

/// Ends the live tokens of an authorization that lives on, announces it, and says how many they
/// were.
pub(super) async fn tokens(
    tx: &mut Tx,
    id: AuthorizationId,
    reason: EndReason,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let whose = tx.one(WHOSE, params![id]).await?;
    let heads = end_digests(tx, subject_from(id, whose)?, reason, now).await?;
    let ended = heads.len();
    announce(tx, id, heads, now);
    Ok(ended)
}

/// Ends one authorization and its digests for a caller that announces what it belongs to; nothing
/// when it has ended before. The authorization comes before its digests, here and wherever else
/// both are written.
async fn end_unannounced(
    tx: &mut Tx,
    id: AuthorizationId,
    reason: EndReason,
    now: Timestamp,
) -> Result<Option<Vec<i64>>, StoreError> {
    let ending = params![id, now, reason.as_str()];
    let whose = match reason {
        // A use may have been written down since it was found to be idle.
        EndReason::Idle => {
            let idle = params![id, now, reason.as_str(), tx.idle_since(now)];
            tx.optional(END_IDLE, idle).await?
        }
        // An app may have refreshed it since its time was found to be over.
        EndReason::Expired => tx.optional(END_EXPIRED, ending).await?,
        _ => tx.optional(END_AUTHORIZATION, ending).await?,
    };
    let Some(whose) = whose else {
        return Ok(None);
    };
    let subject = subject_from(id, whose)?;
    end_digests(tx, subject, reason, now).await.map(Some)
}

/// Ends the live tokens of an authorization, notes each for the audit trail, and gives the heads of
/// their digests.
async fn end_digests(
    tx: &mut Tx,
    of: Subject,
    reason: EndReason,
    now: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let ending = params![of.authorization, now, reason.as_str()];
    let mut heads = Vec::new();
    for mut row in tx.rows(END_DIGESTS, ending).await? {
        heads.push(row.integer(0)?);
        let subject = Subject {
            token: Some(digest_from(&row.blob(1)?)?),
            ..of
        };
        tx.note_ending(Ending { subject, reason });
    }
    Ok(heads)
}

/// A token's digest as it is stored.
pub(crate) fn digest_from(stored: &[u8]) -> Result<SecretDigest, StoreError> {
    SecretDigest::from_stored(stored).ok_or(StoreError::Inconsistent {
        table: "token_digests",
        column: "digest",
    })
}

/// Ends tokens (ids of their digests) whose time was over before that of their authorizations, and
/// says how many. Whoever remembers such a token knows its time.
pub(crate) async fn expired_digests(
    tx: &mut Tx,
    ids: Vec<Row>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let reason = EndReason::Expired;
    let mut ended = 0;
    for mut row in ids {
        let ending = params![row.integer(0)?, now, reason.as_str()];
        let Some(mut row) = tx.optional(END_EXPIRED_DIGEST, ending).await? else {
            continue;
        };
        let id = AuthorizationId(row.integer(0)?);
        let whose = tx.one(WHOSE, params![id]).await?;
        let subject = Subject {
            token: Some(digest_from(&row.blob(1)?)?),
            ..subject_from(id, whose)?
        };
        tx.note_ending(Ending { subject, reason });
        ended += 1;
    }
    Ok(ended)
}

/// What an authorization's tokens are of, from its account, app and grant.
fn subject_from(id: AuthorizationId, mut whose: Row) -> Result<Subject, StoreError> {
    Ok(Subject {
        account: Some(AccountId(whose.integer(0)?)),
        app: whose.optional_integer(1)?.map(AppId),
        authorization: Some(id),
        grant: whose.optional_integer(2)?.map(GrantId),
        ..Subject::default()
    })
}

/// Announces that the record of a live token is no longer as it was.
pub(super) async fn announce_change(
    tx: &mut Tx,
    id: AuthorizationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let heads = tx.rows(LIVE_HEADS, params![id]).await?.into_iter();
    let heads = heads
        .map(|mut row| row.integer(0))
        .collect::<Result<_, _>>()?;
    announce(tx, id, heads, now);
    Ok(())
}

fn announce(tx: &mut Tx, id: AuthorizationId, heads: Vec<i64>, now: Timestamp) {
    for digest_head in heads {
        tx.announce(Change::Authorization { id, digest_head }, now);
    }
}

/// Ends what of a user's tokens has expired or is idle, so that it is in nobody's way. The caller
/// brings the grants up to date, with [`recompute`].
pub(super) async fn lapsed(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
    touched: &mut DirtyGrants,
) -> Result<(), StoreError> {
    let mut rows = tx.rows(EXPIRED_OF_ACCOUNT, params![owner, now]).await?;
    let life = tx.liveness().life();
    if life.idle.is_some() {
        let idle = params![owner, life.idle_since(now)];
        rows.extend(tx.rows(IDLE_OF_ACCOUNT, idle).await?);
    }
    for (id, mut row) in by_id(rows)? {
        touched.all_changed(row.optional_integer(1)?);
        if let Some(lapsed) = life.lapsed(times_from(&mut row, 2)?, now) {
            over(tx, id, lapsed, now).await?;
        }
    }
    Ok(())
}

/// Ends what is over by itself, for that reason. Says whether it did: somebody else may have been
/// first, and what was idle may have been used meanwhile.
async fn over(
    tx: &mut Tx,
    id: AuthorizationId,
    lapsed: EndReason,
    now: Timestamp,
) -> Result<bool, StoreError> {
    match lapsed {
        // Whoever remembers an expired token knows its time.
        EndReason::Expired => Ok(end_unannounced(tx, id, lapsed, now).await?.is_some()),
        // An idle one may have been served a moment ago.
        _ => one(tx, id, lapsed, now).await,
    }
}

/// Ends all live tokens of a user and says how many there were.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    account: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = tx.rows(OF_ACCOUNT, params![account]).await?;
    tx.announce(Change::Account(account), now);
    all(tx, rows, reason, now).await
}

/// Ends what an administrator made to act as others, since the administrator is one no more, and
/// says how many there were.
pub(crate) async fn end_all_of_maker(
    tx: &mut Tx,
    maker: AccountId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut ended = 0;
    for mut row in tx.rows(OF_MAKER, params![maker]).await? {
        let id = AuthorizationId(row.integer(0)?);
        ended += u64::from(one(tx, id, EndReason::MakerLostRights, now).await?);
    }
    Ok(ended)
}

/// Ends all live tokens of an app and says how many there were.
pub(crate) async fn end_all_of_app(
    tx: &mut Tx,
    app: AppId,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = tx.rows(OF_APP, params![app]).await?;
    tx.announce(Change::App(app), now);
    all(tx, rows, reason, now).await
}

/// Ends all live tokens that a user gave an app and says how many there were.
pub(crate) async fn end_all_of_grant(
    tx: &mut Tx,
    (account, app): (AccountId, AppId),
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = tx.rows(OF_GRANT, params![account, app]).await?;
    tx.announce(Change::Account(account), now);
    all(tx, rows, reason, now).await
}

/// Ends each row (id, grant) for one reason and announces it, brings the grants up to date once
/// each, and says how many ended: not those that somebody else ended first.
pub(crate) async fn end_each(
    tx: &mut Tx,
    rows: Vec<Row>,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut touched = DirtyGrants::default();
    let mut ended = 0;
    for (id, mut row) in by_id(rows)? {
        if one(tx, id, reason, now).await? {
            touched.all_changed(row.optional_integer(1)?);
            ended += 1;
        }
    }
    recompute(tx, touched, now).await?;
    Ok(ended)
}

/// Ends each row (id, making, last use, expiry), which the caller has announced unless it was over
/// already. What was over ends for its own reason and is not counted, nor what has ended meanwhile.
///
/// The rows are all live tokens of their grants, which nobody adds to meanwhile, so no grant needs
/// [`recompute`]: without live tokens it shows what was last granted. To look at each would read
/// all tokens of an app for each of its users.
pub(super) async fn all(
    tx: &mut Tx,
    rows: Vec<Row>,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rule = tx.liveness().life();
    let mut live = 0;
    for (id, mut row) in by_id(rows)? {
        let was_over = match rule.lapsed(times_from(&mut row, 1)?, now) {
            Some(lapsed) => over(tx, id, lapsed, now).await?,
            None => false,
        };
        if !was_over {
            live += u64::from(end_unannounced(tx, id, reason, now).await?.is_some());
        }
    }
    Ok(live)
}

/// Rows that begin with an id, in the order in which everybody ends several.
fn by_id(rows: Vec<Row>) -> Result<Vec<(AuthorizationId, Row)>, StoreError> {
    let with_id = |mut row: Row| Ok((AuthorizationId(row.integer(0)?), row));
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(with_id)
        .collect::<Result<_, StoreError>>()?;
    rows.sort_unstable_by_key(|(id, _)| *id);
    Ok(rows)
}

/// Brings each of these grants up to date once, in the order of their ids.
pub(crate) async fn recompute(
    tx: &mut Tx,
    touched: DirtyGrants,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (id, came) in touched.grants {
        grants::recompute(tx, GrantId(id), now).await?;
        match came {
            Gained::None => {}
            Gained::One => grants::touch(tx, GrantId(id), now).await?,
        }
    }
    Ok(())
}
