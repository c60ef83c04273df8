//! The audit trail, read as it grows.

use std::collections::{HashMap, HashSet};

use counterfoil_testkit::process::Program;
use serde_json::Value;

use super::ledger::{Event, TOKEN_ENDED};

/// Actions of the set-up, which no ledger enters; a start makes a link until there is an
/// administrator, and somebody who used one gets another.
const SET_UP: &[&str] = &[
    "link.made",
    "key.added",
    "user.created",
    "organization.created",
    "app.created",
    "app.changed",
    "device.requested",
    "app.secret_published",
    "sign_in.succeeded",
];
/// Actions that ledgers enter, and what they are about.
const ENTERED: &[(&str, &str)] = &[
    ("authorization.created", "authorization_id"),
    ("authorization.changed", "authorization_id"),
    ("authorization.revoked", "authorization_id"),
    ("grant.revoked", "grant_id"),
    (TOKEN_ENDED, "authorization_id"),
    ("session.started", "account_id"),
    ("session.ended", "account_id"),
    ("link.used", "account_id"),
    ("user.password_changed", "account_id"),
    ("consent.given", "account_id"),
    ("device.approved", "account_id"),
    ("authorization.refreshed", "account_id"),
    ("code.repeated", "account_id"),
];

/// How far the trail was read.
#[derive(Default)]
pub(super) struct Trail {
    /// Where to go on.
    cursor: Option<String>,
    /// The number of each writer's last event.
    heads: HashMap<String, i64>,
    /// Accounts whose events are entered as theirs, since nobody knows the authorization.
    by_account: HashSet<i64>,
}

impl Trail {
    /// One in which everything that concerns these accounts is about them.
    pub(super) fn by_account(accounts: impl Iterator<Item = i64>) -> Self {
        Self {
            by_account: accounts.collect(),
            ..Self::default()
        }
    }

    /// The events that ledgers enter among those that were not read yet. Each writer's are numbered
    /// from one, without a gap. They are listed by their times, which those who act at once take in
    /// another order than that in which they commit.
    pub(super) fn read_on(&mut self, program: &Program, when: &str) -> Vec<Event> {
        let mut told = Vec::new();
        let mut events = self.fetch(program);
        events.sort_by_key(|event| event["writer_number"].as_i64());
        for event in events {
            let number = |name: &str| event[name].as_i64().expect("a number");
            let writer = event["writer"].as_str().expect("an event has a writer");
            let head = self.heads.entry(writer.to_owned()).or_default();
            *head += 1;
            assert_eq!(number("writer_number"), *head, "{when}: {event}");
            let action = event["action"].as_str().expect("an event has an action");
            match ENTERED.iter().find(|(entered, _)| *entered == action) {
                Some((action, about)) => {
                    let account = event["account_id"].as_i64();
                    let account = account.filter(|id| self.by_account.contains(id));
                    told.push(Event {
                        action,
                        // Told apart from the ids of authorizations.
                        id: account.map_or_else(|| number(about), |id| -id),
                    });
                }
                None => assert!(SET_UP.contains(&action), "{when}: nobody did {event}"),
            }
        }
        told
    }

    /// Events that were not read yet.
    fn fetch(&mut self, program: &Program) -> Vec<Value> {
        let mut arguments = vec!["audit", "list", "--limit", "1000000"];
        match &self.cursor {
            Some(cursor) => arguments.extend(["--cursor", cursor]),
            None => arguments.push("--oldest-first"),
        }
        let listed = program.json(&arguments, "");
        let cursor = listed["next_cursor"].as_str();
        self.cursor = Some(cursor.expect("more may follow").to_owned());
        listed["events"]
            .as_array()
            .expect("a list of events")
            .clone()
    }
}

/// Demands that the trail tells what was entered, no more and no less.
#[track_caller]
pub(super) fn assert_same(told: &[Event], entered: &[Event], when: &str) {
    let untold = without(entered, told);
    assert!(
        untold.is_empty(),
        "{when}: the trail does not tell of {untold:?}"
    );
    let unfounded = without(told, entered);
    assert!(
        unfounded.is_empty(),
        "{when}: the trail tells what did not happen: {unfounded:?}"
    );
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
