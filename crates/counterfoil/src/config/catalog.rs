//! The list of all sections and keys, for reference pages, the example file and spelling
//! suggestions.

use super::key::{Key, SectionKeys};
use super::section::Section;
use super::sections::{
    Accounts, Acme, Apps, Checks, DatabaseSection, Device, Gateway, General, Keys, Limits, Links,
    Logging, Mail, Oauth, Pages, Passwords, RateLimits, Retention, Sessions, SignIn, Tls, Tokens,
    Traces, TwoFactor,
};

/// All sections, in the order of the settings file.
pub(super) fn sections() -> Vec<SectionKeys> {
    fn of<S: Section>() -> SectionKeys {
        SectionKeys {
            name: S::NAME,
            doc: S::doc(),
            keys: S::keys(),
        }
    }
    vec![
        of::<General>(),
        of::<DatabaseSection>(),
        of::<Tls>(),
        of::<Acme>(),
        of::<Limits>(),
        of::<SignIn>(),
        of::<Sessions>(),
        of::<Pages>(),
        of::<Accounts>(),
        of::<TwoFactor>(),
        of::<Passwords>(),
        of::<Tokens>(),
        of::<Gateway>(),
        of::<Checks>(),
        of::<RateLimits>(),
        of::<Retention>(),
        of::<Apps>(),
        of::<Oauth>(),
        of::<Device>(),
        of::<Links>(),
        of::<Mail>(),
        of::<Keys>(),
        of::<Logging>(),
        of::<Traces>(),
    ]
}

/// The names of all sections, empty for the keys outside any, with what they are about.
pub fn section_docs() -> Vec<(&'static str, String)> {
    let sections = sections().into_iter();
    sections
        .map(|section| (section.name, section.doc))
        .collect()
}

/// All keys, in the order of the settings file.
pub fn keys() -> Vec<Key> {
    sections()
        .into_iter()
        .flat_map(|section| section.keys)
        .collect()
}
