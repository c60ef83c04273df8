//! What letters say: the words of `counterfoil_html` for this installation, in the language of
//! whoever reads them.

use counterfoil_authority::{Letter, LetterLink};
use counterfoil_domain::entropy::random_hex;
use counterfoil_domain::language::Language;
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::login::Login;
use counterfoil_domain::preferences::Preferences;
use counterfoil_domain::time_zone::Zone;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_html::{Brand, Frame, mail};

use crate::clock::SystemEntropy;
use crate::config::Settings;

/// Where links in mail lead to, and what the installation calls itself there.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    origin: String,
    brand: Brand,
    language: Language,
    zone: Zone,
}

/// A letter that is written, under the id of its `Message-ID`.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) body: String,
}

impl Links {
    /// Links that begin with this origin, in letters with the name, language and time zone of the
    /// settings.
    pub(crate) fn under(origin: &str, settings: &Settings) -> Self {
        Self {
            origin: origin.to_owned(),
            brand: Brand::named(&settings.pages.brand),
            language: settings.accounts.language,
            zone: settings.accounts.time_zone.clone(),
        }
    }

    /// What the installation calls itself.
    pub(crate) fn name(&self) -> &str {
        self.brand.name()
    }

    /// The link of a code. A secret.
    pub(crate) fn of_code(&self, code: &LinkCode) -> String {
        format!("{}/link/{}", self.origin, code.expose())
    }

    /// How a letter is written: as who gets it chose, else as the settings say.
    fn frame<'a>(&'a self, preferences: &'a Preferences, now: Timestamp) -> Frame<'a> {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        Frame {
            language: preferences.language.unwrap_or(self.language),
            zone: preferences.time_zone.as_ref().unwrap_or(&self.zone),
            now,
            brand: &self.brand,
            host,
            here: "/",
            signed_in: None,
            status: None,
        }
    }
}

/// Writes a letter.
pub(crate) fn write(letter: &Letter, links: &Links) -> Written {
    let link = letter.link.as_ref();
    let url = link.map(|LetterLink { code, life }| (links.of_code(code), *life));
    let forgotten = format!("{}/login/forgotten", links.origin);
    let words = mail::Letter {
        words: letter.words,
        login: letter.login.as_str(),
        to: letter.to.as_str(),
        maker: letter.maker.as_ref().map(Login::as_str),
        at: letter.made_at,
        link: url.as_ref().map(|(url, life)| (url.as_str(), *life)),
        forgotten: &forgotten,
    };
    let mail::Written { subject, body } =
        words.write(&links.frame(&letter.preferences, letter.made_at));
    Written {
        id: letter.delivery.to_hex(),
        subject,
        body,
    }
}

/// A letter by which somebody sees that mail arrives.
pub(crate) fn test_letter(links: &Links) -> Written {
    let nobody = Preferences::default();
    let frame = links.frame(&nobody, Timestamp::from_seconds(0));
    let mail::Written { subject, body } = mail::test(&frame);
    Written {
        id: random_hex(&SystemEntropy, 16),
        subject,
        body,
    }
}
