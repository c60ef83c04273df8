//! Colours: how well one is read on another, and what follows from the colour that an installation
//! chooses for itself.

use std::fmt;
use std::str::FromStr;

/// Least contrast of text to its ground (WCAG 2.2, 1.4.3).
const TEXT: f64 = 4.5;
/// Least contrast of a part without text, such as the border of a field (1.4.11).
#[cfg(test)]
const PART: f64 = 3.0;
/// In the dark an accent is made lighter until it is read as well as this.
const DARK: f64 = 7.0;

/// A colour as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// Why an installation cannot have this colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColourRefused {
    /// It is not `#` and six hexadecimal digits.
    Form,
    /// Text in it cannot be read on our pages.
    TooLight {
        /// Of the text to its ground, where it is worst.
        contrast: f64,
    },
}

impl fmt::Display for ColourRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("a colour is # and six hexadecimal digits, such as #0c5a63"),
            // Rounded down, so that a refused one never reads as good enough.
            Self::TooLight { contrast } => write!(
                f,
                "text in this colour has a contrast of {:.1} on the pages and needs {TEXT}; choose a darker one",
                (contrast * 10.0).floor() / 10.0
            ),
        }
    }
}

impl std::error::Error for ColourRefused {}

impl FromStr for Colour {
    type Err = ColourRefused;

    fn from_str(text: &str) -> Result<Self, ColourRefused> {
        let digits = text.strip_prefix('#').ok_or(ColourRefused::Form)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ColourRefused::Form);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| ColourRefused::Form)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Colour {
    const BLACK: Self = Self([0; 3]);
    const WHITE: Self = Self([255; 3]);

    /// Relative luminance.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// How well one is read on the other, from 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// This colour with so many hundredths of another one in it.
    fn mixed(self, other: Self, hundredths: u16) -> Self {
        let mut parts = self.0;
        for (part, other) in parts.iter_mut().zip(other.0) {
            let whole = u16::from(*part) * (100 - hundredths) + u16::from(other) * hundredths;
            *part = u8::try_from((whole + 50) / 100).unwrap_or(u8::MAX);
        }
        Self(parts)
    }
}

/// The colours that follow from an accent, under one scheme.
#[derive(Clone, Copy, Debug)]
struct Accent {
    plain: Colour,
    strong: Colour,
    soft: Colour,
    on: Colour,
}

impl Accent {
    /// For light pages; refused when it is not read well.
    fn light(chosen: Colour, page: &Page) -> Result<Self, ColourRefused> {
        let accent = Self {
            plain: chosen,
            strong: chosen.mixed(Colour::BLACK, 25),
            soft: page.surface.mixed(chosen, 12),
            on: Colour::WHITE,
        };
        let contrast = accent.worst(page);
        if contrast < TEXT {
            return Err(ColourRefused::TooLight { contrast });
        }
        Ok(accent)
    }

    /// For dark pages: the same colour, made lighter until it is read well.
    fn dark(chosen: Colour, page: &Page) -> Self {
        let steps = (0..=100).step_by(5);
        let lighter = steps.map(|hundredths| chosen.mixed(Colour::WHITE, hundredths));
        let accent = lighter
            .into_iter()
            .find(|accent| accent.contrast(page.surface) >= DARK)
            .unwrap_or(Colour::WHITE);
        Self {
            plain: accent,
            strong: accent.mixed(Colour::WHITE, 35),
            soft: page.surface.mixed(accent, 12),
            on: accent.mixed(Colour::BLACK, 85),
        }
    }

    /// The least contrast of all pairs that pages have with it.
    fn worst(&self, page: &Page) -> f64 {
        [
            (self.plain, page.paper),
            (self.plain, page.surface),
            (self.plain, self.soft),
            (self.strong, self.soft),
            (self.on, self.plain),
            (self.on, self.strong),
            (page.ink, self.soft),
            (page.ink_soft, self.soft),
        ]
        .into_iter()
        .map(|(front, ground)| front.contrast(ground))
        .fold(f64::INFINITY, f64::min)
    }

    fn rules(&self) -> String {
        let Self {
            plain,
            strong,
            soft,
            on,
        } = self;
        format!(
            ":root{{--accent:{plain};--accent-strong:{strong};--accent-soft:{soft};--on-accent:{on}}}"
        )
    }
}

/// What an accent stands on, out of the stylesheet.
#[derive(Clone, Copy)]
struct Page {
    paper: Colour,
    surface: Colour,
    ink: Colour,
    ink_soft: Colour,
}

impl Page {
    fn of(scheme: &str) -> Self {
        let colour = |name| custom_property(scheme, name).expect("a test reads all of them");
        Self {
            paper: colour("paper"),
            surface: colour("surface"),
            ink: colour("ink"),
            ink_soft: colour("ink-soft"),
        }
    }
}

