//! Tokens that people paste where no token belongs: they are neither shown again nor put into an
//! address.

use counterfoil_domain::token::{TokenFormats, TokenText, is_token_body};
use percent_encoding::percent_decode_str;

/// How the published forms of tokens begin. What was cut or mistyped is no token, and still most of
/// one.
const PREFIXES: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];
/// The pages whose queries are ours alone. At others, what apps and links sent along has to arrive
/// as it is, whatever it looks like.
const OWN: [&str; 2] = ["/admin", "/settings"];

/// Whether there is a token in a text, whole or in part.
pub(super) fn holds_token(text: &str, formats: &TokenFormats) -> bool {
    let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let begins_one = |word: &str| {
        let mut prefixes = PREFIXES.into_iter();
        prefixes.any(|prefix| word.len() > prefix.len() && word.starts_with(prefix))
    };
    let is_one = |word: &str| TokenText::parse(word, formats).is_some() || is_token_body(word);
    let mut words = text.split(|letter: char| !is_of_token(letter));
    TokenText::parse(text.trim(), formats).is_some()
        || words.any(|word| begins_one(word) || is_one(word))
}

/// The address of a page as links and forms may repeat it: without what holds a token.
pub(super) fn repeatable(here: &str, formats: &TokenFormats) -> String {
    let Some((path, query)) = here.split_once('?') else {
        return here.to_owned();
    };
    if !OWN.iter().any(|own| path.starts_with(own)) {
        return here.to_owned();
    }
    let is_kept = |pair: &&str| {
        let plain = percent_decode_str(pair).decode_utf8_lossy();
        let mut parts = plain.splitn(2, '=');
        !parts.any(|part| holds_token(part, formats))
    };
    let kept: Vec<_> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published form, with a checksum that holds.
    const WHOLE: &str = "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";

    #[test]
    fn a_token_is_seen_whole_in_part_and_among_other_words() {
        let formats = TokenFormats::default();
        for text in [
            WHOLE,
            &WHOLE[..20],
            &WHOLE[4..],
            &format!("os_user:{WHOLE}"),
            &format!("mona {}", &WHOLE[4..]),
        ] {
            assert!(holds_token(text, &formats), "{text}");
        }
        for text in ["", "mona", "ghp_", "mona@example.org", &WHOLE[5..]] {
            assert!(!holds_token(text, &formats), "{text}");
        }
    }

    #[test]
    fn an_address_is_repeated_without_a_token() {
        let formats = TokenFormats::default();
        for (here, repeated) in [
            (
                format!("/admin/users?sought={WHOLE}&page=2"),
                "/admin/users?page=2",
            ),
            (
                format!("/admin/users?sought=%67hp{}", &WHOLE[3..]),
                "/admin/users",
            ),
            (format!("/settings/tokens?{WHOLE}"), "/settings/tokens"),
            (
                "/admin/users?sought=mo+na".to_owned(),
                "/admin/users?sought=mo+na",
            ),
            ("/admin".to_owned(), "/admin"),
        ] {
            assert_eq!(repeatable(&here, &formats), repeated);
        }
        // What an app keeps there may look like anything.
        let of_app = format!("/login/oauth/authorize?state={}", "0123456789".repeat(4));
        assert_eq!(repeatable(&of_app, &formats), of_app);
    }
}
