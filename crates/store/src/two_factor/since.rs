//! Second factors that came since a moment, and end together.

use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::passkeys;
use crate::statement::{params, statements};
use crate::two_factor::{end_codes, end_seed, totp_state};
use crate::tx::Tx;

statements! {
    END_CODES_SINCE = "UPDATE recovery_codes SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND created_at >= $2 AND ended_at IS NULL";
}

/// Second factors that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FactorsEnded {
    /// How many passkeys.
    pub(crate) passkeys: u64,
    /// Whether the seed of one-time codes.
    pub(crate) codes: bool,
}

/// Ends the passkeys of a user, the seed and the recovery codes that came since a moment; without a
/// factor that is left all recovery codes.
pub(crate) async fn end_factors_since(
    tx: &mut Tx,
    id: AccountId,
    since: Timestamp,
    now: Timestamp,
) -> Result<FactorsEnded, StoreError> {
    let reason = EndReason::CredentialsChanged;
    let passkeys = passkeys::end_since(tx, id, since, reason, now).await?;
    let seed = totp_state(tx, id).await?;
    let codes = seed.is_some_and(|(created_at, _)| created_at >= since);
    if codes {
        end_seed(tx, id, reason, now).await?;
    }
    let keeps_seed = seed.is_some() && !codes;
    if keeps_seed || passkeys::count_live(tx, id).await? > 0 {
        let ended = params![id, since, now, reason.as_str()];
        tx.execute(END_CODES_SINCE, ended).await?;
    } else {
        end_codes(tx, id, reason, now).await?;
    }
    Ok(FactorsEnded { passkeys, codes })
}
