//! What commands show of things, for `--json`. Names and values are part of the interface: scripts
//! read them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::app::{App, AppSecret, AppSummary, AppSwitch, DeviceFlow};
use counterfoil_domain::authorization::{Authorization, Provenance};
use counterfoil_domain::grant::Grant;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Member, Organization, Team};
use counterfoil_domain::scope::{Scope, ScopeSet, Standing};
use counterfoil_domain::session::Session;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{KeyRecord, KeyState, OwnedAuthorization, TokenRecord};
use serde::Serialize;

/// A user.
#[derive(Debug, Serialize)]
pub(crate) struct UserView {
    pub(crate) id: i64,
    pub(crate) login: String,
    pub(crate) name: Option<String>,
    /// The verified address; an unverified one is not shown.
    pub(crate) email: Option<String>,
    pub(crate) admin: bool,
    pub(crate) two_factor: bool,
    pub(crate) suspended_at: Option<String>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

impl From<&Account> for UserView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.0,
            login: account.login.to_string(),
            name: account.name.as_ref().map(|name| name.as_str().to_owned()),
            email: account
                .email
                .as_ref()
                .map(|email| email.as_str().to_owned()),
            admin: account.standing == Standing::SiteAdministrator,
            two_factor: account.two_factor == TwoFactor::On,
            suspended_at: account.suspended_at.map(time),
            created_at: time(account.created_at),
            updated_at: time(account.updated_at),
        }
    }
}

/// An organization.
#[derive(Debug, Serialize)]
pub(crate) struct OrganizationView {
    pub(crate) id: i64,
    pub(crate) login: String,
    pub(crate) name: Option<String>,
    pub(crate) created_at: String,
}

impl From<&Organization> for OrganizationView {
    fn from(organization: &Organization) -> Self {
        let name = organization.name.as_ref();
        Self {
            id: organization.id.0,
            login: organization.login.to_string(),
            name: name.map(|name| name.as_str().to_owned()),
            created_at: time(organization.created_at),
        }
    }
}

/// A member of an organization.
#[derive(Debug, Serialize)]
pub(crate) struct MemberView {
    pub(crate) id: i64,
    pub(crate) login: String,
    pub(crate) role: &'static str,
}

impl From<&Member> for MemberView {
    fn from(member: &Member) -> Self {
        Self {
            id: member.account.id.0,
            login: member.account.login.to_string(),
            role: member.role.as_str(),
        }
    }
}

/// A team.
#[derive(Debug, Serialize)]
pub(crate) struct TeamView {
    pub(crate) id: i64,
    pub(crate) organization: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) members: u64,
    pub(crate) created_at: String,
}

impl From<&Team> for TeamView {
    fn from(team: &Team) -> Self {
        Self {
            id: team.id.0,
            organization: team.organization.login.to_string(),
            slug: team.name.slug().to_string(),
            name: team.name.to_string(),
            members: team.members,
            created_at: time(team.created_at),
        }
    }
}

/// A member of a team.
#[derive(Debug, Serialize)]
pub(crate) struct TeamMemberView {
    pub(crate) id: i64,
    pub(crate) login: String,
}

impl From<&Account> for TeamMemberView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.0,
            login: account.login.to_string(),
        }
    }
}

/// A lock on a user's sign-in from one address.
#[derive(Debug, Serialize)]
pub(crate) struct LockView {
    address: String,
    until: String,
}

impl From<(String, Timestamp)> for LockView {
    fn from((address, until): (String, Timestamp)) -> Self {
        Self {
            address,
            until: time(until),
        }
    }
}

impl fmt::Display for LockView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {} until {}", self.address, self.until)
    }
}

/// The logins of accounts, to name owners.
#[derive(Debug)]
pub(crate) struct Logins(HashMap<AccountId, String>);

impl From<Vec<Account>> for Logins {
    fn from(accounts: Vec<Account>) -> Self {
        let login = |account: Account| (account.id, account.login.to_string());
        Self(accounts.into_iter().map(login).collect())
    }
}

