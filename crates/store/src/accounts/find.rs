//! Reading accounts, and holding on to them.

use counterfoil_domain::account::{Account, Credentials, HeldEmail, TwoFactor, Verification};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::password::{HashClass, PasswordHash};
use counterfoil_domain::scope::{AdministratorEpoch, Standing};
use counterfoil_domain::text::DisplayName;

use crate::error::StoreError;
use crate::statement::{Row, Statement, Value, params, statements};
use crate::tx::Tx;

/// The columns that [`account_from`] reads, and the password (10); then, from 15 on, `$more`.
macro_rules! accounts {
    ($ended:literal, $rest:literal) => {
        accounts!("", $ended, $rest)
    };
    ($more:literal, $ended:literal, $rest:expr) => {
        concat!(
            "SELECT a.id, a.login, a.name, e.address, a.site_administrator,
                CASE WHEN t.account_id IS NOT NULL OR EXISTS
                    (SELECT 1 FROM passkeys k WHERE k.account_id = a.id AND k.ended_at IS NULL) THEN 1 ELSE 0 END, a.suspended_at, a.created_at,
                a.updated_at, a.credential_version, a.password_phc, a.administrator_epoch,
                coalesce(a.profile_updated_at, a.created_at), a.suspension_changed_at, a.administrator_since",
            $more,
            " FROM accounts a
            LEFT JOIN emails e ON e.account_id = a.id AND e.ended_at IS NULL AND e.is_primary = 1 AND e.verified_at IS NOT NULL
            LEFT JOIN totp_seeds t ON t.account_id = a.id AND t.ended_at IS NULL
            WHERE a.ended_at ",
            $ended,
            " AND a.kind = 'user' ",
            $rest
        )
    };
}

pub(super) use accounts;

macro_rules! live_accounts {
    ($rest:literal) => {
        accounts!("IS NULL", $rest)
    };
}

statements! {
    KEEP = @Shared "SELECT 1 FROM accounts WHERE id = $1";
    LOCK = @Exclusive "SELECT 1 FROM accounts WHERE id = $1";
    FIND = live_accounts!("AND a.id = $1");
    FIND_ENDED = accounts!("IS NOT NULL", "AND a.id = $1");
    FIND_BY_LOGIN = live_accounts!("AND a.login_key = $1 AND a.released_at IS NULL");
    FIND_BY_EMAIL = live_accounts!(
        "AND a.id = (SELECT account_id FROM emails WHERE address_key = $1 AND ended_at IS NULL AND verified_at IS NOT NULL)"
    );
    LIST = live_accounts!("ORDER BY a.login_key");
    PAGE_OF_ORGANIZATION = live_accounts!(
        "AND a.id IN (SELECT m.account_id FROM organization_members m
            WHERE m.organization_id = $1 AND m.ended_at IS NULL AND ($2 = '' OR m.role = $2))
        AND ($3 = '' OR ($3 = 'missing' AND t.account_id IS NULL AND NOT EXISTS
            (SELECT 1 FROM passkeys k WHERE k.account_id = a.id AND k.ended_at IS NULL))) ORDER BY a.id LIMIT $4 OFFSET $5"
    );
    PAGE_OF_TEAM = live_accounts!(
        "AND a.id IN (SELECT m.account_id FROM team_members m
            JOIN teams g ON g.id = m.team_id
            JOIN organization_members o ON o.organization_id = g.organization_id AND o.account_id = m.account_id
                AND o.ended_at IS NULL
            WHERE m.team_id = $1 AND m.ended_at IS NULL AND ($2 = '' OR o.role = $2))
        ORDER BY a.id LIMIT $3 OFFSET $4"
    );
    WITHOUT_SECOND_FACTOR = live_accounts!(
        "AND a.id > $1 AND a.id <= $2 AND t.account_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.account_id = a.id AND k.ended_at IS NULL)
            AND EXISTS (SELECT 1 FROM authorizations z WHERE z.account_id = a.id AND z.ended_at IS NULL) ORDER BY a.id"
    );
    NEXT_ACCOUNTS = live_accounts!("AND a.id > $1 AND a.id <= $2 AND a.suspended_at IS NULL ORDER BY a.id");
    COUNT_EMAILS = "SELECT count(*) FROM emails WHERE account_id = $1 AND ended_at IS NULL";
    PAGE_OF_EMAILS = "SELECT address, is_primary, verified_at FROM emails WHERE account_id = $1 AND ended_at IS NULL
        ORDER BY is_primary DESC, id LIMIT $2 OFFSET $3";
    STANDING = "SELECT a.credential_version, a.suspended_at, (SELECT 1 FROM emails e
            WHERE e.account_id = a.id AND e.ended_at IS NULL AND e.is_primary = 1 AND e.verified_at IS NULL),
            a.site_administrator, a.administrator_epoch
        FROM accounts a WHERE a.id = $1 AND a.ended_at IS NULL";
    IS_ACTIVE = "SELECT 1 FROM accounts WHERE id = $1 AND ended_at IS NULL AND suspended_at IS NULL";
    // As much of each hash as says what it costs: seven characters of bcrypt; of a PHC string what
    // stands before salt and hash, which are letters of base 64 ($3) behind a dollar sign each.
    HASH_CLASSES = "SELECT DISTINCT CASE WHEN substr(password_phc, 1, 2) = '$2' THEN substr(password_phc, 1, 7)
            ELSE rtrim(rtrim(rtrim(password_phc, $3), '$'), $3) END
        FROM accounts WHERE id > $1 AND id <= $2 AND password_phc IS NOT NULL";
    NEWEST = "SELECT max(id) FROM accounts";
}

