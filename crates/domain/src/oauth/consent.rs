//! What a user is asked, when a user need not be asked again, and what is given.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::digest::SecretDigest;
use crate::entropy::{Entropy, random_bytes};
use crate::id::{AccountId, AppId, SessionId};
use crate::oauth::{CodeChallenge, Destination, RedirectUri};
use crate::scope::{Scope, ScopeSet, Standing};
use crate::timestamp::Timestamp;

/// For how long a request waits for its answer.
pub const REQUEST_LIVES: Duration = Duration::from_mins(10);

/// Requests that wait in one session; one more ends the eldest.
pub const MOST_REQUESTS: u32 = 20;

/// Users of an app are counted up to here, where somebody waits for the number.
pub const MOST_USERS_COUNTED: u64 = 10_000;

/// After so many codes redeemed within an hour, for the same scopes, a user is asked again.
const REDEEMED_OFTEN: u64 = 10;

/// What an app wants to have back with the answer: as it stands in the query, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(String);

impl State {
    /// The longest one, as it is written.
    const LONGEST: usize = 4 * 1024;

    /// A state as a query has it; nothing for one that is too long.
    pub fn parse(written: &str) -> Option<Self> {
        (written.len() <= Self::LONGEST).then(|| Self(written.to_owned()))
    }

    /// One as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request of an app, which waits for the user's answer under the session that it was shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRequest {
    /// The app that asks, whatever it is called by then.
    pub app: AppId,
    /// The user whom it was shown to.
    pub account: AccountId,
    /// The session that it was shown in, and that alone may answer.
    pub session: SessionId,
    /// Where the answer goes.
    pub redirect: RedirectUri,
    /// What the token will have.
    pub scopes: ScopeSet,
    /// What the app wants back.
    pub state: Option<State>,
    /// What the redemption has to prove.
    pub challenge: Option<CodeChallenge>,
    /// The query that the app sent, for who has to be asked once more.
    pub query: String,
}

/// What a form carries in place of a request: 128 random bits, of which the store knows a digest.
#[derive(Clone)]
pub struct RequestHandle(Zeroizing<String>);

impl RequestHandle {
    /// Characters of one: 16 bytes in base 64.
    const LENGTH: usize = 22;

    /// One of 128 random bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let bytes: [u8; 16] = random_bytes(entropy);
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(&bytes)))
    }

    /// The one in a form's field.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == Self::LENGTH && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok();
        fits.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text of the field.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }
}

impl std::fmt::Debug for RequestHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestHandle(…)")
    }
}

/// What a user agreed to on a page, behind a token of the web flow that lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierConsent {
    /// The scopes that the user agreed to.
    pub consented: ScopeSet,
    /// Those that the token has now.
    pub held: ScopeSet,
    /// When the user agreed.
    pub at: Timestamp,
}

/// A request as it is held against what the user agreed to before.
#[derive(Clone, Copy, Debug)]
pub struct WhatWasAsked<'a> {
    /// All scopes that the app wants, as they were normalised.
    pub scopes: &'a ScopeSet,
    /// Where the answer goes.
    pub redirect: &'a RedirectUri,
    /// Since when the callback stands there that allows it, and the app belongs to whom it belongs
    /// to: who agreed before agreed to something else. Nothing if it stands there no more.
    pub stands_since: Option<Timestamp>,
    /// Whether the app wants the user to choose who they are.
    pub wants_choice: bool,
    /// Codes that were redeemed for this user, app and scopes within an hour.
    pub redeemed_lately: u64,
    /// Whether anybody can claim to be the app, which keeps no secret.
    pub is_public: bool,
}

/// Whether a user is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentNeed {
    /// No: the user agreed to it then.
    Given(Timestamp),
    /// Yes: the user has not agreed to as much, or not to this.
    Ask,
    /// Yes, though the user agreed to it: the app asks unusually often.
    AskedOften,
}

/// Decides whether a user is asked for what an app wants.
pub fn consent_need(asked: WhatWasAsked<'_>, earlier: &[EarlierConsent]) -> ConsentNeed {
    let is_verified = matches!(asked.redirect.destination(), Destination::Host { .. });
    let for_administrators = asked.scopes.for_administrators().next().is_some();
    let Some(stands_since) = asked.stands_since else {
        return ConsentNeed::Ask;
    };
    let standing: Vec<_> = earlier
        .iter()
        .filter(|consent| consent.at >= stands_since)
        .collect();
    let Some(at) = standing.iter().map(|consent| consent.at).min() else {
        return ConsentNeed::Ask;
    };
    let covers = |scopes: fn(&EarlierConsent) -> &ScopeSet| {
        let all = union(standing.iter().map(|consent| scopes(consent)));
        asked.scopes.iter().all(|scope| all.covers(scope))
    };
    let is_within = covers(|consent| &consent.consented) && covers(|consent| &consent.held);
    if !is_verified || asked.is_public || for_administrators || asked.wants_choice || !is_within {
        return ConsentNeed::Ask;
    }
    if asked.redeemed_lately >= REDEEMED_OFTEN {
        return ConsentNeed::AskedOften;
    }
    ConsentNeed::Given(at)
}

/// What an app asks for that names no scopes: what the user agreed to and its tokens hold. Also
/// what a page shows as allowed already.
pub fn allowed_before(earlier: &[EarlierConsent]) -> ScopeSet {
    let consented = union(earlier.iter().map(|consent| &consent.consented));
    let held = union(earlier.iter().map(|consent| &consent.held));
    ScopeSet::from_scopes(held.iter().filter(|scope| consented.covers(*scope)))
}

