//! After a restart: what the server shows and what the trail tells, held against the ledgers.

use std::collections::{BTreeMap, HashMap};

use counterfoil_domain::digest::SecretDigest;
use counterfoil_testkit::process::{ApiClient, Program, Running};
use serde_json::Value;

use super::ledger::{Event, Kind, Ledger, Request, Token};

/// Actions of the set-up, which no ledger enters.
const SET_UP: &[&str] = &["key.added", "user.created", "app.created"];

/// Holds everything against the ledgers, after it was found out what became of requests without an answer.
pub(super) fn reckon(program: &Program, server: &Running, ledgers: &mut [Ledger], when: &str) {
    let trail = program.audit_trail();
    assert_numbers_have_no_gaps(&trail, when);
    let told = told(&trail);
    for ledger in &mut *ledgers {
        let mut client = ledger
            .person
            .connect(&server.base_url)
            .expect("the server accepts connections");
        let listed = everything(&mut client, "/authorizations");
        if let Some(request) = ledger.unanswered.take() {
            find_out(ledger, request, &told, &listed);
        }
    }
    let entered: Vec<Event> = ledgers
        .iter()
        .flat_map(|ledger| ledger.events.clone())
        .collect();
    let untold = without(&entered, &told);
    assert!(
        untold.is_empty(),
        "{when}: the trail does not tell of {untold:?}"
    );
    let unfounded = without(&told, &entered);
    assert!(
        unfounded.is_empty(),
        "{when}: the trail tells what did not happen: {unfounded:?}"
    );
    for ledger in &mut *ledgers {
        assert_grant_is_as_entered(ledger, server, when);
        ledger.assert_tokens_are_what_they_are(&server.base_url);
    }
    assert_lists_are_as_entered(ledgers, server, when);
}

/// The events of the trail that ledgers enter.
fn told(trail: &[Value]) -> Vec<Event> {
    let mut told = Vec::new();
    for event in trail {
        let id = |name: &str| {
            event[name]
                .as_i64()
                .expect("the event says what it is about")
        };
        match event["action"].as_str().expect("an event has an action") {
            "authorization.created" => told.push(Event {
                action: "authorization.created",
                id: id("authorization_id"),
            }),
            "authorization.changed" => told.push(Event {
                action: "authorization.changed",
                id: id("authorization_id"),
            }),
            "authorization.revoked" => told.push(Event {
                action: "authorization.revoked",
                id: id("authorization_id"),
            }),
            "grant.revoked" => told.push(Event {
                action: "grant.revoked",
                id: id("grant_id"),
            }),
            other => assert!(
                SET_UP.contains(&other),
                "nobody did anything that is {other}"
            ),
        }
    }
    told
}

/// Events that are more often in the one list than in the other.
fn without(events: &[Event], others: &[Event]) -> Vec<Event> {
    let mut others = others.to_vec();
    others.sort();
    let mut rest = events.to_vec();
    rest.sort();
    let mut others = others.into_iter().peekable();
    rest.retain(|event| {
        while others.next_if(|other| other < event).is_some() {}
        others.next_if_eq(event).is_none()
    });
    rest
}

/// Each writer's events are numbered from one, without a gap and in the order of their ids.
fn assert_numbers_have_no_gaps(trail: &[Value], when: &str) {
    let mut by_writer: HashMap<&str, Vec<(i64, i64)>> = HashMap::new();
    for event in trail {
        let number = |name: &str| event[name].as_i64().expect("a number");
        let writer = event["writer"].as_str().expect("an event has a writer");
        by_writer
            .entry(writer)
            .or_default()
            .push((number("id"), number("writer_number")));
    }
    for (writer, mut events) in by_writer {
        events.sort_unstable();
        let numbers: Vec<i64> = events.iter().map(|(_, number)| *number).collect();
        let gapless: Vec<i64> = (1..).take(numbers.len()).collect();
        assert_eq!(numbers, gapless, "{when}: the events of writer {writer}");
    }
}

/// Enters a request whose answer never came, if the trail says that it happened. That the rest agrees with the trail is
/// held against the ledger afterwards.
fn find_out(ledger: &mut Ledger, request: Request, told: &[Event], listed: &BTreeMap<i64, Value>) {
    let count = |events: &[Event], action: &str, id: i64| {
        events
            .iter()
            .filter(|event| event.action == action && event.id == id)
            .count()
    };
    let happened = |ledger: &Ledger, action: &str, id: i64| {
        count(told, action, id) > count(&ledger.events, action, id)
    };
    let events_before = ledger.events.len();
    match request {
        Request::Create { kind, scopes } => enter_if_listed(ledger, kind, scopes, listed),
        Request::GetOrCreate {
            fingerprint,
            scopes,
        } => {
            if ledger.with_fingerprint(&fingerprint).is_none() {
                enter_if_listed(ledger, Kind::App { fingerprint }, scopes, listed);
            }
        }
        Request::Change { id, scopes } if happened(ledger, "authorization.changed", id) => {
            ledger.enter_changed(id, scopes);
        }
        Request::Delete { id } if happened(ledger, "authorization.revoked", id) => {
            ledger.enter_deleted(id);
        }
        Request::DeleteGrant { id } if happened(ledger, "grant.revoked", id) => {
            ledger.enter_grant_deleted(id);
        }
        Request::Change { .. } | Request::Delete { .. } | Request::DeleteGrant { .. } => {}
    }
    ledger.unanswered_that_happened += ledger.events.len() - events_before;
}

