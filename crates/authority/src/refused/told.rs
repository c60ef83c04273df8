//! Telling the audit trail what was refused.

use std::sync::atomic::Ordering;

use counterfoil_domain::audit::{Action, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::Principal;
use counterfoil_store::{CountedRequests, StoreError};

use crate::authority::Authority;
use crate::refused::administration::Asked;
use crate::refused::counted::Due;
use crate::tokens::CheckedToken;

/// Events written in one transaction.
const EVENTS_AT_A_TIME: usize = 500;

impl Authority {
    /// How many client secrets were wrong since the start.
    pub fn wrong_client_secrets(&self) -> u64 {
        self.wrong_secrets().total.load(Ordering::Relaxed)
    }

    /// Writes requests that were counted for a minute to the audit trail: wrong client secrets,
    /// what those asked for who are no administrators, and devices that asked. All of them when
    /// `closing`.
    pub async fn flush_counted_requests(&self, closing: bool) -> Result<(), StoreError> {
        let now = self.now();
        let mut counts = Vec::new();
        if let Some(due) = self.wrong_secrets().events.take_due(now, closing) {
            counts.extend(told(Action::AppRefused, due, |(app, _)| Subject {
                app,
                ..Subject::default()
            }));
        }
        if let Some(due) = self.refused_administration().0.take_due(now, closing) {
            counts.extend(told(Action::AdministrationRefused, due, |asked| Subject {
                account: Some(asked.account),
                authorization: asked.token,
                ..Subject::default()
            }));
        }
        if let Some(due) = self.device_bounds().events.take_due(now, closing) {
            counts.extend(told(Action::DeviceRequested, due, |(app, _)| Subject {
                app: Some(app),
                ..Subject::default()
            }));
        }
        // In portions: a write that takes long makes others wait.
        for portion in counts.chunks(EVENTS_AT_A_TIME) {
            let by = self.attribute_to(&Principal::PROGRAM);
            let portion = portion.to_vec();
            self.store().record_counted_requests(portion, by).await?;
        }
        Ok(())
    }

    /// Counts a request that only a site administrator may make, and that this user made, from
    /// there and by this token if not by a password.
    pub fn note_refused_administration(
        &self,
        account: AccountId,
        token: Option<&CheckedToken>,
        from: ClientAddress,
    ) {
        let asked = Asked {
            account,
            token: token.map(CheckedToken::id),
        };
        let counted = &self.refused_administration().0;
        counted.note(asked, from, self.now());
    }
}

fn told<K>(action: Action, due: Due<K>, subject: impl Fn(K) -> Subject) -> Vec<CountedRequests> {
    let each = due
        .counts
        .into_iter()
        .map(|(about, count)| CountedRequests {
            action,
            subject: subject(about),
            address: Some(count.address),
            count: count.count,
        });
    let mut all: Vec<_> = each.collect();
    if due.beyond > 0 {
        all.push(CountedRequests {
            action,
            subject: Subject::default(),
            address: None,
            count: due.beyond,
        });
    }
    all
}