/// Keeps an account as it is until the transaction ends; others may do the same.
pub(crate) async fn keep_account(tx: &mut Tx, id: AccountId) -> Result<(), StoreError> {
    tx.lock(KEEP, params![id]).await
}

/// Holds on to an account until the transaction ends: whatever decides by what an account is or has
/// calls it first, and so does whatever changes that. Whoever locks several things locks accounts
/// before apps, and those before what lies between them.
pub(crate) async fn lock_account(tx: &mut Tx, id: AccountId) -> Result<(), StoreError> {
    tx.lock(LOCK, params![id]).await
}

/// A live account.
pub(crate) async fn find_by_id(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StoreError> {
    tx.optional(FIND, params![id])
        .await?
        .map(account_from)
        .transpose()
}

/// An account that was deleted, as it is kept: without an address.
pub(crate) async fn find_ended(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StoreError> {
    tx.optional(FIND_ENDED, params![id])
        .await?
        .map(account_from)
        .transpose()
}

/// The live account of a login in its compared form.
pub(super) async fn by_login(tx: &mut Tx, key: &str) -> Result<Option<Account>, StoreError> {
    tx.optional(FIND_BY_LOGIN, params![key])
        .await?
        .map(account_from)
        .transpose()
}

/// All live accounts, by login.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Account>, StoreError> {
    tx.rows(LIST, &[])
        .await?
        .into_iter()
        .map(account_from)
        .collect()
}

/// One page of the accounts that are members of an organization, ascending by id: the organization,
/// the role or "", the word for the second factor or "", the size of the page and what lies before
/// it.
pub(crate) async fn page_of_organization(
    tx: &mut Tx,
    wanted: &[Value],
) -> Result<Vec<Account>, StoreError> {
    let rows = tx.rows(PAGE_OF_ORGANIZATION, wanted).await?;
    rows.into_iter().map(account_from).collect()
}

/// One page of the accounts that are in a team, ascending by id: the team, the role in its
/// organization or "", the size of the page and what lies before it.
pub(crate) async fn page_of_team(
    tx: &mut Tx,
    wanted: &[Value],
) -> Result<Vec<Account>, StoreError> {
    let rows = tx.rows(PAGE_OF_TEAM, wanted).await?;
    rows.into_iter().map(account_from).collect()
}

/// One page of an account's e-mail addresses, the primary one first.
pub(super) async fn emails(
    tx: &mut Tx,
    id: AccountId,
    page: Page,
) -> Result<Paged<HeldEmail>, StoreError> {
    let total = tx.one(COUNT_EMAILS, params![id]).await?.count(0)?;
    let place = params![id, page.size(), page.offset()];
    let items = tx.rows(PAGE_OF_EMAILS, place).await?.into_iter();
    let items = items.map(|mut row| {
        Ok(HeldEmail {
            address: EmailAddress::from_stored(row.text(0)?),
            primary: row.flag(1)?,
            verification: if row.is_null(2) {
                Verification::Unverified
            } else {
                Verification::Verified
            },
        })
    });
    let items = items.collect::<Result<_, StoreError>>()?;
    Ok(Paged { items, total })
}

/// What somebody may sign in by.
#[derive(Clone, Debug)]
pub(super) enum Identifier {
    Login(Login),
    Email(EmailAddress),
}

impl Identifier {
    /// No login has an @, so the two cannot be mistaken for one another; what is neither is
    /// nobody's.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match Login::parse(text) {
            Ok(login) => Some(Self::Login(login)),
            Err(_) => EmailAddress::parse(text).ok().map(Self::Email),
        }
    }
}

