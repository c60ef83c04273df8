//! Reading authorizations. One that expired or is idle is not live, whether or not anybody has
//! ended it yet.

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::authorization::{Authorization, Kind, Provenance};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::scope::{AdministratorEpoch, ScopeSet};
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_domain::timestamp::Timestamp;

use crate::apps;
use crate::authorizations::OwnedAuthorization;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

/// The columns that [`owned_from`] reads. A token that was replaced may end before its
/// authorization.
macro_rules! authorization_columns {
    () => {
        "a.id, a.account_id, a.scopes, a.note, a.note_url, a.fingerprint, a.created_at, a.updated_at,
            CASE WHEN d.expires_at IS NULL OR d.expires_at > a.expires_at THEN a.expires_at ELSE d.expires_at END,
            a.last_used_at, d.digest, d.last_eight, p.id, p.name, p.url, p.client_id, a.provenance, a.grant_id, a.kind,
            a.maker_account_id, a.administrator_epoch, p.updated_at"
    };
}
pub(super) use authorization_columns;

/// Joins the digest that is to be shown of an authorization, where no certain one is sought: the
/// newest live one, since a reset may leave an older one alive beside it for a while. The access
/// token of one that an app refreshes may be over; it is shown until there is another one.
macro_rules! newest_digest {
    () => {
        "authorizations a JOIN token_digests d ON d.id = coalesce(
            (SELECT max(id) FROM token_digests WHERE authorization_id = a.id AND ended_at IS NULL),
            (SELECT id FROM token_digests WHERE authorization_id = a.id ORDER BY ended_at DESC, id DESC LIMIT 1))"
    };
}
pub(super) use newest_digest;

/// `$digest` joins the one digest that is to be shown.
macro_rules! live_authorizations {
    (by $digest:expr, $($rest:expr),+) => {
        concat!(
            "SELECT ",
            authorization_columns!(),
            " FROM ",
            $digest,
            " LEFT JOIN apps p ON p.id = a.app_id
            WHERE a.ended_at IS NULL ",
            $($rest),+
        )
    };
    ($($rest:expr),+) => {
        live_authorizations!(by newest_digest!(), $($rest),+)
    };
}

statements! {
    LIST = live_authorizations!(
        "AND a.account_id = $1 AND ", live_at!("a.", "$2", "$6"), " AND a.kind <> 'impersonation'
        AND ($3 = '' OR coalesce(p.client_id, '00000000000000000000') = $3)
        ORDER BY coalesce(a.app_id, 0), coalesce(a.fingerprint, ''), a.id LIMIT $4 OFFSET $5"
    );
    COUNT = concat!(
        "SELECT count(*) FROM authorizations a LEFT JOIN apps p ON p.id = a.app_id
        WHERE a.ended_at IS NULL AND a.account_id = $1 AND ", live_at!("a.", "$2", "$4"), "
        AND a.kind <> 'impersonation' AND ($3 = '' OR coalesce(p.client_id, '00000000000000000000') = $3)"
    );
    FIND = live_authorizations!(
        "AND a.id = $1 AND a.account_id = $2 AND a.kind <> 'impersonation' AND ", live_at!("a.", "$3", "$4")
    );
    FIND_ANY = live_authorizations!("AND a.id = $1 AND ", live_at!("a.", "$2", "$3"));
    FIND_BY_DIGEST = live_authorizations!(
        by "token_digests d JOIN authorizations a ON a.id = d.authorization_id",
        "AND d.digest_head = $1 AND d.digest = $2 AND d.ended_at IS NULL AND (d.expires_at IS NULL OR d.expires_at > $3) AND ",
        live_at!("a.", "$3", "$4")
    );
    FIND_FOR_APP = live_authorizations!(
        "AND a.account_id = $1 AND a.app_id = $2 AND coalesce(a.fingerprint, '') = $3 AND a.kind = 'app'
        AND NOT EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.authorization_id = a.id)
        AND ", live_at!("a.", "$4", "$5"), " ORDER BY a.id LIMIT 1"
    );
    PERSONAL = live_authorizations!("AND a.kind = 'personal' AND ", live_at!("a.", "$1", "$2"), " ORDER BY a.id LIMIT $3 OFFSET $4");
    PERSONAL_COUNT = concat!(
        "SELECT count(*) FROM authorizations WHERE ended_at IS NULL AND kind = 'personal' AND ", live_at!("", "$1", "$2")
    );
    ALL_AFTER = live_authorizations!("AND a.id > $1 AND ", live_at!("a.", "$2", "$4"), " ORDER BY a.id LIMIT $3");
    OF_ACCOUNT_AFTER = live_authorizations!(
        "AND a.account_id = $4 AND a.id > $1 AND ", live_at!("a.", "$2", "$5"), " ORDER BY a.id LIMIT $3"
    );
}

