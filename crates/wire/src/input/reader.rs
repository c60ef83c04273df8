//! Reads the members of a body by type, and gathers what is wrong with them in the sentences of the
//! `Invalid request.` family (wire contract, section 5).

use serde_json::Value;

use super::Body;
use super::inspect::{inspect, inspect_text};
use super::shape::{Kind, Null, Others, Shape};
use crate::problem::Problem;

/// Names that one sentence lists at most; a body may have thousands.
const LISTED_NAMES: usize = 10;
/// Members whose values no error repeats.
const SECRET: [&str; 2] = ["access_token", "client_secret"];

/// A member of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given<T> {
    /// It is not there.
    Absent,
    /// It is there and null.
    Null,
    /// It has a value.
    Is(T),
}

impl<T> Given<T> {
    /// Its value, where null is as good as absent.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Absent | Self::Null => None,
            Self::Is(value) => Some(value),
        }
    }
}

impl<'a> Given<&'a str> {
    /// Its text, where an empty one and null are as good as absent.
    pub(super) fn filled(self) -> Option<&'a str> {
        self.value().filter(|text| !text.is_empty())
    }
}

/// Reads members as they are described, and remembers complaints.
pub(super) struct Reader<'a> {
    body: &'a Body,
    shape: &'static Shape,
    complaints: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader of a body that has this shape. Where other members are refused it complains of
    /// them first.
    pub(super) fn new(body: &'a Body, shape: &'static Shape) -> Self {
        let mut reader = Self {
            body,
            shape,
            complaints: Vec::new(),
        };
        match shape.others {
            Others::PassedOver => {}
            Others::Refused => reader.refuse_others(),
        }
        reader
    }

    /// What is read is described, and as what it is.
    fn expect(&self, name: &str, kind: Kind, null: Null) {
        debug_assert!(
            self.shape.describes(name, kind, null),
            "{name} is not described as {kind:?} with null {null:?}"
        );
    }

    fn refuse_others(&mut self) {
        let mut extra = self.body.keys().filter(|name| !self.shape.has(name));
        let mut listed: Vec<_> = extra
            .by_ref()
            .take(LISTED_NAMES)
            .map(|name| inspect_text(name))
            .collect();
        if extra.next().is_some() {
            listed.push("…".to_owned());
        }
        match listed.as_slice() {
            [] => {}
            [name] => self.complain(format!("{name} is not a permitted key.")),
            names => self.complain(format!("{} are not permitted keys.", names.join(", "))),
        }
    }

    /// A text, or null, or nothing.
    pub(super) fn text(&mut self, name: &str) -> Given<&'a str> {
        self.expect(name, Kind::Text, Null::Allowed);
        self.any_text(name)
    }

    fn any_text(&mut self, name: &str) -> Given<&'a str> {
        match self.body.get(name) {
            None => Given::Absent,
            Some(Value::Null) => Given::Null,
            Some(Value::String(text)) => Given::Is(text),
            Some(
                value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)),
            ) => {
                self.wrong_type(name, value, "a string");
                Given::Absent
            }
        }
    }

    /// A text or nothing.
    pub(super) fn text_not_null(&mut self, name: &str) -> Option<&'a str> {
        self.expect(name, Kind::Text, Null::Refused);
        let given = self.any_text(name);
        if given == Given::Null {
            self.wrong_type(name, &Value::Null, "a string");
        }
        given.value()
    }

    /// A list of texts; null counts as nothing.
    pub(super) fn texts(&mut self, name: &str) -> Option<Vec<&'a str>> {
        self.expect(name, Kind::Texts, Null::Allowed);
        self.any_texts(name)
    }

    fn any_texts(&mut self, name: &str) -> Option<Vec<&'a str>> {
        match self.body.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Array(items)) => {
                let texts: Result<_, &Value> =
                    items.iter().map(|item| item.as_str().ok_or(item)).collect();
                texts
                    .map_err(|item| self.wrong_type(&format!("{name}/items"), item, "a string"))
                    .ok()
            }
            Some(
                value @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)),
            ) => {
                self.wrong_type(name, value, "an array");
                None
            }
        }
    }

    /// A list of texts or nothing.
    pub(super) fn texts_not_null(&mut self, name: &str) -> Option<Vec<&'a str>> {
        self.expect(name, Kind::Texts, Null::Refused);
        if self.body.get(name) == Some(&Value::Null) {
            self.wrong_type(name, &Value::Null, "an array");
        }
        self.any_texts(name)
    }

    /// A list of whole numbers or nothing.
    pub(super) fn integers_not_null(&mut self, name: &str) -> Option<usize> {
        self.expect(name, Kind::Integers, Null::Refused);
        let items = match self.body.get(name)? {
            Value::Array(items) => items,
            value @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)) => {
                self.wrong_type(name, value, "an array");
                return None;
            }
        };
        if let Some(other) = items.iter().find(|item| !is_integer(item)) {
            self.wrong_type(&format!("{name}/items"), other, "an integer");
        }
        Some(items.len())
    }

    /// A whole number or nothing.
    pub(super) fn integer_not_null(&mut self, name: &str) -> Option<i64> {
        self.expect(name, Kind::Integer, Null::Refused);
        let value = self.body.get(name)?;
        if !is_integer(value) {
            self.wrong_type(name, value, "an integer");
        }
        value.as_i64()
    }

    /// An object, of whatever, or nothing.
    pub(super) fn object_not_null(&mut self, name: &str) {
        self.expect(name, Kind::Object, Null::Refused);
        if let Some(value) = self.body.get(name).filter(|value| !value.is_object()) {
            self.wrong_type(name, value, "an object");
        }
    }

    /// A truth value; null counts as nothing.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.expect(name, Kind::Flag, Null::Allowed);
        let value = self.body.get(name).filter(|value| !value.is_null())?;
        if !value.is_boolean() {
            self.wrong_type(name, value, "a boolean");
        }
        value.as_bool()
    }

    /// Complains of a member that must be there.
    pub(super) fn demand(&mut self, name: &str) {
        self.complain(format!("\"{name}\" wasn't supplied."));
    }

    fn wrong_type(&mut self, name: &str, value: &Value, wanted: &str) {
        let secret = SECRET.contains(&name) && !value.is_null();
        let shown = if secret {
            "[FILTERED]".to_owned()
        } else {
            inspect(value)
        };
        self.complain(format!("For 'properties/{name}', {shown} is not {wanted}."));
    }

    /// How many complaints were made so far.
    pub(super) fn complaints(&self) -> usize {
        self.complaints.len()
    }

    /// Adds a sentence to what is wrong.
    pub(super) fn complain(&mut self, sentence: String) {
        self.complaints.push(sentence);
    }

    /// The problem, if there were complaints.
    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.complaints.is_empty() {
            Ok(())
        } else {
            Err(Problem::InvalidRequest(self.complaints.join("\n")))
        }
    }
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}
