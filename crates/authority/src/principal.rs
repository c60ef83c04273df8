//! Who asks: a person who proved who they are, or an operator at the command line. Each makes the
//! [`Principal`] that a change is asked for by.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::entropy::random_bytes;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::principal::{AccountProof, Origin, Principal, Proof};

use crate::authority::Authority;

/// A user who proved who they are, with where the request came from.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user, as the account stands now.
    pub account: Arc<Account>,
    /// Where the request came from.
    pub origin: Origin,
}

/// A person at the command line. Whoever may read the data folder may do everything; the audit
/// trail says who it was.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The name the operating system knows.
    pub user: String,
}

impl Authority {
    /// Whoever came with this proof, now.
    pub(crate) fn principal(&self, proof: Proof, origin: Option<&Origin>) -> Principal {
        Principal {
            proof,
            origin: origin.cloned(),
            at: self.now(),
            personal_salt: random_bytes(self.entropy()),
        }
    }

    /// The program, which acts for itself.
    pub(crate) fn by_program(&self) -> Principal {
        self.principal(Proof::Program, None)
    }

    /// A user whose sign-in is under way.
    pub(crate) fn by_who_signs_in(&self, account: AccountId, origin: &Origin) -> Principal {
        self.principal(Proof::SigningIn(account), Some(origin))
    }

    /// A caller proved who they are before the rest of the request came. The change is made only if
    /// that still holds then.
    pub(crate) fn by_caller(&self, caller: &Caller) -> Principal {
        let proof = Proof::Password(account_proof(&caller.account));
        self.principal(proof, Some(&caller.origin))
    }

    /// A person at the command line.
    pub(crate) fn by_operator(&self, operator: &Operator) -> Principal {
        self.principal(Proof::Operator(operator.user.clone()), None)
    }
}

/// A user as they stood when they proved who they are.
pub(crate) fn account_proof(account: &Account) -> AccountProof {
    AccountProof {
        account: account.id,
        credential_version: account.credential_version,
    }
}
