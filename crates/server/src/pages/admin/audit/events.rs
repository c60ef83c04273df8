//! Events as the page tells them.

use counterfoil_authority::NamedEvent;
use counterfoil_domain::audit::Value;
use counterfoil_html::admin::audit::{EventActor, EventSubject, TrailEvent};

/// What the page tells of an event.
pub(super) fn told(named: NamedEvent) -> TrailEvent {
    let actor = actor(&named);
    let about = about(&named);
    let NamedEvent { event, read, .. } = named;
    let personal = |name: &str| event.personal(name).map(str::to_owned);
    let (address, agent) = (personal("address"), personal("agent"));
    // Personal details stand beside the bytes, under words of their own.
    let others = event.personal.iter().filter(|(name, _)| !has_place(name));
    let others = others.map(|(name, value)| (name.clone(), Value::Text(value.clone())));
    let (details, request, token) = match read {
        Some(read) => {
            let details = read.details.into_iter().chain(others).collect();
            (Some(details), read.request, read.token)
        }
        None => (None, None, None),
    };
    TrailEvent {
        at: event.at,
        action: event.action.clone(),
        actor,
        about,
        details,
        form: event.format,
        address,
        agent,
        request,
        token,
    }
}

/// Whether a personal field has a place of its own on the page.
fn has_place(name: &str) -> bool {
    ["address", "agent", "os_user"].contains(&name)
}

fn actor(named: &NamedEvent) -> EventActor {
    let text = named.event.actor.as_str();
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    match (kind, &named.actor) {
        ("account", Some(login)) => EventActor::User(login.clone()),
        ("app", Some(client_id)) => EventActor::App(client_id.clone()),
        // The form before has the name behind the kind.
        ("os_user", _) if !rest.is_empty() => {
            EventActor::OperatingSystemUser(Some(rest.to_owned()))
        }
        ("os_user", _) => {
            let name = named.event.personal("os_user");
            EventActor::OperatingSystemUser(name.map(str::to_owned))
        }
        ("anonymous", _) => EventActor::Anonymous,
        ("program", _) => EventActor::Program,
        _ => EventActor::Other(text.to_owned()),
    }
}

/// What it is about: by names, and by ids where there is none any more.
fn about(named: &NamedEvent) -> Vec<EventSubject> {
    let event = &named.event;
    let called = |name: &Option<String>, id: Option<i64>| {
        let id = id?;
        Some(name.clone().unwrap_or_else(|| format!("#{id}")))
    };
    let user = event
        .account
        .filter(|id| named.organization_id != Some(*id));
    let team = named.read.as_ref().and_then(|read| read.team);
    [
        called(&named.user, user).map(EventSubject::User),
        called(&named.app, event.app).map(EventSubject::App),
        event.authorization.map(EventSubject::Token),
        event.grant.map(EventSubject::Grant),
        called(&named.organization, named.organization_id).map(EventSubject::Organization),
        called(&named.team, team).map(EventSubject::Team),
    ]
    .into_iter()
    .flatten()
    .collect()
}