fn union<'a>(sets: impl Iterator<Item = &'a ScopeSet>) -> ScopeSet {
    sets.fold(ScopeSet::default(), |union, scopes| union.with(scopes))
}

/// What of the scopes that an app asked for a user can give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenScopes {
    /// What the token gets.
    pub given: ScopeSet,
    /// What it does not: scopes for administrators, of who is none or proved too long ago who they
    /// are.
    pub withheld: Vec<Scope>,
}

impl GivenScopes {
    /// Of scopes that were asked for, by a user of this standing.
    pub fn of(asked: &ScopeSet, standing: Standing, proved_lately: bool) -> Self {
        let gives_all = standing == Standing::SiteAdministrator && proved_lately;
        if gives_all {
            return Self {
                given: asked.clone(),
                withheld: Vec::new(),
            };
        }
        Self {
            given: asked.effective(Standing::Ordinary),
            withheld: asked.for_administrators().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &str) -> ScopeSet {
        ScopeSet::parse(names.split_whitespace()).expect("scopes")
    }

    fn consent(consented: &str, held: &str, at: i64) -> EarlierConsent {
        EarlierConsent {
            consented: set(consented),
            held: set(held),
            at: Timestamp::from_seconds(at),
        }
    }

    fn need(
        scopes: &str,
        earlier: &[EarlierConsent],
        change: fn(&mut WhatWasAsked<'_>),
    ) -> ConsentNeed {
        let redirect = RedirectUri::from_stored("https://a.example/cb".to_owned());
        let scopes = set(scopes);
        let mut asked = WhatWasAsked {
            scopes: &scopes,
            redirect: &redirect,
            stands_since: Some(Timestamp::from_seconds(100)),
            wants_choice: false,
            redeemed_lately: 9,
            is_public: false,
        };
        change(&mut asked);
        consent_need(asked, earlier)
    }

    #[test]
    fn who_agreed_to_as_much_is_not_asked_again() {
        let earlier = [consent("repo", "repo", 200), consent("gist", "gist", 300)];
        let then = ConsentNeed::Given(Timestamp::from_seconds(200));
        for scopes in ["", "gist", "public_repo gist", "repo gist"] {
            assert_eq!(need(scopes, &earlier, |_| {}), then, "{scopes}");
        }
    }

    #[test]
    fn who_agreed_to_less_or_to_something_else_is_asked() {
        let once = |consent: EarlierConsent| vec![consent];
        for (scopes, earlier) in [
            ("", vec![]),
            ("user", once(consent("repo", "repo", 200))),
            // A token whose scopes were widened, or narrowed, afterwards.
            ("repo", once(consent("gist", "repo", 200))),
            ("repo", once(consent("repo", "gist", 200))),
            // Before the callback or the owner was what it is.
            ("repo", once(consent("repo", "repo", 99))),
            ("site_admin", once(consent("site_admin", "site_admin", 200))),
        ] {
            assert_eq!(need(scopes, &earlier, |_| {}), ConsentNeed::Ask, "{scopes}");
        }
        let earlier = [consent("repo", "repo", 200)];
        let asked = need("repo", &earlier, |asked| asked.wants_choice = true);
        assert_eq!(asked, ConsentNeed::Ask);
        let gone = need("repo", &earlier, |asked| asked.stands_since = None);
        assert_eq!(gone, ConsentNeed::Ask);
        let public = need("repo", &earlier, |asked| asked.is_public = true);
        assert_eq!(public, ConsentNeed::Ask);
        let often = need("repo", &earlier, |asked| asked.redeemed_lately = 10);
        assert_eq!(often, ConsentNeed::AskedOften);
    }

    #[test]
    fn a_program_on_one_s_computer_is_allowed_each_time_anew() {
        let earlier = [consent("repo", "repo", 200)];
        let (scopes, stands_since) = (set("repo"), Some(Timestamp::from_seconds(0)));
        for uri in [
            "http://localhost:1/",
            "http://127.0.0.1/",
            "com.example:/cb",
        ] {
            let redirect = RedirectUri::from_stored(uri.to_owned());
            let asked = WhatWasAsked {
                scopes: &scopes,
                redirect: &redirect,
                stands_since,
                wants_choice: false,
                redeemed_lately: 0,
                is_public: false,
            };
            assert_eq!(consent_need(asked, &earlier), ConsentNeed::Ask, "{uri}");
        }
    }

    #[test]
    fn no_scopes_are_those_that_were_agreed_to_and_are_held() {
        let earlier = [
            consent("repo", "repo gist", 1),
            consent("user", "read:user", 1),
        ];
        assert_eq!(allowed_before(&earlier), set("repo read:user"));
        assert_eq!(allowed_before(&[]), ScopeSet::default());
    }

    #[test]
    fn scopes_for_administrators_want_one_who_proved_it_lately() {
        use Standing::{Ordinary, SiteAdministrator};
        let asked = set("site_admin gist");
        for (standing, lately, given) in [
            (SiteAdministrator, true, "site_admin gist"),
            (SiteAdministrator, false, "gist"),
            (Ordinary, true, "gist"),
        ] {
            let scopes = GivenScopes::of(&asked, standing, lately);
            assert_eq!(scopes.given, set(given));
            assert_eq!(scopes.withheld.len(), 2 - scopes.given.iter().count());
        }
    }

    #[test]
    fn a_state_of_four_kilobytes_is_kept() {
        assert!(State::parse(&"%20".repeat(1365)).is_some());
        assert_eq!(State::parse(&"a".repeat(4097)), None);
    }
}