/// The live account of a login or a verified e-mail address, with its password.
pub(super) async fn credentials(
    tx: &mut Tx,
    identifier: &Identifier,
) -> Result<Option<Credentials>, StoreError> {
    let row = match identifier {
        Identifier::Login(login) => tx.optional(FIND_BY_LOGIN, params![login.key()]).await?,
        Identifier::Email(email) => tx.optional(FIND_BY_EMAIL, params![email.key()]).await?,
    };
    let Some(mut row) = row else { return Ok(None) };
    let password = row.optional_text(10)?.map(PasswordHash::from_stored);
    Ok(Some(Credentials {
        account: account_from(row)?,
        password,
    }))
}

/// The live account that somebody means by a login or a verified e-mail address.
pub(crate) async fn sought_by(tx: &mut Tx, text: &str) -> Result<Option<AccountId>, StoreError> {
    let Some(identifier) = Identifier::parse(text) else {
        return Ok(None);
    };
    let found = credentials(tx, &identifier).await?;
    Ok(found.map(|found| found.account.id))
}

/// Accounts that are looked at in one go, as a difference of ids.
const LOOKED_AT: i64 = 1_000;
/// The letters of base 64.
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Which classes of hashes a number of accounts have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashClasses {
    /// The classes, in no order.
    pub classes: Vec<HashClass>,
    /// Accounts up to this one were looked at.
    pub looked_to: AccountId,
    /// Whether there are accounts behind it.
    pub has_more: bool,
}

/// The classes of hashes of the next accounts behind this one.
pub(super) async fn hash_classes(tx: &mut Tx, after: AccountId) -> Result<HashClasses, StoreError> {
    let newest = tx.one(NEWEST, &[]).await?.optional_integer(0)?;
    let newest = newest.unwrap_or_default();
    let looked_to = newest.min(after.0 + LOOKED_AT);
    let place = params![after, looked_to, BASE64];
    let mut classes = Vec::new();
    for mut row in tx.rows(HASH_CLASSES, place).await? {
        classes.extend(HashClass::of_hash(&row.text(0)?));
    }
    Ok(HashClasses {
        classes,
        looked_to: AccountId(looked_to.max(after.0)),
        has_more: looked_to < newest,
    })
}

/// Accounts that have live tokens and no second factor, among the next ones behind this one, and
/// where to go on.
pub(crate) async fn without_second_factor(
    tx: &mut Tx,
    after: AccountId,
) -> Result<(Vec<Account>, Option<AccountId>), StoreError> {
    among_next(tx, WITHOUT_SECOND_FACTOR, after).await
}