/// What was made without an answer is found by what it is told apart by; its token was never given to anybody.
fn enter_if_listed(
    ledger: &mut Ledger,
    kind: Kind,
    scopes: Vec<&'static str>,
    listed: &BTreeMap<i64, Value>,
) {
    let is_it = |item: &&Value| match &kind {
        Kind::Personal { note } => item["note"] == **note,
        Kind::App { fingerprint } => item["fingerprint"] == **fingerprint,
    };
    if let Some(item) = listed.values().find(is_it) {
        let id = item["id"].as_i64().expect("an authorization has an id");
        ledger.enter_created(Token {
            id,
            secret: None,
            kind,
            scopes,
        });
    }
}

/// Every user's list is the ledgers' of that user together, item by item.
fn assert_lists_are_as_entered(ledgers: &[Ledger], server: &Running, when: &str) {
    let mut of_users: BTreeMap<&str, Vec<&Ledger>> = BTreeMap::new();
    for ledger in ledgers {
        of_users
            .entry(&ledger.person.login)
            .or_default()
            .push(ledger);
    }
    for of_user in of_users.values() {
        let mut client = of_user[0]
            .person
            .connect(&server.base_url)
            .expect("the server accepts connections");
        let listed = everything(&mut client, "/authorizations");
        let mut entered: Vec<i64> = of_user
            .iter()
            .flat_map(|ledger| ledger.tokens.iter().map(|token| token.id))
            .collect();
        entered.sort_unstable();
        let listed_ids: Vec<i64> = listed.keys().copied().collect();
        assert_eq!(
            listed_ids, entered,
            "{when}: the tokens of {}",
            of_user[0].person.login
        );
        for token in of_user.iter().flat_map(|ledger| &ledger.tokens) {
            assert_item_is(&listed[&token.id], token, when);
        }
    }
}

fn assert_item_is(item: &Value, token: &Token, when: &str) {
    match &token.kind {
        Kind::Personal { note } => assert_eq!(item["note"], **note, "{when}: {item}"),
        Kind::App { fingerprint } => {
            assert_eq!(item["fingerprint"], **fingerprint, "{when}: {item}");
        }
    }
    assert_eq!(
        item["scopes"],
        Value::from(token.scopes.clone()),
        "{when}: {item}"
    );
    if let Some(secret) = &token.secret {
        assert_eq!(
            item["hashed_token"],
            SecretDigest::of(secret).to_hex(),
            "{when}: {item}"
        );
    }
}

fn assert_grant_is_as_entered(ledger: &Ledger, server: &Running, when: &str) {
    let mut client = ledger
        .person
        .connect(&server.base_url)
        .expect("the server accepts connections");
    let path = format!("/applications/grants?client_id={}", ledger.app.client_id);
    let grants = client.must("GET", &path, None).assert_status(200).json();
    let grants = grants.as_array().expect("a list");
    assert_eq!(
        grants.len(),
        usize::from(ledger.granted),
        "{when}: {grants:?}"
    );
    let of_app = ledger
        .tokens
        .iter()
        .filter(|token| matches!(token.kind, Kind::App { .. }));
    let mut scopes: Vec<&str> = of_app
        .clone()
        .flat_map(|token| token.scopes.clone())
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    // Without a live token a grant keeps the scopes that were last granted.
    if of_app.count() > 0 {
        let mut shown: Vec<&str> = grants[0]["scopes"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        shown.sort_unstable();
        assert_eq!(shown, scopes, "{when}: the grant is what its tokens are");
    }
}

/// All items of a list, by their ids.
fn everything(client: &mut ApiClient, path: &str) -> BTreeMap<i64, Value> {
    let mut all = BTreeMap::new();
    for page in 1.. {
        let answer = client.must("GET", &format!("{path}?per_page=100&page={page}"), None);
        let items = answer.assert_status(200).json();
        let items = items.as_array().expect("a list").clone();
        if items.is_empty() {
            break;
        }
        all.extend(
            items
                .into_iter()
                .map(|item| (item["id"].as_i64().expect("an id"), item)),
        );
    }
    all
}