impl From<Vec<(AccountId, Login)>> for Logins {
    fn from(logins: Vec<(AccountId, Login)>) -> Self {
        let logins = logins.into_iter();
        Self(logins.map(|(id, login)| (id, login.to_string())).collect())
    }
}

impl Logins {
    /// The login of an account. One that was made since the logins were read is named by its id.
    pub(crate) fn of(&self, id: AccountId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }
}

/// An app.
#[derive(Debug, Serialize)]
pub(crate) struct AppView {
    pub(crate) client_id: String,
    pub(crate) name: String,
    pub(crate) owner: String,
    pub(crate) url: String,
    pub(crate) callback_urls: Vec<String>,
    pub(crate) device_flow: bool,
    pub(crate) expiring_tokens: bool,
    /// Whether it is told of all tokens.
    pub(crate) resource_server: bool,
    /// Whether each switch is on, by its name.
    #[serde(flatten)]
    switches: BTreeMap<&'static str, bool>,
    pub(crate) suspended_at: Option<String>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

impl AppView {
    /// The view of an app whose owner has this login.
    pub(crate) fn new(app: &App, owner: String) -> Self {
        let urls = app.callback_urls.iter().map(|url| url.as_str().to_owned());
        let switches = AppSwitch::ALL.map(|switch| (switch.name(), app.switches.has(switch)));
        Self {
            client_id: app.summary.client_id.to_string(),
            name: app.summary.name.as_str().to_owned(),
            owner,
            url: app.summary.url.as_str().to_owned(),
            callback_urls: urls.collect(),
            device_flow: app.device_flow == DeviceFlow::Enabled,
            expiring_tokens: app.expiring_tokens.are_enabled(),
            resource_server: app.seen_tokens.are_all(),
            switches: BTreeMap::from(switches),
            suspended_at: app.suspended_at.map(time),
            created_at: time(app.created_at),
            updated_at: time(app.updated_at),
        }
    }
}

/// A live secret of an app, without the secret.
#[derive(Debug, Serialize)]
pub(crate) struct SecretView {
    pub(crate) id: i64,
    pub(crate) last_eight: String,
    pub(crate) created_at: String,
    pub(crate) last_used_at: Option<String>,
    pub(crate) published_at: Option<String>,
}

impl From<&AppSecret> for SecretView {
    fn from(secret: &AppSecret) -> Self {
        Self {
            id: secret.id.0,
            last_eight: secret.last_eight.clone(),
            created_at: time(secret.created_at),
            last_used_at: secret.last_used_at.map(time),
            published_at: secret.published_at.map(time),
        }
    }
}

/// Which app a token or grant belongs to.
#[derive(Debug, Serialize)]
pub(crate) struct AppName {
    pub(crate) client_id: String,
    pub(crate) name: String,
}

impl From<&AppSummary> for AppName {
    fn from(app: &AppSummary) -> Self {
        Self {
            client_id: app.client_id.to_string(),
            name: app.name.as_str().to_owned(),
        }
    }
}

/// The record of a token.
#[derive(Debug, Serialize)]
pub(crate) struct TokenView {
    pub(crate) id: i64,
    pub(crate) login: String,
    /// The app it is for; a personal access token has none.
    pub(crate) app: Option<AppName>,
    pub(crate) scopes: Vec<&'static str>,
    pub(crate) note: Option<String>,
    pub(crate) note_url: Option<String>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) token_last_eight: String,
    /// How it was made, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) made_by: Option<&'static str>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) expires_at: Option<String>,
    pub(crate) last_used_at: Option<String>,
    /// From when on it is refused, of one that is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<String>,
    /// Why, of one that is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_reason: Option<&'static str>,
}

