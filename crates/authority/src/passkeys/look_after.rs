//! What users do with the passkeys that they have.

use counterfoil_domain::account::Account;
use counterfoil_domain::id::PasskeyId;
use counterfoil_domain::passkey::{Passkey, PasskeyGone, PasskeyName, RemovalRefused};
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::sessions::person::{FreshPerson, GoneOn, Person};
use crate::use_case::UseCaseError;

impl Authority {
    /// The passkeys that a user has, the eldest first, under whichever host they were made.
    pub async fn passkeys_of(&self, account: &Account) -> Result<Vec<Passkey>, StoreError> {
        self.store().passkeys_of(account.id).await
    }

    /// Gives one of the caller's passkeys another name; `false` when it has it already.
    pub async fn rename_passkey(
        &self,
        person: &Person,
        id: PasskeyId,
        name: PasskeyName,
    ) -> Result<bool, UseCaseError<PasskeyGone>> {
        let by = self.attribute_to(person.caller().principal());
        let account = person.account().id;
        Ok(self.store().rename_passkey(account, id, name, by).await?)
    }

    /// Ends one of the caller's passkeys, unless a second factor is required of them and this is
    /// the last one. Recovery codes end with the last one. The session goes on under another
    /// secret, and all others end.
    pub async fn remove_passkey(
        &self,
        person: &FreshPerson,
        id: PasskeyId,
    ) -> Result<GoneOn<()>, UseCaseError<RemovalRefused>> {
        let (caller, cookie) = self.going_on(person.caller());
        let account = caller.account();
        let last = self.last_factor_of(account);
        let by = self.attribute_to(caller.principal());
        self.store()
            .remove_passkey(account.id, id, last, by)
            .await?;
        Ok(GoneOn { value: (), cookie })
    }
}
