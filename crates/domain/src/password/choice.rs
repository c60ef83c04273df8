//! Which passwords may be set: long enough to resist guessing, and not among what is guessed first.
//!
//! What is guessed first are the passwords that many people chose, and what is known of a person.
//! There are no rules about kinds of characters: they make passwords that are hard to remember and
//! easy to guess (NIST SP 800-63B, section 3.1.1.2).

use std::collections::HashSet;
use std::sync::LazyLock;

use zeroize::Zeroizing;

use crate::email::EmailAddress;
use crate::login::Login;
use crate::text::DisplayName;

/// Characters (Unicode scalar values, after normalisation) that a new password has at least.
pub const PASSWORD_CHARACTERS: usize = 8;
/// Bytes that a new password has at most, after normalisation.
pub const PASSWORD_BYTES: usize = 1024;

/// The commonest passwords, each a line of lower case, below the lines that say where they come
/// from.
const COMMONEST: &str = include_str!("commonest.txt");
/// Characters of the shortest word of a person's own that is looked for: shorter ones stand in many
/// words.
const OWN_CHARACTERS: usize = 3;

/// A password that may not be set. Each sentence says what makes a better one and repeats nothing
/// of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PasswordRefused {
    /// It has fewer characters than [`PASSWORD_CHARACTERS`].
    #[error(
        "a password has at least {characters} characters; several words make a good one",
        characters = PASSWORD_CHARACTERS
    )]
    TooShort,
    /// It has more bytes than [`PASSWORD_BYTES`].
    #[error("a password has at most {bytes} bytes", bytes = PASSWORD_BYTES)]
    TooLong,
    /// It holds a NUL.
    #[error("a password must not contain a NUL character")]
    Nul,
    /// Many people chose it.
    #[error(
        "this password is one of the commonest, or one with digits or signs around it, and is guessed first; several words that have nothing to do with each other make a good one"
    )]
    Common,
    /// It is made of what is known of its owner.
    #[error(
        "this password is made of the user's own login, name or e-mail address and is guessed first; without them it must still have {characters} characters and be none of the commonest",
        characters = PASSWORD_CHARACTERS
    )]
    Own,
}

/// What is known of the owner of a password, as words in lower case, the longest first.
#[derive(Clone, Debug, Default)]
pub struct OwnWords(Vec<String>);

impl OwnWords {
    /// The words of somebody with this login, this name and these e-mail addresses: each as a
    /// whole, each word of the name, and what stands before the `@`.
    pub fn of<'a>(
        login: &Login,
        name: Option<&DisplayName>,
        emails: impl IntoIterator<Item = &'a EmailAddress>,
    ) -> Self {
        let mut words = vec![folded(login.as_str())];
        if let Some(name) = name {
            words.push(folded(name.as_str()));
            words.extend(name.as_str().split_whitespace().map(folded));
        }
        for email in emails {
            words.push(folded(email.as_str()));
            let local = email.as_str().rsplit_once('@').map(|(local, _)| local);
            words.extend(local.map(folded));
        }
        words.retain(|word| word.chars().count() >= OWN_CHARACTERS);
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Self(words)
    }
}

/// The rules that hold whosever password it is to be.
pub(super) fn refuse_for_all(text: &str) -> Result<(), PasswordRefused> {
    if text.len() > PASSWORD_BYTES {
        Err(PasswordRefused::TooLong)
    } else if text.contains('\0') {
        Err(PasswordRefused::Nul)
    } else if text.chars().count() < PASSWORD_CHARACTERS {
        Err(PasswordRefused::TooShort)
    } else if is_common(&Zeroizing::new(folded(text))) {
        Err(PasswordRefused::Common)
    } else {
        Ok(())
    }
}

/// What stands in a password beside the owner's own words must be a password by itself.
pub(super) fn refuse_own(text: &str, owner: &OwnWords) -> Result<(), PasswordRefused> {
    let whole = Zeroizing::new(folded(text));
    let mut rest = whole.clone();
    for word in &owner.0 {
        rest = Zeroizing::new(rest.replace(word.as_str(), " "));
    }
    if rest == whole {
        return Ok(());
    }
    let left = rest.chars().filter(|character| *character != ' ').count();
    if left < PASSWORD_CHARACTERS || is_common(&rest) {
        return Err(PasswordRefused::Own);
    }
    Ok(())
}

