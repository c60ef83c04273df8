//! The two forms of a page, which templates extend: a ticket for one question, and settings or
//! administration with a bar, a menu and a column.

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
    Health,
    Users,
    Organizations,
    AllApps,
    AllTokens,
    AuditTrail,
    SettingsInForce,
}

impl Entry {
    /// Whether it is one that only site administrators have.
    const fn is_of_administration(self) -> bool {
        match self {
            Self::Tokens
            | Self::Apps
            | Self::Developers
            | Self::Security
            | Self::Sessions
            | Self::Profile => false,
            Self::Health
            | Self::Users
            | Self::Organizations
            | Self::AllApps
            | Self::AllTokens
            | Self::AuditTrail
            | Self::SettingsInForce => true,
        }
    }
}

/// Where the settings begin.
pub(crate) const SETTINGS: &str = "/settings/tokens";
/// Where the administration begins.
const ADMINISTRATION: &str = "/admin";

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

    /// A page that only site administrators see: `layouts/settings.html`.
    pub(crate) fn administration(frame: &'a Frame<'a>, entry: Entry, title: Text) -> Self {
        Self::settings(frame, entry, title)
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

    /// Whether the page stands under an entry of the settings.
    pub(crate) fn is_settings(&self) -> bool {
        self.entry
            .is_some_and(|entry| !entry.is_of_administration())
    }

    /// Whether the page stands under an entry of the administration.
    pub(crate) fn is_administration(&self) -> bool {
        self.entry.is_some_and(Entry::is_of_administration)
    }

    /// Where the administration begins, for those who have it.
    pub(crate) fn administration_path(&self) -> Option<&'static str> {
        let administers = self
            .frame
            .signed_in
            .is_some_and(|person| person.administers);
        administers.then_some(ADMINISTRATION)
    }

    /// What the menu is of.
    pub(crate) fn menu_name(&self) -> Text {
        if self.is_administration() {
            self.words.administration()
        } else {
            self.words.settings()
        }
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

    pub(crate) fn menu(&self) -> Vec<Section> {
        if self.is_administration() {
            self.menu_of_administration()
        } else {
            self.menu_of_settings()
        }
    }

    fn section<const N: usize>(
        &self,
        heading: Text,
        links: [(Entry, &'static str, Icon, Text); N],
    ) -> Section {
        let links = links.map(|(entry, path, icon, name)| MenuLink {
            path,
            icon,
            name,
            is_current: self.entry == Some(entry),
        });
        Section {
            heading,
            links: links.into(),
        }
    }

    fn menu_of_settings(&self) -> Vec<Section> {
        let words = self.words;
        let access = [
            (Entry::Tokens, SETTINGS, Icon::Key, words.menu_tokens()),
            (
                Entry::Apps,
                "/settings/applications",
                Icon::App,
                words.menu_apps(),
            ),
            (
                Entry::Developers,
                "/settings/developers",
                Icon::Code,
                words.menu_developers(),
            ),
        ];
        let account = [
            (
                Entry::Security,
                "/settings/security",
                Icon::Shield,
                words.menu_security(),
            ),
            (
                Entry::Sessions,
                "/settings/sessions",
                Icon::Screen,
                words.menu_sessions(),
            ),
            (
                Entry::Profile,
                "/settings/profile",
                Icon::Person,
                words.menu_profile(),
            ),
        ];
        vec![
            self.section(words.menu_access(), access),
            self.section(words.menu_account(), account),
        ]
    }

    fn menu_of_administration(&self) -> Vec<Section> {
        let words = words::Admin(self.frame.language);
        let entries = [
            (
                Entry::Health,
                ADMINISTRATION,
                Icon::Pulse,
                words.menu_health(),
            ),
            (
                Entry::Users,
                "/admin/users",
                Icon::Person,
                words.menu_users(),
            ),
            (
                Entry::Organizations,
                "/admin/organizations",
                Icon::Group,
                words.menu_organizations(),
            ),
            (Entry::AllApps, "/admin/apps", Icon::App, words.menu_apps()),
            (
                Entry::AllTokens,
                "/admin/tokens",
                Icon::Key,
                words.menu_tokens(),
            ),
            (
                Entry::AuditTrail,
                "/admin/audit",
                Icon::Eye,
                words.menu_audit(),
            ),
            (
                Entry::SettingsInForce,
                "/admin/settings",
                Icon::Gear,
                words.menu_settings(),
            ),
        ];
        vec![self.section(self.words.administration(), entries)]
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
