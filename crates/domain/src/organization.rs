//! Organizations, their members and their teams.
//!
//! An organization is an account that nobody signs in as: its login and its id are of the same
//! space as those of users. Only a member of an organization can be in one of its teams.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::account::Account;
use crate::id::{AccountId, TeamId};
use crate::login::Login;
use crate::text::{DisplayName, TextRefused};
use crate::timestamp::Timestamp;
use crate::words::words;

/// An organization: an account that cannot sign in and has members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// From the number space that users and organizations share; never used again.
    pub id: AccountId,
    /// Its login, as it was made.
    pub login: Login,
    /// What it is called.
    pub name: Option<DisplayName>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed; never before `created_at`.
    pub updated_at: Timestamp,
}

/// An organization to be made.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// A login that no account has or had, unless it was released.
    pub login: Login,
    /// What it is called.
    pub name: Option<DisplayName>,
}

/// What tells one team from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TeamRef {
    /// Its slug, in the organization of this login.
    Slug(Login, Slug),
    /// Its number, which says which organization it is of.
    Id(TeamId),
    /// Its number, in the organization of this one: a team of another organization is not meant.
    Ids(AccountId, TeamId),
}

words! {
    /// What a member may do in an organization.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Role {
        /// Belongs to the organization, and sees who else does and all its teams.
        Member = "member",
        /// Administers the organization, what clients call an owner, and maintains all its teams.
        Admin = "admin",
    }
}

impl Role {
    /// The word for what somebody of this role is in a team of the organization: whoever
    /// administers it maintains all its teams.
    pub const fn in_a_team(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "maintainer",
        }
    }
}

/// Which members of an organization are wanted; all by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Those of this role alone.
    pub role: Option<Role>,
    /// By how they prove that they are there.
    pub second_factor: SecondFactorFilter,
}

/// Which members of an organization are wanted, by their second factor. Only who administers it may
/// ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondFactorFilter {
    /// Members with and without a second factor.
    #[default]
    Any,
    /// Those who have none.
    Missing,
    /// Those who have one that others may read on its way, such as a text message. There are none
    /// of these here.
    Insecure,
}

impl SecondFactorFilter {
    /// The word of the store; an empty one filters nothing.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Missing => "missing",
            Self::Insecure => "insecure",
        }
    }
}

/// A member of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The user who is a member.
    pub account: Account,
    /// What the user may do in the organization.
    pub role: Role,
}

/// How much hangs on an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrganizationUse {
    /// Its members, owners among them.
    pub members: u64,
    /// How many teams it has.
    pub teams: u64,
    /// How many live apps it owns.
    pub apps: u64,
    /// Live tokens that users gave these apps.
    pub tokens: u64,
}

/// That somebody is a member of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organization that somebody is a member of.
    pub organization: Organization,
    /// What the member may do there.
    pub role: Role,
}

/// Where somebody is a member, by ids: all that deciding about a request needs, from one read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships {
    /// The organizations with the role in each, by id.
    pub organizations: Vec<(AccountId, Role)>,
    /// The teams, by id.
    pub teams: Vec<TeamId>,
}

impl Memberships {
    /// The role in an organization, if it is one of them.
    pub fn role_in(&self, organization: AccountId) -> Option<Role> {
        let found = self
            .organizations
            .binary_search_by_key(&organization, |(id, _)| *id);
        found.ok().map(|place| self.organizations[place].1)
    }

    /// Whether a team is one of them.
    pub(crate) fn has_team(&self, team: TeamId) -> bool {
        self.teams.binary_search(&team).is_ok()
    }
}

/// A team: some members of one organization, under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// From a number space of its own; a team of the same name later has another.
    pub id: TeamId,
    /// The organization whose members it is made of.
    pub organization: Organization,
    /// What it is called, also in paths.
    pub name: TeamName,
    /// How many are in it.
    pub members: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The name of a team: one that a [`Slug`] can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamName(DisplayName, Slug);

/// A name that a team may not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TeamNameRefused {
    /// It is no name at all.
    #[error(transparent)]
    Text(#[from] TextRefused),
    /// Nothing is left of it in a path.
    #[error("must have at least one letter or digit of ASCII, so that it can stand in a path")]
    NoSlug,
}

