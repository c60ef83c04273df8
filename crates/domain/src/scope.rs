//! Scopes and the lattice they form (wire contract, section 6).
//!
//! A scope includes what lies under it. A set of scopes is normalised by dropping every scope that
//! another one in the set already includes; the order of the request is kept, because bodies show
//! it.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// One scope, known by its place in the table of all scopes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(u8);

struct Entry {
    name: &'static str,
    parent: Option<&'static str>,
}

const fn root(name: &'static str) -> Entry {
    Entry { name, parent: None }
}

const fn under(parent: &'static str, name: &'static str) -> Entry {
    Entry {
        name,
        parent: Some(parent),
    }
}

/// Every scope with its direct parent. A parent stands before its children. New scopes go at the
/// end: sets are kept by name, so the order here is free, but a stable order keeps the generated
/// pages quiet.
const TABLE: &[Entry] = &[
    root("site_admin"),
    root("admin:pre_receive_hook"),
    root("repo"),
    under("repo", "repo:status"),
    under("repo", "repo_deployment"),
    under("repo", "public_repo"),
    under("repo", "repo:invite"),
    under("repo", "security_events"),
    root("workflow"),
    root("write:packages"),
    under("write:packages", "read:packages"),
    root("delete:packages"),
    root("admin:org"),
    under("admin:org", "write:org"),
    under("write:org", "read:org"),
    under("admin:org", "manage_runners:org"),
    root("admin:public_key"),
    under("admin:public_key", "write:public_key"),
    under("write:public_key", "read:public_key"),
    root("admin:repo_hook"),
    under("admin:repo_hook", "write:repo_hook"),
    under("write:repo_hook", "read:repo_hook"),
    root("admin:org_hook"),
    root("gist"),
    root("notifications"),
    root("user"),
    under("user", "read:user"),
    under("user", "user:email"),
    under("user", "user:follow"),
    root("delete_repo"),
    root("write:discussion"),
    under("write:discussion", "read:discussion"),
    root("admin:enterprise"),
    under("admin:enterprise", "manage_runners:enterprise"),
    under("admin:enterprise", "manage_billing:enterprise"),
    under("admin:enterprise", "read:enterprise"),
    under("admin:enterprise", "scim:enterprise"),
    root("audit_log"),
    under("audit_log", "read:audit_log"),
    root("project"),
    under("project", "read:project"),
    root("admin:gpg_key"),
    under("admin:gpg_key", "write:gpg_key"),
    under("write:gpg_key", "read:gpg_key"),
    root("admin:ssh_signing_key"),
    under("admin:ssh_signing_key", "write:ssh_signing_key"),
    under("write:ssh_signing_key", "read:ssh_signing_key"),
    // The older name of admin:enterprise, which clients still send.
    root("admin:business"),
];

/// Scopes that count only while the token's owner is a site administrator, and was one when they
/// were given.
const ADMINISTRATOR_ROOTS: [Scope; 4] = [
    Scope::named("site_admin"),
    Scope::named("admin:enterprise"),
    Scope::named("admin:pre_receive_hook"),
    Scope::named("admin:business"),
];

/// The table by name. A grant reads the scopes of all its tokens whenever one of them changes, so
/// names are not searched for.
static BY_NAME: LazyLock<HashMap<&str, Scope>> =
    LazyLock::new(|| Scope::all().map(|scope| (scope.name(), scope)).collect());
/// The scope directly above each one, by place.
static PARENTS: LazyLock<Vec<Option<Scope>>> = LazyLock::new(|| {
    let parents = TABLE.iter().map(|entry| entry.parent);
    parents.map(|parent| Scope::find(parent?)).collect()
});

impl Scope {
    /// The scope of this exact name.
    pub fn find(name: &str) -> Option<Self> {
        BY_NAME.get(name).copied()
    }

    /// The scope of this exact name, for constants: a name that is none does not compile there.
    pub(crate) const fn named(name: &str) -> Self {
        let mut place: u8 = 0;
        while (place as usize) < TABLE.len() {
            if is_same(TABLE[place as usize].name, name) {
                return Self(place);
            }
            place += 1;
        }
        panic!("there is no scope of this name")
    }

    /// Every scope, in the table's order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len())
            .map(|place| Self(u8::try_from(place).expect("the table has fewer than 256 scopes")))
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        TABLE[usize::from(self.0)].name
    }

    /// The scope directly above it.
    pub fn parent(self) -> Option<Self> {
        PARENTS[usize::from(self.0)]
    }

    /// Whether holding `self` is holding `other`: the same scope, or one that lies under it.
    pub fn includes(self, other: Self) -> bool {
        std::iter::successors(Some(other), |scope| scope.parent()).any(|scope| scope == self)
    }

    /// Whether it counts only while the owner is a site administrator, and was one when it was
    /// given.
    pub fn is_for_administrators(self) -> bool {
        ADMINISTRATOR_ROOTS
            .into_iter()
            .any(|root| root.includes(self))
    }
}

/// Comparison of texts where a constant is made, in which `==` cannot be used.
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names that are no scopes, in the order they came, without repetitions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown scopes: {}", .0.join(", "))]
pub struct UnknownScopes(pub Vec<String>);

