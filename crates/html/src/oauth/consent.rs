//! The question whether an app may have access.

use std::cmp::Reverse;
use std::time::Duration;

use askama::Template;
use counterfoil_domain::language::Language;
use counterfoil_domain::oauth::{Destination, MOST_USERS_COUNTED};
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;

use crate::components::{Badge, Banner, Icon};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::scopes::{Group, Risk, ScopeInWords};
use crate::stranger::Stranger;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// An app is new for so long.
const NEW_FOR: Duration = Duration::from_hours(24 * 7);
/// Areas that are named of those that an app does not ask for.
const AREAS_NAMED: usize = 3;

/// The page that asks whether an app may have access.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The token of the form that signs out.
    pub sign_out_csrf: &'a str,
    /// What the form carries in place of what the app asked for.
    pub request: &'a str,
    /// Where somebody comes back to who signs out and in again.
    pub here: &'a str,
    /// Who is signed in.
    pub login: &'a str,
    /// The app.
    pub app: ConsentApp<'a>,
    /// What it gets.
    pub scopes: &'a ScopeSet,
    /// What it may do already, if the user ever agreed to anything.
    pub allowed: Option<&'a ScopeSet>,
    /// What it asked for and does not get.
    pub withheld: &'a [Scope],
    /// Where the browser goes with the answer.
    pub destination: Destination<'a>,
    /// Whether the app asked unusually often.
    pub asks_often: bool,
    /// Until when its token lives, if it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// After how many hours it gets another token in the place of the one that it has, if it does.
    pub renewed_after: Option<u64>,
}

/// An app as the page shows it.
#[derive(Clone, Copy, Debug)]
pub struct ConsentApp<'a> {
    /// What it calls itself.
    pub name: Stranger<'a>,
    /// The login of its owner.
    pub owner: &'a str,
    /// The address of its home page.
    pub website: &'a str,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Whether any program can use its name.
    pub is_public: bool,
    /// How many people use it, at most [`MOST_USERS_COUNTED`].
    pub users: u64,
}

#[derive(Template)]
#[template(path = "oauth/consent.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Oauth,
    view: &'a Consent<'a>,
    title: Text,
    about: Vec<Text>,
    new_app: Option<Badge>,
    banners: Vec<Banner>,
    powers: Vec<Power>,
    already: Vec<Power>,
    others: Vec<Text>,
    life: Text,
    back: Text,
}

/// A scope in a list.
struct Power {
    icon: Icon,
    sentence: Text,
    name: &'static str,
    new: Option<Badge>,
    risk: Badge,
}

impl Power {
    fn of(scope: Scope, is_new: bool, language: Language) -> Self {
        let words = ScopeInWords::of(scope);
        let icon = match words.risk {
            Risk::Read => Icon::Eye,
            Risk::Write => Icon::Pencil,
            Risk::Administer => Icon::Gear,
        };
        Self {
            icon,
            sentence: words.sentence(language),
            name: words.name,
            new: is_new.then(|| Badge::ok(words::Oauth(language).new_scope())),
            risk: Badge::risk(words.risk, words.risk.word(language)),
        }
    }
}

impl Consent<'_> {
    /// Whether a scope is one that the app has not had yet.
    fn is_new(&self, scope: Scope) -> bool {
        self.allowed.is_some_and(|allowed| !allowed.covers(scope))
    }

    /// The scopes by what they let the app do, the most first.
    fn by_risk(&self) -> Vec<Scope> {
        let mut scopes: Vec<_> = self.scopes.iter().collect();
        scopes.sort_by_key(|scope| Reverse(ScopeInWords::of(*scope).risk));
        scopes
    }

    fn about(&self, frame: &Frame<'_>) -> Vec<Text> {
        let words = words::Oauth(frame.language);
        let ConsentApp {
            owner,
            website,
            registered_at,
            users,
            ..
        } = self.app;
        let users = if users >= MOST_USERS_COUNTED {
            words.users_many(MOST_USERS_COUNTED - 1)
        } else {
            words.users(users)
        };
        vec![
            words.registered(frame.date(registered_at), owner),
            users,
            words.website(Stranger(host_of(website))),
        ]
    }

    fn banners(&self, language: Language) -> Vec<Banner> {
        let words = words::Oauth(language);
        let mut banners = Vec::new();
        match self.destination {
            Destination::ThisComputer => banners.push(Banner::warn(words.on_this_computer())),
            Destination::Host { name, is_encrypted } if !is_encrypted => {
                banners.push(Banner::warn(words.not_encrypted(Stranger(name))));
            }
            Destination::Host { .. } => {}
        }
        if self.app.is_public {
            banners.push(Banner::warn(words.cannot_be_verified()));
        }
        if self.asks_often {
            banners.push(Banner::warn(words.asks_often(self.app.name)));
        }
        banners
    }

    /// What the app does not get: never a password, and some areas that it did not ask for.
    fn others(&self, language: Language) -> Vec<Text> {
        let is_asked = |group: Group| {
            let mut scopes = self.scopes.iter();
            scopes.any(|scope| ScopeInWords::of(scope).group == group)
        };
        let others = Group::ALL.into_iter().filter(|group| !is_asked(*group));
        let others = others.take(AREAS_NAMED).map(|group| group.name(language));
        let password = words::Oauth(language).no_password();
        std::iter::once(password).chain(others).collect()
    }
}

/// The host in an address, with its port.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

impl View for Consent<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let language = frame.language;
        let words = words::Oauth(language);
        let scopes = self.by_risk();
        let asks_for_more = scopes.iter().any(|scope| self.is_new(*scope));
        let (asked, already): (Vec<_>, Vec<_>) = scopes
            .into_iter()
            .partition(|scope| !asks_for_more || self.is_new(*scope));
        let powers = |scopes: Vec<Scope>| {
            let scopes = scopes.into_iter();
            let power = |scope| Power::of(scope, self.is_new(scope), language);
            scopes.map(power).collect()
        };
        let title = if asks_for_more {
            words.title_more(self.app.name)
        } else {
            words.title(self.app.name)
        };
        let is_new = frame.now.since(self.app.registered_at) < NEW_FOR;
        filled(&Page {
            layout: Layout::flow(frame, title.clone()).with_script(crate::assets::CONSENT_JS),
            words,
            view: self,
            title,
            about: self.about(frame),
            new_app: is_new.then(|| Badge::plain(words.new_app())),
            banners: self.banners(language),
            powers: powers(asked),
            already: powers(already),
            others: self.others(language),
            life: match (self.renewed_after, self.expires_at) {
                (Some(hours), _) => words.life_renewed(self.app.name, hours),
                (None, Some(at)) => words.life_until(frame.date_and_time(at)),
                (None, None) => words.life(),
            },
            back: match self.destination {
                Destination::Host { name, .. } => words.go_back(Stranger(name)),
                Destination::ThisComputer => words.go_back_here(),
            },
        })
    }
}
