//! Names that a gateway asked for and that stand for nothing: scopes, and rules of the settings. A
//! mistake in its configuration refuses everybody, so the log has to say so.
//!
//! Whoever reaches the server can ask for any name, so few are shown, and none that could be
//! something else: people paste tokens where names belong.

use std::collections::HashSet;
use std::time::Duration;

use counterfoil_domain::gateway::RuleName;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::{TokenFormats, TokenText};
use parking_lot::Mutex;

/// See the module.
#[derive(Default)]
pub(super) struct UnknownNames {
    scopes: Mutex<Told>,
    rules: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    /// When the first of these was told.
    since: Option<Timestamp>,
    names: HashSet<String>,
    /// Whether it was told that there was a name which is not shown.
    another: bool,
}

/// What is to be said of a name.
enum Say {
    Name,
    Another,
    Nothing,
}

/// Scopes that are logged in an hour; a mistake in a proxy's configuration has few. Names that
/// somebody invented must not hide a mistake for ever, so after that all are told anew.
const SCOPES_MAX: usize = 32;
const SCOPES_ANEW: Duration = Duration::from_hours(1);
/// Rules that are logged in a minute. One line an hour could be missed while somebody tries out a
/// gateway's configuration, and strangers may reach the path of a rule.
const RULES_MAX: usize = 8;
const RULES_ANEW: Duration = Duration::from_mins(1);

impl UnknownNames {
    pub(super) fn tell_scope(&self, name: &str, formats: &TokenFormats, now: Timestamp) {
        let is_shown = may_be_a_scope(name, formats);
        let mut told = self.scopes.lock();
        match told.note(name, is_shown, now, SCOPES_ANEW, SCOPES_MAX) {
            Say::Name => tracing::error!(
                scope = name,
                "a gateway asks for a scope that does not exist, so it admits nobody; its configuration needs another name"
            ),
            Say::Another => tracing::error!(
                "a gateway asks for a scope that does not exist, so it admits nobody; its configuration needs another name, \
                 and what it has is not shown here because it has not the form of one"
            ),
            Say::Nothing => {}
        }
    }

    pub(super) fn tell_rule(&self, name: &str, formats: &TokenFormats, now: Timestamp) {
        let is_shown = may_be_a_rule(name, formats);
        let mut told = self.rules.lock();
        match told.note(name, is_shown, now, RULES_ANEW, RULES_MAX) {
            Say::Name => tracing::error!(
                rule = name,
                "a gateway asks for a rule that the settings do not have, so it admits nobody; its URL or [gateway.rules] needs \
                 another name"
            ),
            Say::Another => tracing::error!(
                "a gateway asks for a rule that the settings do not have, so it admits nobody; its URL or [gateway.rules] needs \
                 another name, and what it asks for is not shown here because it does not look like one"
            ),
            Say::Nothing => {}
        }
    }
}

impl Told {
    /// Notes a name that was asked for, and says what to do about it: each is said once until all
    /// are said `anew`, and no more than `most` of them.
    fn note(
        &mut self,
        name: &str,
        is_shown: bool,
        now: Timestamp,
        anew: Duration,
        most: usize,
    ) -> Say {
        if self.since.is_none_or(|since| now.since(since) >= anew) {
            *self = Self {
                since: Some(now),
                ..Self::default()
            };
        }
        if !is_shown {
            let first = !std::mem::replace(&mut self.another, true);
            return if first { Say::Another } else { Say::Nothing };
        }
        if self.names.len() < most && self.names.insert(name.to_owned()) {
            Say::Name
        } else {
            Say::Nothing
        }
    }
}

/// Whether a name has the form that scopes have, and no token has.
fn may_be_a_scope(name: &str, formats: &TokenFormats) -> bool {
    let letters = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b':' || byte == b'_');
    (1..=40).contains(&name.len()) && letters && TokenText::parse(name, formats).is_none()
}

/// Whether a name has the form of a rule, and looks like words: a secret of another system has more
/// digits.
fn may_be_a_rule(name: &str, formats: &TokenFormats) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.len() <= 40
        && digits <= 4
        && RuleName::parse(name).is_some()
        && TokenText::parse(name, formats).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formats() -> TokenFormats {
        TokenFormats {
            accepted: vec!["acme_ 40".parse().expect("a form of tokens")],
            ..TokenFormats::default()
        }
    }

    #[test]
    fn only_what_has_the_form_of_a_scope_is_shown() {
        let formats = formats();
        for name in ["reop", "read:orgs", "admin:repo_hooks"] {
            assert!(may_be_a_scope(name, &formats), "{name}");
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
            assert!(!may_be_a_scope(name, &formats), "{name}");
        }
    }

    #[test]
    fn only_what_has_the_form_of_a_rule_is_shown() {
        let formats = formats();
        for name in ["typo", "Team-A", "packages_2026"] {
            assert!(may_be_a_rule(name, &formats), "{name}");
        }
        let of_letters = format!("acme_{}", "x".repeat(35));
        for name in [
            "",
            "a b",
            "a%20b",
            "d41d8cd98f00b204e9800998ecf8427e",
            "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",
            &"x".repeat(41),
            &of_letters,
        ] {
            assert!(!may_be_a_rule(name, &formats), "{name}");
        }
    }

    #[test]
    fn names_are_told_once_and_no_more_than_a_few_until_their_time_is_over() {
        let mut told = Told::default();
        let mut say = |name: &str, second| {
            let now = Timestamp::from_seconds(second);
            match told.note(name, name != "hidden", now, Duration::from_mins(1), 2) {
                Say::Name => "name",
                Say::Another => "another",
                Say::Nothing => "nothing",
            }
        };
        let said = [
            say("a", 0),
            say("a", 59),
            say("b", 59),
            say("c", 59),
            say("hidden", 59),
            say("hidden", 59),
            say("a", 60),
            say("hidden", 60),
        ];
        let expected = [
            "name", "nothing", "name", "nothing", "another", "nothing", "name", "another",
        ];
        assert_eq!(said, expected);
    }
}
