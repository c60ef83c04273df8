//! The rows of links. What hangs on an account lies below it, so nothing here knows accounts.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::{AccountId, LinkId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::link::{LinkAccount, LinkKind, OpenLink};
use counterfoil_domain::login::Login;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::removal::{self, id_list};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO links (kind, account_id, digest, address, maker_account_id, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    END_OLDER = "UPDATE links SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND kind = $2 AND ended_at IS NULL";
    END_OLDER_OF_NOBODY = "UPDATE links SET ended_at = $2, end_reason = $3
        WHERE coalesce(account_id, 0) = 0 AND kind = $1 AND ended_at IS NULL AND kind <> 'address_undo'";
    STAMP = "UPDATE links SET digest = $2, expires_at = $3 WHERE id = $1 AND ended_at IS NULL";
    FIND = "SELECT l.id, l.kind, l.account_id, l.address, l.expires_at, a.login, m.login FROM links l
        LEFT JOIN accounts a ON a.id = l.account_id AND a.ended_at IS NULL
        LEFT JOIN accounts m ON m.id = l.maker_account_id
        WHERE l.digest = $1 AND l.ended_at IS NULL AND l.expires_at > $2";
    SPEND = "UPDATE links SET ended_at = $3, end_reason = $4
        WHERE digest = $1 AND kind = $2 AND ended_at IS NULL AND expires_at > $3
        RETURNING id, address, created_at";
    WAITING = "SELECT account_id, address FROM links WHERE id = $1 AND ended_at IS NULL";
    END_ALL_OF_ACCOUNT = "UPDATE links SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL";
    END_AFTER_PASSWORD = "UPDATE links SET ended_at = $2, end_reason = $3
        WHERE account_id = $1 AND kind IN ('invitation', 'reset') AND ended_at IS NULL";
    END_ENROLMENTS = "UPDATE links SET ended_at = $2, end_reason = $3
        WHERE account_id = $1 AND kind = 'enrolment' AND ended_at IS NULL";
    END_LATER_UNDOS = "UPDATE links SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND kind = 'address_undo' AND ended_at IS NULL AND id >= $2";
    OLD = "SELECT id FROM links WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    REMOVE = concat!("DELETE FROM links WHERE id IN ", id_list!());
}

/// A link to be kept.
#[derive(Clone, Debug)]
pub(crate) struct FreshLink {
    pub(crate) kind: LinkKind,
    pub(crate) account: Option<AccountId>,
    /// None until its mail goes.
    pub(crate) digest: Option<SecretDigest>,
    pub(crate) address: Option<EmailAddress>,
    pub(crate) maker: Option<AccountId>,
    pub(crate) expires_at: Timestamp,
}

/// A link that was just used up.
#[derive(Clone, Debug)]
pub(crate) struct SpentLink {
    pub(crate) id: LinkId,
    pub(crate) address: Option<EmailAddress>,
    pub(crate) created_at: Timestamp,
}

impl Store {
    /// The link with this digest, if it works at `now`. To look at it changes nothing.
    pub async fn find_link(
        &self,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<OpenLink>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let found = tx.optional(FIND, params![digest.as_bytes(), now]).await?;
                found.map(open_link).transpose()
            })
        })
        .await
    }
}

fn open_link(mut row: Row) -> Result<OpenLink, StoreError> {
    let kind = LinkKind::from_stored(&row.text(1)?).ok_or(StoreError::Inconsistent {
        table: "links",
        column: "kind",
    })?;
    let id = row.optional_integer(2)?.map(AccountId);
    let login = row.optional_text(5)?.map(Login::from_stored);
    Ok(OpenLink {
        id: LinkId(row.integer(0)?),
        kind,
        account: id.zip(login).map(|(id, login)| LinkAccount { id, login }),
        address: row.optional_text(3)?.map(EmailAddress::from_stored),
        maker: row.optional_text(6)?.map(Login::from_stored),
        expires_at: row.timestamp(4)?,
    })
}