/// A user, an app and a fingerprint: what get-or-create looks for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) owner: AccountId,
    pub(super) app: AppId,
    pub(super) fingerprint: Option<Fingerprint>,
}

/// An authorization and the grant it is under.
pub(crate) type WithGrant = (Authorization, Option<GrantId>);

pub(super) async fn page_of(
    tx: &mut Tx,
    owner: AccountId,
    client_id: &str,
    page: Page,
    now: Timestamp,
) -> Result<Paged<Authorization>, StoreError> {
    let idle_since = tx.idle_since(now);
    let total = tx
        .one(COUNT, params![owner, now, client_id, idle_since])
        .await?
        .count(0)?;
    let rows = tx
        .rows(
            LIST,
            params![
                owner,
                now,
                client_id,
                page.size(),
                page.offset(),
                idle_since
            ],
        )
        .await?;
    let items = rows
        .into_iter()
        .map(|row| owned_from(row).map(|owned| owned.authorization));
    Ok(Paged {
        items: items.collect::<Result<_, _>>()?,
        total,
    })
}

/// A live authorization of one user.
pub(super) async fn one(
    tx: &mut Tx,
    owner: AccountId,
    id: AuthorizationId,
    now: Timestamp,
) -> Result<Option<WithGrant>, StoreError> {
    let row = params![id, owner, now, tx.idle_since(now)];
    with_grant(tx.optional(FIND, row).await?)
}

/// A live authorization, whosever it is.
pub(crate) async fn anybodys(
    tx: &mut Tx,
    id: AuthorizationId,
    now: Timestamp,
) -> Result<Option<WithGrant>, StoreError> {
    let row = params![id, now, tx.idle_since(now)];
    with_grant(tx.optional(FIND_ANY, row).await?)
}

fn with_grant(row: Option<Row>) -> Result<Option<WithGrant>, StoreError> {
    let Some(mut row) = row else { return Ok(None) };
    let grant = row.optional_integer(17)?.map(GrantId);
    Ok(Some((owned_from(row)?.authorization, grant)))
}

/// The authorization of a live token.
pub(super) async fn by_digest(
    tx: &mut Tx,
    digest: SecretDigest,
    now: Timestamp,
) -> Result<Option<Authorization>, StoreError> {
    let sought = params![digest.head(), digest.as_bytes(), now, tx.idle_since(now)];
    let row = tx.optional(FIND_BY_DIGEST, sought).await?;
    row.map(|row| owned_from(row).map(|owned| owned.authorization))
        .transpose()
}

/// The authorization of a live token, and the grant it is under.
pub(super) async fn by_digest_with_grant(
    tx: &mut Tx,
    digest: SecretDigest,
    now: Timestamp,
) -> Result<Option<WithGrant>, StoreError> {
    let sought = params![digest.head(), digest.as_bytes(), now, tx.idle_since(now)];
    with_grant(tx.optional(FIND_BY_DIGEST, sought).await?)
}

