//! Requests that change nothing anybody could do, most of them refused: told to the audit trail by
//! counts.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::Attribution;

use crate::engine::Store;
use crate::error::StoreError;
use crate::writing::SystemOperation;

/// How often something was asked for, or refused, within a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedRequests {
    /// What it was.
    pub action: Action,
    /// Whom or what it is about.
    pub subject: Subject,
    /// From where it came; none where several places are counted together.
    pub address: Option<ClientAddress>,
    /// How often.
    pub count: u64,
}

impl Store {
    /// Tells the audit trail of requests by their counts: one event for each, all of them in one
    /// transaction. So that no other write waits long, the caller gives a few hundred at most.
    pub async fn record_counted_requests(
        &self,
        counts: Vec<CountedRequests>,
        by: Attribution,
    ) -> Result<(), StoreError> {
        self.change_by_system(SystemOperation::TellCounted, by, move |_| {
            Box::pin(async move {
                let mut told = Outcome::unchanged(());
                for counted in counts {
                    let event = Event::new(counted.action, counted.subject)
                        .with(Detail::Count(counted.count))
                        .from_address(counted.address);
                    told = told.and(event);
                }
                Ok(told)
            })
        })
        .await
    }
}
