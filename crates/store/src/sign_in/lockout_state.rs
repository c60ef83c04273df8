//! What is known of earlier failures, read before a password is looked at.

use counterfoil_domain::id::AccountId;
use counterfoil_domain::sign_in::{LockoutPolicy, LockoutState, SignInSubject};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    PAIR_LOCKED_UNTIL = "SELECT max(locked_until) FROM sign_in_locks
        WHERE subject = $1 AND address_key = $2 AND locked_until > $3 AND ended_at IS NULL";
    // A bound that is reached is reached: counting on would only cost more the more an attacker
    // tries.
    COUNT_OF_ADDRESS = "SELECT count(*) FROM
        (SELECT 1 FROM sign_in_failures WHERE address_key = $1 AND failed_at > $2 LIMIT $3) AS counted";
    COUNT_OF_ACCOUNT = "SELECT count(*) FROM (SELECT 1 FROM sign_in_failures
        WHERE account_id = $1 AND failed_at > $2 AND kind NOT IN ('suspended', 'passkey') LIMIT $3) AS counted";
    COUNT_OF_NOBODY = "SELECT count(*) FROM (SELECT 1 FROM sign_in_failures
        WHERE subject = $1 AND failed_at > $2 AND account_id IS NULL LIMIT $3) AS counted";
    LAST_OF_ACCOUNT = "SELECT max(failed_at) FROM sign_in_failures
        WHERE account_id = $1 AND failed_at > $2 AND address_key = $3 AND kind NOT IN ('suspended', 'passkey')";
    LAST_OF_NOBODY = "SELECT max(failed_at) FROM sign_in_failures
        WHERE subject = $1 AND failed_at > $2 AND address_key = $3 AND account_id IS NULL";
    // An unknown login asks the same, with nothing in place of the account.
    SIGNED_IN_AT = "SELECT
        (SELECT signed_in_at FROM sign_in_addresses WHERE account_id = $2 AND address_key = $1),
        (SELECT max(signed_in_at) FROM sign_in_addresses WHERE address_key = $1)";
}

impl Store {
    /// What is known of earlier failures of a typed text, and of the account that it names, from an
    /// address.
    pub async fn lockout_state(
        &self,
        subject: SignInSubject,
        account: Option<AccountId>,
        address_key: &str,
        policy: &LockoutPolicy,
        now: Timestamp,
    ) -> Result<LockoutState, StoreError> {
        let (address, policy) = (address_key.to_owned(), *policy);
        self.read(move |tx| {
            Box::pin(async move {
                let pair = pair_locked_until(tx, subject, &address, now).await?;
                let address_failures = count_of_address(tx, &address, &policy, now).await?;
                let login_failures = count_of_login(tx, subject, account, &policy, now).await?;
                let login_failed_here_at = if policy.is_attacked(login_failures) {
                    last_failure(tx, subject, account, &address, &policy, now).await?
                } else {
                    None
                };
                let mut signed_in = tx
                    .one(SIGNED_IN_AT, params![address.as_str(), account])
                    .await?;
                Ok(LockoutState {
                    pair_locked_until: pair,
                    address_failures,
                    login_failures,
                    login_failed_here_at,
                    login_signed_in_here_at: signed_in.optional_timestamp(0)?,
                    anybody_signed_in_here_at: signed_in.optional_timestamp(1)?,
                })
            })
        })
        .await
    }
}

/// Until when a typed text is locked for an address.
pub(super) async fn pair_locked_until(
    tx: &mut Tx,
    subject: SignInSubject,
    address_key: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let pair = params![&subject.0, address_key, now];
    tx.one(PAIR_LOCKED_UNTIL, pair).await?.optional_timestamp(0)
}

/// Failures of an address, up to the bound.
pub(super) async fn count_of_address(
    tx: &mut Tx,
    address_key: &str,
    policy: &LockoutPolicy,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let since = now.minus(policy.window);
    let of_address = params![address_key, since, policy.per_address];
    tx.one(COUNT_OF_ADDRESS, of_address).await?.small_count(0)
}

/// Failures of a login under all its names, up to the larger of its bounds.
pub(super) async fn count_of_login(
    tx: &mut Tx,
    subject: SignInSubject,
    account: Option<AccountId>,
    policy: &LockoutPolicy,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let since = now.minus(policy.login_window);
    let most = policy.per_login.max(policy.per_login_slowed);
    let mut counted = match account {
        Some(account) => {
            tx.one(COUNT_OF_ACCOUNT, params![account, since, most])
                .await?
        }
        None => {
            tx.one(COUNT_OF_NOBODY, params![&subject.0, since, most])
                .await?
        }
    };
    counted.small_count(0)
}

/// When a login last failed from an address, within the time for which that slows the address down.
async fn last_failure(
    tx: &mut Tx,
    subject: SignInSubject,
    account: Option<AccountId>,
    address_key: &str,
    policy: &LockoutPolicy,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let since = now.minus(policy.slow_wait);
    let mut last = match account {
        Some(account) => {
            tx.one(LAST_OF_ACCOUNT, params![account, since, address_key])
                .await?
        }
        None => {
            tx.one(LAST_OF_NOBODY, params![&subject.0, since, address_key])
                .await?
        }
    };
    last.optional_timestamp(0)
}