/// Keeps a link; older ones of its kind and account end. The account is held, or the turn to make
/// one that is nobody's.
pub(crate) async fn insert(
    tx: &mut Tx,
    link: &FreshLink,
    now: Timestamp,
) -> Result<LinkId, StoreError> {
    let (kind, replaced) = (link.kind.as_str(), EndReason::Replaced.as_str());
    if !link.kind.is_kept_beside_newer() {
        match link.account {
            Some(id) => {
                tx.execute(END_OLDER, params![id, kind, now, replaced])
                    .await?
            }
            None => {
                tx.execute(END_OLDER_OF_NOBODY, params![kind, now, replaced])
                    .await?
            }
        };
    }
    let row = params![
        kind,
        link.account,
        link.digest
            .as_ref()
            .map(|digest| digest.as_bytes().to_vec()),
        link.address.as_ref().map(EmailAddress::as_str),
        link.maker,
        now,
        link.expires_at
    ];
    tx.one(INSERT, row).await?.integer(0).map(LinkId)
}

/// Gives a live link a secret, in the place of one that it may have had; `false` where it ended.
pub(crate) async fn stamp(
    tx: &mut Tx,
    id: LinkId,
    digest: SecretDigest,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let stamped = params![id, digest.as_bytes(), expires_at];
    Ok(tx.execute(STAMP, stamped).await? > 0)
}

/// Uses up a link of this kind, if it works at `now`. Of two who do so at the same time one is told
/// so.
pub(crate) async fn spend(
    tx: &mut Tx,
    kind: LinkKind,
    digest: SecretDigest,
    now: Timestamp,
) -> Result<Option<SpentLink>, StoreError> {
    let used = EndReason::Used.as_str();
    let spent = params![digest.as_bytes(), kind.as_str(), now, used];
    let Some(mut row) = tx.optional(SPEND, spent).await? else {
        return Ok(None);
    };
    Ok(Some(SpentLink {
        id: LinkId(row.integer(0)?),
        address: row.optional_text(1)?.map(EmailAddress::from_stored),
        created_at: row.timestamp(2)?,
    }))
}

/// The account and the address of a live link whose mail waits.
pub(crate) async fn waiting(
    tx: &mut Tx,
    id: LinkId,
) -> Result<Option<(AccountId, EmailAddress)>, StoreError> {
    let Some(mut row) = tx.optional(WAITING, params![id]).await? else {
        return Ok(None);
    };
    let account = row.optional_integer(0)?.map(AccountId);
    let address = row.optional_text(1)?.map(EmailAddress::from_stored);
    Ok(account.zip(address))
}

/// Ends all links of an account.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    id: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = params![id, now, reason.as_str()];
    tx.execute(END_ALL_OF_ACCOUNT, ended).await.map(drop)
}

/// Ends the links by which somebody could choose a password of an account that just got another
/// one.
pub(crate) async fn end_after_password(
    tx: &mut Tx,
    id: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = params![id, now, EndReason::PasswordChanged.as_str()];
    tx.execute(END_AFTER_PASSWORD, ended).await.map(drop)
}

/// Ends the links by which somebody could turn a second factor on of an account that just got one.
pub(crate) async fn end_enrolments(
    tx: &mut Tx,
    id: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = params![id, now, EndReason::CredentialsChanged.as_str()];
    tx.execute(END_ENROLMENTS, ended).await.map(drop)
}

/// Ends the links of an account that would undo changes which came after a link was made, or as it
/// was made.
pub(crate) async fn end_later_undos(
    tx: &mut Tx,
    id: AccountId,
    from: LinkId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = params![id, from, now, EndReason::Replaced.as_str()];
    tx.execute(END_LATER_UNDOS, ended).await.map(drop)
}

/// Links that expired before `before`, at most `limit`.
pub(crate) async fn old(
    tx: &mut Tx,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<i64>, StoreError> {
    removal::ids(tx, OLD, params![before, limit]).await
}

/// Removes links. Says how many went.
pub(crate) async fn remove(tx: &mut Tx, ids: &[i64]) -> Result<u64, StoreError> {
    removal::by_id(tx, REMOVE, ids).await
}