/// The form in which passwords and words are compared.
fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Whether a folded text is among the commonest: as it is, without what stands around its letters,
/// or as one of these or something short again and again.
fn is_common(text: &str) -> bool {
    let unit = repeated(text);
    let letters = unit.trim_matches(|character: char| !character.is_alphabetic());
    unit.len() < text.len() && unit.chars().count() < PASSWORD_CHARACTERS
        || is_listed(unit)
        || is_listed(letters)
}

fn is_listed(text: &str) -> bool {
    static LISTED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let lines = COMMONEST.lines();
        lines.filter(|line| !line.starts_with("# ")).collect()
    });
    LISTED.contains(text)
}

/// The shortest text that makes the whole one when it is repeated: itself, mostly.
fn repeated(text: &str) -> &str {
    let is_unit = |length: &usize| {
        text.is_char_boundary(*length)
            && text.len().is_multiple_of(*length)
            && text.as_bytes()[*length..] == text.as_bytes()[..text.len() - length]
    };
    let length = (1..=text.len() / 2).find(is_unit);
    length.map_or(text, |length| &text[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mona() -> OwnWords {
        let name = DisplayName::parse("Mona Lisa Octocat").unwrap();
        let email = EmailAddress::parse("mo.na+work@example.org").unwrap();
        OwnWords::of(&Login::parse("Mona-17").unwrap(), Some(&name), [&email])
    }

    fn refusal(text: &str) -> Option<PasswordRefused> {
        refuse_for_all(text)
            .and_then(|()| refuse_own(text, &mona()))
            .err()
    }

    #[test]
    fn characters_count_and_not_bytes() {
        assert_eq!(refusal("7 Zeich"), Some(PasswordRefused::TooShort));
        assert_eq!(refusal("8 Zeichn"), None);
        // Two of them have eight bytes.
        assert_eq!(
            refusal("\u{1F419}\u{1F431}"),
            Some(PasswordRefused::TooShort)
        );
        assert_eq!(refusal("Schlüss"), Some(PasswordRefused::TooShort));
        assert_eq!(refusal("Schlüssl"), None);
        let ends_well = format!("the longest: {}", "ab c".repeat(252) + "end");
        assert_eq!(ends_well.len(), PASSWORD_BYTES);
        assert_eq!(refusal(&ends_well), None);
        assert_eq!(
            refusal(&format!("{ends_well}!")),
            Some(PasswordRefused::TooLong)
        );
        assert_eq!(refusal("ends with a\0"), Some(PasswordRefused::Nul));
    }

    #[test]
    fn what_many_people_chose_is_refused_with_what_they_put_around_it() {
        for text in [
            "password",
            "12345678",
            "Password1",
            "PASSWORD",
            "p@ssw0rd",
            "password2026!",
            "!!Sunshine99",
            "letmein1",
            "qwertyuiop",
            "iloveyou",
            "zzzzzzzzzz",
            "xq7xq7xq7",
            "passwordpassword",
        ] {
            assert_eq!(refusal(text), Some(PasswordRefused::Common), "{text}");
        }
        for text in [
            "correct horse battery staple",
            "sunshine over the pass",
            "hJ8#kq0v",
            "password of the day",
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_known_of_the_owner_counts_nothing() {
        for text in [
            "mona-17mona-17x",
            "MONA-17 2026",
            "Mona Lisa Octocat",
            "octocat1234",
            "lisa.octocat.mona",
            "mo.na+work@example.org",
            "mo.na+work99",
            "octocat-password",
            "Passwordmona-17",
        ] {
            assert_eq!(refusal(text), Some(PasswordRefused::Own), "{text}");
        }
        for text in ["mona's password", "Lisa sells octopus", "the work of mona"] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    #[test]
    fn the_list_has_three_thousand_different_lines_in_the_compared_form() {
        let lines: Vec<_> = COMMONEST
            .lines()
            .filter(|line| !line.starts_with("# "))
            .collect();
        assert_eq!(lines.len(), 3000);
        assert!(lines.is_sorted_by(|one, next| one < next));
        for line in lines {
            assert!(
                line.chars().count() >= PASSWORD_CHARACTERS && line == folded(line),
                "{line}"
            );
        }
    }
}
