//! Where somebody goes on to after signing in: a page of ours, and nothing else.

/// The longest path with its query.
const LONGEST: usize = 8 * 1024;

/// The path, with its query, that a form or an address names to go on to; the home page for what is
/// none of ours.
///
/// Browsers forgive a lot when they read an address: a second slash, or a backslash in its place,
/// names another host, control characters between are left out, and a segment `.` or `..`, also in
/// percent signs, leads to another path. So a path here is plain: a slash, and then neither, of
/// visible ASCII throughout, without such segments. Signing out is no place to go on to.
pub(super) fn return_to(text: &str) -> &str {
    if is_own_path(text) { text } else { "/" }
}

fn is_own_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'\\' && *byte != b'#';
    let path = text.split('?').next().unwrap_or_default();
    bytes.len() <= LONGEST
        && bytes.first() == Some(&b'/')
        && bytes.get(1) != Some(&b'/')
        && bytes.iter().all(is_plain)
        && stays_where_it_says(path)
}

/// Whether a path leads, in whatever spelling browsers and the router know, to where it says, and
/// that is not signing out.
fn stays_where_it_says(path: &str) -> bool {
    let plain = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let mut segments = plain.split(['/', '\\']);
    !plain.starts_with("/logout") && !segments.any(|segment| matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::return_to;

    #[test]
    fn a_path_of_ours_is_kept_with_its_query() {
        for path in [
            "/",
            "/settings/tokens",
            "/settings/tokens/new?scopes=repo,gist&description=a%20b",
            "/login/oauth/authorize?client_id=x&redirect_uri=https%3A%2F%2Fapp.example.org%2F",
            "/settings?x=/logout",
            "/settings?x=/../logout",
            "/settings/.../..a/b..",
        ] {
            assert_eq!(return_to(path), path);
        }
    }

    #[test]
    fn what_could_lead_elsewhere_leads_home() {
        let long = format!("/{}", "a".repeat(8 * 1024));
        for text in [
            "",
            "settings",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/a b",
            "/é",
            "/a#b",
            "/a\\b",
            "/a\u{0}",
            " /a",
            "/logout",
            "/logout?x=1",
            "/%6Cogout",
            "/%6cog%6fut/",
            "/settings/../logout",
            "/settings/%2e%2e/logout",
            "/settings/%2E./logout",
            "/settings/.%2e/logout?x=1",
            "/settings/a/../../logout",
            "/settings%2f..%2flogout",
            "/settings%5C..%5Clogout",
            "/./logout",
            "/%2e/logout",
            "/settings/..",
            "/settings/.",
            "/.",
            "/..//evil.example",
            &long,
        ] {
            assert_eq!(return_to(text), "/", "{text:?}");
        }
    }
}
