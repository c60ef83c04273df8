//! What a gateway asks of a token before it lets a request through.
//!
//! A [`Rule`] is what an operator wrote, with names in it. A [`Requirement`] is a rule whose names
//! have become ids, so that a login that was released and given to somebody else opens nothing to
//! them. Deciding is pure: [`Requirement::decide`] sees what is known of the token and says which
//! condition is not met, or that it must know the owner's memberships first.
//!
//! Scopes, apps and people are conditions of their own, and each that is set must be met. People
//! are a list of users, organizations and teams: whoever is in any of them meets it.

mod names;

use crate::access::Viewer;
use crate::app::ClientId;
use crate::id::{AccountId, AppId, TeamId};
use crate::organization::Memberships;
use crate::scope::Scope;

pub use self::names::{
    AccountName, Holder, HolderKind, HolderLife, NameRefused, NobodyByName, RuleName, TeamPath,
};

/// What a token must be allowed to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeRequirement {
    /// What all of these open. None of them: nothing.
    All(Vec<Scope>),
    /// What at least one of these opens.
    Any(Vec<Scope>),
    /// Something that no scope opens: a name that is none was asked for.
    Unknown,
}

impl ScopeRequirement {
    /// Whether a token lets its owner do that.
    fn is_met(&self, viewer: &Viewer<'_>) -> bool {
        let may = |scope: &Scope| viewer.may(*scope);
        match self {
            Self::All(needed) => needed.iter().all(may),
            Self::Any(needed) => needed.iter().any(may),
            Self::Unknown => false,
        }
    }
}

/// What a gateway asks, with ids in place of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// What the token must be allowed to do.
    pub scopes: ScopeRequirement,
    /// The apps whose tokens are let through; tokens of no app are not. `None`: any token.
    pub apps: Option<Vec<AppId>>,
    /// Whose tokens are let through. `None`: anybody's.
    pub people: Option<People>,
}

/// Who is let through: whoever is in one of the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Users who are let through themselves.
    pub users: Vec<AccountId>,
    /// Organizations whose members are.
    pub organizations: Vec<AccountId>,
    /// Teams whose members are.
    pub teams: Vec<TeamId>,
}

/// What is known of a live token.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// Whose token it is, and what it lets them do.
    pub viewer: Viewer<'a>,
    /// Its app, unless it is a personal one.
    pub app: Option<AppId>,
}

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The request may pass: everything that the rule needs is there.
    Admitted,
    /// The token may not do what the rule needs.
    MissingScope,
    /// The token is of no app that the rule names.
    OtherApp,
    /// The owner is nobody whom the rule names.
    OtherPerson,
    /// It depends on the owner's organizations and teams, which were not given.
    MembershipsNeeded,
}

impl Requirement {
    /// A rule that every live token meets.
    pub const ANY_TOKEN: Self = Self {
        scopes: ScopeRequirement::All(Vec::new()),
        apps: None,
        people: None,
    };

    /// Decides about a token. `memberships` are its owner's, if they were asked for.
    pub fn decide(&self, token: &Presented<'_>, memberships: Option<&Memberships>) -> Decision {
        if !self.scopes.is_met(&token.viewer) {
            return Decision::MissingScope;
        }
        let of_named_app = |apps: &Vec<AppId>| token.app.is_some_and(|app| apps.contains(&app));
        if !self.apps.as_ref().is_none_or(of_named_app) {
            return Decision::OtherApp;
        }
        match &self.people {
            None => Decision::Admitted,
            Some(people) => people.decide(token.viewer.account(), memberships),
        }
    }
}

impl People {
    fn decide(&self, owner: AccountId, memberships: Option<&Memberships>) -> Decision {
        if self.users.contains(&owner) {
            return Decision::Admitted;
        }
        if self.organizations.is_empty() && self.teams.is_empty() {
            return Decision::OtherPerson;
        }
        let Some(memberships) = memberships else {
            return Decision::MembershipsNeeded;
        };
        let mut organizations = self.organizations.iter();
        let mut teams = self.teams.iter();
        if organizations.any(|id| memberships.role_in(*id).is_some())
            || teams.any(|id| memberships.has_team(*id))
        {
            Decision::Admitted
        } else {
            Decision::OtherPerson
        }
    }
}

/// What a gateway asks, as an operator wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What the token must be allowed to do.
    pub scopes: ScopeRequirement,
    /// The apps whose tokens are let through. `None`: any token.
    pub apps: Option<Vec<ClientId>>,
    /// Whose tokens are let through. `None`: anybody's.
    pub people: Option<PeopleNames>,
}

impl Rule {
    /// Whether it says nothing, and so lets every live token through.
    pub fn is_empty(&self) -> bool {
        let any_scopes = matches!(&self.scopes, ScopeRequirement::All(scopes) if scopes.is_empty());
        any_scopes && self.apps.is_none() && self.people.is_none()
    }
}

