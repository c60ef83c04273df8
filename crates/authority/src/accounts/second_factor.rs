//! Whether a second factor is required, as this process goes by it: what the settings say, and
//! since when the installation requires it.

use counterfoil_domain::account::Account;
use counterfoil_domain::principal::Principal;
use counterfoil_domain::second_factor::{LastFactor, RequiredOf, SecondFactor};
use counterfoil_store::StoreError;

use crate::authority::Authority;

impl Authority {
    /// How an account stands to what is required: the one answer that everything goes by.
    pub fn second_factor_of(&self, account: &Account) -> SecondFactor {
        let since = *self.required_since().read();
        let policy = &self.settings().second_factor;
        policy.judge(account, &since, self.now())
    }

    /// Whether the settings require a second factor of an account, whether it has one or not.
    pub fn requires_second_factor(&self, account: &Account) -> bool {
        self.settings().second_factor.is_required_of(account)
    }

    /// Whether an account may be left without a second factor.
    pub(crate) fn last_factor_of(&self, account: &Account) -> LastFactor {
        self.settings().second_factor.last_factor_of(account)
    }

    /// Writes down what the settings require, where another process has not yet, so that the grace
    /// begins once for all nodes. Every process that serves calls it at its start.
    pub async fn begin_requiring_second_factor(&self) -> Result<(), StoreError> {
        let by = self.attribute_to(&Principal::PROGRAM);
        let of = self.settings().second_factor.required_of;
        let since = self.store().require_second_factor(of, by).await?;
        *self.required_since().write() = since;
        Ok(())
    }

    /// Reads what other processes wrote down.
    pub(crate) async fn follow_requirement(&self) -> Result<(), StoreError> {
        if self.settings().second_factor.required_of == RequiredOf::Nobody {
            return Ok(());
        }
        let since = self.store().second_factor_required().await?;
        *self.required_since().write() = since;
        Ok(())
    }
}
