//! What people have who have chosen nothing else.

use counterfoil_domain::language::Language;
use counterfoil_domain::time_zone::Zone;

use crate::config::rule::{OneOf, Text, TextRefused};
use crate::config::section::section;

section! {
    /// What people have who have chosen nothing else on their profile page.
    pub struct Accounts = "accounts", "accounts." {
        /// The language of pages where a browser asks for none of ours, and of mails.
        language: Language = Language::English, LANGUAGE, Restart;
        /// The time zone in which pages and mails say times, by its name in the IANA database. The
        /// program brings its zones along.
        time_zone: Zone = Zone::utc(), ZONE, Restart;
    }
}

const LANGUAGE: OneOf<Language> = OneOf(&[("en", Language::English), ("ko", Language::Korean)]);

const ZONE: Text<Zone> = Text {
    expected: "the name of a time zone, such as UTC, Asia/Seoul or Europe/Berlin",
    example: "Asia/Seoul",
    parse: |text| Zone::find(text).map_err(|_| TextRefused::Form),
    write: |zone| zone.name().to_owned(),
};
