//! Pages of a list and the `Link` header that leads through them (wire contract, section 8).

use std::borrow::Cow;

use counterfoil_domain::app::ClientId;
use counterfoil_domain::page::Page;
use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::base::ApiBase;

/// Bytes of a query that links repeat at most. A longer one would make a header that clients
/// refuse, so links then keep `per_page` and [`FILTERS`] alone.
const LONGEST_REPEATED_QUERY: usize = 1_000;
/// Parameters that links never repeat: no URL that we make holds a secret.
const SECRET_PARAMETERS: [&str; 3] = ["access_token", "client_secret", "password"];
/// Parameters that say what a list holds. Links keep them however long the query is: the next page
/// would be one of another list without them.
const FILTERS: [&str; 4] = ["client_id", "filter", "role", "state"];
/// Bytes of one of these at most; nothing that a list knows is longer, in percent signs neither.
const LONGEST_FILTER: usize = 200;
/// What may not stand in a URL between the angle brackets of a link (RFC 8288, section 3; RFC 3986,
/// section 2).
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What the query of a list asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// The page that is wanted, of the size that is wanted: 30 unless given, at most 100.
    pub page: Page,
    /// The apps whose items are wanted, by `client_id`.
    pub client: ClientFilter,
}

/// Which apps' items are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFilter {
    /// All, and personal tokens where a list has them.
    All,
    /// Those of one app.
    Only(ClientId),
    /// Those of an app that cannot be: nothing.
    Nothing,
}

impl ListQuery {
    /// Reads a query string as it stood in the request. Nothing in it is an error: what cannot be
    /// read counts as not given, what is too large is cut, and of a repeated parameter the last one
    /// counts.
    pub fn parse(query: &str) -> Self {
        let number = last(query, "page")
            .and_then(|text| count(&text))
            .unwrap_or(0);
        let size = last(query, "per_page")
            .and_then(|text| count(&text))
            .unwrap_or(0);
        let client = match last(query, "client_id") {
            None => ClientFilter::All,
            Some(text) if text.is_empty() => ClientFilter::All,
            // No app can have it, but personal tokens show it as theirs.
            Some(text) if text == ClientId::PERSONAL => {
                ClientFilter::Only(ClientId::from_stored(text.into_owned()))
            }
            Some(text) => ClientId::parse(&text).map_or(ClientFilter::Nothing, ClientFilter::Only),
        };
        Self {
            page: Page::new(number, size),
            client,
        }
    }
}

/// A number of digits; one that is too large is the largest.
fn count(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}

/// The value of the last parameter of this name, decoded.
pub(crate) fn last<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let named = form_urlencoded::parse(query.as_bytes()).filter(|(given, _)| given == name);
    named.last().map(|(_, value)| value)
}

fn has_name(parameter: &str, name: &str) -> bool {
    form_urlencoded::parse(parameter.as_bytes()).any(|(given, _)| given == name)
}

/// The `Link` header of a page, or `None` when there is nowhere to go: one page holds all, and this
/// is it.
///
/// `path` lies under [`ApiBase::rest`] and starts with a slash; `query` is the raw query of the
/// request, whose parameters the links keep in order, with `page` replaced where it stood.
///
/// ```
/// use counterfoil_domain::page::Page;
/// use counterfoil_wire::base::ApiBase;
/// use counterfoil_wire::pagination::link_header;
///
/// let base = ApiBase::parse("http://localhost:8080")?;
/// let link = link_header(&base, "/authorizations", "per_page=2", Page::new(1, 2), 5).unwrap();
/// assert_eq!(link, concat!(
///     r#"<http://localhost:8080/api/v3/authorizations?per_page=2&page=2>; rel="next", "#,
///     r#"<http://localhost:8080/api/v3/authorizations?per_page=2&page=3>; rel="last""#,
/// ));
/// # Ok::<(), counterfoil_wire::base::OriginRefused>(())
/// ```
pub fn link_header(
    base: &ApiBase,
    path: &str,
    query: &str,
    page: Page,
    total: u64,
) -> Option<HeaderValue> {
    let number = u64::from(page.number());
    let pages = page.count_for(total);
    let template = Template::new(query, page);
    let mut links = Vec::new();
    let mut link = |number: u64, relation: &str| {
        let (before, after) = (&template.before, &template.after);
        let rest = base.rest();
        links.push(format!(
            "<{rest}{path}?{before}page={number}{after}>; rel=\"{relation}\""
        ));
    };
    if number > 1 {
        // From beyond the end the way back leads to the last page that has something.
        link((number - 1).min(pages.max(1)), "prev");
    }
    if number < pages {
        link(number + 1, "next");
        link(pages, "last");
    }
    if number > 1 {
        link(1, "first");
    }
    if links.is_empty() {
        None
    } else {
        HeaderValue::from_str(&links.join(", ")).ok()
    }
}

/// A query around the place where `page` stands.
struct Template {
    before: String,
    after: String,
}

