//! Names in a gateway's rules, as operators write them, and whom they stand for.

use std::fmt;
use std::str::FromStr;

use crate::id::AccountId;
use crate::login::Login;
use crate::organization::Slug;

/// The name of a rule, as it stands in a path: 1 to 64 ASCII letters, digits, hyphens and
/// underscores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleName(String);

impl RuleName {
    /// The name in `text`.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        ((1..=64).contains(&text.len()) && letters).then(|| Self(text.to_owned()))
    }
}

/// So that a table of rules can be asked by the text of a path.
impl std::borrow::Borrow<str> for RuleName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account by its login, `mona`, or by login and id, `mona#17`, where the login had several
/// holders.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountName {
    /// The login, whatever its capitals.
    pub login: Login,
    /// The id, if it was written.
    pub id: Option<AccountId>,
}

/// A team by the login of its organization and its slug, `acme/core`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TeamPath {
    /// Whose team it is.
    pub organization: AccountName,
    /// What it is called in paths.
    pub slug: Slug,
}

/// A name that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such name can be")]
pub struct NameRefused;

impl FromStr for AccountName {
    type Err = NameRefused;

    fn from_str(text: &str) -> Result<Self, NameRefused> {
        let (login, id) = match text.split_once('#') {
            None => (text, None),
            Some((login, id)) => (login, Some(parse_id(id).ok_or(NameRefused)?)),
        };
        let login = Login::parse(login).map_err(|_| NameRefused)?;
        Ok(Self { login, id })
    }
}

fn parse_id(text: &str) -> Option<AccountId> {
    // The parser would accept a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|id: &i64| digits && *id > 0);
    id.map(AccountId)
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.login.fmt(f)?;
        match self.id {
            None => Ok(()),
            Some(id) => write!(f, "#{id}"),
        }
    }
}

impl FromStr for TeamPath {
    type Err = NameRefused;

    fn from_str(text: &str) -> Result<Self, NameRefused> {
        let (organization, slug) = text.split_once('/').ok_or(NameRefused)?;
        Ok(Self {
            organization: organization.parse()?,
            slug: Slug::parse(slug).ok_or(NameRefused)?,
        })
    }
}

impl fmt::Display for TeamPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.organization, self.slug)
    }
}

/// Somebody who has or had a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account that has or had the login.
    pub id: AccountId,
    /// Whether it is a user or an organization.
    pub kind: HolderKind,
    /// Whether the account is still there.
    pub life: HolderLife,
}

/// What sort of account holds a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderKind {
    /// A person or a machine.
    User,
    /// An organization, of which rules mean the members.
    Organization,
}

/// Whether an account still lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderLife {
    /// The account is there, suspended or not.
    Live,
    /// The account was deleted; its id is never used again.
    Ended,
}

/// Why a name in a rule stands for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NobodyByName {
    /// There is none, or none any more, or it is something else.
    #[error("does not exist")]
    Missing,
    /// The login was released and given again: the name alone does not say who is meant.
    #[error(
        "had several holders: write the login with the id of the one who is meant, as in mona#17"
    )]
    Ambiguous,
}

impl AccountName {
    /// Whom the name stands for, given everybody who has or had the login. A name without an id
    /// stands for an account only if nobody else ever held it, so it means the same today and after
    /// a restart.
    pub fn bind(&self, kind: HolderKind, holders: &[Holder]) -> Result<AccountId, NobodyByName> {
        let found = match (self.id, holders) {
            (Some(id), holders) => holders.iter().find(|holder| holder.id == id),
            (None, []) => None,
            (None, [only]) => Some(only),
            (None, [_, _, ..]) => return Err(NobodyByName::Ambiguous),
        };
        found
            .filter(|holder| holder.kind == kind && holder.life == HolderLife::Live)
            .map(|holder| holder.id)
            .ok_or(NobodyByName::Missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for text in ["mona", "mona#17"] {
            assert_eq!(text.parse::<AccountName>().unwrap().to_string(), text);
        }
        for text in ["acme/core", "acme#3/core"] {
            assert_eq!(text.parse::<TeamPath>().unwrap().to_string(), text);
        }
        for text in ["", "-mona", "mona#", "mona#0", "mona#+1", "mona#x", "#1"] {
            assert!(text.parse::<AccountName>().is_err(), "{text}");
        }
        for text in ["acme", "acme/", "/core", "acme/co re", "acme/core/x"] {
            assert!(text.parse::<TeamPath>().is_err(), "{text}");
        }
        assert!(RuleName::parse("my-site_2").is_some());
        for text in ["", "a/b", "a.b", &"a".repeat(65)] {
            assert!(RuleName::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_login_that_was_given_again_stands_for_nobody_without_its_id() {
        let holder = |id, life| Holder {
            id: AccountId(id),
            kind: HolderKind::User,
            life,
        };
        let (first, second) = (holder(1, HolderLife::Ended), holder(2, HolderLife::Live));
        let bind = |name: &str, holders: &[Holder]| {
            let name: AccountName = name.parse().unwrap();
            name.bind(HolderKind::User, holders)
        };
        assert_eq!(bind("mona", &[second]), Ok(AccountId(2)));
        assert_eq!(bind("mona", &[first]), Err(NobodyByName::Missing));
        assert_eq!(bind("mona", &[]), Err(NobodyByName::Missing));
        assert_eq!(bind("mona", &[first, second]), Err(NobodyByName::Ambiguous));
        assert_eq!(bind("mona#2", &[first, second]), Ok(AccountId(2)));
        assert_eq!(bind("mona#1", &[first, second]), Err(NobodyByName::Missing));
        let organization = Holder {
            kind: HolderKind::Organization,
            ..second
        };
        assert_eq!(bind("mona", &[organization]), Err(NobodyByName::Missing));
    }
}
