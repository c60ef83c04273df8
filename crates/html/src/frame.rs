//! What all pages have in common, whatever they show.

use counterfoil_domain::language::Language;
use counterfoil_domain::time_zone::Zone;
use counterfoil_domain::timestamp::Timestamp;

use crate::brand::Brand;

/// For whom, when and where a page is shown.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The person's, else the browser's, else the installation's.
    pub language: Language,
    /// The person's, else the installation's.
    pub zone: &'a Zone,
    /// When the page is made.
    pub now: Timestamp,
    /// What the installation calls itself.
    pub brand: &'a Brand,
    /// The host that people should see in the address bar, with the port if there is one.
    pub host: &'a str,
    /// The page's own path with its query, to which `lang=` is added for another language; that of
    /// the nearest page above it where it answers a form and no page is there. A `GET` of any page
    /// with that parameter is to remember the language in a cookie of the visitor.
    pub here: &'a str,
    /// Who is signed in; nobody on pages that come before.
    pub signed_in: Option<SignedIn<'a>>,
    /// What the last change did, as plain text: it is shown once, above the page.
    pub status: Option<&'a str>,
}

/// Who looks at a page.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn<'a> {
    /// The login.
    pub login: &'a str,
    /// The token of the form that signs out.
    pub sign_out_csrf: &'a str,
    /// Whether the menu leads to what only site administrators see.
    pub administers: bool,
}
