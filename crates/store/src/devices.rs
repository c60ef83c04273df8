//! The rows of devices that wait for a user to let them in. What ends them lies above and calls
//! this, so nothing here knows grants or tokens.

use std::time::Duration;

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, SessionId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::oauth::{
    DEVICE_CODE_LIVES, DeviceAnswer, POLL_INTERVAL, PolledDevice, UserCodeDigest, WaitingDevice,
};
use counterfoil_domain::scope::{AdministratorEpoch, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::removal::{self, id_list};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

const APPROVED: &str = "approved";
const DENIED: &str = "denied";

/// The columns that [`polled_from`] reads.
macro_rules! polled {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.answer, d.account_id, d.expires_at, d.poll_interval, d.polled_at, d.slowed_at, d.ended_at,
                d.authorization_id, p.device_flow, o.id
            FROM device_codes d LEFT JOIN apps p ON p.id = d.app_id AND p.ended_at IS NULL AND p.suspended_at IS NULL
            LEFT JOIN accounts o ON o.id = p.owner_account_id AND o.ended_at IS NULL AND o.suspended_at IS NULL ",
            $rest
        )
    };
}

statements! {
    WAITING = "SELECT count(*) FROM (SELECT 1 FROM device_codes WHERE expires_at > $1 LIMIT $2) AS counted";
    INSERT = "INSERT INTO device_codes (digest, user_code, app_id, scopes, address, agent, created_at, expires_at,
            poll_interval) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (user_code) DO NOTHING";
    POLLED = polled!("WHERE d.digest = $1 AND d.app_id = $2");
    INTERVAL = "SELECT poll_interval FROM device_codes WHERE digest = $1";
    NOTE_POLL = "UPDATE device_codes SET polled_at = $2, slowed_at = NULL
        WHERE id = $1 AND (polled_at IS NULL OR polled_at < $2)";
    SLOW = "UPDATE device_codes SET poll_interval = $2, slowed_at = $3
        WHERE id = $1 AND slowed_at IS NULL AND poll_interval < $2";
    // A code that was typed belongs to the session that it was typed in.
    NAME = "UPDATE device_codes SET account_id = $2, session_id = $3
        WHERE user_code = $1 AND expires_at > $4 AND answer IS NULL AND ended_at IS NULL
            AND (session_id IS NULL OR session_id = $3)
        RETURNING id, app_id, scopes, address, agent, created_at, session_id";
    NAMED = "SELECT id, app_id, scopes, address, agent, created_at, session_id FROM device_codes
        WHERE id = $1 AND session_id = $2 AND expires_at > $3 AND answer IS NULL AND ended_at IS NULL";
    ANSWER = "UPDATE device_codes SET answer = $3, answered_at = $4, credential_version = $5, scopes = $6,
            administrator_epoch = $7
        WHERE id = $1 AND session_id = $2 AND expires_at > $4 AND answer IS NULL AND ended_at IS NULL";
    LAST_ANSWER = "SELECT answer FROM device_codes WHERE session_id = $1 AND answered_at > $2
        ORDER BY answered_at DESC LIMIT 1";
    LOCK = @Exclusive "SELECT 1 FROM device_codes WHERE digest = $1";
    APPROVED_ROW = "SELECT scopes, answered_at, credential_version, administrator_epoch FROM device_codes WHERE id = $1";
    REDEEM = "UPDATE device_codes SET redeemed_at = $2, authorization_id = $3
        WHERE id = $1 AND redeemed_at IS NULL AND ended_at IS NULL";
    END_OF_PAIR = "UPDATE device_codes SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND app_id = $2 AND answer = 'approved' AND redeemed_at IS NULL AND ended_at IS NULL";
    END_OF_ACCOUNT = "UPDATE device_codes SET ended_at = $2, end_reason = $3
        WHERE account_id = $1 AND answer = 'approved' AND redeemed_at IS NULL AND ended_at IS NULL";
    END_OF_APP = "UPDATE device_codes SET ended_at = $2, end_reason = $3
        WHERE app_id = $1 AND redeemed_at IS NULL AND ended_at IS NULL";
    FORGET_ALL = "DELETE FROM device_codes";
    OLD = "SELECT id FROM device_codes WHERE created_at <= $1 ORDER BY created_at LIMIT $2";
    REMOVE = concat!("DELETE FROM device_codes WHERE id IN ", id_list!());
}

