//! Callers: witnesses that somebody proved who they are. Each is made once for a request, by what
//! identified them, and holds the [`Principal`] that a change is put down to.
//!
//! No use case makes one by hand: what proved it is looked at again when the change is made.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::entropy::random_bytes;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::{
    AccountProof, Attribution, ClientProof, Origin, Principal, Proof,
};

use crate::authority::Authority;

/// A user who proved who they are with a password, and a code where they have two factors.
#[derive(Clone, Debug)]
pub struct Caller {
    account: Arc<Account>,
    address: ClientAddress,
    principal: Principal,
}

/// A person at the command line. Whoever may read the data folder may do everything; the audit
/// trail says who it was.
#[derive(Clone, Debug)]
pub struct Operator {
    principal: Principal,
}

impl Caller {
    /// Whose password was right, as the account stood then.
    pub(crate) fn by_password(account: Arc<Account>, origin: Origin) -> Self {
        let proof = Proof::Password(account_proof(&account));
        Self {
            account,
            address: origin.address,
            principal: Principal {
                proof,
                origin: Some(origin),
            },
        }
    }

    /// The user, as the account stood when they proved who they are.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// From where they ask.
    pub fn address(&self) -> ClientAddress {
        self.address
    }

    /// The principal that its changes are put down to.
    pub(crate) fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The same, who asks through an app.
    pub(crate) fn through_app(&self, client: ClientProof) -> Principal {
        Principal {
            proof: Proof::PasswordThroughApp(account_proof(&self.account), client),
            origin: self.principal.origin.clone(),
        }
    }
}

impl Operator {
    /// The person whom the operating system knows by this name.
    pub fn named(user: String) -> Self {
        Self {
            principal: Principal {
                proof: Proof::Operator(user),
                origin: None,
            },
        }
    }

    /// The principal that its changes are put down to.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

impl Authority {
    /// Whoever asks, at the moment of the change that is put down to them: made right before it,
    /// since their request may have come long ago.
    pub(crate) fn attribute_to(&self, principal: &Principal) -> Attribution {
        Attribution {
            principal: principal.clone(),
            at: self.now(),
            personal_salt: random_bytes(self.entropy()),
        }
    }
}

/// A user as they stood when they proved who they are.
pub(crate) fn account_proof(account: &Account) -> AccountProof {
    AccountProof {
        account: account.id,
        credential_version: account.credential_version,
    }
}
