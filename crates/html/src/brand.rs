//! What an installation calls itself and how it differs in its looks: a name, a colour, a logo.

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::colour::{self, Colour, ColourRefused};

/// Most bytes of a logo: every page has it.
pub const LOGO_BYTES_MAX: usize = 100_000;
/// Digits of a digest in the name of an asset.
const DIGITS: usize = 12;
/// What a file begins with that is a picture in the format PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What an installation calls itself, and how it looks.
#[derive(Clone, Debug)]
pub struct Brand {
    name: String,
    stylesheet: Option<BrandAsset>,
    logo: Option<BrandAsset>,
}

/// A file that belongs to one installation, served as an [`Asset`](crate::Asset) is.
#[derive(Clone, Debug)]
pub struct BrandAsset {
    /// With a digest of the bytes in it.
    pub name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// What is sent.
    pub bytes: Vec<u8>,
}

/// Why a file cannot be the logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoRefused {
    /// It is neither SVG nor PNG.
    Format,
    /// It has more than [`LOGO_BYTES_MAX`] bytes.
    TooLarge,
}

impl std::fmt::Display for LogoRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Format => f.write_str("it is neither an SVG nor a PNG file"),
            Self::TooLarge => write!(f, "it has more than {LOGO_BYTES_MAX} bytes"),
        }
    }
}

impl std::error::Error for LogoRefused {}

impl Default for Brand {
    fn default() -> Self {
        Self::named("Counterfoil")
    }
}

impl Brand {
    /// With a name, and the looks of the program.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            stylesheet: None,
            logo: None,
        }
    }

    /// The same in a colour of its own; refused when text in it would not be read well.
    pub fn in_colour(mut self, colour: Colour) -> Result<Self, ColourRefused> {
        let rules = colour::stylesheet(colour)?.into_bytes();
        self.stylesheet = Some(BrandAsset::new(
            "brand",
            "css",
            "text/css; charset=utf-8",
            rules,
        ));
        Ok(self)
    }

    /// The same with a logo before its name, in place of the program's mark.
    pub fn with_logo(mut self, bytes: Vec<u8>) -> Result<Self, LogoRefused> {
        if bytes.len() > LOGO_BYTES_MAX {
            return Err(LogoRefused::TooLarge);
        }
        self.logo = Some(if bytes.starts_with(PNG) {
            BrandAsset::new("logo", "png", "image/png", bytes)
        } else if is_svg(&bytes) {
            BrandAsset::new("logo", "svg", "image/svg+xml", bytes)
        } else {
            return Err(LogoRefused::Format);
        });
        Ok(self)
    }

    /// Stands in the bar and in every title.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The files that pages of this installation load beside those of all.
    pub fn assets(&self) -> impl Iterator<Item = &BrandAsset> {
        [&self.stylesheet, &self.logo].into_iter().flatten()
    }

    /// The path of its stylesheet, which comes after that of all.
    pub(crate) fn stylesheet(&self) -> Option<String> {
        self.stylesheet.as_ref().map(BrandAsset::path)
    }

    /// The path of its logo.
    pub(crate) fn logo(&self) -> Option<String> {
        self.logo.as_ref().map(BrandAsset::path)
    }
}

impl BrandAsset {
    fn new(stem: &str, ending: &str, content_type: &'static str, bytes: Vec<u8>) -> Self {
        let digest = HEXLOWER.encode(&Sha256::digest(&bytes));
        Self {
            name: format!("{stem}.{}.{ending}", &digest[..DIGITS]),
            content_type,
            bytes,
        }
    }

    fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// Whether a file is text whose first element is an SVG image.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else {
        return false;
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    // What may stand before the first element: a declaration, comments, a document type.
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        let Some((_, after)) = rest.split_once(end) else {
            return false;
        };
        rest = after.trim_start();
    }
    let after = rest.strip_prefix("<svg");
    after.is_some_and(|after| after.starts_with(|c: char| c == '>' || c.is_ascii_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_known_by_its_bytes() {
        let name = |bytes: &[u8]| {
            let brand = Brand::named("A").with_logo(bytes.to_vec());
            brand.map(|brand| brand.assets().next().unwrap().content_type)
        };
        let svg = Ok("image/svg+xml");
        assert_eq!(name(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), svg);
        assert_eq!(name(b"<?xml version=\"1.0\"?>\n<!-- a > b -->\n<svg>"), svg);
        assert_eq!(name(b"\x89PNG\r\n\x1a\n\0"), Ok("image/png"));
        for other in [&b"<html><svg>"[..], b"GIF89a", b"", b"<svgs>", b"\xff\xfe"] {
            assert_eq!(name(other), Err(LogoRefused::Format));
        }
        let large = vec![b' '; LOGO_BYTES_MAX + 1];
        assert_eq!(name(&large), Err(LogoRefused::TooLarge));
    }

    #[test]
    fn another_colour_has_another_name() {
        let name = |colour: &str| {
            let brand = Brand::named("A")
                .in_colour(colour.parse().unwrap())
                .unwrap();
            brand.stylesheet().unwrap()
        };
        assert_ne!(name("#0c5a63"), name("#00539b"));
        assert_eq!(name("#00539b"), name("#00539b"));
    }
}
