//! Who asks: a person who proved who they are, or an operator at the command line.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::audit::{Actor, Attribution};
use counterfoil_domain::entropy::random_bytes;
use counterfoil_domain::network::ClientAddress;

use crate::authority::Authority;

/// Longest user agent that is kept, in characters.
const LONGEST_AGENT: usize = 255;

/// Where a request came from. Personal: kept in the audit trail only, and only where it can be erased.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's address.
    pub address: ClientAddress,
    /// The program that the client says it is.
    pub agent: Option<String>,
}

/// A user who proved who they are, with where the request came from.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user, as the account stands now.
    pub account: Arc<Account>,
    /// Where the request came from.
    pub origin: Origin,
}

/// A person at the command line. Whoever may read the data folder may do everything; the audit trail says who it was.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The name the operating system knows.
    pub user: String,
}

impl Authority {
    pub(crate) fn attribute(&self, actor: Actor, origin: Option<&Origin>) -> Attribution {
        Attribution {
            actor,
            at: self.now(),
            address: origin.map(|origin| origin.address),
            agent: origin
                .and_then(|origin| origin.agent.as_ref())
                .map(|agent| agent.chars().take(LONGEST_AGENT).collect()),
            personal_salt: random_bytes(self.entropy()),
            credential_version: None,
            token: None,
        }
    }

    /// A caller proved who they are before the rest of the request came. The change is made only if that still holds then.
    pub(crate) fn by_caller(&self, caller: &Caller) -> Attribution {
        Attribution {
            credential_version: Some(caller.account.credential_version),
            ..self.attribute(Actor::Account(caller.account.id), Some(&caller.origin))
        }
    }

    pub(crate) fn by_operator(&self, operator: &Operator) -> Attribution {
        self.attribute(Actor::OperatingSystemUser(operator.user.clone()), None)
    }
}
