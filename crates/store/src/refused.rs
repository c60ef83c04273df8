//! Requests that were refused and change nothing: told to the audit trail by counts.

use counterfoil_domain::audit::{Action, Event, Subject};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::{Origin, Principal};

use crate::audit;
use crate::engine::Store;
use crate::error::StoreError;

/// How often something was refused within a minute.
#[derive(Clone, Debug)]
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
    /// Tells the audit trail of requests that were refused: one event for each count.
    pub async fn record_refused_requests(
        &self,
        counts: Vec<RefusedRequests>,
        by: Principal,
    ) -> Result<(), StoreError> {
        self.write_freely(move |tx| {
            Box::pin(async move {
                for refused in counts {
                    let from = Principal {
                        origin: refused.address.map(|address| Origin::new(address, None)),
                        ..by.clone()
                    };
                    let event =
                        Event::new(refused.action, refused.subject).with("count", refused.count);
                    audit::record(tx, &from, event).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
