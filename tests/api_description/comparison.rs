//! Where our description differs from the official one, for every operation that both have.
//!
//! Whoever was written by the official description must get along with ours: it takes what that
//! takes, and answers nothing that it does not. What an answer may have by the official one and
//! never has here is no difference. A difference that answers show is a row of [`DEVIATIONS`]; the
//! others, which are about what is promised, stand here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use counterfoil_testkit::{DEVIATIONS, OWN_DESCRIPTION, installed};
use serde_json::Value;

use super::operations;

/// The operation or `*` for all, the difference, and why it is one.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("*", "header x-github-api-version beyond", HEADERS),
    ("*", "header x-github-otp beyond", HEADERS),
    ("*", "header if-none-match beyond", HEADERS),
    ("*", "header if-modified-since beyond", HEADERS),
    ("*", "status 408", OURS),
    ("*", "status 500", OURS),
    ("*", "status 503", OURS),
    (
        "*",
        "status 304 never",
        "what changes something is not answered so",
    ),
    (
        "*",
        "status 404 never",
        "a list may be empty, and is there all the same",
    ),
    (
        "*",
        "status 410 never",
        "that these endpoints are gone is said elsewhere",
    ),
    (
        "*",
        "/status beyond",
        "every error says its status, and those of 422 say which fields",
    ),
    (
        "*",
        "/errors beyond",
        "an error of a version that there is not says which there are",
    ),
    (
        "*",
        "/suspended_at beyond",
        "profiles show it, and their description forgets it",
    ),
    (
        "orgs/check-public-membership-for-user",
        "status 204 never",
        "no membership is public",
    ),
    (
        "apps/scope-token",
        "status 200 never",
        "no token here can be narrowed to repositories",
    ),
    (
        "apps/scope-token",
        "body/permissions of any kind",
        "for the same reason no permission has a meaning",
    ),
];

const HEADERS: &str = "the official description says nothing of headers";
const OURS: &str = "a failure of ours, or of the way here, which it leaves out";

/// What an operation differs in.
type Found = BTreeSet<(String, String)>;

/// Which way values go: whoever takes must take at least what the other description says, whoever
/// gives must give at most that.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Taken,
    Given,
}

/// A schema in the plain form that is compared.
#[derive(Default)]
struct Plain<'v> {
    types: BTreeSet<String>,
    words: BTreeSet<String>,
    members: BTreeMap<&'v str, Vec<&'v Value>>,
    required: Option<BTreeSet<&'v str>>,
    items: Vec<&'v Value>,
}

struct Comparison<'v> {
    ours: &'v Value,
    theirs: &'v Value,
    id: &'v str,
    found: &'v mut Found,
}

fn resolved<'v>(root: &'v Value, value: &'v Value) -> &'v Value {
    match value["$ref"].as_str() {
        Some(reference) => root
            .pointer(reference.trim_start_matches('#'))
            .expect("a reference leads somewhere"),
        None => value,
    }
}

impl<'v> Plain<'v> {
    fn of(root: &'v Value, schemas: &[&'v Value]) -> Self {
        let mut plain = Self::default();
        for schema in schemas {
            plain.add(root, schema);
        }
        plain
    }

    /// Adds what a schema allows: of several all that any of them does.
    fn add(&mut self, root: &'v Value, schema: &'v Value) {
        let schema = resolved(root, schema);
        for several in ["anyOf", "oneOf", "allOf"] {
            for one in schema[several].as_array().into_iter().flatten() {
                self.add(root, one);
            }
        }
        match &schema["type"] {
            Value::String(one) => drop(self.types.insert(one.clone())),
            Value::Array(several) => {
                let several = several.iter().filter_map(Value::as_str);
                self.types.extend(several.map(str::to_owned));
            }
            _ => {}
        }
        if schema["nullable"] == true {
            self.types.insert("null".to_owned());
        }
        let words = schema["enum"].as_array().into_iter().flatten();
        self.words
            .extend(words.filter_map(Value::as_str).map(str::to_owned));
        self.items.extend(schema.get("items"));
        let Some(members) = schema["properties"].as_object() else {
            return;
        };
        for (name, member) in members {
            self.members.entry(name).or_default().push(member);
        }
        let required = schema["required"].as_array().into_iter().flatten();
        let required: BTreeSet<_> = required.filter_map(Value::as_str).collect();
        self.required = Some(match self.required.take() {
            None => required,
            Some(before) => before.intersection(&required).copied().collect(),
        });
    }
}