/// A normalised set of scopes in the order they were asked for: no scope twice, none that another
/// one includes.
///
/// ```
/// use counterfoil_domain::scope::ScopeSet;
/// let set = ScopeSet::parse(["user", "gist", "user:email"]).unwrap();
/// assert_eq!(set.to_string(), "user gist");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// The normalised set of these names.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownScopes> {
        let mut scopes = Vec::new();
        let mut unknown: Vec<String> = Vec::new();
        for name in names {
            match Scope::find(name) {
                Some(scope) => scopes.push(scope),
                None if unknown.iter().any(|seen| seen == name) => {}
                None => unknown.push(name.to_owned()),
            }
        }
        if unknown.is_empty() {
            Ok(Self::from_scopes(scopes))
        } else {
            Err(UnknownScopes(unknown))
        }
    }

    /// The normalised set of these scopes.
    pub fn from_scopes(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut unique: Vec<Scope> = Vec::new();
        for scope in scopes {
            if !unique.contains(&scope) {
                unique.push(scope);
            }
        }
        let kept = unique.iter().copied().filter(|scope| {
            !unique
                .iter()
                .any(|other| other != scope && other.includes(*scope))
        });
        Self(kept.collect())
    }

    /// A set as its `Display` wrote it. Names that this version does not know are left out: a scope
    /// can only narrow.
    pub fn from_stored(text: &str) -> Self {
        Self::from_scopes(text.split(' ').filter_map(Scope::find))
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// Whether some scope of the set includes `scope`.
    pub fn covers(&self, scope: Scope) -> bool {
        self.iter().any(|held| held.includes(scope))
    }

    /// The union, `self` first.
    #[must_use]
    pub fn with(&self, more: &Self) -> Self {
        Self::from_scopes(self.iter().chain(more.iter()))
    }

    /// Without these scopes. Only exact members go: removing a scope that a held parent includes
    /// leaves the parent.
    #[must_use]
    pub fn without(&self, removed: &[Scope]) -> Self {
        Self(
            self.iter()
                .filter(|scope| !removed.contains(scope))
                .collect(),
        )
    }

    /// Those of it that are for administrators.
    pub fn for_administrators(&self) -> impl Iterator<Item = Scope> + '_ {
        self.iter().filter(|scope| scope.is_for_administrators())
    }

    /// What of it counts for a token that acts so: see [`Standing::of_token`].
    #[must_use]
    pub fn effective(&self, token: Standing) -> Self {
        match token {
            Standing::SiteAdministrator => self.clone(),
            Standing::Ordinary => Self(
                self.iter()
                    .filter(|scope| !scope.is_for_administrators())
                    .collect(),
            ),
        }
    }

    /// The names sorted by byte value: as `X-OAuth-Scopes` lists them, and the key under which
    /// equal sets are counted.
    pub fn sorted_names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.iter().map(Scope::name).collect();
        names.sort_unstable();
        names
    }

    /// The canonical key of the set, whatever the order of its scopes.
    pub fn canonical_key(&self) -> String {
        self.sorted_names().join(" ")
    }
}

/// The names in order, separated by single spaces.
impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.name())?;
        }
        Ok(())
    }
}

/// Where an account stands with the installation, or as what one of its tokens acts; decides which
/// scopes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An ordinary user: scopes for administrators count nothing.
    Ordinary,
    /// A site administrator: scopes for administrators count as well.
    SiteAdministrator,
}

/// Counts how often an account was made a site administrator. A write of scopes stamps the token
/// with its owner's: what was given at another time, or by somebody who was none, counts for
/// nothing however often the owner becomes one again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AdministratorEpoch(pub i64);

impl Standing {
    /// The stamp that a write of scopes leaves with a token of an account of this standing, in this
    /// epoch of it.
    pub fn stamp(self, epoch: AdministratorEpoch) -> Option<AdministratorEpoch> {
        match self {
            Self::SiteAdministrator => Some(epoch),
            Self::Ordinary => None,
        }
    }

    /// As what a token of such an account acts, by its stamp: the one place where that is decided.
    /// Which scopes count then, [`ScopeSet::effective`] says.
    #[must_use]
    pub fn of_token(self, epoch: AdministratorEpoch, stamp: Option<AdministratorEpoch>) -> Self {
        match self {
            Self::SiteAdministrator if stamp == Some(epoch) => Self::SiteAdministrator,
            Self::SiteAdministrator | Self::Ordinary => Self::Ordinary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_acts_as_an_administrator_by_what_was_given_in_this_epoch_alone() {
        use Standing::{Ordinary, SiteAdministrator};
        let [before, now] = [1, 2].map(AdministratorEpoch);
        let given = SiteAdministrator.stamp(now);
        assert_eq!(SiteAdministrator.of_token(now, given), SiteAdministrator);
        assert_eq!(Ordinary.of_token(now, given), Ordinary);
        for asleep in [Ordinary.stamp(now), SiteAdministrator.stamp(before)] {
            assert_eq!(SiteAdministrator.of_token(now, asleep), Ordinary);
        }
    }

    #[test]
    fn every_parent_is_itself_a_scope() {
        for entry in TABLE {
            assert!(
                entry
                    .parent
                    .is_none_or(|parent| Scope::find(parent).is_some()),
                "{}",
                entry.name
            );
        }
    }

    #[test]
    fn a_constant_is_the_scope_of_its_name() {
        for scope in Scope::all() {
            assert_eq!(Scope::named(scope.name()), scope);
        }
    }

    #[test]
    fn inclusion_is_transitive() {
        let [admin, read] = ["admin:org", "read:org"].map(|name| Scope::find(name).unwrap());
        assert!(admin.includes(read) && !read.includes(admin));
    }

    #[test]
    fn administrator_scopes_count_for_administrators_only() {
        let names = ["site_admin", "read:enterprise", "admin:business", "gist"];
        let set = ScopeSet::parse(names).unwrap();
        assert_eq!(set.effective(Standing::Ordinary).to_string(), "gist");
        assert_eq!(set.effective(Standing::SiteAdministrator), set);
    }

    #[test]
    fn unknown_names_are_reported_once_each_in_order() {
        let refused = ScopeSet::parse(["nope", "repo", "gists", "nope"]).unwrap_err();
        assert_eq!(refused.to_string(), "unknown scopes: nope, gists");
    }
}
