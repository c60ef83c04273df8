//! What gateways may ask, and where a client's token may stand.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use counterfoil_domain::app::ClientId;
use counterfoil_domain::gateway::{PeopleNames, Rule as GatewayRule, RuleName, ScopeRequirement};
use counterfoil_domain::scope::Scope;
use counterfoil_wire::gateway::Realm;
use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE, HOST};
use toml::{Table, Value};

use crate::config::rule::{Maybe, Raw, Refused, Rule, Switch, Text, TextRefused};
use crate::config::section::section;

section! {
    /// The check at `/gateway/verify`, which proxies ask before they pass a request on. The page
    /// `docs/run/gateways.md` has ready configurations for them.
    ///
    /// What is asked for by name, at `/gateway/verify/NAME`, stands in a section of its own,
    /// `[gateway.rules.NAME]`. Each key in it that is set must be met: `scopes`, a list of scopes
    /// that the token must have, all of them unless `scopes_needed` is `"any"`; `apps`, a list of
    /// client IDs of which one is the token's; and the people, of whom one is its owner: `users`, a
    /// list of logins, `organizations`, a list of logins whose members are meant, and `teams`, a
    /// list such as `"acme/core"`. Who is in one of these three lists need not be in the others.
    ///
    /// A scope is chosen by whoever makes the token, so a rule that has nothing but scopes admits
    /// every user who asks for them.
    ///
    /// A name in a rule stands for whoever has it, unless it was released and given again: then it
    /// stands for nobody, and the account that is meant must be written with its ID, as in
    /// `"mona#17"`. A name that stands for nobody admits nobody and is named in the log.
    pub struct Gateway = "gateway", "gateway." {
        /// What refusals call the things that are protected, in `WWW-Authenticate`.
        realm: Realm = Realm::default(), REALM, Live;
        /// Whether a refusal also offers to take the token as a Basic password. Clients such as git
        /// send one only if they are asked so; browsers then show a window that asks for it.
        offer_basic: bool = false, Switch, Live;
        /// A cookie that a token is taken from as well.
        cookie: Option<String> = None, Maybe(COOKIE_NAME), Live;
        /// A key of the client's query that a token is taken from as well. Addresses are written
        /// into logs and histories, so this is for clients that can do nothing else. It needs
        /// `original_uri_header`.
        query_key: Option<String> = None, Maybe(QUERY_KEY), Live;
        /// The header in which the proxy says the address that its client asked for, such as
        /// `X-Original-URI` or `X-Forwarded-Uri`. The proxy must set it, whatever its client sends.
        original_uri_header: Option<HeaderName> = None, Maybe(ADDRESS_HEADER), Live;
        /// What may be asked for by name, a section for each: see above.
        rules: BTreeMap<RuleName, GatewayRule> = BTreeMap::new(), Rules, Live;
    }
}

const REALM: Text<Realm> = Text {
    expected: "a text of at most 100 printable ASCII characters without quotation marks and backslashes",
    example: Realm::DEFAULT,
    parse: |text| Realm::parse(text).ok_or(TextRefused::Form),
    write: |realm| realm.as_str().to_owned(),
};

const COOKIE_NAME: Text<String> = Text {
    expected: "the name of a cookie",
    example: "session_token",
    parse: |text| {
        let letters = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        (!text.is_empty() && letters)
            .then(|| text.to_owned())
            .ok_or(TextRefused::Form)
    },
    write: Clone::clone,
};

const QUERY_KEY: Text<String> = Text {
    expected: "letters, digits, hyphens, dots and underscores",
    example: "access_token",
    parse: |text| {
        let letters = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        (!text.is_empty() && letters)
            .then(|| text.to_owned())
            .ok_or(TextRefused::Form)
    },
    write: Clone::clone,
};

const ADDRESS_HEADER: Text<HeaderName> = Text {
    expected: "the name of a header that proxies set, such as X-Original-URI",
    example: "X-Original-URI",
    parse: |text| {
        let name: HeaderName = text.parse().map_err(|_| TextRefused::Form)?;
        let other_use = [AUTHORIZATION, COOKIE, HOST].contains(&name);
        (!other_use).then_some(name).ok_or(TextRefused::Form)
    },
    write: |name| name.as_str().to_owned(),
};

/// A section for each rule; in a variable, the same as an inline table.
struct Rules;

impl Rule for Rules {
    type Value = BTreeMap<RuleName, GatewayRule>;

