//! What a gateway asks before it lets a request through: whose token this is, and whether that is
//! enough.
//!
//! A rule names apps, users, organizations and teams. Its names become ids when it is first needed,
//! and an id once found stays, until the feed of changes is lost: after that the database may be
//! another one, in which the id is somebody else's, and all names are looked for anew. A name that
//! stands for nobody admits nobody; that is logged once, and the name is looked for again when
//! somebody is refused who might have been meant, once a second at most: whoever is refused over
//! and over must not make the database work.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::gateway::{
    AccountName, Decision, HolderKind, NobodyByName, People, Presented, Requirement, Rule,
    RuleName, TeamPath,
};
use counterfoil_domain::id::{AccountId, AppId, TeamId};
use counterfoil_domain::network::ClientAddress;
use counterfoil_store::StoreError;
use parking_lot::Mutex;

use crate::authority::Authority;
use crate::tokens::{CheckedToken, TokenError};

/// How soon a name that stands for nobody is looked for again.
const LOOKED_FOR_EVERY: Duration = Duration::from_secs(1);
/// How long a decision may take that was begun with a token that is believed at that moment: what
/// takes longer is begun again, by then from memory.
const PROMPT: Duration = Duration::from_millis(100);
/// How often a decision is begun at most.
const ATTEMPTS: u32 = 3;

/// Whatever keeps a gateway from letting a request through.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The token itself is refused, or it could not be told whether it is.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token may not do what is needed.
    #[error("the token lacks a scope")]
    MissingScope,
    /// The token is of no app that the rule names.
    #[error("tokens of this app are not admitted")]
    OtherApp,
    /// The owner is nobody whom the rule names.
    #[error("the owner of this token is not admitted")]
    OtherPerson,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A rule of the settings, with what its names stand for as far as that is known.
#[derive(Debug)]
pub struct GatewayRule {
    name: RuleName,
    /// As it is before anything is looked up.
    unbound: Bound,
    bound: ArcSwap<Bound>,
    /// When its missing names were last looked for, by the monotonic clock.
    looked_at: tokio::sync::Mutex<Option<Duration>>,
    /// What was said in the log already.
    told: Mutex<HashSet<(Named, NobodyByName)>>,
}

/// A requirement, and the names that nobody was found for yet.
#[derive(Clone, Debug)]
struct Bound {
    requirement: Requirement,
    missing: Vec<Named>,
    /// How often the feed of changes had been lost when the first name was looked for.
    losses: u64,
}

/// A name in a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Named {
    App(ClientId),
    User(AccountName),
    Organization(AccountName),
    Team(TeamPath),
}