/// The rules by which pages have this accent, light and dark; refused when text in it would not be
/// read well.
pub(crate) fn stylesheet(chosen: Colour) -> Result<String, ColourRefused> {
    let [light, dark] = schemes();
    let (light, dark) = (Page::of(light), Page::of(dark));
    let on_light = Accent::light(chosen, &light)?.rules();
    let on_dark = Accent::dark(chosen, &dark).rules();
    Ok(format!(
        "{on_light}@media screen and (prefers-color-scheme:dark){{{on_dark}}}"
    ))
}

/// The blocks of the stylesheet that have the colours of light and of dark pages: its first two.
fn schemes() -> [&'static str; 2] {
    let mut blocks = include_str!("../assets/counterfoil.css")
        .split(":root {")
        .skip(1);
    let mut next = || {
        let block = blocks.next().and_then(|block| block.split('}').next());
        block.unwrap_or_default()
    };
    [next(), next()]
}

/// The colour of a custom property in a block.
fn custom_property(block: &str, name: &str) -> Option<Colour> {
    let mut declarations = block.split(';').map(str::trim);
    declarations.find_map(|declaration| {
        let (own, value) = declaration.strip_prefix("--")?.split_once(':')?;
        (own == name).then(|| value.trim().parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever something stands on.
    const GROUNDS: &[&str] = &[
        "paper",
        "surface",
        "sunken",
        "accent-soft",
        "danger-soft",
        "warn-soft",
        "ok-soft",
    ];

    /// What stands on what in the pages, with the least contrast that is allowed.
    const PAIRS: &[(&str, &[&str], f64)] = &[
        ("ink", GROUNDS, TEXT),
        ("ink-soft", GROUNDS, TEXT),
        (
            "accent",
            &["paper", "surface", "accent-soft", "warn-soft", "ok-soft"],
            TEXT,
        ),
        (
            "accent-strong",
            &["paper", "surface", "accent-soft", "danger-soft"],
            TEXT,
        ),
        ("on-accent", &["accent", "accent-strong"], TEXT),
        ("danger", &["paper", "surface", "danger-soft"], TEXT),
        ("on-danger", &["danger-fill", "danger-strong"], TEXT),
        ("warn", &["paper", "surface", "warn-soft"], TEXT),
        ("ok", &["paper", "surface", "ok-soft"], TEXT),
        ("edge", &["paper", "surface"], PART),
        ("danger-fill", &["paper", "surface"], PART),
        ("focus", GROUNDS, PART),
    ];

    #[test]
    fn whatever_stands_on_something_in_the_stylesheet_is_read_well_light_and_dark() {
        let mut found = Vec::new();
        for (scheme, block) in ["light", "dark"].into_iter().zip(schemes()) {
            let colour = |name: &str| {
                custom_property(block, name).unwrap_or_else(|| panic!("--{name} ({scheme})"))
            };
            for (front, grounds, least) in PAIRS {
                for ground in *grounds {
                    let contrast = colour(front).contrast(colour(ground));
                    if contrast < *least {
                        found.push(format!("{scheme}: {front} on {ground}: {contrast:.2}"));
                    }
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn a_colour_that_is_read_well_is_taken_and_its_dark_form_is_read_as_well() {
        let [light, dark] = schemes();
        for text in [
            "#0c5a63", "#7a0000", "#000000", "#4b2e83", "#00539b", "#5b5448",
        ] {
            let colour: Colour = text.parse().unwrap();
            assert!(stylesheet(colour).is_ok(), "{text}");
            assert!(
                Accent::light(colour, &Page::of(light))
                    .unwrap()
                    .worst(&Page::of(light))
                    >= TEXT
            );
            let worst = Accent::dark(colour, &Page::of(dark)).worst(&Page::of(dark));
            assert!(worst >= TEXT, "{text} in the dark: {worst}");
        }
    }

    #[test]
    fn a_colour_that_is_not_read_well_is_refused_in_one_sentence() {
        for (text, sentence) in [
            (
                "#ffcc00",
                "text in this colour has a contrast of 1.3 on the pages and needs 4.5; choose a darker one",
            ),
            (
                "red",
                "a colour is # and six hexadecimal digits, such as #0c5a63",
            ),
            (
                "#0c5a6g",
                "a colour is # and six hexadecimal digits, such as #0c5a63",
            ),
        ] {
            let refused = text.parse().and_then(stylesheet).unwrap_err();
            assert_eq!(refused.to_string(), sentence, "{text}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 0.001);
        let grey: Colour = "#767676".parse().unwrap();
        assert!((grey.contrast(Colour::WHITE) - 4.54).abs() < 0.01);
    }
}
