//! Events with names in place of ids.

use counterfoil_domain::audit::reading::{self, Reading};
use counterfoil_store::{IdsToName, StoreError, StoredEvent, TrailNames};

use crate::authority::Authority;

/// An event with what its bytes say, and with the names of what it speaks of, whatever became of
/// that. What has an id and no name here is not known any more.
#[derive(Clone, Debug)]
pub struct NamedEvent {
    /// As it was stored.
    pub event: StoredEvent,
    /// What the bytes say; none of a form that this program does not know.
    pub read: Option<Reading>,
    /// The login of the user, or the client id of the app, that did it.
    pub actor: Option<String>,
    /// The login of the user that it is about.
    pub user: Option<String>,
    /// The client id of the app that it is about.
    pub app: Option<String>,
    /// The organization that it is about.
    pub organization_id: Option<i64>,
    /// Its login.
    pub organization: Option<String>,
    /// The slug of the team that it is about.
    pub team: Option<String>,
}

impl Authority {
    /// The events with the names of what they speak of.
    pub async fn name_events(
        &self,
        events: Vec<StoredEvent>,
    ) -> Result<Vec<NamedEvent>, StoreError> {
        let read: Vec<_> = events
            .into_iter()
            .map(|event| (reading::read(event.format, &event.bytes), event))
            .collect();
        let mut ids = IdsToName::default();
        for (read, event) in &read {
            let [account, app] = ["account", "app"].map(|kind| actor_id(&event.actor, kind));
            ids.accounts
                .extend(account.into_iter().chain(event.account));
            ids.apps.extend(app.into_iter().chain(event.app));
            if let Some(read) = read {
                ids.accounts.extend(read.organization);
                ids.teams.extend(read.team);
            }
        }
        let names = self.store().names_of(ids).await?;
        let events = read
            .into_iter()
            .map(|(read, event)| named(event, read, &names));
        Ok(events.collect())
    }
}

/// The id behind the kind of an actor.
fn actor_id(actor: &str, kind: &str) -> Option<i64> {
    actor.strip_prefix(kind)?.strip_prefix(':')?.parse().ok()
}

fn named(event: StoredEvent, read: Option<Reading>, names: &TrailNames) -> NamedEvent {
    let account = event.account.and_then(|id| names.accounts.get(&id));
    let is_organization = account.is_some_and(|name| name.is_organization);
    let told = read.as_ref();
    // What makes or ends an organization is about that account.
    let organization_id = told
        .and_then(|read| read.organization)
        .or(event.account.filter(|_| is_organization));
    let login = |id: i64| names.accounts.get(&id).map(|name| name.login.clone());
    let client_id = |id: i64| names.apps.get(&id).cloned();
    NamedEvent {
        actor: actor_id(&event.actor, "account")
            .and_then(login)
            .or_else(|| actor_id(&event.actor, "app").and_then(client_id)),
        user: account
            .filter(|_| !is_organization)
            .map(|name| name.login.clone()),
        app: event.app.and_then(client_id),
        organization_id,
        organization: organization_id.and_then(login),
        team: told
            .and_then(|read| read.team)
            .and_then(|id| names.teams.get(&id).cloned()),
        read,
        event,
    }
}
