//! Suspending an app, and lifting that: it begins nothing and proves nothing meanwhile. What users
//! gave it before lives on, as it does when the owner is suspended.

use counterfoil_domain::app::NoSuchApp;
use counterfoil_domain::audit::{Action, Event, Outcome};
use counterfoil_domain::change as feed;
use counterfoil_domain::id::AppId;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;

use crate::apps::find::live;
use crate::apps::{Changed, subject_of};
use crate::engine::Store;
use crate::nodes::{self, Feature};
use crate::outbox;
use crate::statement::{params, statements};
use crate::writing::{Change, Locks, Operation};

statements! {
    SUSPEND = "UPDATE apps SET suspended_at = $2, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL AND suspended_at IS NULL";
    UNSUSPEND = "UPDATE apps SET suspended_at = NULL, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL AND suspended_at IS NOT NULL";
}

impl Store {
    /// Suspends an app; `false` when it was suspended already.
    pub async fn suspend_app(&self, id: AppId, by: Attribution) -> Changed<bool> {
        let (operation, locks) = (Operation::SuspendApp, Locks::none().app(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let owner = live::<NoSuchApp>(tx, id).await?.owner;
                if tx.execute(SUSPEND, params![id, by.at]).await? == 0 {
                    return Ok(Outcome::unchanged(false));
                }
                nodes::demand(tx, Feature::RestrictedApps, by.at).await?;
                tx.announce(feed::Change::App(id), by.at);
                outbox::tell_owners(tx, MailKind::AppSuspended, owner, by).await?;
                let event = Event::new(Action::AppSuspended, subject_of(id));
                Ok(Outcome::new(true, event))
            })
        })
        .await
    }

    /// Lifts the suspension of an app; `false` when there was none.
    pub async fn unsuspend_app(&self, id: AppId, by: Attribution) -> Changed<bool> {
        let (operation, locks) = (Operation::UnsuspendApp, Locks::none().app(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let owner = live::<NoSuchApp>(tx, id).await?.owner;
                if tx.execute(UNSUSPEND, params![id, by.at]).await? == 0 {
                    return Ok(Outcome::unchanged(false));
                }
                tx.announce(feed::Change::App(id), by.at);
                outbox::tell_owners(tx, MailKind::AppUnsuspended, owner, by).await?;
                let event = Event::new(Action::AppUnsuspended, subject_of(id));
                Ok(Outcome::new(true, event))
            })
        })
        .await
    }
}