/// One page of all users' live personal tokens, ascending by id.
pub(super) async fn personal_page(
    tx: &mut Tx,
    page: Page,
    now: Timestamp,
) -> Result<Paged<Authorization>, StoreError> {
    let idle_since = tx.idle_since(now);
    let mut count = tx.one(PERSONAL_COUNT, params![now, idle_since]).await?;
    let sought = params![now, idle_since, page.size(), page.offset()];
    let rows = tx.rows(PERSONAL, sought).await?.into_iter();
    let items = rows.map(|row| owned_from(row).map(|owned| owned.authorization));
    Ok(Paged {
        items: items.collect::<Result<_, _>>()?,
        total: count.count(0)?,
    })
}

/// The oldest live authorization that fits. One that an app refreshes is no answer to who asks for
/// a token that stays.
pub(super) async fn for_app(
    tx: &mut Tx,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Option<Authorization>, StoreError> {
    let fingerprint = wanted.fingerprint.as_ref().map_or("", Fingerprint::as_str);
    let sought = params![
        wanted.owner,
        wanted.app,
        fingerprint,
        now,
        tx.idle_since(now)
    ];
    let row = tx.optional(FIND_FOR_APP, sought).await?;
    row.map(|row| owned_from(row).map(|owned| owned.authorization))
        .transpose()
}

/// Live authorizations with ids above `after`, ascending; of one user or of all.
pub(super) async fn after(
    tx: &mut Tx,
    owner: Option<AccountId>,
    after: AuthorizationId,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<OwnedAuthorization>, StoreError> {
    let idle_since = tx.idle_since(now);
    let rows = if let Some(owner) = owner {
        let sought = params![after, now, limit, owner, idle_since];
        tx.rows(OF_ACCOUNT_AFTER, sought).await?
    } else {
        let sought = params![after, now, limit, idle_since];
        tx.rows(ALL_AFTER, sought).await?
    };
    rows.into_iter().map(owned_from).collect()
}

/// A row that begins with [`authorization_columns`].
pub(super) fn owned_from(mut row: Row) -> Result<OwnedAuthorization, StoreError> {
    let inconsistent = |table, column| StoreError::Inconsistent { table, column };
    let digest =
        SecretDigest::from_stored(&row.blob(10)?).ok_or(inconsistent("token_digests", "digest"))?;
    let kind = kind_from(&mut row)?;
    let authorization = Authorization {
        id: AuthorizationId(row.integer(0)?),
        owner: AccountId(row.integer(1)?),
        kind,
        scopes: ScopeSet::from_stored(&row.text(2)?),
        administrator_epoch: row.optional_integer(20)?.map(AdministratorEpoch),
        note: row.optional_text(3)?.map(Note::from_stored),
        note_url: row.optional_text(4)?.map(NoteUrl::from_stored),
        fingerprint: row.optional_text(5)?.map(Fingerprint::from_stored),
        token: KeptSecret {
            digest,
            last_eight: row.text(11)?,
        },
        created_at: row.timestamp(6)?,
        updated_at: row.timestamp(7)?,
        expires_at: row.optional_timestamp(8)?,
        last_used_at: row.optional_timestamp(9)?,
    };
    let provenance = Provenance::from_stored(&row.text(16)?)
        .ok_or(inconsistent("authorizations", "provenance"))?;
    Ok(OwnedAuthorization {
        authorization,
        provenance,
    })
}

fn kind_from(row: &mut Row) -> Result<Kind, StoreError> {
    match row.text(18)?.as_str() {
        "personal" => Ok(Kind::Personal),
        "app" => apps::summary_from(row, [12, 13, 14, 15, 21]).map(Kind::App),
        "impersonation" => Ok(Kind::Impersonation {
            maker: AccountId(row.integer(19)?),
        }),
        _ => Err(StoreError::Inconsistent {
            table: "authorizations",
            column: "kind",
        }),
    }
}