impl Template {
    fn new(query: &str, page: Page) -> Self {
        if query.len() > LONGEST_REPEATED_QUERY {
            return Self::short(query, page);
        }
        let mut template = Self {
            before: String::new(),
            after: String::new(),
        };
        let mut found = false;
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let secret = SECRET_PARAMETERS
                .iter()
                .any(|name| has_name(parameter, name));
            if has_name(parameter, "page") {
                found = true;
            } else if secret {
                // Left out.
            } else if found {
                template.after.push('&');
                template
                    .after
                    .extend(utf8_percent_encode(parameter, UNSAFE));
            } else {
                template
                    .before
                    .extend(utf8_percent_encode(parameter, UNSAFE));
                template.before.push('&');
            }
        }
        template
    }

    /// What is left of a query that is too long: the parameters that count, each once.
    fn short(query: &str, page: Page) -> Self {
        let mut before = format!("per_page={}&", page.size());
        for name in FILTERS {
            let mut parameters = query.split('&').rev();
            let counts = parameters.find(|parameter| has_name(parameter, name));
            if let Some(filter) = counts.filter(|filter| filter.len() <= LONGEST_FILTER) {
                before.extend(utf8_percent_encode(filter, UNSAFE));
                before.push('&');
            }
        }
        Self {
            before,
            after: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(query: &str) -> (u32, u32) {
        let page = ListQuery::parse(query).page;
        (page.number(), page.size())
    }

    fn links(query: &str, total: u64) -> Vec<(String, String)> {
        let base = ApiBase::parse("http://h").unwrap();
        let page = ListQuery::parse(query).page;
        let Some(header) = link_header(&base, "/authorizations", query, page, total) else {
            return Vec::new();
        };
        let parts = header.to_str().unwrap().split(", ");
        parts
            .map(|part| {
                let (url, relation) = part.split_once(">; rel=\"").unwrap();
                let query = url
                    .strip_prefix("<http://h/api/v3/authorizations?")
                    .unwrap();
                (relation.trim_end_matches('"').to_owned(), query.to_owned())
            })
            .collect()
    }

    #[test]
    fn sizes_and_numbers_are_clamped_without_an_error() {
        for (query, expected) in [
            ("", (1, 30)),
            ("per_page=0", (1, 30)),
            ("per_page=-1", (1, 30)),
            ("per_page=abc", (1, 30)),
            ("per_page=101", (1, 100)),
            ("per_page=99999999999999999999999", (1, 100)),
            ("page=0", (1, 30)),
            ("page=99999999999999999999999", (u32::MAX, 30)),
            ("page=2&page=3", (3, 30)),
            ("p%61ge=%32&per_page", (2, 30)),
            ("page=%FF&&=&per_page==", (1, 30)),
        ] {
            assert_eq!(page(query), expected, "{query}");
        }
    }

    #[test]
    fn relations_come_in_the_recorded_order_and_other_parameters_stay() {
        let middle = links("per_page=3&page=2&x=y", 13);
        let expected = [("prev", 1), ("next", 3), ("last", 5), ("first", 1)]
            .map(|(relation, n)| (relation.to_owned(), format!("per_page=3&page={n}&x=y")));
        assert_eq!(middle, expected);
    }

    #[test]
    fn there_is_no_link_when_one_page_holds_all() {
        assert_eq!(links("", 30), []);
        assert_eq!(links("", 0), []);
    }

    #[test]
    fn beyond_the_end_the_way_leads_back() {
        let relations = links("page=9&per_page=2", 3);
        let expected = [("prev", 2), ("first", 1)]
            .map(|(relation, n)| (relation.to_owned(), format!("page={n}&per_page=2")));
        assert_eq!(relations, expected);
    }

    #[test]
    fn nothing_breaks_out_of_a_link_and_no_secret_stands_in_one() {
        let all = links("a=>;\"<&access_token=s&b=\u{e9}", 31);
        assert_eq!(all[0].1, "a=%3E;%22%3C&b=%C3%A9&page=2");
    }

    #[test]
    fn a_very_long_query_is_not_repeated() {
        let query = format!("x={}&per_page=7", "y".repeat(60_000));
        assert_eq!(links(&query, 31)[0].1, "per_page=7&page=2");
    }

    #[test]
    fn what_a_list_holds_is_repeated_however_long_the_query_is() {
        let query = format!(
            "role=all&role=admin&x={}&filter=2fa_disabled",
            "y".repeat(60_000)
        );
        assert_eq!(
            links(&query, 31)[0].1,
            "per_page=30&filter=2fa_disabled&role=admin&page=2"
        );
    }

    #[test]
    fn a_client_id_that_cannot_be_finds_nothing() {
        assert_eq!(ListQuery::parse("client_id=").client, ClientFilter::All);
        assert_eq!(
            ListQuery::parse("client_id=x").client,
            ClientFilter::Nothing
        );
        let personal = ClientId::from_stored(ClientId::PERSONAL.to_owned());
        assert_eq!(
            ListQuery::parse("client_id=00000000000000000000").client,
            ClientFilter::Only(personal)
        );
        let id = "0123456789abcdef0123";
        let expected = ClientFilter::Only(ClientId::parse(id).unwrap());
        assert_eq!(
            ListQuery::parse(&format!("client_id={id}")).client,
            expected
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn following_next_visits_each_item_exactly_once(total in 0_u64..250, size in 1_u32..=110) {
            let mut query = format!("per_page={size}");
            let mut visited = Vec::new();
            loop {
                let page = ListQuery::parse(&query).page;
                let end = total.min(page.offset() + u64::from(page.size()));
                visited.extend(page.offset()..end);
                let Some((_, next)) = links(&query, total).into_iter().find(|(r, _)| r == "next")
                else { break };
                query = next;
            }
            prop_assert_eq!(visited, (0..total).collect::<Vec<_>>());
        }

        #[test]
        fn no_query_breaks_the_reading_or_the_links(query in any::<String>(), total in any::<u64>()) {
            let base = ApiBase::parse("http://h").unwrap();
            let page = ListQuery::parse(&query).page;
            if let Some(header) = link_header(&base, "/authorizations", &query, page, total) {
                prop_assert!(header.to_str().is_ok());
            }
        }
    }
}
