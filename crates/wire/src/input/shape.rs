//! What bodies may hold, as data. The description of the API is made from it; what reads a body is
//! held to it by [`Reader`](super::reader::Reader), so that neither changes without the other.

use serde_json::{Map, Value, json};

/// What a body may hold.
#[derive(Debug)]
pub struct Shape {
    /// Whether a request must have such a body.
    pub presence: Presence,
    pub(super) members: &'static [Member],
    pub(super) others: Others,
}

/// Whether something must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// A request without it is refused.
    Required,
    /// It may be left out.
    Optional,
    /// It may be left out, or be null.
    OptionalOrNull,
}

/// What becomes of members that have no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// They are passed over.
    PassedOver,
    /// A body that has some is refused, and they are named.
    Refused,
}

/// What null is in place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Null {
    /// It has a meaning, or counts as nothing.
    Allowed,
    /// It is a value of the wrong type.
    Refused,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Texts,
    Integer,
    Integers,
    Flag,
    Object,
}

/// A member that has a meaning.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) null: Null,
    pub(super) presence: Presence,
    /// What it is, for whoever writes a client.
    pub(super) about: &'static str,
}

impl Member {
    /// One that may be left out, and null.
    pub(super) const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self {
            name,
            kind,
            null: Null::Allowed,
            presence: Presence::Optional,
            about,
        }
    }

    pub(super) const fn not_null(self) -> Self {
        let null = Null::Refused;
        Self { null, ..self }
    }

    pub(super) const fn required(self) -> Self {
        let presence = Presence::Required;
        Self { presence, ..self }
    }

    fn schema(&self) -> Value {
        let mut schema = self.kind.schema();
        if self.null == Null::Allowed {
            schema["type"] = json!([schema["type"], "null"]);
        }
        schema["description"] = self.about.into();
        schema
    }
}

impl Kind {
    fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Integer => json!({ "type": "integer" }),
            Self::Integers => json!({ "type": "array", "items": { "type": "integer" } }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Object => json!({ "type": "object" }),
        }
    }
}

impl Shape {
    /// The JSON Schema of such a body.
    pub fn schema(&self) -> Value {
        let members = self.members.iter();
        let described: Map<_, _> = members
            .map(|member| (member.name.to_owned(), member.schema()))
            .collect();
        let mut schema = match self.presence {
            Presence::Required | Presence::Optional => json!({ "type": "object" }),
            Presence::OptionalOrNull => json!({ "type": ["object", "null"] }),
        };
        let required: Vec<_> = self.required().collect();
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        schema["properties"] = described.into();
        if self.others == Others::Refused {
            schema["additionalProperties"] = false.into();
        }
        schema
    }

    fn required(&self) -> impl Iterator<Item = &'static str> {
        let members = self.members.iter();
        let required = members.filter(|member| member.presence == Presence::Required);
        required.map(|member| member.name)
    }

    /// Whether a name is that of a member with a meaning.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name)
    }

    /// Whether a member is described as what it is read as.
    pub(super) fn describes(&self, name: &str, kind: Kind, null: Null) -> bool {
        let is_it =
            |member: &Member| member.name == name && member.kind == kind && member.null == null;
        self.members.iter().any(is_it)
    }
}
