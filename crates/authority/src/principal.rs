//! Callers: witnesses that somebody proved who they are. Each is made once for a request, by what
//! identified them, and holds the [`Principal`] that a change is put down to.
//!
//! No use case makes one by hand: what proved it is looked at again when the change is made.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::authorization::Provenance;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::entropy::random_bytes;
use counterfoil_domain::form::OnceValue;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::{
    AccountProof, Attribution, ClientProof, Origin, Principal, Proof, SessionProof,
};
use counterfoil_domain::scope::Standing;

use crate::authority::Authority;

/// A user who proved who they are: with a password, and a second factor where they have one, with a
/// passkey alone, or by a session that began so.
#[derive(Clone, Debug)]
pub struct Caller {
    account: Arc<Account>,
    address: ClientAddress,
    principal: Principal,
}

/// Whoever may do everything: a person at the command line, since they may read the data folder, or
/// a site administrator in a session, which is looked at again when a change is made. The audit
/// trail says who it was.
#[derive(Clone, Debug)]
pub struct Operator {
    principal: Principal,
    once: Option<OnceValue>,
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

    /// Whose passkey was right, as the account stood then.
    pub(crate) fn by_passkey(account: Arc<Account>, origin: Origin) -> Self {
        let proof = Proof::Passkey(account_proof(&account));
        Self {
            account,
            address: origin.address,
            principal: Principal {
                proof,
                origin: Some(origin),
            },
        }
    }

    /// Who is signed in by this session, as the account stood when it was read.
    pub(crate) fn by_session(account: Arc<Account>, session: SessionProof, origin: Origin) -> Self {
        let proof = Proof::Session(account_proof(&account), session);
        Self {
            account,
            address: origin.address,
            principal: Principal {
                proof,
                origin: Some(origin),
            },
        }
    }

    /// The same, whose change counts once: it is refused if one with the same value was made.
    pub(crate) fn once(&self, once: OnceValue) -> Self {
        let mut caller = self.clone();
        if let Proof::Session(_, session) = &mut caller.principal.proof {
            session.once = Some(once);
        }
        caller
    }

    /// The same, whose session goes on under another secret once the change is made.
    pub(crate) fn going_on(&self, next: SecretDigest) -> Self {
        let mut caller = self.clone();
        if let Proof::Session(_, session) = &mut caller.principal.proof {
            session.next = Some(next);
        }
        caller
    }

    /// By which way a token is made that the caller asks for.
    pub fn provenance(&self) -> Provenance {
        match self.principal.proof {
            Proof::Session(..) => Provenance::Page,
            _ => Provenance::PasswordApi,
        }
    }

    /// The user, as the account stood when they proved who they are.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The user, as others hold the account too.
    pub(crate) fn shared_account(&self) -> Arc<Account> {
        Arc::clone(&self.account)
    }

    /// Where they ask from.
    pub(crate) fn origin(&self) -> Origin {
        let origin = self.principal.origin.clone();
        origin.unwrap_or_else(|| Origin::new(self.address, None))
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
            once: None,
        }
    }

    /// Who is signed in by a session, if they are a site administrator.
    pub(crate) fn signed_in(caller: &Caller) -> Option<Self> {
        let mut principal = caller.principal.clone();
        let Proof::Session(_, session) = &mut principal.proof else {
            return None;
        };
        session.administers = true;
        let administers = caller.account.standing == Standing::SiteAdministrator;
        administers.then_some(Self {
            principal,
            once: None,
        })
    }

    /// The same, whose form counts once: what shows a secret is refused as repeated if something
    /// was shown for the same value.
    #[must_use]
    pub fn once(&self, once: OnceValue) -> Self {
        Self {
            once: Some(once),
            ..self.clone()
        }
    }

    /// The principal that its changes are put down to.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The same for the change that shows a secret, or has one mailed, and counts once where its
    /// form does.
    pub(crate) fn principal_once(&self) -> Principal {
        let mut principal = self.principal.clone();
        if let Proof::Session(_, session) = &mut principal.proof {
            session.once = self.once;
        }
        principal
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
