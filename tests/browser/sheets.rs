//! Contact sheets: a page's eight pictures beside each other, for people to look at.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::window::{Look, Window};

/// Which pictures there are of a page in one language.
pub(super) const VARIANTS: [(bool, u32); 4] =
    [(false, 1280), (false, 390), (true, 1280), (true, 390)];

/// How much smaller they are on a sheet.
const SCALE: f64 = 0.6;

/// The file of one picture.
pub(super) fn part(folder: &Path, page: &str, language: &str, variant: (bool, u32)) -> PathBuf {
    let (dark, width) = variant;
    let scheme = if dark { "dark" } else { "light" };
    folder.join(format!("parts/{page}-{language}-{scheme}-{width}.png"))
}

/// Puts the pictures of each page together, as `PAGE.png` in the folder.
pub(super) fn lay_out(folder: &Path, pages: &[String], languages: &[&str]) {
    let window = Window::open(
        "file://",
        Look {
            width: 2120,
            ..Look::default()
        },
    );
    let page_of_sheet = folder.join("parts/sheet.html");
    for page in pages {
        fs::write(&page_of_sheet, sheet(folder, page, languages)).expect("the folder is ours");
        window.go(page_of_sheet.to_str().expect("the path is text"));
        window.picture(&folder.join(format!("{page}.png")));
    }
    fs::remove_file(page_of_sheet).expect("it was written");
}

fn sheet(folder: &Path, page: &str, languages: &[&str]) -> String {
    let mut html = format!(
        "<!doctype html><meta charset=utf-8><title>{page}</title><style>
        body {{ margin: 16px; background: #888; font: 16px sans-serif }}
        section {{ display: flex; gap: 16px; align-items: flex-start; margin-bottom: 16px }}
        img {{ display: block }}</style>"
    );
    for language in languages {
        html.push_str("<section>");
        for variant in VARIANTS {
            let file = part(folder, page, language, variant);
            let width = f64::from(variant.1) * SCALE;
            let _ = write!(html, "<img src='{}' width='{width}'>", file.display());
        }
        html.push_str("</section>");
    }
    html
}