/// Who is let through, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleNames {
    /// Users, each as `mona` or `mona#17`.
    pub users: Vec<AccountName>,
    /// Organizations whose members are, each as `acme` or `acme#17`.
    pub organizations: Vec<AccountName>,
    /// Teams whose members are, each as `acme/core`.
    pub teams: Vec<TeamPath>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::{ScopeSet, Standing};

    fn scope(name: &str) -> Scope {
        Scope::find(name).unwrap()
    }

    fn set(names: &[&str]) -> ScopeSet {
        ScopeSet::parse(names.iter().copied()).unwrap()
    }

    fn presented(effective: &ScopeSet) -> Presented<'_> {
        Presented {
            viewer: Viewer::by_token(AccountId(1), effective),
            app: Some(AppId(7)),
        }
    }

    fn scopes_only(scopes: ScopeRequirement) -> Requirement {
        Requirement {
            scopes,
            ..Requirement::ANY_TOKEN
        }
    }

    #[test]
    fn all_scopes_are_needed_or_any_of_them_by_the_lattice() {
        let held = set(&["repo", "read:org"]);
        let token = presented(&held);
        let decide = |requirement| scopes_only(requirement).decide(&token, None);
        let [public, read, admin] = ["public_repo", "read:org", "admin:org"].map(scope);
        for (requirement, decision) in [
            (ScopeRequirement::All(vec![]), Decision::Admitted),
            (
                ScopeRequirement::All(vec![public, read]),
                Decision::Admitted,
            ),
            (
                ScopeRequirement::All(vec![public, admin]),
                Decision::MissingScope,
            ),
            (ScopeRequirement::Any(vec![admin, read]), Decision::Admitted),
            (ScopeRequirement::Any(vec![admin]), Decision::MissingScope),
            (ScopeRequirement::Any(vec![]), Decision::MissingScope),
            (ScopeRequirement::Unknown, Decision::MissingScope),
        ] {
            assert_eq!(decide(requirement.clone()), decision, "{requirement:?}");
        }
    }

    #[test]
    fn scopes_of_administrators_count_for_administrators_only() {
        let held = set(&["site_admin", "admin:enterprise"]);
        let needed = ["site_admin", "read:enterprise"].map(scope).to_vec();
        let requirement = scopes_only(ScopeRequirement::Any(needed));
        for (standing, decision) in [
            (Standing::Ordinary, Decision::MissingScope),
            (Standing::SiteAdministrator, Decision::Admitted),
        ] {
            let counts = held.effective(standing);
            assert_eq!(requirement.decide(&presented(&counts), None), decision);
        }
    }

    #[test]
    fn tokens_of_other_apps_and_of_no_app_are_refused_where_apps_are_named() {
        let held = set(&[]);
        let requirement = Requirement {
            apps: Some(vec![AppId(7)]),
            ..Requirement::ANY_TOKEN
        };
        for (app, decision) in [
            (Some(AppId(7)), Decision::Admitted),
            (Some(AppId(8)), Decision::OtherApp),
            (None, Decision::OtherApp),
        ] {
            let token = Presented {
                app,
                ..presented(&held)
            };
            assert_eq!(requirement.decide(&token, None), decision);
        }
    }

    #[test]
    fn whoever_is_in_one_of_the_lists_is_admitted_and_memberships_are_asked_for_only_then() {
        let held = set(&[]);
        let token = presented(&held);
        let decide = |people, memberships: Option<&Memberships>| {
            let requirement = Requirement {
                people: Some(people),
                ..Requirement::ANY_TOKEN
            };
            requirement.decide(&token, memberships)
        };
        let users = |users: &[i64]| People {
            users: users.iter().copied().map(AccountId).collect(),
            ..People::default()
        };
        assert_eq!(decide(users(&[1]), None), Decision::Admitted);
        assert_eq!(decide(users(&[2]), None), Decision::OtherPerson);
        assert_eq!(decide(People::default(), None), Decision::OtherPerson);
        let people = People {
            organizations: vec![AccountId(5)],
            teams: vec![TeamId(6)],
            ..users(&[2])
        };
        assert_eq!(decide(people.clone(), None), Decision::MembershipsNeeded);
        let member = |organizations: &[i64], teams: &[i64]| Memberships {
            organizations: organizations
                .iter()
                .map(|id| (AccountId(*id), crate::organization::Role::Member))
                .collect(),
            teams: teams.iter().copied().map(TeamId).collect(),
        };
        for (memberships, decision) in [
            (member(&[], &[]), Decision::OtherPerson),
            (member(&[5], &[]), Decision::Admitted),
            (member(&[4], &[6]), Decision::Admitted),
            (member(&[6], &[5]), Decision::OtherPerson),
        ] {
            assert_eq!(decide(people.clone(), Some(&memberships)), decision);
        }
    }
}
