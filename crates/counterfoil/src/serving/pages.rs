//! How the pages of this installation look, out of its settings and the file that they name.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use counterfoil_html::{Brand, ColourRefused, LOGO_BYTES_MAX, LogoRefused};
use counterfoil_server::PageSettings;

use crate::config::Settings;

/// Why the settings of the pages cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PagesRefused {
    /// Text in the colour cannot be read.
    #[error("pages.colour")]
    Colour(#[source] ColourRefused),
    /// The file of the logo cannot be read.
    #[error("pages.logo: {}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    /// The file is no picture for a page.
    #[error("pages.logo: {} cannot be used", file.display())]
    Logo { file: PathBuf, source: LogoRefused },
}

/// What the server makes pages with.
pub(crate) fn page_settings(settings: &Settings) -> Result<PageSettings, PagesRefused> {
    let pages = &settings.pages;
    let mut brand = Brand::named(&pages.brand);
    if let Some(colour) = pages.colour {
        brand = brand.in_colour(colour).map_err(PagesRefused::Colour)?;
    }
    if let Some(file) = &pages.logo {
        let bytes = read(file).map_err(|source| PagesRefused::Unreadable {
            file: file.clone(),
            source,
        })?;
        brand = brand
            .with_logo(bytes)
            .map_err(|source| PagesRefused::Logo {
                file: file.clone(),
                source,
            })?;
    }
    Ok(PageSettings {
        brand,
        language: settings.accounts.language,
        zone: settings.accounts.time_zone.clone(),
    })
}

/// The file, or one byte more than a logo may have.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let most = u64::try_from(LOGO_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(file)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
