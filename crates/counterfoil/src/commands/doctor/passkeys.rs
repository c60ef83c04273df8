//! Users whom the settings leave without a way in.

use counterfoil_domain::login::Login;
use counterfoil_domain::passkey::relying_party::RelyingParty;
use counterfoil_store::{Store, StoreError};

use crate::config::Settings;

/// Users who are named at most.
const NAMED: u32 = 20;
/// A port for the names of loopback. Passkeys are for a host, whatever the port is.
const ANY_PORT: u16 = 8080;

/// What is said of users whose passkeys are bound to another host than the pages, and who have no
/// other way in; nothing where there are none.
pub(crate) async fn stranded_by_passkeys(
    settings: &Settings,
    store: &Store,
) -> Result<Option<String>, StoreError> {
    let origins = settings.origins(ANY_PORT);
    let bound_to = settings.pages.passkey_rp_id.as_ref();
    let party = RelyingParty::of(origins.first().origin(), bound_to).ok();
    let rp_id = party.as_ref().map(RelyingParty::id);
    let stranded = store.stranded_by_passkeys(rp_id, NAMED).await?;
    if stranded.is_empty() {
        return Ok(None);
    }
    let logins: Vec<&str> = stranded.iter().map(Login::as_str).collect();
    Ok(Some(format!(
        "passkeys are bound to another host than public_url, and these users have no other way in: {}; set \
         pages.passkey_rp_id or public_url as it was, or run `counterfoil user otp disable LOGIN`",
        logins.join(", ")
    )))
}
