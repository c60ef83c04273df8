//! One connection's load: whatever a user and an app may do, in an order that the dice decide.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Instant;

use counterfoil_testkit::process::{ApiClient, Reply};
use serde_json::{Value, json};

use super::ledger::{Kind, Ledger, Request, Token};

/// Scopes of which none implies another, so that what is asked for is what is kept.
const SCOPES: &[&[&str]] = &[
    &[],
    &["gist"],
    &["notifications", "repo"],
    &["repo"],
    &["user"],
];
/// The status of what cannot be done without the database.
pub(super) const UNAVAILABLE: u16 = 503;
/// Live tokens from which on more are deleted than made.
const ENOUGH: usize = 25;

/// Sends requests one after another, entering what each is answered, until it is enough. Stops when
/// an answer never comes or says that the database cannot be reached: then nobody knows whether the
/// request happened.
pub(super) fn work_until_refused(
    ledger: &mut Ledger,
    base_url: &str,
    answered: &Sender<()>,
    enough: &AtomicBool,
) {
    let Ok(mut client) = ledger.person.connect(base_url) else {
        return;
    };
    while !enough.load(Ordering::Relaxed) {
        let Ok(request) = next_request(ledger, &mut client) else {
            return;
        };
        ledger.unanswered = Some(request.clone());
        let asked = Instant::now();
        let Ok(reply) = send(ledger, &mut client, &request) else {
            return;
        };
        ledger.slowest = ledger.slowest.max(asked.elapsed());
        if reply.status == UNAVAILABLE {
            assert!(reply.header("retry-after").is_some(), "{}", reply.text());
            return;
        }
        ledger.unanswered = None;
        enter(ledger, request, &reply);
        // Nobody may listen any longer.
        let _ = answered.send(());
    }
}

fn next_request(ledger: &mut Ledger, client: &mut ApiClient) -> io::Result<Request> {
    let scopes = ledger.dice.pick(SCOPES).expect("there are scopes").to_vec();
    let some_id = ledger.dice.pick(&ledger.tokens).map(|token| token.id);
    let many = if ledger.tokens.len() > ENOUGH { 30 } else { 0 };
    let thrown = ledger.dice.below(100);
    Ok(match (thrown + many, some_id) {
        (0..20, _) => {
            let note = ledger.new_name();
            Request::Create {
                kind: Kind::Personal { note },
                scopes,
            }
        }
        (20..35, _) => {
            let fingerprint = ledger.new_name();
            Request::Create {
                kind: Kind::App { fingerprint },
                scopes,
            }
        }
        (35..55, Some(id)) => Request::Change { id, scopes },
        (75..97 | 100.., Some(id)) => Request::Delete { id },
        (97..100, _) if ledger.granted => Request::DeleteGrant {
            id: grant(ledger, client)?,
        },
        _ => {
            let fingerprint = ledger.one_of_few_names();
            Request::GetOrCreate {
                fingerprint,
                scopes,
            }
        }
    })
}

/// The id of the grant, which is live.
fn grant(ledger: &Ledger, client: &mut ApiClient) -> io::Result<i64> {
    let path = format!("/applications/grants?client_id={}", ledger.app.client_id);
    let grants = client.ask("GET", &path, None)?;
    if grants.status == UNAVAILABLE {
        return Err(io::ErrorKind::NotConnected.into());
    }
    let grants = grants.assert_status(200).json();
    Ok(grants[0]["id"]
        .as_i64()
        .expect("what was granted is listed"))
}

fn send(ledger: &Ledger, client: &mut ApiClient, request: &Request) -> io::Result<Reply> {
    match request {
        Request::Create { kind, scopes } => client.ask(
            "POST",
            "/authorizations",
            Some(&creation(ledger, kind, scopes)),
        ),
        Request::GetOrCreate {
            fingerprint,
            scopes,
        } => {
            let path = format!(
                "/authorizations/clients/{}/{fingerprint}",
                ledger.app.client_id
            );
            let body = json!({ "client_secret": ledger.app.client_secret, "scopes": scopes });
            client.ask("PUT", &path, Some(&body))
        }
        Request::Change { id, scopes } => {
            let body = json!({ "scopes": scopes });
            client.ask("PATCH", &format!("/authorizations/{id}"), Some(&body))
        }
        Request::Delete { id } => client.ask("DELETE", &format!("/authorizations/{id}"), None),
        Request::DeleteGrant { id } => {
            client.ask("DELETE", &format!("/applications/grants/{id}"), None)
        }
    }
}

fn creation(ledger: &Ledger, kind: &Kind, scopes: &[&str]) -> Value {
    match kind {
        Kind::Personal { note } => json!({ "note": note, "scopes": scopes }),
        Kind::App { fingerprint } => json!({
            "client_id": ledger.app.client_id,
            "client_secret": ledger.app.client_secret,
            "fingerprint": fingerprint,
            "scopes": scopes,
        }),
    }
}

/// Enters what was acknowledged. Every request here is one that must succeed.
fn enter(ledger: &mut Ledger, request: Request, reply: &Reply) {
    match request {
        Request::Create { kind, scopes } => {
            reply.assert_status(201);
            ledger.enter_created(Token {
                id: reply.id(),
                secret: Some(reply.token()),
                kind,
                scopes,
            });
        }
        Request::GetOrCreate {
            fingerprint,
            scopes,
        } => {
            if let Some(held) = ledger.with_fingerprint(&fingerprint) {
                assert_eq!(
                    reply.assert_status(200).id(),
                    held.id,
                    "get-or-create gets what is there"
                );
            } else {
                reply.assert_status(201);
                let kind = Kind::App { fingerprint };
                ledger.enter_created(Token {
                    id: reply.id(),
                    secret: Some(reply.token()),
                    kind,
                    scopes,
                });
            }
        }
        Request::Change { id, scopes } => {
            reply.assert_status(200);
            ledger.enter_changed(id, scopes);
        }
        Request::Delete { id } => {
            reply.assert_status(204);
            ledger.enter_deleted(id);
        }
        Request::DeleteGrant { id } => {
            reply.assert_status(204);
            ledger.enter_grant_deleted(id);
        }
    }
}