    fn read(&self, raw: &Raw) -> Result<Self::Value, Refused> {
        let table = match raw {
            Raw::Toml(Value::Table(table)) => table.clone(),
            Raw::Variable(text) => inline_table(text).ok_or_else(|| raw.refused())?,
            Raw::Toml(_) | Raw::Flag(_) => return Err(raw.refused()),
        };
        table
            .iter()
            .map(|(name, keys)| {
                let known = RuleName::parse(name)
                    .ok_or_else(|| within(name, "is no name for a rule", NAME_FORM))?;
                let Value::Table(keys) = keys else {
                    return Err(within(name, "is a value", "a section with the rule's keys"));
                };
                Ok((known, read_rule(name, keys)?))
            })
            .collect()
    }

    fn write(&self, rules: &Self::Value) -> Option<Value> {
        // The default is to have none, which takes no line.
        let rules = rules
            .iter()
            .map(|(name, rule)| (name.to_string(), write_rule(rule)));
        let table: Table = rules.collect();
        (!table.is_empty()).then_some(Value::Table(table))
    }

    fn expected(&self) -> String {
        "a section for each rule, [gateway.rules.NAME]".to_owned()
    }

    fn example(&self) -> Value {
        inline_table("{ site = { scopes = [\"read:org\"], teams = [\"acme/core\"] } }")
            .map(Value::Table)
            .expect("the example is TOML")
    }
}

const NAME_FORM: &str = "1 to 64 letters, digits, hyphens and underscores";

fn inline_table(text: &str) -> Option<Table> {
    let file: Table = format!("table = {text}").parse().ok()?;
    match file.get("table") {
        Some(Value::Table(table)) if file.len() == 1 => Some(table.clone()),
        Some(_) | None => None,
    }
}

fn within(place: &str, wrong: &str, expected: &str) -> Refused {
    Refused::Within(format!("{place} {wrong}; it must be {expected}"))
}

fn read_rule(name: &str, keys: &Table) -> Result<GatewayRule, Refused> {
    const KEYS: &str = "one of scopes, scopes_needed, apps, users, organizations and teams";
    let mut lists = Lists { rule: name, keys };
    for key in keys.keys() {
        let known = [
            "scopes",
            "scopes_needed",
            "apps",
            "users",
            "organizations",
            "teams",
        ];
        if !known.contains(&key.as_str()) {
            return Err(within(&format!("{name}.{key}"), "does not exist", KEYS));
        }
    }
    let scopes = lists.read("scopes", "names of scopes", Scope::find)?;
    let apps = lists.read("apps", "client IDs", |text| ClientId::parse(text).ok())?;
    let users = lists.read("users", "logins", parsed)?;
    let organizations = lists.read("organizations", "logins of organizations", parsed)?;
    let teams = lists.read("teams", "teams such as \"acme/core\"", parsed)?;
    let anybody = users.is_none() && organizations.is_none() && teams.is_none();
    Ok(GatewayRule {
        scopes: lists.needed(scopes)?,
        apps,
        people: (!anybody).then(|| PeopleNames {
            users: users.unwrap_or_default(),
            organizations: organizations.unwrap_or_default(),
            teams: teams.unwrap_or_default(),
        }),
    })
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// The keys of a rule, most of which are lists.
struct Lists<'a> {
    rule: &'a str,
    keys: &'a Table,
}

