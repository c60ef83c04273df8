//! What a user's pages show of the user's own tokens: those that live, and those that are over,
//! with who ended them.
//!
//! Personal tokens and those that administrators made to act as the user. Of tokens of apps only
//! those are listed that ended since there were too many, for nobody else tells the user.

use std::collections::HashMap;

use counterfoil_domain::authorization::{EndedToken, Expiring, Kind, OwnToken, OwnTokenCounts};
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::Page;
use counterfoil_domain::text::Note;
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::find::{authorization_columns, owned_from};
use crate::engine::Store;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

/// Tokens of one user as pages show them; `$digest` joins the token that is to be shown.
macro_rules! own_tokens {
    ($more:literal, $digest:expr, $($rest:expr),+) => {
        concat!(
            "SELECT ",
            authorization_columns!(),
            ", a.last_used_address, m.login",
            $more,
            " FROM ",
            $digest,
            " LEFT JOIN apps p ON p.id = a.app_id LEFT JOIN accounts m ON m.id = a.maker_account_id ",
            $($rest),+
        )
    };
}

pub(super) use own_tokens;

/// The live ones of a user, by the order of `authorizations_by_account`.
macro_rules! live_tokens {
    ($($rest:expr),+) => {
        own_tokens!(
            "",
            "authorizations a JOIN token_digests d
                ON d.id = (SELECT max(id) FROM token_digests WHERE authorization_id = a.id AND ended_at IS NULL)",
            "WHERE a.account_id = $1 AND a.app_id IS NULL AND a.ended_at IS NULL AND ",
            live_at!("a.", "$2", "$3"),
            $($rest),+
        )
    };
}

/// The digests of tokens that are over, each with the time since when: of records that ended, of
/// records that live on under another token, and of those whose end nobody has written down yet.
macro_rules! over {
    () => {
        concat!(
            "SELECT d.id AS digest_id, coalesce(d.ended_at, ended.ended_at) AS over_at FROM
                (SELECT id, app_id, ended_at, end_reason FROM authorizations
                    WHERE account_id = $1 AND ended_at IS NOT NULL AND (app_id IS NULL OR end_reason = 'max_for_app') AND ended_at > $4
                    ORDER BY ended_at DESC LIMIT $5) AS ended
                JOIN token_digests d ON d.authorization_id = ended.id
                WHERE coalesce(d.ended_at, ended.ended_at) > $4
                    AND (ended.app_id IS NULL OR coalesce(d.end_reason, ended.end_reason) = 'max_for_app')
            UNION ALL SELECT d.id, d.ended_at FROM authorizations a JOIN token_digests d ON d.authorization_id = a.id
                WHERE a.account_id = $1 AND a.app_id IS NULL AND a.ended_at IS NULL AND d.ended_at > $4
            UNION ALL SELECT d.id, CASE WHEN a.expires_at <= $2 THEN a.expires_at
                    WHEN a.last_used_at > a.created_at THEN a.last_used_at + $6 ELSE a.created_at + $6 END
                FROM authorizations a JOIN token_digests d ON d.authorization_id = a.id
                WHERE a.account_id = $1 AND a.app_id IS NULL AND a.ended_at IS NULL AND d.ended_at IS NULL
                    AND NOT (", live_at!("a.", "$2", "$3"), ")"
        )
    };
}