impl<'v> Comparison<'v> {
    fn differs(&mut self, what: String) {
        self.found.insert((self.id.to_owned(), what));
    }

    fn operation(&mut self, ours: &'v Value, theirs: &'v Value) {
        self.parameters(ours, theirs);
        self.statuses(ours, theirs);
        let (taken, wanted) = (&ours["requestBody"], &theirs["requestBody"]);
        if taken.is_null() != wanted.is_null() {
            self.differs("body".to_owned());
        }
        if taken["required"] == true && wanted["required"] != true {
            self.differs("body required".to_owned());
        }
        let schema = |body: &'v Value| &body["content"]["application/json"]["schema"];
        self.schemas(Way::Taken, "body", &[schema(taken)], &[schema(wanted)]);
        for (status, theirs) in theirs["responses"].as_object().expect("an object") {
            let ours = resolved(self.ours, &ours["responses"][status]);
            let theirs = resolved(self.theirs, theirs);
            let (given, expected) = (schema(ours), schema(theirs));
            if !given.is_null() && !expected.is_null() {
                self.schemas(Way::Given, "", &[given], &[expected]);
            }
        }
    }

    fn statuses(&mut self, ours: &Value, theirs: &Value) {
        let statuses = |operation: &Value| -> BTreeSet<String> {
            let responses = operation["responses"].as_object().expect("an object");
            responses.keys().cloned().collect()
        };
        let (ours, theirs) = (statuses(ours), statuses(theirs));
        for status in ours.difference(&theirs) {
            self.differs(format!("status {status}"));
        }
        for status in theirs.difference(&ours) {
            self.differs(format!("status {status} never"));
        }
    }

    fn parameters(&mut self, ours: &'v Value, theirs: &'v Value) {
        let parameters = |root: &'v Value, operation: &'v Value| {
            let list = operation["parameters"].as_array().into_iter().flatten();
            let list = list.map(|parameter| resolved(root, parameter));
            let by_name = list.map(|parameter| {
                let (place, name) = (&parameter["in"], &parameter["name"]);
                let key = format!(
                    "{} {}",
                    place.as_str().expect("a text"),
                    name.as_str().expect("a text")
                );
                (key, parameter)
            });
            by_name.collect::<BTreeMap<_, _>>()
        };
        let ours = parameters(self.ours, ours);
        let theirs = parameters(self.theirs, theirs);
        for (key, parameter) in &ours {
            let Some(wanted) = theirs.get(key) else {
                self.differs(format!("{key} beyond"));
                continue;
            };
            if (parameter["required"] == true) != (wanted["required"] == true) {
                self.differs(format!("{key} required"));
            }
            if parameter["schema"]["default"] != wanted["schema"]["default"] {
                self.differs(format!("{key} default"));
            }
            let (given, wanted) = (&parameter["schema"], &wanted["schema"]);
            self.schemas(Way::Taken, key, &[given], &[wanted]);
        }
        for key in theirs.keys().filter(|key| !ours.contains_key(*key)) {
            self.differs(format!("{key} missing"));
        }
    }

