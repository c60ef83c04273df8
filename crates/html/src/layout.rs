//! The two forms of a page, which templates extend: a ticket for one question, and settings with a
//! bar, a menu and a column.

use crate::components::{Icon, Summary};
use crate::frame::Frame;
use crate::text::Text;
use crate::words;
use counterfoil_domain::language::Language;

/// What the layouts in `templates/layouts` need; a template has one in its field `layout`.
pub(crate) struct Layout<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) words: words::Frame,
    title: Text,
    /// Of pages with a menu, the entry that they stand under.
    entry: Option<Entry>,
    pub(crate) is_slim: bool,
    has_problem: bool,
    script: Option<&'static str>,
}

/// An entry of the menu.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Tokens,
    Apps,
    Developers,
    Security,
    Sessions,
    Profile,
}

/// The menu: a heading with its entries.
pub(crate) struct Section {
    pub(crate) heading: Text,
    pub(crate) links: Vec<MenuLink>,
}

pub(crate) struct MenuLink {
    pub(crate) path: &'static str,
    pub(crate) icon: Icon,
    pub(crate) name: Text,
    pub(crate) is_current: bool,
}

/// A language that the page is to be had in.
pub(crate) struct LanguageLink {
    pub(crate) tag: &'static str,
    pub(crate) name: &'static str,
    /// Nothing for the one that it is in.
    pub(crate) path: Option<String>,
}

impl<'a> Layout<'a> {
    fn new(frame: &'a Frame<'a>, title: Text) -> Self {
        Self {
            frame,
            words: words::Frame(frame.language),
            title,
            entry: None,
            is_slim: false,
            has_problem: false,
            script: None,
        }
    }

    /// A page of a flow, or one that anybody sees: `layouts/flow.html`.
    pub(crate) fn flow(frame: &'a Frame<'a>, title: Text) -> Self {
        Self::new(frame, title)
    }

    /// The start page, whose title is the brand alone: `layouts/flow.html`.
    pub(crate) fn start(frame: &'a Frame<'a>) -> Self {
        Self::flow(frame, Text::empty())
    }

    /// The same for a short form: `layouts/flow.html`.
    pub(crate) fn slim(frame: &'a Frame<'a>, title: Text) -> Self {
        let mut layout = Self::new(frame, title);
        layout.is_slim = true;
        layout
    }

    /// A page of the settings: `layouts/settings.html`.
    pub(crate) fn settings(frame: &'a Frame<'a>, entry: Entry, title: Text) -> Self {
        let mut layout = Self::new(frame, title);
        layout.entry = Some(entry);
        layout
    }

    /// The start page of somebody who is signed in: `layouts/settings.html`.
    pub(crate) fn home(frame: &'a Frame<'a>, title: Text) -> Self {
        Self::new(frame, title)
    }

    /// Says in the title that something was refused, if so.
    pub(crate) fn with_problems_of(mut self, summary: &Summary) -> Self {
        self.has_problem = !summary.is_empty();
        self
    }

    /// Loads a script of the assets: [`COPY_JS`](crate::assets::COPY_JS) for a page with a
    /// [`Secret`](crate::components::Secret).
    pub(crate) fn with_script(mut self, script: &'static str) -> Self {
        self.script = Some(script);
        self
    }

    /// Whether the page stands under an entry of the menu.
    pub(crate) fn is_settings(&self) -> bool {
        self.entry.is_some()
    }

    pub(crate) fn script(&self) -> Option<&'static str> {
        self.script
    }

    /// What stands in the browser's tab.
    pub(crate) fn full_title(&self) -> Text {
        let brand = self.frame.brand.name();
        let title = self.title.without_tags();
        if title == Text::empty() {
            Text::of(brand)
        } else if self.has_problem {
            self.words.title_with_problem(brand, title)
        } else {
            self.words.title(brand, title)
        }
    }

    pub(crate) fn menu(&self) -> [Section; 2] {
        let link = |entry, path, icon, name| MenuLink {
            path,
            icon,
            name,
            is_current: self.entry == Some(entry),
        };
        let words = self.words;
        [
            Section {
                heading: words.menu_access(),
                links: vec![
                    link(
                        Entry::Tokens,
                        "/settings/tokens",
                        Icon::Key,
                        words.menu_tokens(),
                    ),
                    link(
                        Entry::Apps,
                        "/settings/applications",
                        Icon::App,
                        words.menu_apps(),
                    ),
                    link(
                        Entry::Developers,
                        "/settings/developers",
                        Icon::Code,
                        words.menu_developers(),
                    ),
                ],
            },
            Section {
                heading: words.menu_account(),
                links: vec![
                    link(
                        Entry::Security,
                        "/settings/security",
                        Icon::Shield,
                        words.menu_security(),
                    ),
                    link(
                        Entry::Sessions,
                        "/settings/sessions",
                        Icon::Screen,
                        words.menu_sessions(),
                    ),
                    link(
                        Entry::Profile,
                        "/settings/profile",
                        Icon::Person,
                        words.menu_profile(),
                    ),
                ],
            },
        ]
    }

    pub(crate) fn languages(&self) -> [LanguageLink; Language::ALL.len()] {
        let (path, query) = self
            .frame
            .here
            .split_once('?')
            .unwrap_or((self.frame.here, ""));
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
            .collect();
        Language::ALL.map(|language| {
            let chosen = format!("lang={language}");
            let query = kept.iter().copied().chain([chosen.as_str()]);
            let query = query.collect::<Vec<_>>().join("&");
            LanguageLink {
                tag: language.tag(),
                name: language.own_name(),
                path: (language != self.frame.language).then(|| format!("{path}?{query}")),
            }
        })
    }
}
