//! Every page, in every state that looks otherwise, in both languages: held to the list of
//! [`checks`](super::checks) and to the standard of HTML, or, for `cargo xtask pictures`, taken on
//! contact sheets.

mod administration;
mod flows;
mod newcomer;
mod passkeys;
mod walk;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::thread;

use counterfoil_server::routes::PAGES;
use http::Method;

use super::checks::{Extent, judge};
use super::markup::errors_in;
use super::sheets;
use super::window::Window;

/// The variable that names the folder for pictures.
const PICTURES: &str = "COUNTERFOIL_PICTURES";

const LANGUAGES: [&str; 2] = ["en", "ko"];

/// No page is larger.
const LARGEST: usize = 60_000;

/// Pages that are shown in the documentation.
const SHOWN: [&str; 7] = [
    "sign-in",
    "tokens",
    "new-token",
    "security",
    "consent",
    "device-confirm",
    "admin-users",
];

/// Rows that answer `GET` with no page of their own.
const WITHOUT_PAGE: &[(&str, &str)] = &[
    ("/assets/{name}", "a file that pages load"),
    (
        "/link/{code}",
        "leads to /link, so that no address has the code",
    ),
    (
        "/settings/connections/applications",
        "leads to the list of apps",
    ),
];

/// What was seen in one language.
struct Gallery {
    language: &'static str,
    /// Where pictures go, where they are wanted.
    pictures: Option<PathBuf>,
    /// The names of pages with what was sent.
    seen: Vec<(String, String)>,
    /// The rows of the table of routes whose pages these were.
    rows: BTreeSet<&'static str>,
    faults: Vec<String>,
}

/// The rows that answer `GET`, by their templates.
fn rows() -> impl Iterator<Item = &'static str> {
    let rows = PAGES.routes.iter();
    rows.filter(|row| row.method == Some(Method::GET))
        .map(|row| row.path)
}

/// The row that a path is of: where several fit, that with the fewest placeholders.
fn row_of(path: &str) -> Option<&'static str> {
    let fits = |template: &&str| {
        let (parts, templates) = (path.split('/'), template.split('/'));
        let mut pairs = parts.clone().zip(templates.clone());
        parts.count() == templates.count()
            && pairs.all(|(part, template)| template.starts_with('{') || part == template)
    };
    rows()
        .filter(fits)
        .min_by_key(|row| row.matches('{').count())
}

impl Gallery {
    fn new(language: &'static str) -> Self {
        Self {
            language,
            pictures: folder_for_pictures(),
            seen: Vec::new(),
            rows: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    /// Looks at the page that the window shows. Its name is used once.
    #[track_caller]
    fn page(&mut self, name: &str, window: &Window) {
        let html = window.html();
        assert!(!html.is_empty(), "{name} was not sent as a page");
        assert!(!self.seen.iter().any(|(seen, _)| seen == name), "{name}");
        if html.len() > LARGEST {
            let length = html.len();
            self.fault(name, &format!("it has {length} bytes, more than {LARGEST}"));
        }
        if !html.contains(&format!("<html lang=\"{}\"", self.language)) {
            self.fault(name, "it is in another language");
        }
        self.seen.push((name.to_owned(), html));
        let path = window.path_of_page();
        self.rows.extend(path.and_then(|path| row_of(&path)));
        if self.pictures.is_some() {
            self.take_pictures(name, window);
        } else {
            let extent = if self.language == LANGUAGES[0] {
                Extent::Everything
            } else {
                Extent::Words
            };
            for fault in judge(window, extent) {
                self.fault(name, &fault);
            }
        }
    }

    /// Demands that the page of each row was looked at.
    fn finish(&mut self) {
        for row in rows() {
            let is_without = WITHOUT_PAGE.iter().any(|(without, _)| *without == row);
            if self.rows.contains(row) == is_without {
                let fault = if is_without {
                    "it has a page"
                } else {
                    "no stop of the walk is its page"
                };
                self.fault(row, fault);
            }
        }
        for (without, _) in WITHOUT_PAGE {
            if !rows().any(|row| row == *without) {
                self.fault(without, "no row has this path");
            }
        }
    }

    fn fault(&mut self, name: &str, fault: &str) {
        let language = self.language;
        self.faults.push(format!("{name} ({language}): {fault}"));
    }

    fn take_pictures(&self, name: &str, window: &Window) {
        let Some(folder) = &self.pictures else {
            return;
        };
        for (dark, width) in sheets::VARIANTS {
            window.look(dark, width);
            window.picture(&sheets::part(folder, name, self.language, (dark, width)));
        }
        window.look(false, 1280);
        if self.language == "en" && SHOWN.contains(&name) {
            window.picture_of_view(&folder.join(format!("docs/{name}.png")));
        }
    }
}

fn folder_for_pictures() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "whether pictures are wanted is no setting of the program"
    )]
    let folder = PathBuf::from(std::env::var_os(PICTURES)?);
    for part in ["parts", "docs"] {
        fs::create_dir_all(folder.join(part)).expect("the folder for pictures can be made");
    }
    Some(folder)
}

#[test]
fn every_page_holds_to_the_list_in_both_languages() {
    let galleries = thread::scope(|scope| {
        let walks = LANGUAGES.map(|language| {
            scope.spawn(move || {
                let mut gallery = Gallery::new(language);
                newcomer::through_all(&mut gallery);
                flows::through_all(&mut gallery);
                walk::through_all(&mut gallery);
                gallery.finish();
                gallery
            })
        });
        walks.map(|walk| walk.join().expect("the walk came to its end"))
    });
    let mut faults = Vec::new();
    let mut sent = Vec::new();
    for gallery in &galleries {
        faults.extend_from_slice(&gallery.faults);
        let named = |(name, html): &(String, String)| {
            (format!("{name}-{}", gallery.language), html.clone())
        };
        sent.extend(gallery.seen.iter().map(named));
    }
    faults.extend(errors_in(&sent));
    assert!(faults.is_empty(), "{faults:#?}");
    if let Some(folder) = &galleries[0].pictures {
        let names: Vec<_> = galleries[0]
            .seen
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        sheets::lay_out(folder, &names, &LANGUAGES);
    }
}

#[test]
fn a_path_is_of_the_row_that_fits_it_best() {
    for (path, row) in [
        ("/", Some("/")),
        ("/settings/tokens/new", Some("/settings/tokens/new")),
        ("/settings/tokens/12", Some("/settings/tokens/{token_id}")),
        (
            "/settings/tokens/12/delete",
            Some("/settings/tokens/{token_id}/delete"),
        ),
        ("/settings/nothing-here", None),
    ] {
        assert_eq!(row_of(path), row, "{path}");
    }
}
