//! Where a list goes on that does not fit on one page.

use askama::Template;
use askama::filters::HtmlSafe;
use counterfoil_domain::language::Language;
use counterfoil_domain::page::Page;

use crate::text::Text;
use crate::words;

/// Which page this is, with links to the one before and the one after.
#[derive(Template)]
#[template(path = "components/pages.html")]
pub struct Pages {
    words: words::Components,
    here: Text,
    before: Option<String>,
    after: Option<String>,
}

impl Pages {
    /// Of a list of `total` items at a path, which may have a query; nothing where all fit on the
    /// page.
    pub fn of(language: Language, path: &str, page: Page, total: u64) -> Option<Self> {
        let words = words::Components(language);
        let (number, count) = (u64::from(page.number()), page.count_for(total));
        let mark = if path.contains('?') { '&' } else { '?' };
        let at = |number: u64| format!("{path}{mark}page={number}");
        (count > 1 || number > 1).then(|| Self {
            words,
            here: words.page_of(number, count.max(1)),
            before: (number > 1).then(|| at(number - 1)),
            after: (number < count).then(|| at(number + 1)),
        })
    }
}

impl HtmlSafe for Pages {}
