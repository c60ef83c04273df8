//! Attempts that were refused without a look at the password, as the audit trail tells of them.

use counterfoil_domain::audit::{Action, Event, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::{Origin, Principal};

use crate::audit;
use crate::engine::Store;
use crate::error::StoreError;

/// How many attempts were refused, to be told in one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalCount {
    /// Whose sign-in it was, if there is such a user and the refusal was about that login.
    pub account: Option<AccountId>,
    /// From where, if the refusal was about that address.
    pub address: Option<ClientAddress>,
    /// How many attempts.
    pub count: u64,
}

impl Store {
    /// Tells the audit trail of attempts that were refused: one event for each count, all of them
    /// in one transaction. So that no other write waits long, the caller gives a few hundred at
    /// most.
    pub async fn record_refusals(
        &self,
        refusals: Vec<RefusalCount>,
        by: Principal,
    ) -> Result<(), StoreError> {
        self.write_freely(move |tx| {
            Box::pin(async move {
                for refusal in refusals {
                    let about = Subject {
                        account: refusal.account,
                        ..Subject::default()
                    };
                    let from = Principal {
                        origin: refusal.address.map(|address| Origin::new(address, None)),
                        ..by.clone()
                    };
                    let event =
                        Event::new(Action::SignInRefused, about).with("count", refusal.count);
                    audit::record(tx, &from, event).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
