//! Who asks for what a test does.

use counterfoil_domain::account::Account;
use counterfoil_domain::principal::{Attribution, ClientProof, Origin, Principal, Proof};

use crate::world::{World, account_proof};

impl World {
    /// Whoever proves it like this, now.
    pub(crate) fn proven_by(&self, proof: Proof) -> Attribution {
        Attribution {
            principal: Principal {
                proof,
                origin: None,
            },
            at: self.now(),
            personal_salt: [7; 16],
        }
    }

    /// The operator, now.
    pub(crate) fn operator(&self) -> Attribution {
        self.proven_by(Proof::Operator("root".to_owned()))
    }

    /// The operator, now, by a request from there.
    pub(crate) fn operator_from(&self, origin: Origin) -> Attribution {
        let mut by = self.operator();
        by.principal.origin = Some(origin);
        by
    }

    /// A user by the password that they had when the account was read, now.
    pub(crate) fn by(&self, account: &Account) -> Attribution {
        let mut by = self.proven_by(Proof::Password(account_proof(account)));
        by.principal.origin = Some(Origin::new(
            "192.0.2.1".parse().expect("an address"),
            Some("hub 2.14"),
        ));
        by
    }

    /// An app by its client id and secret, now.
    pub(crate) fn by_app(&self, client: ClientProof) -> Attribution {
        self.proven_by(Proof::ClientSecret(client))
    }

    /// A user by the password that they had when the account was read, and by an app, now.
    pub(crate) fn by_user_and_app(&self, account: &Account, client: ClientProof) -> Attribution {
        self.proven_by(Proof::PasswordThroughApp(account_proof(account), client))
    }
}