statements! {
    COUNTS = concat!(
        "SELECT count(*), count(CASE WHEN a.kind = 'personal' THEN 1 END),
            count(CASE WHEN a.kind = 'personal' AND a.expires_at <= $7 THEN 1 END),
            (SELECT count(*) FROM (", over!(), " LIMIT $5) AS counted),
            max(CASE WHEN a.kind = 'personal' THEN a.last_used_at END)
        FROM authorizations a WHERE a.account_id = $1 AND a.app_id IS NULL AND a.ended_at IS NULL AND ",
        live_at!("a.", "$2", "$3")
    );
    EXPIRES_FIRST = concat!(
        "SELECT id, note, expires_at FROM authorizations WHERE account_id = $1 AND ended_at IS NULL
            AND expires_at IS NOT NULL AND kind = 'personal' AND ", live_at!("", "$2", "$3"), " ORDER BY expires_at, id LIMIT 1"
    );
    LIVE = live_tokens!(" ORDER BY a.id DESC LIMIT $4 OFFSET $5");
    LIVE_ONE = live_tokens!(" AND a.id = $4");
    ENDED = own_tokens!(
        ", coalesce(listed.over_at, 0), coalesce(d.end_reason, a.end_reason),
            CASE WHEN coalesce(d.end_reason, a.end_reason) = 'revoked_by_administrator' THEN
                (SELECT e.actor FROM audit_events e WHERE e.happened_at = coalesce(d.ended_at, a.ended_at)
                    AND e.authorization_id = a.id ORDER BY e.id LIMIT 1) END",
        concat!("(", over!(), ") AS listed JOIN token_digests d ON d.id = listed.digest_id
            JOIN authorizations a ON a.id = d.authorization_id"),
        "ORDER BY listed.over_at DESC, d.id DESC LIMIT $7 OFFSET $8"
    );
    LOGIN = "SELECT login FROM accounts WHERE id = $1";
}

impl Store {
    /// How many tokens the lists of a user have, and which of them expires first.
    pub async fn count_own_tokens(
        &self,
        owner: AccountId,
        now: Timestamp,
    ) -> Result<OwnTokenCounts, StoreError> {
        self.read(move |tx| Box::pin(async move { counts(tx, owner, now).await }))
            .await
    }

    /// One page of a user's live tokens, the newest first.
    pub async fn own_tokens(
        &self,
        owner: AccountId,
        page: Page,
        now: Timestamp,
    ) -> Result<(OwnTokenCounts, Vec<OwnToken>), StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let counts = counts(tx, owner, now).await?;
                let since = tx.idle_since(now);
                let sought = params![owner, now, since, page.size(), page.offset()];
                let rows = tx.rows(LIVE, sought).await?.into_iter();
                let live = rows.map(own_from).collect::<Result<_, _>>()?;
                Ok((counts, live))
            })
        })
        .await
    }

    /// One page of a user's tokens that were over by `now` and not for long, those first that ended
    /// last.
    pub async fn own_ended_tokens(
        &self,
        owner: AccountId,
        page: Page,
        now: Timestamp,
    ) -> Result<(OwnTokenCounts, Vec<EndedToken>), StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let counts = counts(tx, owner, now).await?;
                let ended = ended(tx, owner, page, now).await?;
                Ok((counts, ended))
            })
        })
        .await
    }

    /// A user's live token.
    pub async fn own_token(
        &self,
        owner: AccountId,
        id: AuthorizationId,
        now: Timestamp,
    ) -> Result<Option<OwnToken>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let sought = params![owner, now, tx.idle_since(now), id];
                tx.optional(LIVE_ONE, sought)
                    .await?
                    .map(own_from)
                    .transpose()
            })
        })
        .await
    }
}

async fn counts(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
) -> Result<OwnTokenCounts, StoreError> {
    let sought = params![
        owner,
        now,
        tx.idle_since(now),
        now.minus(EndedToken::LISTED_FOR),
        EndedToken::MOST_LISTED,
        idle_span(tx),
        now.plus(Expiring::SOON),
    ];
    let mut counted = tx.one(COUNTS, sought).await?;
    let mut counts = OwnTokenCounts {
        live: counted.count(0)?,
        personal: counted.count(1)?,
        expiring: counted.count(2)?,
        ended: counted.count(3)?,
        expires_first: None,
        last_used_at: counted.optional_timestamp(4)?,
    };
    if counts.expiring > 0 {
        let sought = params![owner, now, tx.idle_since(now)];
        let first = tx.optional(EXPIRES_FIRST, sought).await?;
        counts.expires_first = first.map(expiring_from).transpose()?;
    }
    Ok(counts)
}

