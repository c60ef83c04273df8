//! The page that asks whether an act is meant: it says what stops working, and when that was last
//! used.

use askama::Template;
use counterfoil_domain::account::TwoFactor;
use counterfoil_domain::administered::UserFacts;
use counterfoil_domain::scope::{Scope, ScopeSet};

use super::{UserAct, last_use, locks, path_of};
use crate::components::{Banner, Field, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// A token with scopes for administrators that a promotion does not wake.
#[derive(Clone, Debug)]
pub struct SleepingToken<'a> {
    /// What its owner calls it; nothing for an app's.
    pub name: &'a str,
    /// The last characters of it.
    pub last_eight: &'a str,
    /// Its scopes.
    pub scopes: &'a ScopeSet,
}

/// The page that asks whether an act is meant.
#[derive(Clone, Debug)]
pub struct ConfirmAct<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What makes the form count once, where the act makes a link.
    pub once: Option<&'a str>,
    /// The act.
    pub act: UserAct,
    /// To whom it is done.
    pub facts: &'a UserFacts,
    /// Tokens that stay without effect when the user becomes an administrator.
    pub asleep: &'a [SleepingToken<'a>],
    /// Whether a link is mailed, rather than shown.
    pub is_mailed: bool,
    /// What was typed in the place of the login, if it is another word.
    pub typed: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "admin/users/act.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminUsers,
    view: &'a ConfirmAct<'a>,
    user: Text,
    back: String,
    action: String,
    summary: Summary,
    title: Text,
    /// What keeps the act from being done, if something does.
    obstacle: Option<Banner>,
    intro: Vec<Text>,
    items: Vec<Text>,
    login: Option<Field>,
    class: &'static str,
    button: Text,
}

impl View for ConfirmAct<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminUsers(frame.language);
        let account = &self.facts.account;
        let login = account.login.as_str();
        let back = path_of(account);
        let field = (self.act == UserAct::Delete).then(|| {
            Field::text("user", words.type_login())
                .hint(words.type_login_hint(login))
                .value(self.typed.unwrap_or_default())
                .error(self.typed.map(|_| words.enter_the_login(login)))
        });
        let mut summary = Summary::new(frame.language);
        if let Some(field) = &field {
            summary = summary.field(field);
        }
        let title = self.act.question(words, login);
        filled(&Page {
            layout: Layout::administration(frame, Entry::Users, title.clone())
                .with_problems_of(&summary),
            words,
            view: self,
            user: link(&back, &login),
            action: format!("{back}/{}", self.act.word()),
            back,
            summary,
            title,
            obstacle: self.obstacle(words),
            intro: self.intro(words, frame),
            items: self.items(words),
            login: field,
            class: if self.act.ends_something() {
                "danger"
            } else {
                "primary"
            },
            button: self.button(words),
        })
    }
}

impl ConfirmAct<'_> {
    fn obstacle(&self, words: words::AdminUsers) -> Option<Banner> {
        let alone = &self.facts.owns_alone;
        if self.act != UserAct::Delete || alone.is_empty() {
            return None;
        }
        let login = self.facts.account.login.as_str();
        let count = alone.len() as u64;
        Some(Banner::warn(words.last_owner(count, login)).with(words.last_owner_else()))
    }

    /// What stops working, and when it was last used.
    fn intro(&self, words: words::AdminUsers, frame: &Frame<'_>) -> Vec<Text> {
        let facts = self.facts;
        let login = facts.account.login.as_str();
        match self.act {
            UserAct::Invite | UserAct::Reset => self.intro_of_link(words),
            UserAct::Unlock => vec![locks(words, facts), words.unlock_intro()],
            UserAct::Unsuspend => vec![words.unsuspend_intro()],
            UserAct::Suspend => {
                let apps = words.apps_stop(facts.apps);
                self.refused(words, apps, words.suspend_intro(), frame)
            }
            UserAct::EndSessions => {
                let mut intro = vec![words.sessions_end(facts.sessions)];
                let used = facts.session_used_at;
                intro.extend(used.map(|at| words.sessions_used(frame.when(at))));
                intro.push(words.end_sessions_intro());
                intro
            }
            UserAct::TurnOffTwoFactor => {
                let mut intro = vec![words.two_factor_intro(login)];
                let passkeys = facts.passkeys;
                intro.extend((passkeys > 0).then(|| words.passkeys_end(passkeys)));
                intro.push(words.all_sessions_end());
                intro
            }
            UserAct::Promote => {
                let count = self.asleep.len() as u64;
                let tokens = if count == 0 {
                    words.nothing_gains()
                } else {
                    words.stay_asleep(count)
                };
                let mut intro = vec![words.promote_intro(login)];
                if facts.account.two_factor == TwoFactor::Off {
                    intro.push(words.promote_without_two_factor(login));
                }
                intro.extend([words.all_sessions_end(), tokens]);
                intro
            }
            UserAct::Demote => vec![words.demote_intro(login), words.all_sessions_end()],
            UserAct::Delete => {
                let apps = words.apps_end(facts.apps);
                self.refused(words, apps, words.delete_intro(), frame)
            }
        }
    }

    /// The same of what stops everything.
    fn refused(
        &self,
        words: words::AdminUsers,
        apps: Text,
        last: Text,
        frame: &Frame<'_>,
    ) -> Vec<Text> {
        let facts = self.facts;
        let mut intro = vec![
            words.refused_at_once(facts.tokens.total + facts.sessions),
            last_use(words, &facts.tokens, frame),
        ];
        intro.extend((facts.apps > 0).then_some(apps));
        intro.push(last);
        intro
    }

    fn intro_of_link(&self, words: words::AdminUsers) -> Vec<Text> {
        let login = self.facts.account.login.as_str();
        let way = if self.is_mailed {
            words.link_is_mailed(login)
        } else {
            words.link_is_shown(login)
        };
        let then = if self.act == UserAct::Invite {
            words.invite_intro()
        } else {
            words.reset_intro()
        };
        vec![way, then]
    }

    /// The tokens, or the organizations, that the intro speaks of.
    fn items(&self, words: words::AdminUsers) -> Vec<Text> {
        match self.act {
            UserAct::Promote => {
                let tokens = self.asleep.iter().map(|token| {
                    let scopes: Vec<_> = token.scopes.iter().map(Scope::name).collect();
                    let scopes = scopes.join(", ");
                    words.sleeping_token(token.last_eight, Stranger(token.name), scopes)
                });
                tokens.collect()
            }
            UserAct::Delete => {
                let alone = self.facts.owns_alone.iter();
                alone.map(|login| Text::of(login.as_str())).collect()
            }
            _ => Vec::new(),
        }
    }

    fn button(&self, words: words::AdminUsers) -> Text {
        match self.act {
            UserAct::Invite | UserAct::Reset if self.is_mailed => words.send_link(),
            UserAct::Invite | UserAct::Reset => words.show_link(),
            act => act.label(words),
        }
    }
}
