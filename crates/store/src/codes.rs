//! The rows of authorization codes. What ends them lies above and calls this, so nothing here knows
//! grants or tokens.

use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, SessionId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::oauth::{
    CODE_LIVES, CodeChallenge, CodeDigest, IssuedCode, MOST_LIVE_CODES, RedirectUri,
};
use counterfoil_domain::scope::{AdministratorEpoch, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::removal::{self, id_list};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

macro_rules! codes {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, app_id, session_id, credential_version, redirect_uri, scopes, administrator_epoch,
                consented_at, code_challenge, expires_at, ended_at, authorization_id FROM authorization_codes ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO authorization_codes (digest, account_id, app_id, session_id, credential_version, redirect_uri,
            scopes, scope_set_key, administrator_epoch, consented_at, code_challenge, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    BEYOND_LIMIT = "SELECT id FROM authorization_codes WHERE account_id = $1 AND app_id = $2 AND created_at > $3
        AND redeemed_at IS NULL AND ended_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 100 OFFSET $4";
    WHOSE = "SELECT account_id FROM authorization_codes WHERE digest = $1 AND app_id = $2 AND expires_at > $3";
    LOCK = @Exclusive "SELECT 1 FROM authorization_codes WHERE digest = $1";
    FIND = codes!("WHERE digest = $1 AND app_id = $2");
    REDEEM = "UPDATE authorization_codes SET redeemed_at = $2, authorization_id = $3
        WHERE id = $1 AND redeemed_at IS NULL AND ended_at IS NULL";
    END = "UPDATE authorization_codes SET ended_at = $2, end_reason = $3
        WHERE id = $1 AND redeemed_at IS NULL AND ended_at IS NULL";
    END_OF_PAIR = "UPDATE authorization_codes SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND app_id = $2 AND redeemed_at IS NULL AND ended_at IS NULL";
    END_OF_ACCOUNT = "UPDATE authorization_codes SET ended_at = $2, end_reason = $3
        WHERE account_id = $1 AND redeemed_at IS NULL AND ended_at IS NULL";
    END_OF_APP = "UPDATE authorization_codes SET ended_at = $2, end_reason = $3
        WHERE app_id = $1 AND redeemed_at IS NULL AND ended_at IS NULL";
    REDEEMED_SINCE = "SELECT count(*) FROM authorization_codes
        WHERE account_id = $1 AND app_id = $2 AND created_at > $4 AND scope_set_key = $3 AND redeemed_at > $4";
    FORGET_ALL = "DELETE FROM authorization_codes";
    OLD = "SELECT id FROM authorization_codes WHERE created_at <= $1 ORDER BY created_at LIMIT $2";
    REMOVE = concat!("DELETE FROM authorization_codes WHERE id IN ", id_list!());
}

/// A code to be issued.
#[derive(Clone, Debug)]
pub(crate) struct FreshCode<'a> {
    pub(crate) digest: CodeDigest,
    pub(crate) account: AccountId,
    pub(crate) app: AppId,
    pub(crate) session: SessionId,
    pub(crate) credential_version: i64,
    pub(crate) redirect: &'a RedirectUri,
    pub(crate) scopes: &'a ScopeSet,
    pub(crate) administrator_epoch: Option<AdministratorEpoch>,
    pub(crate) consented_at: Timestamp,
    pub(crate) challenge: Option<&'a CodeChallenge>,
}

/// Issues a code of a pair that is locked. Where there are as many as may be, the eldest ends.
pub(crate) async fn issue(
    tx: &mut Tx,
    code: &FreshCode<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let since = now.minus(CODE_LIVES);
    let beyond = params![code.account, code.app, since, MOST_LIVE_CODES - 1];
    for id in removal::ids(tx, BEYOND_LIMIT, beyond).await? {
        end(tx, id, EndReason::Replaced, now).await?;
    }
    let row = params![
        code.digest.as_bytes(),
        code.account,
        code.app,
        code.session,
        code.credential_version,
        code.redirect.as_str(),
        code.scopes.to_string(),
        code.scopes.canonical_key(),
        code.administrator_epoch.map(|epoch| epoch.0),
        code.consented_at,
        code.challenge.map(CodeChallenge::as_str),
        now,
        now.plus(CODE_LIVES),
    ];
    tx.execute(INSERT, row).await.map(drop)
}

/// Whose the code of an app is that is not over; it stays theirs.
pub(crate) async fn owner(
    tx: &mut Tx,
    digest: CodeDigest,
    app: AppId,
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let sought = params![digest.as_bytes(), app, now];
    let row = tx.optional(WHOSE, sought).await?;
    row.map(|mut row| Ok(AccountId(row.integer(0)?)))
        .transpose()
}

/// The code of an app, which is held.
pub(crate) async fn hold(
    tx: &mut Tx,
    digest: CodeDigest,
    app: AppId,
) -> Result<Option<IssuedCode>, StoreError> {
    // Two statements: one that waits for the row sees it as it was before.
    tx.lock(LOCK, params![digest.as_bytes()]).await?;
    let row = tx.optional(FIND, params![digest.as_bytes(), app]).await?;
    row.map(code_from).transpose()
}

fn code_from(mut row: Row) -> Result<IssuedCode, StoreError> {
    Ok(IssuedCode {
        id: row.integer(0)?,
        account: AccountId(row.integer(1)?),
        app: AppId(row.integer(2)?),
        session: SessionId(row.integer(3)?),
        credential_version: row.integer(4)?,
        redirect: RedirectUri::from_stored(row.text(5)?),
        scopes: ScopeSet::from_stored(&row.text(6)?),
        administrator_epoch: row.optional_integer(7)?.map(AdministratorEpoch),
        consented_at: row.timestamp(8)?,
        challenge: row.optional_text(9)?.map(CodeChallenge::from_stored),
        expires_at: row.timestamp(10)?,
        has_ended: !row.is_null(11),
        redeemed_for: row.optional_integer(12)?.map(AuthorizationId),
    })
}

/// Notes what a code, which is held, was exchanged for. Says whether it was to be had.
pub(crate) async fn redeem(
    tx: &mut Tx,
    id: i64,
    token: AuthorizationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(REDEEM, params![id, now, token]).await? == 1)
}

