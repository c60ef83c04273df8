//! What was asked for at the API that is for site administrators, by those who are none or whose
//! token does not act as one.

use counterfoil_domain::id::{AccountId, AuthorizationId};

use crate::authority::Authority;
use crate::counted::Counted;
use crate::principal::Caller;
use crate::tokens::CheckedToken;

/// How often that was, until it is told to the audit trail.
#[derive(Default)]
pub(crate) struct RefusedAdministration(pub(crate) Counted<Asked>);

/// Who asked, and by which token; by a password where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) account: AccountId,
    pub(crate) token: Option<AuthorizationId>,
}

impl Authority {
    /// Counts a request that only a site administrator may make, and that this caller made.
    pub fn note_refused_administration(&self, caller: &Caller, token: Option<&CheckedToken>) {
        let asked = Asked {
            account: caller.account.id,
            token: token.map(CheckedToken::id),
        };
        let counted = &self.refused_administration().0;
        counted.note(asked, caller.origin.address, self.now());
    }
}
