//! What was asked for at the API that is for site administrators, by those who are none or whose
//! token does not act as one.

use counterfoil_domain::id::{AccountId, AuthorizationId};

use crate::refused::counted::Counted;

/// How often that was, until it is told to the audit trail.
#[derive(Default)]
pub(crate) struct RefusedAdministration(pub(crate) Counted<Asked>);

/// Who asked, and by which token; by a password where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) account: AccountId,
    pub(crate) token: Option<AuthorizationId>,
}
