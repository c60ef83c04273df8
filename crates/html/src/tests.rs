//! Every page with sample values in every language, held against what is true of all pages.

mod html;

use std::collections::BTreeMap;

use counterfoil_domain::language::Language;
use counterfoil_domain::time_zone::Zone;
use counterfoil_domain::timestamp::Timestamp;

use crate::brand::Brand;
use crate::frame::{Frame, SignedIn};
use crate::view::View;
use html::Document;

/// Most bytes of a page.
const BYTES_MAX: usize = 60_000;

/// A page with values, as a subject gives it to the tests in its `samples.rs`.
pub(crate) struct Sample {
    /// Names the page, and its state behind a comma if it has several.
    pub(crate) name: &'static str,
    /// Whether its frame has somebody who is signed in.
    pub(crate) is_signed_in: bool,
    /// Whether that is a site administrator.
    pub(crate) administers: bool,
    pub(crate) view: Box<dyn View>,
}

impl Sample {
    pub(crate) fn of_visitor(name: &'static str, view: impl View + 'static) -> Self {
        Self {
            name,
            is_signed_in: false,
            administers: false,
            view: Box::new(view),
        }
    }

    pub(crate) fn of_person(name: &'static str, view: impl View + 'static) -> Self {
        Self {
            name,
            is_signed_in: true,
            administers: false,
            view: Box::new(view),
        }
    }

    pub(crate) fn of_administrator(name: &'static str, view: impl View + 'static) -> Self {
        Self {
            administers: true,
            ..Self::of_person(name, view)
        }
    }

    fn page(&self) -> &'static str {
        self.name.split(',').next().unwrap_or_default()
    }

    fn rendered(&self, language: Language, status: Option<&str>) -> String {
        let zone = Zone::find("Asia/Seoul").unwrap();
        let brand = Brand::default();
        self.view.render(&Frame {
            language,
            signed_in: self.is_signed_in.then_some(SignedIn {
                login: "mina-park",
                sign_out_csrf: "c3VyZQ",
                administers: self.administers,
            }),
            status,
            ..frame(&zone, &brand)
        })
    }
}

/// A view over values that it owns.
pub(crate) struct Owning<T, F>(pub(crate) T, pub(crate) F);

