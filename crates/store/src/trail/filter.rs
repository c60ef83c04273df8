//! Which events of the trail are wanted.
//!
//! The columns beside an event's bytes find it. What they do not hold in full, as the digest of a
//! token or the name of an operator, is compared again with the bytes and the personal fields, so
//! that nothing is listed that was not asked for.

use counterfoil_domain::audit::reading;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::RequestId;
use counterfoil_domain::timestamp::Timestamp;

use crate::statement::Value;
use crate::trail::StoredEvent;

/// Who did what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedActor {
    /// One of these users; no event is by none of them.
    Accounts(Vec<AccountId>),
    /// An app, by its client secret.
    App(AppId),
    /// Somebody at the command line: whoever that was, or the user of the operating system that has
    /// this name.
    OperatingSystemUser(Option<String>),
    /// Nobody known.
    Anonymous,
    /// The program itself.
    Program,
}

/// Which events are wanted: those that everything holds of that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Who did it.
    pub actor: Option<WantedActor>,
    /// The users that it is about, one of them.
    pub users: Option<Vec<AccountId>>,
    /// The app that it is about.
    pub app: Option<AppId>,
    /// The organizations that it is about, one of them.
    pub organizations: Option<Vec<AccountId>>,
    /// What happened, one of these words; anything if there is none.
    pub actions: Vec<String>,
    /// The token that was made or ended.
    pub token: Option<SecretDigest>,
    /// The client's address.
    pub address: Option<ClientAddress>,
    /// The request that caused it.
    pub request: Option<RequestId>,
}

/// What a statement has to demand for [`EventFilter::values`], whose parameters are those from `$5`
/// to `$13`. A parameter that is null demands nothing.
macro_rules! filtered {
    () => {
        "(CAST($5 AS TEXT) IS NULL OR $5 LIKE '%,' || action || ',%')
        AND (CAST($6 AS TEXT) IS NULL OR $6 LIKE '%,' || actor || ',%' OR substr(actor, 1, 8) = $7)
        AND (CAST($8 AS TEXT) IS NULL OR $8 LIKE '%,' || CAST(account_id AS TEXT) || ',%')
        AND (CAST($9 AS BIGINT) IS NULL OR app_id = $9)
        AND (CAST($10 AS TEXT) IS NULL OR $10 LIKE '%,' || CAST(account_id AS TEXT) || ',%'
            OR $10 LIKE '%,' || CAST(organization_id AS TEXT) || ',%')
        AND (CAST($11 AS BIGINT) IS NULL OR token_head = $11)
        AND (CAST($12 AS TEXT) IS NULL OR address = $12)
        AND (CAST($13 AS BYTEA) IS NULL OR request_id = $13)"
    };
}
pub(super) use filtered;

/// How the actors of form 1 begin that name the user of the operating system.
const OS_USER: &str = "os_user:";

impl EventFilter {
    /// Whether there is anything but a time that an event may fail.
    pub(super) fn is_selective(&self) -> bool {
        let any = Self {
            since: self.since,
            until: self.until,
            ..Self::default()
        };
        *self != any
    }

    /// The parameters of [`filtered`].
    pub(super) fn values(&self) -> [Value; 9] {
        let actors = self.actor.as_ref().map(actor_list);
        let os_user = matches!(self.actor, Some(WantedActor::OperatingSystemUser(_)));
        let actions = (!self.actions.is_empty()).then(|| listed(self.actions.iter().cloned()));
        let list = |accounts: &Vec<AccountId>| listed(accounts.iter().map(AccountId::to_string));
        [
            Value::from(actions),
            Value::from(actors),
            Value::from(if os_user { OS_USER } else { "" }),
            Value::from(self.users.as_ref().map(list)),
            Value::from(self.app),
            Value::from(self.organizations.as_ref().map(list)),
            Value::from(self.token.map(|token| token.head())),
            Value::from(self.address.map(|address| address.to_string())),
            Value::from(self.request.map(|id| id.0.to_vec())),
        ]
    }

    /// Whether an event that the columns found is one that was asked for.
    pub(super) fn admits(&self, event: &StoredEvent) -> bool {
        // To LIKE an underscore is any letter, and to SQLite's a capital one too.
        let is_wanted = self.actions.is_empty() || self.actions.contains(&event.action);
        is_wanted && self.admits_actor(event) && self.admits_token(event)
    }

    fn admits_actor(&self, event: &StoredEvent) -> bool {
        match &self.actor {
            None => true,
            Some(WantedActor::OperatingSystemUser(wanted)) => {
                let name = event.actor.strip_prefix(OS_USER);
                let is_one = name.is_some() || event.actor == "os_user";
                let name = name.or_else(|| event.personal("os_user"));
                is_one && (wanted.is_none() || name == wanted.as_deref())
            }
            Some(others) => actor_list(others)
                .split(',')
                .any(|actor| actor == event.actor),
        }
    }

    /// The column has the first bytes of the digest. Of an event in a form that this program does
    /// not know they have to do.
    fn admits_token(&self, event: &StoredEvent) -> bool {
        let Some(token) = self.token else {
            return true;
        };
        reading::read(event.format, &event.bytes)
            .is_none_or(|read| read.token == Some(token.to_hex()))
    }
}

/// What the column has for these actors, between commas.
fn actor_list(actor: &WantedActor) -> String {
    match actor {
        WantedActor::Accounts(accounts) => {
            listed(accounts.iter().map(|account| format!("account:{account}")))
        }
        WantedActor::App(app) => listed([format!("app:{app}")]),
        WantedActor::OperatingSystemUser(_) => listed(["os_user".to_owned()]),
        WantedActor::Anonymous => listed(["anonymous".to_owned()]),
        WantedActor::Program => listed(["program".to_owned()]),
    }
}

/// A list that a value can be looked for in, with a comma before and after each.
fn listed(values: impl IntoIterator<Item = String>) -> String {
    let values = values.into_iter().map(|value| value + ",");
    std::iter::once(",".to_owned()).chain(values).collect()
}