/// The next accounts behind this one that are not suspended, and where to go on.
pub(crate) async fn next_accounts(
    tx: &mut Tx,
    after: AccountId,
) -> Result<(Vec<Account>, Option<AccountId>), StoreError> {
    among_next(tx, NEXT_ACCOUNTS, after).await
}

async fn among_next(
    tx: &mut Tx,
    statement: Statement,
    after: AccountId,
) -> Result<(Vec<Account>, Option<AccountId>), StoreError> {
    let newest = tx.one(NEWEST, &[]).await?.optional_integer(0)?;
    let newest = newest.unwrap_or_default();
    let looked_to = newest.min(after.0 + LOOKED_AT);
    let rows = tx.rows(statement, params![after, looked_to]).await?;
    let found = rows.into_iter().map(account_from);
    let found = found.collect::<Result<_, _>>()?;
    Ok((found, (looked_to < newest).then_some(AccountId(looked_to))))
}

/// What an account is at the moment, for whoever decides by it and holds on to it meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldStanding {
    /// The version of what proves who its owner is.
    pub(crate) credential_version: i64,
    /// Whether it is suspended.
    pub(crate) is_suspended: bool,
    /// Whether its primary e-mail address is one that nobody has verified.
    pub(crate) is_unverified: bool,
    /// Whether it administers the installation.
    pub(crate) standing: Standing,
    /// How often it was made to.
    pub(crate) administrator_epoch: AdministratorEpoch,
}

/// [`lock_account`] together with [`standing`].
pub(crate) async fn hold_standing(
    tx: &mut Tx,
    id: AccountId,
) -> Result<Option<HeldStanding>, StoreError> {
    // Two statements: one that waits for the row sees what stands beside it as it was before.
    lock_account(tx, id).await?;
    standing(tx, id).await
}

/// What is most often asked of a live account that is held.
pub(crate) async fn standing(
    tx: &mut Tx,
    id: AccountId,
) -> Result<Option<HeldStanding>, StoreError> {
    let Some(mut row) = tx.optional(STANDING, params![id]).await? else {
        return Ok(None);
    };
    Ok(Some(HeldStanding {
        credential_version: row.integer(0)?,
        is_suspended: !row.is_null(1),
        is_unverified: !row.is_null(2),
        standing: standing_from(&mut row, 3)?,
        administrator_epoch: AdministratorEpoch(row.integer(4)?),
    }))
}

/// Whether an account lives and is not suspended.
pub(crate) async fn is_active(tx: &mut Tx, id: AccountId) -> Result<bool, StoreError> {
    Ok(tx.optional(IS_ACTIVE, params![id]).await?.is_some())
}

pub(crate) fn standing_from(row: &mut Row, column: usize) -> Result<Standing, StoreError> {
    Ok(if row.flag(column)? {
        Standing::SiteAdministrator
    } else {
        Standing::Ordinary
    })
}

pub(super) fn account_from(mut row: Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId(row.integer(0)?),
        login: Login::from_stored(row.text(1)?),
        name: row.optional_text(2)?.map(DisplayName::from_stored),
        email: row.optional_text(3)?.map(EmailAddress::from_stored),
        standing: standing_from(&mut row, 4)?,
        two_factor: if row.flag(5)? {
            TwoFactor::On
        } else {
            TwoFactor::Off
        },
        suspended_at: row.optional_timestamp(6)?,
        created_at: row.timestamp(7)?,
        updated_at: row.timestamp(8)?,
        profile_updated_at: row.timestamp(12)?,
        suspension_changed_at: row.optional_timestamp(13)?,
        credential_version: row.integer(9)?,
        administrator_epoch: AdministratorEpoch(row.integer(11)?),
        administrator_since: row.optional_timestamp(14)?,
    })
}