impl<T, F> View for Owning<T, F>
where
    F: Fn(&T, &Frame<'_>) -> String,
{
    fn render(&self, frame: &Frame<'_>) -> String {
        self.1(&self.0, frame)
    }
}

/// A frame for a visitor.
fn frame<'a>(zone: &'a Zone, brand: &'a Brand) -> Frame<'a> {
    Frame {
        language: Language::English,
        zone,
        now: NOW,
        brand,
        host: "tokens.example.org",
        here: "/settings/sessions?page=2",
        signed_in: None,
        status: None,
    }
}

/// 2026-12-03T20:31:00Z, for samples too.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_796_329_860);

/// A new subject is added here.
fn samples() -> Vec<Sample> {
    let subjects = [
        crate::addresses::samples,
        crate::admin::samples,
        crate::app_access::samples,
        crate::developers::samples,
        crate::errors::samples,
        crate::home::samples,
        crate::link::samples,
        crate::oauth::samples,
        crate::profile::samples,
        crate::security::samples,
        crate::sessions::samples,
        crate::sign_in::samples,
        crate::tokens::samples,
    ];
    subjects.into_iter().flat_map(|samples| samples()).collect()
}

/// Calls a check with every page in every language, and says all that it finds.
fn check(finds: impl Fn(&Sample, Language, &Document) -> Vec<String>) {
    let mut found = Vec::new();
    for sample in samples() {
        for language in Language::ALL {
            let html = sample.rendered(language, Some("“<b>” was deleted."));
            let problems = match Document::parse(&html) {
                Ok(document) => finds(&sample, language, &document),
                Err(problem) => vec![problem],
            };
            let said = problems.into_iter();
            found.extend(said.map(|problem| format!("{} ({language}): {problem}", sample.name)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_page_is_well_formed_and_nested_as_html_allows() {
    check(|_, _, document| document.nesting());
}

#[test]
fn every_page_has_one_heading_of_the_first_level_and_says_its_language() {
    check(|_, language, document| {
        let mut problems = Vec::new();
        let headings = document.named("h1").count();
        if headings != 1 {
            problems.push(format!("has {headings} h1"));
        }
        if document
            .named("html")
            .all(|html| html.attribute("lang") != Some(language.tag()))
        {
            problems.push("does not say its language".to_owned());
        }
        problems
    });
}

#[test]
fn two_pages_never_have_the_same_title() {
    for language in Language::ALL {
        let mut titles: BTreeMap<String, &str> = BTreeMap::new();
        for sample in samples() {
            let html = sample.rendered(language, None);
            let document = Document::parse(&html).unwrap();
            let title = document
                .named("title")
                .next()
                .map(|title| title.text.clone());
            let title = title.unwrap_or_default();
            assert!(title.ends_with("Counterfoil"), "{}: {title}", sample.name);
            let other = titles.insert(title.clone(), sample.page());
            assert!(
                other.is_none_or(|other| other == sample.page()),
                "{title}: {other:?} and {}",
                sample.name
            );
        }
    }
}

#[test]
fn the_menu_leads_to_the_administration_for_those_alone_who_have_it() {
    check(|sample, _, document| {
        let links = document.named("a");
        let leads_there = links
            .filter_map(|link| link.attribute("href"))
            .any(|path| path == "/admin" || path.starts_with("/admin/"));
        // Pages of a flow have no menu.
        let has_menu = document.named("nav").next().is_some();
        if leads_there == (sample.administers && has_menu) {
            Vec::new()
        } else {
            vec![format!("leads to the administration: {leads_there}")]
        }
    });
}

#[test]
fn no_page_is_larger_than_sixty_thousand_bytes() {
    for sample in samples() {
        for language in Language::ALL {
            let bytes = sample.rendered(language, None).len();
            assert!(bytes < BYTES_MAX, "{}: {bytes} bytes", sample.name);
        }
    }
}

#[test]
fn every_field_has_a_label_and_whatever_is_pointed_to_is_there() {
    check(|_, _, document| {
        let mut problems = document.unlabelled();
        problems.extend(document.dangling());
        problems
    });
}

#[test]
fn no_page_has_style_or_script_of_its_own_or_anything_from_elsewhere() {
    check(|_, _, document| document.foreign());
}

#[test]
fn a_form_that_is_sent_has_its_token_and_leaves_checking_to_the_server() {
    check(|_, _, document| document.forms());
}

#[test]
fn every_page_has_at_most_one_filled_button() {
    check(|_, _, document| {
        let main = document.all().iter().filter(|element| {
            let class = element.attribute("class").unwrap_or_default();
            class.contains("button primary") || class.contains("button danger")
        });
        let count = main.count();
        if count > 1 {
            vec![format!("has {count} filled buttons")]
        } else {
            Vec::new()
        }
    });
}

#[test]
fn what_was_typed_never_becomes_markup() {
    check(|_, _, document| {
        // Samples have "<b>" wherever somebody can write.
        document
            .named("b")
            .map(|_| "has a tag out of what was typed".to_owned())
            .collect()
    });
}

#[test]
fn an_installation_s_own_colour_and_logo_are_loaded_from_its_own_assets() {
    let brand = Brand::named("Tokens <b> of Acme")
        .in_colour("#4b2e83".parse().unwrap())
        .unwrap()
        .with_logo(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec())
        .unwrap();
    let zone = Zone::utc();
    for sample in samples() {
        let html = sample.view.render(&frame(&zone, &brand));
        let document = Document::parse(&html).unwrap();
        assert!(document.named("b").next().is_none());
        for asset in brand.assets() {
            let path = format!("\"/assets/{}\"", asset.name);
            assert!(html.contains(&path), "{}: {path}", sample.name);
        }
    }
}
