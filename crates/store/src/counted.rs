//! Requests that were refused and change nothing: told to the audit trail by counts.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::Attribution;

use crate::engine::Store;
use crate::error::StoreError;
use crate::writing::SystemOperation;

/// How often something was refused within a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRequests {
    /// What was refused.
    pub action: Action,
    /// Whom or what it is about.
    pub subject: Subject,
    /// From where it came; none where several places are counted together.
    pub address: Option<ClientAddress>,
    /// How often.
    pub count: u64,
}

impl Store {
    /// Tells the audit trail of requests that were refused: one event for each count, all of them
    /// in one transaction. So that no other write waits long, the caller gives a few hundred at
    /// most.
    pub async fn record_refused_requests(
        &self,
        counts: Vec<RefusedRequests>,
        by: Attribution,
    ) -> Result<(), StoreError> {
        self.change_by_system(SystemOperation::TellRefused, by, move |_| {
            Box::pin(async move {
                let mut told = Outcome::unchanged(());
                for refused in counts {
                    let event = Event::new(refused.action, refused.subject)
                        .with(Detail::Count(refused.count))
                        .from_address(refused.address);
                    told = told.and(event);
                }
                Ok(told)
            })
        })
        .await
    }
}
