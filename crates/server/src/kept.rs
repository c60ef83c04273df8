//! What is made once of a scope set and kept with it by the check. One place keeps things of one type, so everything that
//! any answer keeps with scope sets is here.

use counterfoil_authority::CheckedToken;
use counterfoil_domain::scope::{ScopeSet, Standing};

/// Texts of a scope set, as headers have them: sorted by byte value and joined by `, `.
#[derive(Debug)]
pub(crate) struct ScopeTexts {
    given: Box<str>,
    ordinary: Box<str>,
}

impl ScopeTexts {
    /// The texts of a token's scopes.
    pub(crate) fn of(token: &CheckedToken) -> &Self {
        token.keep_with_scopes(Self::new)
    }

    fn new(scopes: &ScopeSet) -> Self {
        let text = |scopes: &ScopeSet| scopes.sorted_names().join(", ").into_boxed_str();
        Self {
            given: text(scopes),
            ordinary: text(&scopes.effective(Standing::Ordinary)),
        }
    }

    /// The scopes that count for an owner of this standing.
    pub(crate) fn effective(&self, owner: Standing) -> &str {
        match owner {
            Standing::SiteAdministrator => &self.given,
            Standing::Ordinary => &self.ordinary,
        }
    }
}