impl Lists<'_> {
    /// A list that is not set is no condition. An empty one would be a condition that nobody meets,
    /// and is refused, since it may as well have been meant otherwise.
    fn read<T>(
        &mut self,
        key: &str,
        entries: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Vec<T>>, Refused> {
        let expected = || format!("a list with at least one entry, all of them {entries}");
        let place = || format!("{}.{key}", self.rule);
        let list = match self.keys.get(key) {
            None => return Ok(None),
            Some(Value::Array(list)) if list.is_empty() => {
                return Err(within(&place(), "is empty", &expected()));
            }
            Some(Value::Array(list)) => list,
            Some(_) => return Err(within(&place(), "is no list", &expected())),
        };
        let read = |entry: &Value| {
            let found = entry.as_str().and_then(&parse);
            found.ok_or_else(|| within(&place(), &format!("has {entry}"), &expected()))
        };
        list.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    fn needed(&self, scopes: Option<Vec<Scope>>) -> Result<ScopeRequirement, Refused> {
        let place = || format!("{}.scopes_needed", self.rule);
        match (self.keys.get("scopes_needed").map(Value::as_str), scopes) {
            (None, None) => Ok(ScopeRequirement::All(Vec::new())),
            (None | Some(Some("all")), Some(scopes)) => Ok(ScopeRequirement::All(scopes)),
            (Some(Some("any")), Some(scopes)) => Ok(ScopeRequirement::Any(scopes)),
            (Some(_), None) => Err(within(&place(), "is set without scopes", "left out")),
            (Some(_), Some(_)) => Err(within(&place(), "is something else", "\"all\" or \"any\"")),
        }
    }
}

fn write_rule(rule: &GatewayRule) -> Value {
    let mut keys = Table::new();
    let (scopes, needed) = match &rule.scopes {
        ScopeRequirement::All(scopes) => (scopes.as_slice(), "all"),
        ScopeRequirement::Any(scopes) => (scopes.as_slice(), "any"),
        ScopeRequirement::Unknown => (&[][..], "all"),
    };
    if !scopes.is_empty() {
        keys.insert("scopes".to_owned(), texts(scopes));
        keys.insert("scopes_needed".to_owned(), Value::String(needed.to_owned()));
    }
    if let Some(apps) = &rule.apps {
        keys.insert("apps".to_owned(), texts(apps));
    }
    if let Some(people) = &rule.people {
        let mut add = |key: &str, list: Value| {
            if list.as_array().is_some_and(|list| !list.is_empty()) {
                keys.insert(key.to_owned(), list);
            }
        };
        add("users", texts(&people.users));
        add("organizations", texts(&people.organizations));
        add("teams", texts(&people.teams));
    }
    Value::Table(keys)
}

fn texts<T: Display>(entries: &[T]) -> Value {
    let entries = entries.iter().map(|entry| Value::String(entry.to_string()));
    Value::Array(entries.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<RuleName, GatewayRule>, Refused> {
        Rules.read(&Raw::Variable(text.to_owned()))
    }

    #[test]
    fn a_rule_is_read_as_it_is_written() {
        for text in [
            "{ any = {} }",
            "{ site = { scopes = [\"repo\", \"read:org\"], scopes_needed = \"any\" } }",
            "{ site = { apps = [\"0123456789abcdef0123\"], users = [\"mona\", \"lisa#17\"] } }",
            "{ a = { organizations = [\"acme\"] }, b = { teams = [\"acme/core\", \"acme#3/ops\"] } }",
        ] {
            let rules = read(text).unwrap();
            let written = Rules.write(&rules).unwrap();
            assert_eq!(Rules.read(&Raw::Toml(written)).unwrap(), rules, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_in_a_rule_is_said_in_words() {
        for (text, sentence) in [
            (
                "{ \"a b\" = {} }",
                "a b is no name for a rule; it must be 1 to 64 letters, digits, hyphens and underscores",
            ),
            (
                "{ a = 1 }",
                "a is a value; it must be a section with the rule's keys",
            ),
            (
                "{ a = { scope = [\"repo\"] } }",
                "a.scope does not exist; it must be one of scopes, scopes_needed, apps, users, organizations and teams",
            ),
            (
                "{ a = { scopes = [\"repo\", \"nope\"] } }",
                "a.scopes has \"nope\"; it must be a list with at least one entry, all of them names of scopes",
            ),
            (
                "{ a = { scopes = \"repo\" } }",
                "a.scopes is no list; it must be a list with at least one entry, all of them names of scopes",
            ),
            (
                "{ a = { users = [] } }",
                "a.users is empty; it must be a list with at least one entry, all of them logins",
            ),
            (
                "{ a = { users = [1] } }",
                "a.users has 1; it must be a list with at least one entry, all of them logins",
            ),
            (
                "{ a = { teams = [\"core\"] } }",
                "a.teams has \"core\"; it must be a list with at least one entry, all of them teams such as \"acme/core\"",
            ),
            (
                "{ a = { scopes = [\"repo\"], scopes_needed = \"some\" } }",
                "a.scopes_needed is something else; it must be \"all\" or \"any\"",
            ),
            (
                "{ a = { scopes_needed = \"any\" } }",
                "a.scopes_needed is set without scopes; it must be left out",
            ),
        ] {
            assert_eq!(
                read(text),
                Err(Refused::Within(sentence.to_owned())),
                "{text}"
            );
        }
        for text in ["", "site", "[]", "{} \nx = 1"] {
            assert!(matches!(read(text), Err(Refused::Whole(_))), "{text}");
        }
    }
}