impl From<&TokenRecord> for TokenView {
    fn from(record: &TokenRecord) -> Self {
        let OwnedAuthorization {
            authorization,
            provenance,
        } = &record.owned;
        Self {
            ended_at: record.over.map(|(at, _)| time(at)),
            end_reason: record.over.map(|(_, reason)| reason.as_str()),
            ..Self::new(authorization, Some(*provenance), record.login.to_string())
        }
    }
}

impl TokenView {
    /// The view of a token whose owner has this login.
    pub(crate) fn new(
        authorization: &Authorization,
        provenance: Option<Provenance>,
        login: String,
    ) -> Self {
        let note = authorization.note.as_ref();
        let note_url = authorization.note_url.as_ref();
        let fingerprint = authorization.fingerprint.as_ref();
        Self {
            id: authorization.id.0,
            login,
            app: authorization.kind.app().map(AppName::from),
            scopes: scope_names(&authorization.scopes),
            note: note.map(|note| note.as_str().to_owned()),
            note_url: note_url.map(|url| url.as_str().to_owned()),
            fingerprint: fingerprint.map(|fingerprint| fingerprint.as_str().to_owned()),
            token_last_eight: authorization.token.last_eight.clone(),
            made_by: provenance.map(Provenance::as_str),
            created_at: time(authorization.created_at),
            updated_at: time(authorization.updated_at),
            expires_at: authorization.expires_at.map(time),
            last_used_at: authorization.last_used_at.map(time),
            ended_at: None,
            end_reason: None,
        }
    }
}

/// What a user gave an app.
#[derive(Debug, Serialize)]
pub(crate) struct GrantView {
    pub(crate) id: i64,
    pub(crate) login: String,
    pub(crate) app: AppName,
    pub(crate) scopes: Vec<&'static str>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

impl GrantView {
    /// The view of a grant by the user of this login.
    pub(crate) fn new(grant: &Grant, login: String) -> Self {
        Self {
            id: grant.id.0,
            login,
            app: AppName::from(&grant.app),
            scopes: scope_names(&grant.scopes),
            created_at: time(grant.created_at),
            updated_at: time(grant.updated_at),
        }
    }
}

/// Where a user is signed in with a browser.
#[derive(Debug, Serialize)]
pub(crate) struct SessionView {
    pub(crate) id: i64,
    pub(crate) address: String,
    pub(crate) agent: Option<String>,
    pub(crate) created_at: String,
    pub(crate) last_used_at: String,
    pub(crate) ends_at: String,
}

impl SessionView {
    /// The view of a session.
    pub(crate) fn new(session: &Session) -> Self {
        Self {
            id: session.id.0,
            address: session.address.to_string(),
            agent: session.agent.clone(),
            created_at: time(session.created_at),
            last_used_at: time(session.last_used_at),
            ends_at: time(session.ends_at),
        }
    }
}

/// What the database knows of a key.
#[derive(Debug, Serialize)]
pub(crate) struct KeyView {
    pub(crate) id: String,
    pub(crate) state: &'static str,
    pub(crate) sealed_values: u64,
    pub(crate) added_at: String,
}

impl From<&KeyRecord> for KeyView {
    fn from(record: &KeyRecord) -> Self {
        Self {
            id: record.id.to_string(),
            state: match record.state {
                KeyState::Primary => "primary",
                KeyState::Secondary => "secondary",
                KeyState::Retired => "retired",
            },
            sealed_values: record.sealed_values,
            added_at: time(record.added_at),
        }
    }
}

/// A time as commands print it: UTC, whole seconds.
pub(crate) fn time(timestamp: Timestamp) -> String {
    timestamp.to_string()
}

/// The names of scopes, in order.
pub(crate) fn scope_names(scopes: &ScopeSet) -> Vec<&'static str> {
    scopes.iter().map(Scope::name).collect()
}

/// Scopes as people read them.
pub(crate) fn scope_list(names: &[&str]) -> String {
    if names.is_empty() {
        "-".to_owned()
    } else {
        names.join(",")
    }
}