fn expiring_from(mut row: Row) -> Result<Expiring, StoreError> {
    Ok(Expiring {
        id: AuthorizationId(row.integer(0)?),
        note: Note::from_stored(row.text(1)?),
        expires_at: row.timestamp(2)?,
    })
}

/// For how many microseconds a token may go unused, with the slack that it is judged with; none
/// where it may for ever, and then nobody asks.
fn idle_span(tx: &Tx) -> i64 {
    let now = Timestamp::from_seconds(0);
    let life = tx.liveness().life();
    let since = life.idle.map(|_| life.idle_since(now));
    since.map_or(0, |since| -since.microseconds())
}

async fn ended(
    tx: &mut Tx,
    owner: AccountId,
    page: Page,
    now: Timestamp,
) -> Result<Vec<EndedToken>, StoreError> {
    let sought = params![
        owner,
        now,
        tx.idle_since(now),
        now.minus(EndedToken::LISTED_FOR),
        EndedToken::MOST_LISTED,
        idle_span(tx),
        page.size(),
        page.offset(),
    ];
    let mut logins = HashMap::new();
    let mut ended = Vec::new();
    for mut row in tx.rows(ENDED, sought).await? {
        let actor = row.optional_text(26)?;
        let by = match actor
            .as_deref()
            .and_then(|actor| actor.strip_prefix("account:"))
        {
            Some(id) => login_of(tx, id, &mut logins).await?,
            None => None,
        };
        ended.push(ended_from(tx, row, by, now)?);
    }
    Ok(ended)
}

/// The login of the account that the audit trail names so.
async fn login_of(
    tx: &mut Tx,
    id: &str,
    known: &mut HashMap<String, Option<Login>>,
) -> Result<Option<Login>, StoreError> {
    if let Some(login) = known.get(id) {
        return Ok(login.clone());
    }
    let login = match id.parse::<i64>() {
        Ok(number) => tx.optional(LOGIN, params![number]).await?,
        Err(_) => None,
    };
    let login = login
        .map(|mut row| row.text(0).map(Login::from_stored))
        .transpose()?;
    known.insert(id.to_owned(), login.clone());
    Ok(login)
}

fn ended_from(
    tx: &Tx,
    mut row: Row,
    by: Option<Login>,
    now: Timestamp,
) -> Result<EndedToken, StoreError> {
    let over_at = row.timestamp(24)?;
    let written = row.optional_text(25)?;
    let token = own_from(row)?;
    let times = token.authorization.times();
    let inconsistent = StoreError::Inconsistent {
        table: "authorizations",
        column: "end_reason",
    };
    let reason = match written {
        Some(word) => EndReason::from_stored(&word),
        None => tx.liveness().life().lapsed(times, now),
    };
    let reason = reason.ok_or(inconsistent)?;
    // It was refused from its expiry on, however late somebody wrote down that it was over.
    let ended_at = match (reason, times.expires_at) {
        (EndReason::Expired, Some(expired)) => over_at.min(expired),
        _ => over_at,
    };
    Ok(EndedToken {
        token,
        ended_at,
        reason,
        by,
    })
}

pub(super) fn own_from(mut row: Row) -> Result<OwnToken, StoreError> {
    // Written by a program that may have known more forms of addresses.
    let last_used_from = row.optional_text(22)?.and_then(|text| text.parse().ok());
    let maker = row.optional_text(23)?.map(Login::from_stored);
    let owned = owned_from(row)?;
    let is_made_for = matches!(owned.authorization.kind, Kind::Impersonation { .. });
    Ok(OwnToken {
        authorization: owned.authorization,
        provenance: owned.provenance,
        last_used_from,
        maker: maker.filter(|_| is_made_for),
    })
}