/// Ends a code that was not redeemed.
pub(crate) async fn end(
    tx: &mut Tx,
    id: i64,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ending = params![id, now, reason.as_str()];
    tx.execute(END, ending).await.map(drop)
}

/// Ends the codes by which an app could still get what a user gave it.
pub(crate) async fn end_all_of_pair(
    tx: &mut Tx,
    (account, app): (AccountId, AppId),
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ending = params![account, app, now, reason.as_str()];
    tx.execute(END_OF_PAIR, ending).await.map(drop)
}

/// Ends the codes of a user.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    account: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ending = params![account, now, reason.as_str()];
    tx.execute(END_OF_ACCOUNT, ending).await.map(drop)
}

/// Ends the codes of an app.
pub(crate) async fn end_all_of_app(
    tx: &mut Tx,
    app: AppId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ending = params![app, now, reason.as_str()];
    tx.execute(END_OF_APP, ending).await.map(drop)
}

/// How many codes for these scopes were redeemed since then.
pub(crate) async fn redeemed_since(
    tx: &mut Tx,
    (account, app): (AccountId, AppId),
    scopes: &ScopeSet,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let sought = params![account, app, scopes.canonical_key(), since];
    tx.one(REDEEMED_SINCE, sought).await?.count(0)
}

/// Forgets all codes, of a database that somebody restored.
pub(crate) async fn forget_all(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(FORGET_ALL, &[]).await.map(drop)
}

/// The ids of codes that were issued before `before`.
pub(crate) async fn old(
    tx: &mut Tx,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<i64>, StoreError> {
    removal::ids(tx, OLD, params![before, limit]).await
}

/// Removes codes. Says how many went.
pub(crate) async fn remove(tx: &mut Tx, ids: &[i64]) -> Result<u64, StoreError> {
    removal::by_id(tx, REMOVE, ids).await
}