    fn schemas(&mut self, way: Way, place: &str, ours: &[&'v Value], theirs: &[&'v Value]) {
        let ours = Plain::of(self.ours, ours);
        let theirs = Plain::of(self.theirs, theirs);
        let (wide, narrow) = match way {
            Way::Taken => (&ours, &theirs),
            Way::Given => (&theirs, &ours),
        };
        if !narrow.types.is_subset(&wide.types) {
            self.differs(format!("{place} type"));
        }
        let bounded = !wide.words.is_empty();
        if bounded && (narrow.words.is_empty() || !narrow.words.is_subset(&wide.words)) {
            self.differs(format!("{place} enum"));
        }
        let required = |plain: &Plain<'v>| plain.required.clone().unwrap_or_default();
        let (must_ours, must_theirs) = (required(&ours), required(&theirs));
        let (more, fewer) = match way {
            Way::Taken => (must_ours, must_theirs),
            Way::Given => (must_theirs, must_ours),
        };
        // What is never an object has no members to miss.
        let is_object = way == Way::Taken || ours.types.contains("object");
        for name in more.difference(&fewer).filter(|_| is_object) {
            self.differs(format!("{place} required {name}"));
        }
        self.members(way, place, &ours, &theirs);
        if !ours.items.is_empty() {
            self.schemas(way, &format!("{place}/*"), &ours.items, &theirs.items);
        }
    }

    fn members(&mut self, way: Way, place: &str, ours: &Plain<'v>, theirs: &Plain<'v>) {
        if ours.members.is_empty() {
            if way == Way::Taken && !theirs.members.is_empty() {
                self.differs(format!("{place} of any kind"));
            }
            return;
        }
        for (name, member) in &ours.members {
            match theirs.members.get(name) {
                Some(other) => self.schemas(way, &format!("{place}/{name}"), member, other),
                None => self.differs(format!("{place}/{name} beyond")),
            }
        }
        if way == Way::Taken {
            for name in theirs.members.keys() {
                if !ours.members.contains_key(name) {
                    self.differs(format!("{place}/{name} missing"));
                }
            }
        }
    }
}

fn found() -> Found {
    let text = fs::read(installed::official_description()).expect("it can be read");
    let official: Value = serde_json::from_slice(&text).expect("it is JSON");
    let mut by_id = BTreeMap::new();
    for (path, item) in official["paths"].as_object().expect("an object") {
        for (method, operation) in item.as_object().expect("an object") {
            if let Some(id) = operation["operationId"].as_str() {
                by_id.insert(id, (path, method, operation));
            }
        }
    }
    let mut found = Found::new();
    let mut compared = 0;
    for (path, method, ours) in operations() {
        let id = ours["operationId"].as_str().expect("a text");
        let Some((their_path, their_method, theirs)) = by_id.get(id) else {
            continue;
        };
        let mut comparison = Comparison {
            ours: &OWN_DESCRIPTION,
            theirs: &official,
            id,
            found: &mut found,
        };
        compared += 1;
        if (path, method) != (*their_path, *their_method) {
            comparison.differs(format!("{method} {path}"));
        }
        comparison.operation(ours, theirs);
    }
    assert!(compared > 40, "{compared}");
    found
}

#[test]
fn every_difference_from_the_official_description_has_a_row_and_every_row_a_difference() {
    let mut unlisted = Vec::new();
    let mut needed = BTreeSet::new();
    for (id, what) in found() {
        let shown = DEVIATIONS
            .iter()
            .any(|row| (row.operation == "*" || row.operation == id) && row.what == what);
        let row = DIFFERENCES.iter().position(|(operation, listed, _)| {
            (*operation == "*" || *operation == id) && *listed == what
        });
        match row {
            Some(row) => drop(needed.insert(row)),
            None if shown => {}
            None => unlisted.push((id, what)),
        }
    }
    let needless: Vec<_> = DIFFERENCES
        .iter()
        .enumerate()
        .filter(|(row, _)| !needed.contains(row))
        .collect();
    assert!(
        unlisted.is_empty() && needless.is_empty(),
        "unlisted: {unlisted:#?}\nneedless: {needless:#?}"
    );
}
