//! One user: facts, and what can be done.

use askama::Template;
use counterfoil_domain::account::{TwoFactor, Verification};
use counterfoil_domain::administered::UserFacts;

use super::{LIST, UserAct, badges, last_use, locks, path_of};
use crate::components::{Badge, Banner};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::{View, filled};
use crate::words;

/// The page of a user.
#[derive(Clone, Copy, Debug)]
pub struct OneUser<'a> {
    /// The user, and what they have.
    pub facts: &'a UserFacts,
    /// Whether it is who looks at the page, who does none of it to themselves.
    pub is_own: bool,
}

#[derive(Template)]
#[template(path = "admin/users/one.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminUsers,
    list: Text,
    login: &'a str,
    badges: Vec<Badge>,
    own: Option<Banner>,
    facts: Vec<(Text, Text)>,
    acts: Vec<Text>,
}

impl View for OneUser<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminUsers(frame.language);
        let account = &self.facts.account;
        let login = account.login.as_str();
        let path = path_of(account);
        let acts = UserAct::ALL
            .into_iter()
            .filter(|act| !self.is_own && act.is_offered_for(self.facts));
        let acts = acts.map(|act| {
            let path = format!("{path}/confirm/{}", act.word());
            link(&path, &act.label(words))
        });
        filled(&Page {
            layout: Layout::administration(frame, Entry::Users, Text::of(login)),
            words,
            list: link(LIST, &words.title()),
            login,
            badges: badges(words, account),
            own: self
                .is_own
                .then(|| Banner::info(words.own_title()).with(words.own_more())),
            facts: self.rows(words, frame),
            acts: acts.collect(),
        })
    }
}

impl OneUser<'_> {
    fn rows(&self, words: words::AdminUsers, frame: &Frame<'_>) -> Vec<(Text, Text)> {
        let (facts, account) = (self.facts, &self.facts.account);
        let name = account.name.as_ref();
        let mut rows = Vec::new();
        rows.extend(name.map(|name| (words.name(), Text::of(&Stranger(name.as_str())))));
        rows.push((words.address(), self.address(words)));
        rows.push((words.made(), frame.date(account.created_at)));
        rows.extend(
            account
                .suspended_at
                .map(|at| (words.suspended(), frame.date_and_time(at))),
        );
        let password = if facts.has_password {
            words.is_set()
        } else {
            words.not_chosen_yet()
        };
        rows.push((words.password(), password));
        let two_factor = match account.two_factor {
            TwoFactor::On => words.is_on(),
            TwoFactor::Off => words.is_off(),
        };
        rows.push((words.two_factor(), two_factor));
        if facts.passkeys > 0 {
            rows.push((words.passkeys(), words.passkey_count(facts.passkeys)));
        }
        let signed_in = match facts.signed_in_at {
            Some(at) => frame.date(at),
            None => words.no_sign_in(),
        };
        rows.push((words.last_sign_in(), signed_in));
        if facts.is_locked() {
            rows.push((words.locks(), locks(words, facts)));
        }
        let sessions = words.session_count(facts.sessions);
        let sessions = match facts.session_used_at {
            Some(at) => sessions
                .with_literal(" ")
                .with(&words.sessions_used(frame.when(at))),
            None => sessions,
        };
        rows.push((words.sessions(), sessions));
        let tokens = words.token_count(facts.tokens.of_apps, facts.tokens.total);
        let tokens = tokens
            .with_literal(" ")
            .with(&last_use(words, &facts.tokens, frame));
        rows.push((words.tokens(), tokens));
        rows.push((words.apps(), words.app_count(facts.apps)));
        rows
    }

    fn address(&self, words: words::AdminUsers) -> Text {
        let Some(held) = &self.facts.address else {
            return words.without_address();
        };
        let address = Text::of(&Stranger(held.address.as_str()));
        match held.verification {
            Verification::Verified => address,
            Verification::Unverified => words.unverified(address),
        }
    }
}
