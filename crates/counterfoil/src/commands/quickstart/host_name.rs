//! The host name that `--https` is given.

use std::fmt;
use std::net::IpAddr;

/// What the sentences about a name that cannot be used propose: `test` is kept for such purposes
/// (RFC 6761), so nobody's real host is hidden by it.
const EXAMPLE: &str = "counterfoil.test";
/// Names that `gh` takes for GitHub's own, with all under them.
const KNOWN_TO_GH: [&str; 3] = ["github.com", "github.localhost", "ghe.com"];

/// A host name in small letters: one that a certificate can name, that browsers can keep cookies
/// for, that `gh` takes for a server of its own, and under which nobody else's names lie, as far as
/// can be told without a list of all domains that are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostName(String);

impl HostName {
    /// Reads a name, or says in one sentence what to do instead.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let name = text.to_ascii_lowercase();
        if is_address(&name) {
            return Err(format!(
                "gh and passkeys need a host name, and this is an address; choose a name such as {EXAMPLE}, which a line in \
                 /etc/hosts leads here"
            ));
        }
        let length_fits = name.len() <= 253;
        if !length_fits || !name.split('.').all(is_label) {
            return Err(format!(
                "a host name has letters, digits and inner hyphens, with single dots between its parts; give the name \
                 alone, such as {EXAMPLE}"
            ));
        }
        if !name.contains('.') && name != "localhost" {
            return Err(format!(
                "{name} has one part, and what is made for it vouches for all names under it, which are those of a whole \
                 domain; choose a name of two parts or more, such as {EXAMPLE}"
            ));
        }
        let is_githubs = |known: &&str| {
            let before = name.strip_suffix(*known);
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        if KNOWN_TO_GH.iter().any(is_githubs) {
            return Err(format!(
                "gh takes this name for GitHub itself; choose another one, such as {EXAMPLE}"
            ));
        }
        Ok(Self(name))
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether this is an IP address, or what programs take for one: a name that ends in a number.
fn is_address(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let last = name.rsplit('.').next().unwrap_or_default();
    let ends_in_number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    ends_in_number || bare.parse::<IpAddr>().is_ok()
}

fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(fits)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        HostName::parse(text).unwrap_err()
    }

    #[test]
    fn host_names_are_taken_in_small_letters() {
        for (text, name) in [
            ("counterfoil.test", "counterfoil.test"),
            ("Tokens.Example.ORG", "tokens.example.org"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
            ("localhost", "localhost"),
            ("mygithub.com", "mygithub.com"),
            ("a1.b2", "a1.b2"),
        ] {
            assert_eq!(HostName::parse(text).unwrap().as_str(), name);
        }
    }

    #[test]
    fn an_address_is_no_name() {
        for text in ["127.0.0.1", "127.1", "::1", "[::1]", "10", "a.1"] {
            assert!(refused(text).contains("this is an address"), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_name_is_told_how_one_looks() {
        let long = format!("{}.test", "a".repeat(64));
        let longer = format!("{}test", "a.".repeat(126));
        for text in [
            "",
            ".",
            "a..b",
            "a.test.",
            ".test",
            "a b",
            "a_b.test",
            "-a.test",
            "a-.test",
            "*.test",
            "münchen.test",
            "counterfoil.test:8443",
            "https://counterfoil.test",
            "counterfoil.test/",
            "../a",
            long.as_str(),
            longer.as_str(),
        ] {
            assert!(
                refused(text).starts_with("a host name has letters"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_of_one_part_is_refused_but_for_localhost() {
        for text in ["com", "TEST", "tokens"] {
            assert!(refused(text).contains("has one part"), "{text}");
        }
    }

    #[test]
    fn names_that_gh_takes_for_github_are_refused() {
        for text in [
            "github.com",
            "api.GitHub.com",
            "github.localhost",
            "x.ghe.com",
        ] {
            assert!(refused(text).starts_with("gh takes this name"), "{text}");
        }
    }
}