impl TeamName {
    /// The name in `text`.
    ///
    /// ```
    /// use counterfoil_domain::organization::TeamName;
    ///
    /// let name = TeamName::parse("Justice League!").unwrap();
    /// assert_eq!(name.slug().as_str(), "justice-league");
    /// ```
    pub fn parse(text: &str) -> Result<Self, TeamNameRefused> {
        let name = DisplayName::parse(text)?;
        let slug = Slug::of(text).ok_or(TeamNameRefused::NoSlug)?;
        Ok(Self(name, slug))
    }

    /// A name with its slug, as they were stored.
    pub fn from_stored(name: String, slug: String) -> Self {
        Self(DisplayName::from_stored(name), Slug(slug))
    }

    /// The name as it came.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What stands for it in a path.
    pub fn slug(&self) -> &Slug {
        &self.1
    }
}

impl fmt::Display for TeamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a team is called in paths: lower-case ASCII letters, digits and single inner hyphens,
/// unique in its organization.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// The slug of a name: letters without accents and in lower case, and a hyphen for whatever
    /// else stands between letters and digits. `None` when there are no letters and digits.
    pub fn of(name: &str) -> Option<Self> {
        let plain: String = name
            .nfkd()
            .filter(|mark| !is_combining_mark(*mark))
            .collect();
        let words = plain
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
        (!slug.is_empty()).then_some(Self(slug))
    }

    /// The slug that somebody means by `text`, whatever its capitals; `None` for what is no slug.
    pub fn parse(text: &str) -> Option<Self> {
        Self::of(text).filter(|slug| slug.0 == text.to_ascii_lowercase())
    }

    /// As it stands in paths.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why something about an organization was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OrganizationRefused {
    /// There is no such live organization.
    #[error("there is no such organization")]
    NotFound,
    /// The login was given before, to a user or to an organization.
    #[error("this login is taken")]
    LoginTaken,
    /// There is no such live team in the organization.
    #[error("there is no such team in this organization")]
    NoSuchTeam,
    /// Another live team of the organization has the same slug.
    #[error("the organization has a team whose name reads the same in paths")]
    SlugTaken,
    /// There is no such live user.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user is not a member.
    #[error("this user is not a member")]
    NotAMember,
    /// The user is the only owner of the organization, and stays one.
    #[error("this user is the only owner of the organization")]
    LastOwner,
    /// Only a member of the organization can be in one of its teams.
    #[error("only a member of the organization can be in its teams")]
    NotInOrganization,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_lower_case_letters_digits_and_single_inner_hyphens() {
        for (name, slug) in [
            ("Justice League", "justice-league"),
            ("  --Ops & SRE-- 24/7 ", "ops-sre-24-7"),
            ("Équipe Zoé 3", "equipe-zoe-3"),
        ] {
            assert_eq!(TeamName::parse(name).unwrap().slug().as_str(), slug);
        }
    }

    #[test]
    fn a_name_without_letters_and_digits_is_refused() {
        assert_eq!(TeamName::parse("!?"), Err(TeamNameRefused::NoSlug));
        assert_eq!(TeamName::parse("日本"), Err(TeamNameRefused::NoSlug));
    }

    #[test]
    fn a_slug_is_read_whatever_its_capitals_and_nothing_else_is_one() {
        assert_eq!(Slug::parse("Ops-SRE").unwrap().as_str(), "ops-sre");
        for text in ["", "-ops", "ops-", "a--b", "ops sre", "é"] {
            assert_eq!(Slug::parse(text), None, "{text}");
        }
    }

    #[test]
    fn memberships_know_roles_and_teams() {
        let held = Memberships {
            organizations: vec![(AccountId(3), Role::Member), (AccountId(8), Role::Admin)],
            teams: vec![TeamId(1), TeamId(5)],
        };
        assert_eq!(held.role_in(AccountId(8)), Some(Role::Admin));
        assert_eq!(held.role_in(AccountId(4)), None);
        assert!(held.has_team(TeamId(5)) && !held.has_team(TeamId(2)));
    }
}