/// A device that asks to be let in.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// What is kept of the code that it polls with.
    pub digest: SecretDigest,
    /// What is kept of the code that its user types.
    pub user_code: UserCodeDigest,
    /// The app that it runs.
    pub app: AppId,
    /// The scopes that it asks for.
    pub scopes: ScopeSet,
    /// From where it asks.
    pub address: ClientAddress,
    /// What it calls itself.
    pub agent: Option<String>,
}

/// What was given to a device.
#[derive(Clone, Debug)]
pub(crate) struct Approved {
    pub(crate) scopes: ScopeSet,
    pub(crate) at: Timestamp,
    pub(crate) credential_version: i64,
    /// The epoch of an administrator who gave it.
    pub(crate) administrator_epoch: Option<AdministratorEpoch>,
}

/// What a user gives a device by an answer, and as what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Giving<'a> {
    pub(crate) scopes: &'a ScopeSet,
    pub(crate) credential_version: i64,
    pub(crate) administrator_epoch: Option<AdministratorEpoch>,
}

/// How many devices wait, counted up to `most`.
pub(crate) async fn waiting(tx: &mut Tx, most: u64, now: Timestamp) -> Result<u64, StoreError> {
    tx.one(WAITING, params![now, most]).await?.count(0)
}

/// Has a device wait. Says whether it does: another one may show the same code.
pub(crate) async fn insert(
    tx: &mut Tx,
    device: &NewDevice,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = params![
        device.digest.as_bytes(),
        device.user_code.as_bytes(),
        device.app,
        device.scopes.to_string(),
        device.address.to_string(),
        device.agent.as_deref(),
        now,
        now.plus(DEVICE_CODE_LIVES),
        seconds(POLL_INTERVAL),
    ];
    Ok(tx.execute(INSERT, row).await? == 1)
}

/// The device of an app that polls with this code.
pub(crate) async fn polled(
    tx: &mut Tx,
    digest: SecretDigest,
    app: AppId,
) -> Result<Option<PolledDevice>, StoreError> {
    let row = tx.optional(POLLED, params![digest.as_bytes(), app]).await?;
    row.map(polled_from).transpose()
}

/// The same, held.
pub(crate) async fn hold(
    tx: &mut Tx,
    digest: SecretDigest,
    app: AppId,
) -> Result<Option<PolledDevice>, StoreError> {
    // Two statements: one that waits for the row sees it as it was before.
    tx.lock(LOCK, params![digest.as_bytes()]).await?;
    polled(tx, digest, app).await
}

fn polled_from(mut row: Row) -> Result<PolledDevice, StoreError> {
    let has_app = !row.is_null(9) && !row.is_null(10);
    Ok(PolledDevice {
        id: row.integer(0)?,
        answer: answer_from(row.optional_text(1)?),
        account: row.optional_integer(2)?.map(AccountId),
        expires_at: row.timestamp(3)?,
        interval: Duration::from_secs(row.count(4)?),
        polled_at: row.optional_timestamp(5)?,
        is_slowed: !row.is_null(6),
        has_ended: !row.is_null(7),
        redeemed_for: row.optional_integer(8)?.map(AuthorizationId),
        app_allows: has_app && row.flag(9)?,
    })
}

fn answer_from(text: Option<String>) -> Option<DeviceAnswer> {
    text.map(|text| match text.as_str() {
        APPROVED => DeviceAnswer::Approved,
        _ => DeviceAnswer::Denied,
    })
}

/// How far apart the polls of the device with this code are to be.
pub(crate) async fn interval(
    tx: &mut Tx,
    digest: SecretDigest,
) -> Result<Option<Duration>, StoreError> {
    let row = tx.optional(INTERVAL, params![digest.as_bytes()]).await?;
    row.map(|mut row| Ok(Duration::from_secs(row.count(0)?)))
        .transpose()
}

/// Notes a poll that was not too early.
pub(crate) async fn note_poll(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(NOTE_POLL, params![id, now]).await.map(drop)
}

/// Has the polls of a device be so far apart. The interval never falls.
pub(crate) async fn slow(
    tx: &mut Tx,
    id: i64,
    interval: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let slower = params![id, seconds(interval), now];
    tx.execute(SLOW, slower).await.map(drop)
}

