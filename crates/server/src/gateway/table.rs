//! What the settings say about the gateway check, ready to be asked.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use counterfoil_authority::{Authority, GatewayRule, StoreError};
use counterfoil_domain::gateway::{Rule, RuleName, ScopeRequirement};
use counterfoil_domain::scope::Scope;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::{TokenFormats, TokenText};
use counterfoil_wire::gateway::presented::TokenPlaces;
use counterfoil_wire::gateway::{
    ChallengeError, Realm, X_AUTH_AUTHORIZATION_ID, X_AUTH_CLIENT_ID, X_AUTH_EXPIRES, X_AUTH_LOGIN,
    X_AUTH_SCOPES, X_AUTH_USER_ID,
};
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue};
use parking_lot::Mutex;

use crate::middleware::common_headers::Template;

/// No proxy may keep an answer: the token may end a moment later.
pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The names of the headers by which a gateway is told who asks, in the order of their values.
const IDENTITY: [HeaderName; 6] = [
    X_AUTH_LOGIN,
    X_AUTH_USER_ID,
    X_AUTH_SCOPES,
    X_AUTH_CLIENT_ID,
    X_AUTH_AUTHORIZATION_ID,
    X_AUTH_EXPIRES,
];

/// What operators may set about the gateway check.
#[derive(Clone, Debug, Default)]
pub struct GatewaySettings {
    /// What protected things are called in a challenge.
    pub realm: Realm,
    /// Whether a client without a token is also offered to send it as a Basic password.
    pub offer_basic: bool,
    /// Where a token may stand besides the `Authorization` header.
    pub places: TokenPlaces,
    /// What may be asked for by name.
    pub rules: BTreeMap<RuleName, Rule>,
}

/// The gateway check of a running server. Its settings may be replaced.
pub(crate) struct Gateway {
    table: ArcSwap<Table>,
    unknown: UnknownScopes,
    admitted: Template,
}

/// The settings with their answers made beforehand.
pub(super) struct Table {
    pub(super) places: TokenPlaces,
    pub(super) challenges: Challenges,
    realm: Realm,
    rules: HashMap<RuleName, TableRule>,
}

/// The challenges that do not depend on what is needed.
pub(super) struct Challenges {
    pub(super) none: HeaderValue,
    pub(super) invalid_token: HeaderValue,
    pub(super) invalid_request: HeaderValue,
}

/// A rule, and the challenge to a token that lacks its scopes.
pub(super) struct TableRule {
    pub(super) rule: GatewayRule,
    pub(super) insufficient: HeaderValue,
}

impl Gateway {
    pub(crate) fn new(settings: GatewaySettings) -> Self {
        Self {
            table: ArcSwap::from_pointee(Table::new(settings)),
            unknown: UnknownScopes::default(),
            admitted: Template::new(None, &IDENTITY, [(CACHE_CONTROL, NO_STORE)]),
        }
    }

    /// Takes other settings over. Requests that are under way keep the old ones.
    pub(crate) fn replace(&self, settings: GatewaySettings) {
        self.table.store(Arc::new(Table::new(settings)));
    }

    /// Looks for whom the names in all rules stand for, so that the log says at once which stand
    /// for nobody.
    pub(crate) async fn bind_names(&self, authority: &Authority) -> Result<(), StoreError> {
        let table = self.table();
        for rule in table.rules.values() {
            authority.bind_rule(&rule.rule).await?;
        }
        Ok(())
    }

    /// The headers of the answer to who may pass.
    pub(super) fn admitted(&self) -> &Template {
        &self.admitted
    }

    /// The settings in force. Nothing is counted up for it, so cores do not wait for each other.
    pub(super) fn table(&self) -> Guard<Arc<Table>> {
        self.table.load()
    }

    /// Says once an hour in the log that a gateway asks for a scope that does not exist.
    pub(super) fn tell_unknown_scope(&self, name: &str, authority: &Authority) {
        let formats = &authority.settings().token_formats;
        self.unknown.tell(name, formats, authority.now());
    }
}