/// Where it stands what a token must meet.
#[derive(Clone, Copy)]
enum Needed<'a> {
    ByRequest(&'a Requirement),
    ByRule(&'a GatewayRule),
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
enum Meant {
    App(AppId),
    User(AccountId),
    Organization(AccountId),
    Team(TeamId),
}

impl GatewayRule {
    /// A rule under its name. Nothing is looked up here.
    pub fn new(name: RuleName, rule: Rule) -> Self {
        let apps = rule.apps.iter().flatten().cloned().map(Named::App);
        let mut missing: Vec<_> = apps.collect();
        if let Some(people) = rule.people.clone() {
            missing.extend(people.users.into_iter().map(Named::User));
            missing.extend(people.organizations.into_iter().map(Named::Organization));
            missing.extend(people.teams.into_iter().map(Named::Team));
        }
        let requirement = Requirement {
            scopes: rule.scopes,
            apps: rule.apps.map(|_| Vec::new()),
            people: rule.people.map(|_| People::default()),
        };
        let unbound = Bound {
            requirement,
            missing,
            losses: 0,
        };
        Self {
            name,
            bound: ArcSwap::from_pointee(unbound.clone()),
            unbound,
            looked_at: tokio::sync::Mutex::default(),
            told: Mutex::default(),
        }
    }
}

impl Bound {
    fn add(&mut self, meant: Meant) {
        let Requirement { apps, people, .. } = &mut self.requirement;
        match meant {
            Meant::App(id) => apps.get_or_insert_default().push(id),
            Meant::User(id) => people.get_or_insert_default().users.push(id),
            Meant::Organization(id) => people.get_or_insert_default().organizations.push(id),
            Meant::Team(id) => people.get_or_insert_default().teams.push(id),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(client_id) => write!(f, "app {client_id}"),
            Self::User(name) => write!(f, "user {name}"),
            Self::Organization(name) => write!(f, "organization {name}"),
            Self::Team(path) => write!(f, "team {path}"),
        }
    }
}

impl Authority {
    /// Whether a token meets a requirement, and whose it is.
    pub async fn verify_token(
        &self,
        token: SecretDigest,
        from: ClientAddress,
        requirement: &Requirement,
    ) -> Result<CheckedToken, GatewayError> {
        self.decide(token, from, Needed::ByRequest(requirement))
            .await
    }

    /// Whether a token meets a rule, and whose it is.
    pub async fn verify_token_by_rule(
        &self,
        token: SecretDigest,
        from: ClientAddress,
        rule: &GatewayRule,
    ) -> Result<CheckedToken, GatewayError> {
        self.decide(token, from, Needed::ByRule(rule)).await
    }

    /// Decides, and does so again where it took long: the token was believed when that was begun,
    /// and the answer is about now.
    async fn decide(
        &self,
        token: SecretDigest,
        from: ClientAddress,
        needed: Needed<'_>,
    ) -> Result<CheckedToken, GatewayError> {
        for _ in 0..ATTEMPTS {
            let begun = self.monotonic();
            let token = self.authenticate_digest(token, from).await?;
            match needed {
                Needed::ByRequest(requirement) => self.admit(&token, requirement).await?,
                Needed::ByRule(rule) => self.admit_by_rule(&token, rule).await?,
            }
            let took = self.monotonic().saturating_sub(begun);
            if took < PROMPT || !self.store().is_shared() {
                return Ok(token);
            }
        }
        Err(StoreError::Unavailable("the database is slow".into()).into())
    }

    async fn admit_by_rule(
        &self,
        token: &CheckedToken,
        rule: &GatewayRule,
    ) -> Result<(), GatewayError> {
        if rule.bound.load().losses != self.token_cache().losses() {
            self.bind_anew(rule).await?;
        }
        let bound = rule.bound.load();
        match self.admit(token, &bound.requirement).await {
            Err(GatewayError::OtherApp | GatewayError::OtherPerson)
                if !bound.missing.is_empty() =>
            {
                self.look_again(rule).await?;
                self.admit(token, &rule.bound.load_full().requirement).await
            }
            other => other,
        }
    }

    async fn admit(
        &self,
        token: &CheckedToken,
        requirement: &Requirement,
    ) -> Result<(), GatewayError> {
        let presented = Presented {
            viewer: token.viewer(),
            app: token.app().map(|app| app.id),
        };
        let mut decision = requirement.decide(&presented, None);
        if decision == Decision::MembershipsNeeded {
            let memberships = self.memberships_of(token).await?;
            decision = requirement.decide(&presented, Some(&memberships));
        }
        match decision {
            Decision::Admitted => Ok(()),
            Decision::MissingScope => Err(GatewayError::MissingScope),
            Decision::OtherApp => Err(GatewayError::OtherApp),
            // Memberships were given when they were asked for; without them nobody is let through.
            Decision::OtherPerson | Decision::MembershipsNeeded => Err(GatewayError::OtherPerson),
        }
    }

    /// Binds a rule again, once a second at most. Whoever comes while that is under way waits for
    /// what it finds: somebody whom the rule names is not refused because somebody else asked a
    /// moment before.
    async fn look_again(&self, rule: &GatewayRule) -> Result<(), StoreError> {
        let mut looked_at = rule.looked_at.lock().await;
        let now = self.monotonic();
        if looked_at.is_none_or(|at| at + LOOKED_FOR_EVERY <= now) {
            // Noted when it is done: if whoever asked goes away in the middle, the next one looks.
            self.bind_rule(rule).await?;
            *looked_at = Some(now);
        }
        Ok(())
    }

    /// Binds all names of a rule again, unless somebody has while this waited.
    async fn bind_anew(&self, rule: &GatewayRule) -> Result<(), StoreError> {
        let mut looked_at = rule.looked_at.lock().await;
        if rule.bound.load().losses != self.token_cache().losses() {
            self.bind_rule(rule).await?;
            *looked_at = Some(self.monotonic());
        }
        Ok(())
    }

    /// Looks for whom the names of a rule stand for that nobody was found for yet, and says once in
    /// the log of each name that it stands for nobody.
    pub async fn bind_rule(&self, rule: &GatewayRule) -> Result<(), StoreError> {
        // Before anything is read: what is read of another database after that is found outdated.
        let losses = self.token_cache().losses();
        let held = rule.bound.load_full();
        let before = if held.losses == losses {
            &*held
        } else {
            &rule.unbound
        };
        let mut bound = Bound {
            requirement: before.requirement.clone(),
            missing: Vec::new(),
            losses,
        };
        for name in &before.missing {
            match self.find_named(name).await? {
                Ok(meant) => bound.add(meant),
                Err(why) => {
                    rule.tell(name, why);
                    bound.missing.push(name.clone());
                }
            }
        }
        if bound.missing.len() < before.missing.len() || held.losses != losses {
            // Who binds at the same time finds the same; whichever stands last, a name that it
            // misses is found again.
            rule.bound.store(Arc::new(bound));
        }
        Ok(())
    }

    async fn find_named(&self, name: &Named) -> Result<Result<Meant, NobodyByName>, StoreError> {
        Ok(match name {
            Named::App(client_id) => {
                let found = self.store().find_app(client_id).await?;
                found
                    .map(|app| Meant::App(app.summary.id))
                    .ok_or(NobodyByName::Missing)
            }
            Named::User(name) => self
                .find_account_named(name, HolderKind::User)
                .await?
                .map(Meant::User),
            Named::Organization(name) => self
                .find_account_named(name, HolderKind::Organization)
                .await?
                .map(Meant::Organization),
            Named::Team(path) => {
                let kind = HolderKind::Organization;
                match self.find_account_named(&path.organization, kind).await? {
                    Ok(organization) => {
                        let found = self.store().find_team(organization, &path.slug).await?;
                        found
                            .map(|team| Meant::Team(team.id))
                            .ok_or(NobodyByName::Missing)
                    }
                    Err(why) => Err(why),
                }
            }
        })
    }

    async fn find_account_named(
        &self,
        name: &AccountName,
        kind: HolderKind,
    ) -> Result<Result<AccountId, NobodyByName>, StoreError> {
        let holders = self.store().holders_of(&name.login).await?;
        Ok(name.bind(kind, &holders))
    }
}

impl GatewayRule {
    fn tell(&self, name: &Named, why: NobodyByName) {
        if self.told.lock().insert((name.clone(), why)) {
            tracing::warn!(
                rule = %self.name,
                name = %name,
                "a rule of the gateway admits nobody by this name, which {why}"
            );
        }
    }
}
