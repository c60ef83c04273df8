//! What the settings say about the gateway check, ready to be asked.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use counterfoil_authority::{Authority, GatewayRule, StoreError};
use counterfoil_domain::gateway::{Rule, RuleName, ScopeRequirement};
use counterfoil_domain::scope::Scope;
use counterfoil_wire::gateway::presented::TokenPlaces;
use counterfoil_wire::gateway::{
    ChallengeError, Realm, X_AUTH_AUTHORIZATION_ID, X_AUTH_CLIENT_ID, X_AUTH_EXPIRES, X_AUTH_LOGIN,
    X_AUTH_SCOPES, X_AUTH_USER_ID,
};
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue};

use super::refusals::Refusals;
use super::unknown_names::UnknownNames;
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
    unknown: UnknownNames,
    refusals: Refusals,
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
            unknown: UnknownNames::default(),
            refusals: Refusals::default(),
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

    /// What the log says of those who may not.
    pub(super) fn refusals(&self) -> &Refusals {
        &self.refusals
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
        self.unknown.tell_scope(name, formats, authority.now());
    }

    /// Says in the log, once a minute for each name, that a gateway asks for a rule that does not
    /// exist.
    pub(super) fn tell_unknown_rule(&self, name: &str, authority: &Authority) {
        let formats = &authority.settings().token_formats;
        self.unknown.tell_rule(name, formats, authority.now());
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