impl Table {
    fn new(settings: GatewaySettings) -> Self {
        let GatewaySettings {
            realm,
            offer_basic,
            places,
            rules,
        } = settings;
        for (name, _) in rules.iter().filter(|(_, rule)| rule.is_empty()) {
            tracing::warn!(rule = %name, "a rule of the gateway says nothing, so it admits every live token");
        }
        let rules = rules.into_iter().map(|(name, rule)| {
            let insufficient = realm.insufficient(named_in(&rule.scopes));
            let rule = GatewayRule::new(name.clone(), rule);
            (name, TableRule { rule, insufficient })
        });
        let rules = rules.collect();
        let offered = |challenge: HeaderValue| {
            if offer_basic {
                realm.offering_basic(&challenge)
            } else {
                challenge
            }
        };
        Self {
            places,
            challenges: Challenges {
                none: offered(realm.challenge()),
                invalid_token: offered(realm.refusal(ChallengeError::InvalidToken)),
                invalid_request: offered(realm.refusal(ChallengeError::InvalidRequest)),
            },
            realm,
            rules,
        }
    }

    pub(super) fn rule(&self, name: &str) -> Option<&TableRule> {
        self.rules.get(name)
    }

    /// The challenge to a token that lacks these scopes.
    pub(super) fn insufficient(&self, scopes: &ScopeRequirement) -> HeaderValue {
        self.realm.insufficient(named_in(scopes))
    }
}

/// The scopes that a requirement names.
fn named_in(scopes: &ScopeRequirement) -> &[Scope] {
    match scopes {
        ScopeRequirement::All(scopes) | ScopeRequirement::Any(scopes) => scopes,
        ScopeRequirement::Unknown => &[],
    }
}

/// Names that were asked for and are no scopes. Whoever reaches the server can ask for any, so few
/// are shown, and none that could be something else: people paste tokens where names belong.
#[derive(Default)]
struct UnknownScopes(Mutex<Told>);

#[derive(Default)]
struct Told {
    /// When the first of these was told.
    since: Option<Timestamp>,
    names: HashSet<String>,
    /// Whether it was told that there was a name which is not shown.
    another: bool,
}

impl UnknownScopes {
    /// Names that are logged in an hour; a mistake in a proxy's configuration has few.
    const NAMES_MAX: usize = 32;
    /// After how long everything is told anew: names that somebody invented must not hide a mistake
    /// for ever.
    const TOLD_ANEW: Duration = Duration::from_hours(1);

    fn tell(&self, name: &str, formats: &TokenFormats, now: Timestamp) {
        let mut told = self.0.lock();
        if told
            .since
            .is_none_or(|since| now.since(since) >= Self::TOLD_ANEW)
        {
            *told = Told {
                since: Some(now),
                ..Told::default()
            };
        }
        if !may_be_shown(name, formats) {
            if !told.another {
                told.another = true;
                tracing::error!(
                    "a gateway asks for a scope that does not exist, so it admits nobody; its configuration needs another name, \
                     and what it has is not shown here because it has not the form of one"
                );
            }
        } else if told.names.len() < Self::NAMES_MAX && told.names.insert(name.to_owned()) {
            tracing::error!(
                scope = name,
                "a gateway asks for a scope that does not exist, so it admits nobody; its configuration needs another name"
            );
        }
    }
}

/// Whether a name has the form that scopes have, and no token has.
fn may_be_shown(name: &str, formats: &TokenFormats) -> bool {
    let letters = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b':' || byte == b'_');
    (1..=40).contains(&name.len()) && letters && TokenText::parse(name, formats).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_the_form_of_a_scope_is_shown() {
        let formats = TokenFormats {
            accepted: vec!["acme_ 40".parse().expect("a form of tokens")],
            ..TokenFormats::default()
        };
        for name in ["reop", "read:orgs", "admin:repo_hooks"] {
            assert!(may_be_shown(name, &formats), "{name}");
        }
        let of_letters = format!("acme_{}", "x".repeat(35));
        for name in [
            "",
            "Repo",
            "repo ",
            "a\nb",
            "0123456789abcdef0123456789abcdef01234567",
            "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",
            &"x".repeat(41),
            &of_letters,
        ] {
            assert!(!may_be_shown(name, &formats), "{name}");
        }
    }
}
