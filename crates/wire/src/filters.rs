//! What the query of a list asks for beside its page: members by role or without a second factor,
//! memberships by state.
//!
//! Whoever maps the answer to rights would be misled by a filter that is passed over, so a value
//! that is none is refused. An empty one counts as not given; of a repeated parameter the last one
//! counts.

use std::borrow::Cow;

use counterfoil_domain::organization::{MemberFilter, Role, SecondFactorFilter};

use crate::input::inspect_text;
use crate::pagination::last;
use crate::problem::Problem;

/// Which memberships are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipState {
    /// Memberships that hold and invitations.
    Any,
    /// Memberships that hold: `state=active`.
    Active,
    /// Invitations that nobody accepted yet.
    Pending,
}

/// Which members of an organization the query wants: `role` is `all`, `admin` or `member`, `filter`
/// is `all`, `2fa_disabled` or `2fa_insecure`.
///
/// ```
/// use counterfoil_domain::organization::Role;
/// use counterfoil_wire::filters::members;
///
/// let owners = members("role=admin&per_page=100").unwrap();
/// assert_eq!(owners.role, Some(Role::Admin));
/// assert!(members("role=owner").is_err());
/// ```
pub fn members(query: &str) -> Result<MemberFilter, Problem> {
    let roles = [
        ("all", None),
        ("admin", Some(Role::Admin)),
        ("member", Some(Role::Member)),
    ];
    let filters = [
        ("all", SecondFactorFilter::Any),
        ("2fa_disabled", SecondFactorFilter::Missing),
        ("2fa_insecure", SecondFactorFilter::Insecure),
    ];
    Ok(MemberFilter {
        role: chosen(query, "role", &roles)?,
        second_factor: chosen(query, "filter", &filters)?,
    })
}

/// Which of those who are in a team the query wants, by what they are in its organization: `role`
/// is `all`, `maintainer` or `member`.
pub fn team_members(query: &str) -> Result<Option<Role>, Problem> {
    let roles = [
        ("all", None),
        (Role::Admin.in_a_team(), Some(Role::Admin)),
        (Role::Member.in_a_team(), Some(Role::Member)),
    ];
    chosen(query, "role", &roles)
}

/// Which of the caller's memberships the query wants: `state` is `active` or `pending`, and both
/// without it.
pub fn memberships(query: &str) -> Result<MembershipState, Problem> {
    let states = [
        ("", MembershipState::Any),
        ("active", MembershipState::Active),
        ("pending", MembershipState::Pending),
    ];
    chosen(query, "state", &states)
}

/// What a parameter chooses: the first where it is not given.
fn chosen<T: Copy>(query: &str, name: &str, choices: &[(&str, T)]) -> Result<T, Problem> {
    let given = last(query, name).unwrap_or(Cow::Borrowed(""));
    if given.is_empty() {
        return Ok(choices[0].1);
    }
    let choice = choices.iter().find(|(word, _)| *word == given);
    choice.map(|(_, choice)| *choice).ok_or_else(|| {
        let words = choices.iter().map(|(word, _)| *word);
        let words: Vec<_> = words
            .filter(|word| !word.is_empty())
            .map(|word| format!("\"{word}\""))
            .collect();
        Problem::InvalidRequest(format!(
            "For 'properties/{name}', {} is not a member of [{}].",
            inspect_text(&given),
            words.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_filters_nothing() {
        for query in [
            "",
            "role=",
            "role=all&filter=all",
            "role=admin&role=",
            "roles=admin",
        ] {
            assert_eq!(members(query), Ok(MemberFilter::default()), "{query}");
            assert_eq!(memberships(query), Ok(MembershipState::Any), "{query}");
        }
        assert_eq!(team_members("role=all"), Ok(None));
    }

    #[test]
    fn each_word_chooses_and_the_last_one_counts() {
        let expected = MemberFilter {
            role: Some(Role::Member),
            second_factor: SecondFactorFilter::Missing,
        };
        let query = "role=admin&r%6Fle=membe%72&filter=2fa_disabled";
        assert_eq!(members(query), Ok(expected));
        assert_eq!(team_members("role=maintainer"), Ok(Some(Role::Admin)));
        assert_eq!(memberships("state=pending"), Ok(MembershipState::Pending));
    }

    #[test]
    fn what_is_no_word_is_refused_with_those_that_are() {
        let refused = members("role=Admin").unwrap_err();
        let sentence =
            "For 'properties/role', \"Admin\" is not a member of [\"all\", \"admin\", \"member\"].";
        assert_eq!(refused, Problem::InvalidRequest(sentence.to_owned()));
        let refused = memberships(&format!("state={}", "x".repeat(9_000))).unwrap_err();
        let Problem::InvalidRequest(sentence) = refused else {
            panic!("{refused:?}")
        };
        assert!(sentence.len() < 300 && sentence.ends_with("[\"active\", \"pending\"]."));
        assert!(team_members("role=admin").is_err() && members("filter=2fa").is_err());
    }
}
