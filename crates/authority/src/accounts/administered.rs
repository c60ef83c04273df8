//! Users as site administrators look at them on pages.

use counterfoil_domain::account::ListedUser;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::principal::Operator;

impl Authority {
    /// One page of the users who have this somewhere in the login, a name or an address, by login;
    /// of all users where nothing is sought.
    pub async fn search_users(
        &self,
        sought: &str,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<ListedUser>, StoreError> {
        self.store().search_users(sought, page).await
    }
}
