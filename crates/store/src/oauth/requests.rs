//! Requests of apps that wait for an answer, each under the session that it was shown in.

use counterfoil_domain::app::{App, AppSwitches};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, SessionId};
use counterfoil_domain::login::Login;
use counterfoil_domain::oauth::{
    AppRequest, CodeChallenge, MOST_REQUESTS, REQUEST_LIVES, RedirectUri, State,
};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::timestamp::Timestamp;

use crate::apps;
use crate::engine::Store;
use crate::error::StoreError;
use crate::oauth::asking;
use crate::statement::{Row, Value, params, statements};
use crate::tx::Tx;
use crate::writing::Note;

statements! {
    INSERT = "INSERT INTO app_requests (digest, session_id, account_id, app_id, redirect_uri, scopes, state,
            code_challenge, query, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    FORGET_ELDEST = "DELETE FROM app_requests WHERE session_id = $1 AND created_at <
        (SELECT created_at FROM app_requests WHERE session_id = $1 ORDER BY created_at DESC LIMIT 1 OFFSET $2)";
    FIND = "SELECT r.app_id, r.account_id, r.session_id, r.redirect_uri, r.scopes, r.state, r.code_challenge, r.query,
            r.answered_at, a.login, CASE WHEN p.suspended_at IS NULL AND o.suspended_at IS NULL AND o.ended_at IS NULL
                THEN 0 ELSE 1 END, p.exact_match, p.require_pkce, p.send_iss, p.standard_errors FROM app_requests r
        JOIN accounts a ON a.id = r.account_id JOIN apps p ON p.id = r.app_id JOIN accounts o ON o.id = p.owner_account_id
        WHERE r.digest = $1 AND r.created_at > $2";
    ANSWER = "UPDATE app_requests SET answered_at = $4
        WHERE digest = $1 AND session_id = $2 AND created_at > $3 AND answered_at IS NULL
        RETURNING app_id, account_id, session_id, redirect_uri, scopes, state, code_challenge, query";
    FORGET_ALL = "DELETE FROM app_requests";
    FORGET_OF_APP = "DELETE FROM app_requests WHERE app_id = $1";
    OLD = "SELECT digest FROM app_requests WHERE created_at <= $1 ORDER BY created_at LIMIT $2";
    REMOVE = "DELETE FROM app_requests WHERE digest = $1";
}

/// A request that was shown, whoever asks.
#[derive(Clone, Debug)]
pub struct FoundRequest {
    /// As it was shown.
    pub request: AppRequest,
    /// The login of who it was shown to.
    pub login: Login,
    /// Whether it has had its answer.
    pub is_answered: bool,
    /// Whether the app, or its owner, is suspended by now.
    pub is_suspended: bool,
    /// What is switched on for the app by now.
    pub switches: AppSwitches,
}

impl Store {
    /// Keeps a request that is shown, of an app as a page read it. Where a session has as many as
    /// may wait, the eldest goes. `false`, and nothing kept, if the app is not so any more: its
    /// page would name another owner than the one who gets the answer, or lead elsewhere.
    pub async fn keep_app_request(
        &self,
        handle: SecretDigest,
        request: AppRequest,
        app: App,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.note(Note::AppAsks, move |tx| {
            Box::pin(async move {
                // Who changes it forgets what waits by then, or was before.
                apps::keep_app(tx, request.app).await?;
                if !asking::is_as_read(tx, &app).await? {
                    return Ok(false);
                }
                let row = params![
                    handle.as_bytes(),
                    request.session,
                    request.account,
                    request.app,
                    request.redirect.as_str(),
                    request.scopes.to_string(),
                    request.state.as_ref().map(State::as_str),
                    request.challenge.as_ref().map(CodeChallenge::as_str),
                    request.query.as_str(),
                    now,
                ];
                tx.execute(INSERT, row).await?;
                let beyond = params![request.session, MOST_REQUESTS - 1];
                tx.execute(FORGET_ELDEST, beyond).await?;
                Ok(true)
            })
        })
        .await
    }

    /// The request of a handle, if its time is not over.
    pub async fn find_app_request(
        &self,
        handle: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<FoundRequest>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let sought = params![handle.as_bytes(), now.minus(REQUEST_LIVES)];
                let Some(mut row) = tx.optional(FIND, sought).await? else {
                    return Ok(None);
                };
                Ok(Some(FoundRequest {
                    is_answered: !row.is_null(8),
                    login: Login::from_stored(row.text(9)?),
                    is_suspended: row.flag(10)?,
                    switches: apps::switches_from(&mut row, 11)?,
                    request: request_from(&mut row)?,
                }))
            })
        })
        .await
    }
}

/// Takes a request that waits in this session; nothing if it is over, was answered, or waits in
/// another one.
pub(super) async fn answer(
    tx: &mut Tx,
    handle: SecretDigest,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<AppRequest>, StoreError> {
    let sought = params![handle.as_bytes(), session, now.minus(REQUEST_LIVES), now];
    let row = tx.optional(ANSWER, sought).await?;
    row.map(|mut row| request_from(&mut row)).transpose()
}

fn request_from(row: &mut Row) -> Result<AppRequest, StoreError> {
    Ok(AppRequest {
        app: AppId(row.integer(0)?),
        account: AccountId(row.integer(1)?),
        session: SessionId(row.integer(2)?),
        redirect: RedirectUri::from_stored(row.text(3)?),
        scopes: ScopeSet::from_stored(&row.text(4)?),
        state: row.optional_text(5)?.map(State::from_stored),
        challenge: row.optional_text(6)?.map(CodeChallenge::from_stored),
        query: row.text(7)?,
    })
}

/// Forgets the requests of an app, which is held: it is not what was shown any more.
pub(crate) async fn forget_all_of_app(tx: &mut Tx, app: AppId) -> Result<(), StoreError> {
    tx.execute(FORGET_OF_APP, params![app]).await.map(drop)
}

/// Forgets all requests, of a database that somebody restored.
pub(crate) async fn forget_all(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(FORGET_ALL, &[]).await.map(drop)
}

/// The keys of requests that were shown before `before`.
pub(super) async fn old(
    tx: &mut Tx,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    tx.rows(OLD, params![before, limit]).await
}

/// Removes requests by their keys. Says how many went.
pub(super) async fn remove(tx: &mut Tx, keys: &[Vec<Value>]) -> Result<u64, StoreError> {
    let mut removed = 0;
    for key in keys {
        removed += tx.execute(REMOVE, key).await?;
    }
    Ok(removed)
}