/// Binds the device that shows this code to the session that the code was typed in, unless it is
/// bound to another one.
pub(crate) async fn name(
    tx: &mut Tx,
    code: UserCodeDigest,
    (account, session): (AccountId, SessionId),
    now: Timestamp,
) -> Result<Option<WaitingDevice>, StoreError> {
    let named = params![code.as_bytes(), account, session, now];
    let row = tx.optional(NAME, named).await?;
    row.map(waiting_from).transpose()
}

/// A device that waits for an answer of this session.
pub(crate) async fn named(
    tx: &mut Tx,
    id: i64,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<WaitingDevice>, StoreError> {
    let row = tx.optional(NAMED, params![id, session, now]).await?;
    row.map(waiting_from).transpose()
}

fn waiting_from(mut row: Row) -> Result<WaitingDevice, StoreError> {
    let address = row.text(3)?.parse();
    Ok(WaitingDevice {
        id: row.integer(0)?,
        app: AppId(row.integer(1)?),
        scopes: ScopeSet::from_stored(&row.text(2)?),
        address: address.map_err(|_| StoreError::Inconsistent {
            table: "device_codes",
            column: "address",
        })?,
        agent: row.optional_text(4)?,
        asked_at: row.timestamp(5)?,
        session: row.optional_integer(6)?.map(SessionId),
    })
}

/// Notes what a user answered a device, with what it gets. Says whether it waited for an
/// answer of this session.
pub(crate) async fn answer(
    tx: &mut Tx,
    (id, session): (i64, SessionId),
    answer: DeviceAnswer,
    giving: Giving<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let word = match answer {
        DeviceAnswer::Approved => APPROVED,
        DeviceAnswer::Denied => DENIED,
    };
    let row = params![
        id,
        session,
        word,
        now,
        giving.credential_version,
        giving.scopes.to_string(),
        giving.administrator_epoch.map(|epoch| epoch.0),
    ];
    Ok(tx.execute(ANSWER, row).await? == 1)
}

/// What was answered last in this session, since then.
pub(crate) async fn last_answer(
    tx: &mut Tx,
    session: SessionId,
    since: Timestamp,
) -> Result<Option<DeviceAnswer>, StoreError> {
    let Some(mut row) = tx.optional(LAST_ANSWER, params![session, since]).await? else {
        return Ok(None);
    };
    Ok(answer_from(row.optional_text(0)?))
}

/// What was given to a device that was let in.
pub(crate) async fn approved(tx: &mut Tx, id: i64) -> Result<Approved, StoreError> {
    let mut row = tx.one(APPROVED_ROW, params![id]).await?;
    Ok(Approved {
        scopes: ScopeSet::from_stored(&row.text(0)?),
        at: row.timestamp(1)?,
        credential_version: row.integer(2)?,
        administrator_epoch: row.optional_integer(3)?.map(AdministratorEpoch),
    })
}

/// Notes which token a device, which is held, got. Says whether it was to have one.
pub(crate) async fn redeem(
    tx: &mut Tx,
    id: i64,
    token: AuthorizationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(REDEEM, params![id, now, token]).await? == 1)
}

/// Ends what a user gave to devices of an app and they have not got yet.
pub(crate) async fn end_all_of_pair(
    tx: &mut Tx,
    (account, app): (AccountId, AppId),
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ending = params![account, app, now, reason.as_str()];
    tx.execute(END_OF_PAIR, ending).await.map(drop)
}

/// The same, of all apps.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    account: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ending = params![account, now, reason.as_str()];
    tx.execute(END_OF_ACCOUNT, ending).await.map(drop)
}

/// Ends the devices of an app, those too that wait.
pub(crate) async fn end_all_of_app(
    tx: &mut Tx,
    app: AppId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ending = params![app, now, reason.as_str()];
    tx.execute(END_OF_APP, ending).await.map(drop)
}

/// Forgets all devices, of a database that somebody restored.
pub(crate) async fn forget_all(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(FORGET_ALL, &[]).await.map(drop)
}

/// The ids of devices that asked before `before`.
pub(crate) async fn old(
    tx: &mut Tx,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<i64>, StoreError> {
    removal::ids(tx, OLD, params![before, limit]).await
}

/// Removes devices. Says how many went.
pub(crate) async fn remove(tx: &mut Tx, ids: &[i64]) -> Result<u64, StoreError> {
    removal::by_id(tx, REMOVE, ids).await
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
