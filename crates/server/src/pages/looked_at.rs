//! Where a page can be looked at once more (wire contract, section 30). The answer to a form may be
//! a page at an address that takes forms alone; what leads from it to itself, in another language,
//! goes to the nearest page above it.

use http::Method;
use http::request::Parts;

use super::PAGES;
use crate::facts::RequestFacts;

/// The template of the form that a request brings; none when it asks for a page.
pub(super) fn form_of(parts: &Parts) -> Option<&'static str> {
    let facts = RequestFacts::of(parts)?;
    (parts.method == Method::POST).then_some(facts.template)
}

/// The path, with its query, at which what answers this form can be looked at.
pub(super) fn page_above<'h>(form: &str, here: &'h str) -> &'h str {
    let Some(page) = template_above(form) else {
        return "/";
    };
    if page == form {
        return here;
    }
    let path = here.split('?').next().unwrap_or_default();
    let mut slashes = path.match_indices('/').map(|(place, _)| place);
    let end = slashes.nth(page.matches('/').count());
    &path[..end.unwrap_or(path.len())]
}

/// The longest template of a page that a template begins with, by whole segments.
fn template_above(form: &str) -> Option<&'static str> {
    let pages = PAGES.routes.iter();
    let pages = pages.filter(|row| row.method == Some(Method::GET));
    let above = pages.filter(|row| {
        let rest = form.strip_prefix(row.path);
        row.path != "/" && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    above.map(|row| row.path).max_by_key(|path| path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_looked_at_where_a_page_is() {
        for (form, here, page) in [
            ("/login", "/login?lang=ko", "/login?lang=ko"),
            ("/login/passkey", "/login/passkey?lang=ko", "/login"),
            (
                "/login/code/passkey/answer",
                "/login/code/passkey/answer",
                "/login/code",
            ),
            (
                "/settings/security/passkeys/add",
                "/settings/security/passkeys/add",
                "/settings/security/passkeys",
            ),
            (
                "/admin/users/{login}/two-factor-off",
                "/admin/users/mona/two-factor-off",
                "/admin/users/mona",
            ),
            ("", "/settings/nothing", "/"),
        ] {
            assert_eq!(page_above(form, here), page, "{form}");
        }
    }

    #[test]
    fn every_form_has_a_page_above_it() {
        for row in PAGES.routes {
            if row.method == Some(Method::POST) {
                assert!(template_above(row.path).is_some(), "{}", row.path);
            }
        }
    }
}
