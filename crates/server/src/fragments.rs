//! What is made once of a scope set, an account or an app, and kept with it by the check path, to
//! be put into many answers.

use counterfoil_authority::CheckedToken;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_wire::view::Fragment;

use crate::origins::PerOrigin;
use crate::state::ServerState;

/// Texts of a scope set, as headers have them: sorted by byte value and joined by `, `; and as
/// bodies have it.
#[derive(Debug)]
pub(crate) struct ScopeTexts {
    given: Box<str>,
    ordinary: Box<str>,
    fragment: Fragment,
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
            fragment: Fragment::scopes(scopes),
        }
    }

    /// The scopes that count for a token that acts so.
    pub(crate) fn effective(&self, token: Standing) -> &str {
        match token {
            Standing::SiteAdministrator => &self.given,
            Standing::Ordinary => &self.ordinary,
        }
    }

    /// The scopes in a body.
    pub(crate) fn fragment(&self) -> &Fragment {
        &self.fragment
    }
}

/// The owner of a token in a body, which has URLs.
pub(crate) fn owner_fragment<'t>(token: &'t CheckedToken, state: &ServerState) -> &'t Fragment {
    token
        .keep_with_account(|_| PerOrigin::default())
        .get(state.origin(), || {
            Fragment::user(token.account(), state.base())
        })
}

/// The app of a token in a body, unless it is a token of no app.
pub(crate) fn app_fragment(token: &CheckedToken) -> Option<&Fragment> {
    token.keep_with_app(Fragment::app)
}
