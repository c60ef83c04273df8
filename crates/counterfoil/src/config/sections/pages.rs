//! How the pages look, and what passkeys are bound to.

use std::path::PathBuf;

use counterfoil_domain::passkey::relying_party::RpId;
use counterfoil_html::{Brand, Colour};

use crate::config::rule::{FilePath, Maybe, Text, TextRefused};
use crate::config::section::section;

/// Most characters of a name: it stands in the bar beside other things.
const NAME_CHARACTERS_MAX: usize = 40;

section! {
    /// How the pages look that people see in a browser, and what passkeys are bound to.
    pub struct Pages = "pages", "pages." {
        /// What the installation is called, in the bar of each page and in its title.
        brand: String = Brand::default().name().to_owned(), BRAND, Restart;
        /// The colour of links and of the main button, as `#` and six hexadecimal digits; the
        /// program's own unless it is set. It is refused when text in it would be hard to read. In
        /// the dark a lighter form of it is used.
        colour: Option<Colour> = None, Maybe(COLOUR), Restart;
        /// A picture before the name, in place of the program's mark: an SVG or PNG file of at most
        /// 100 kB, square at best.
        logo: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/logo.svg" }), Restart;
        /// The host that new passkeys are bound to: that of `public_url` unless it is set, or one
        /// that it stands below, so that passkeys outlive a move to another name there. Passkeys
        /// that are bound to another host are kept, and no browser offers them.
        passkey_rp_id: Option<RpId> = None, Maybe(PASSKEY_RP_ID), Restart;
    }
}

const BRAND: Text<String> = Text {
    expected: "a text of 1 to 40 characters without control characters",
    example: "Counterfoil",
    parse: |text| {
        let length = text.chars().count();
        let fits = (1..=NAME_CHARACTERS_MAX).contains(&length)
            && text.trim() == text
            && counterfoil_domain::text::check(text).is_ok();
        fits.then(|| text.to_owned()).ok_or(TextRefused::Form)
    },
    write: String::clone,
};

const PASSKEY_RP_ID: Text<RpId> = Text {
    expected: "the name of a host in lower case, without scheme, port or path, and no IP address",
    example: "example.org",
    parse: |text| RpId::parse(text).map_err(|_| TextRefused::Form),
    write: |id| id.as_str().to_owned(),
};

const COLOUR: Text<Colour> = Text {
    expected: "# and six hexadecimal digits, such as #0c5a63",
    example: "#0c5a63",
    parse: |text| {
        let colour: Colour = text.parse().map_err(|_| TextRefused::Form)?;
        let read = Brand::default().in_colour(colour);
        read.map(|_| colour)
            .map_err(|refused| TextRefused::Since(refused.to_string()))
    },
    write: Colour::to_string,
};
