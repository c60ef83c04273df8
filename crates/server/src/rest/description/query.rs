//! The parameters of queries.

use serde_json::{Value, json};

/// A parameter of a query.
#[derive(Debug)]
pub(super) struct Query {
    name: &'static str,
    about: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A whole number, and the one that counts where none is given.
    Number(u32),
    Text,
    /// One of these words, and the one that counts where none is given.
    Word(&'static [&'static str], Option<&'static str>),
}

pub(super) const PER_PAGE: Query = Query {
    name: "per_page",
    about: "How many items a page has, at most 100.",
    kind: Kind::Number(30),
};
pub(super) const PAGE: Query = Query {
    name: "page",
    about: "Which page is wanted, from 1.",
    kind: Kind::Number(1),
};
pub(super) const CLIENT_ID: Query = Query {
    name: "client_id",
    about: "The client id of the one app whose items are wanted.",
    kind: Kind::Text,
};
pub(super) const MEMBER_ROLE: Query = Query {
    name: "role",
    about: "Which members are wanted, by what they are in the organization.",
    kind: Kind::Word(&["all", "admin", "member"], Some("all")),
};
pub(super) const SECOND_FACTOR: Query = Query {
    name: "filter",
    about: "Which members are wanted, by their second factor. For owners.",
    kind: Kind::Word(&["2fa_disabled", "2fa_insecure", "all"], Some("all")),
};
pub(super) const TEAM_ROLE: Query = Query {
    name: "role",
    about: "Which members are wanted, by what they are in the team.",
    kind: Kind::Word(&["member", "maintainer", "all"], Some("all")),
};
pub(super) const STATE: Query = Query {
    name: "state",
    about: "Which memberships are wanted; without it all.",
    kind: Kind::Word(&["active", "pending"], None),
};

impl Query {
    /// Whether it chooses a page of a list.
    pub(super) fn is_of_pages(&self) -> bool {
        self.name == PAGE.name
    }

    /// The parameter as an operation lists it.
    pub(super) fn describe(&self) -> Value {
        let schema = match self.kind {
            Kind::Number(default) => json!({ "type": "integer", "default": default }),
            Kind::Text => json!({ "type": "string" }),
            Kind::Word(words, None) => json!({ "type": "string", "enum": words }),
            Kind::Word(words, Some(default)) => {
                json!({ "type": "string", "enum": words, "default": default })
            }
        };
        json!({
            "name": self.name,
            "in": "query",
            "description": self.about,
            "required": false,
            "schema": schema,
        })
    }
}
