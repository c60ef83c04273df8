//! After a restart: what the server shows and what the trail tells, held against the ledgers.

use std::collections::BTreeMap;

use counterfoil_domain::digest::SecretDigest;
use counterfoil_testkit::process::{ApiClient, Program, Running};
use serde_json::Value;

use super::flows::Flow;
use super::ledger::{Event, Kind, Ledger, Request, Token};
use super::trail::{Trail, assert_same};
use super::visits::Visits;

/// Whose records are held against what the server shows.
pub(super) struct Everybody<'e> {
    pub(super) ledgers: &'e mut [Ledger],
    pub(super) visits: &'e mut [Visits],
    pub(super) flows: &'e mut [Flow],
}

/// Holds what happened since the last reckoning against the ledgers, after it was found out what
/// became of requests without an answer.
pub(super) fn reckon(
    program: &Program,
    server: &Running,
    trail: &mut Trail,
    everybody: Everybody<'_>,
    when: &str,
) {
    let Everybody {
        ledgers,
        visits,
        flows,
    } = everybody;
    let told = trail.read_on(program, when);
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
    for person in &mut *visits {
        person.find_out(&told);
    }
    for flow in &mut *flows {
        flow.find_out(&told);
    }
    let entered = ledgers.iter_mut().flat_map(Ledger::take_new_events);
    let by_visits = visits.iter_mut().flat_map(Visits::take_new_events);
    let by_flows = flows.iter_mut().flat_map(Flow::take_new_events);
    let entered = entered.chain(by_visits).chain(by_flows);
    assert_same(&told, &entered.collect::<Vec<_>>(), when);
    for ledger in &mut *ledgers {
        assert_grant_is_as_entered(ledger, server, when);
        ledger.assert_tokens_are_what_they_are(&server.base_url);
    }
    assert_lists_are_as_entered(ledgers, server, when);
    for person in visits {
        person.reckon(program, &server.base_url, when);
    }
    for flow in flows {
        flow.reckon(&server.base_url, when);
    }
}

/// Enters a request whose answer never came, if the trail says that it happened. That the rest
/// agrees with the trail is held against the ledger afterwards.
fn find_out(ledger: &mut Ledger, request: Request, told: &[Event], listed: &BTreeMap<i64, Value>) {
    let happened = |ledger: &Ledger, action: &str, id: i64| {
        is_told_more_often(told, ledger.new_events(), action, id)
    };
    let changes_before = ledger.changes();
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
    ledger.unanswered_that_happened += ledger.changes() - changes_before;
}

/// Whether the trail tells of something more often than it was entered.
pub(super) fn is_told_more_often(told: &[Event], entered: &[Event], action: &str, id: i64) -> bool {
    let count = |events: &[Event]| {
        let found = events.iter();
        let found = found.filter(|event| event.action == action && event.id == id);
        found.count()
    };
    count(told) > count(entered)
}

/// What was made without an answer is found by what it is told apart by; its token was never given
/// to anybody.
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
