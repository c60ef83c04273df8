//! What one user and app are known to have, kept by whoever sends the requests.

use std::time::Duration;

use counterfoil_testkit::process::{ApiClient, OauthApp, Person};

use super::dice::Dice;

/// What the trail calls the end of a token, which it tells beside what led to it.
pub(super) const TOKEN_ENDED: &str = "token.ended";

/// The records of one pair of user and app.
pub(super) struct Ledger {
    number: usize,
    pub(super) person: Person,
    pub(super) app: OauthApp,
    pub(super) dice: Dice,
    pub(super) tokens: Vec<Token>,
    /// Tokens that ended since the last reckoning.
    pub(super) ended: Vec<String>,
    ended_before: Vec<String>,
    /// Whether the user's grant to the app is live.
    pub(super) granted: bool,
    /// Every event that the trail must hold.
    pub(super) events: Vec<Event>,
    /// How many of them were held against the trail.
    reckoned: usize,
    /// The request whose answer never came.
    pub(super) unanswered: Option<Request>,
    pub(super) unanswered_that_happened: usize,
    /// The longest time that an answer took.
    pub(super) slowest: Duration,
    made: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) id: i64,
    /// The token itself, unless the answer with it never came.
    pub(super) secret: Option<String>,
    pub(super) kind: Kind,
    pub(super) scopes: Vec<&'static str>,
}

/// What an authorization is told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A personal token, by its note.
    Personal { note: String },
    /// A token of the app, by its fingerprint.
    App { fingerprint: String },
}

/// An event as the trail must hold it: its action, and the id of the authorization or grant that it
/// is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub(super) action: &'static str,
    pub(super) id: i64,
}

/// A request that changes something.
#[derive(Clone, Debug)]
pub(super) enum Request {
    Create {
        kind: Kind,
        scopes: Vec<&'static str>,
    },
    GetOrCreate {
        fingerprint: String,
        scopes: Vec<&'static str>,
    },
    Change {
        id: i64,
        scopes: Vec<&'static str>,
    },
    Delete {
        id: i64,
    },
    DeleteGrant {
        id: i64,
    },
}

impl Ledger {
    pub(super) fn new(number: usize, person: Person, app: OauthApp, dice: Dice) -> Self {
        Self {
            number,
            person,
            app,
            dice,
            tokens: Vec::new(),
            ended: Vec::new(),
            ended_before: Vec::new(),
            granted: false,
            events: Vec::new(),
            reckoned: 0,
            unanswered: None,
            unanswered_that_happened: 0,
            slowest: Duration::ZERO,
            made: 0,
        }
    }

    /// A note or fingerprint that nobody used before.
    pub(super) fn new_name(&mut self) -> String {
        self.made += 1;
        format!("{}-{}", self.number, self.made)
    }

    /// One of a few fingerprints that only this ledger uses, again and again.
    pub(super) fn one_of_few_names(&self) -> String {
        format!("{}-again-{}", self.number, self.dice.below(6))
    }

    pub(super) fn with_fingerprint(&self, fingerprint: &str) -> Option<&Token> {
        let is_it = |token: &&Token| matches!(&token.kind, Kind::App { fingerprint: held } if held == fingerprint);
        self.tokens.iter().find(is_it)
    }

    /// Enters that an authorization was made.
    pub(super) fn enter_created(&mut self, token: Token) {
        self.granted |= matches!(token.kind, Kind::App { .. });
        self.enter("authorization.created", token.id);
        self.tokens.push(token);
    }

    /// Enters that an authorization has other scopes.
    pub(super) fn enter_changed(&mut self, id: i64, scopes: Vec<&'static str>) {
        let token = self.tokens.iter_mut().find(|token| token.id == id);
        token.expect("only what is live is changed").scopes = scopes;
        self.enter("authorization.changed", id);
    }

    /// Enters that an authorization ended.
    pub(super) fn enter_deleted(&mut self, id: i64) {
        self.end(|token| token.id == id);
        self.enter("authorization.revoked", id);
    }

    /// Enters that the grant ended, and every token of the app with it.
    pub(super) fn enter_grant_deleted(&mut self, id: i64) {
        self.end(|token| matches!(token.kind, Kind::App { .. }));
        self.granted = false;
        self.enter("grant.revoked", id);
    }

    fn enter(&mut self, action: &'static str, id: i64) {
        self.events.push(Event { action, id });
    }

    fn end(&mut self, ends: impl Fn(&Token) -> bool) {
        let (ended, live) = std::mem::take(&mut self.tokens).into_iter().partition(ends);
        self.tokens = live;
        let ended: Vec<Token> = ended;
        for token in &ended {
            self.enter(TOKEN_ENDED, token.id);
        }
        self.ended
            .extend(ended.into_iter().filter_map(|token| token.secret));
    }

    /// What was entered since the last reckoning.
    pub(super) fn new_events(&self) -> &[Event] {
        &self.events[self.reckoned..]
    }

    /// [`Ledger::new_events`], for the last time.
    pub(super) fn take_new_events(&mut self) -> Vec<Event> {
        let new = self.new_events().to_vec();
        self.reckoned = self.events.len();
        new
    }

    /// How many changes were entered.
    pub(super) fn answered(&self) -> usize {
        self.changes() - self.unanswered_that_happened
    }

    /// How many changes the events tell of.
    pub(super) fn changes(&self) -> usize {
        let is_change = |event: &&Event| event.action != TOKEN_ENDED;
        self.events.iter().filter(is_change).count()
    }

    /// Sends each live token, and each that ended since the last time.
    pub(super) fn assert_tokens_are_what_they_are(&mut self, base_url: &str) {
        let mut client =
            ApiClient::with_token(base_url, "").expect("the server accepts connections");
        for token in &self.tokens {
            let Some(secret) = &token.secret else {
                continue;
            };
            client.use_token(secret);
            let answer = client.must("GET", "/user", None);
            assert_eq!(answer.assert_status(200).json()["login"], self.person.login);
        }
        for secret in &self.ended {
            client.use_token(secret);
            client.must("GET", "/user", None).assert_status(401);
        }
        self.ended_before.append(&mut self.ended);
    }

    /// Sends every token that ever ended.
    pub(super) fn assert_all_ended_are_refused(&mut self, base_url: &str) {
        let mut client =
            ApiClient::with_token(base_url, "").expect("the server accepts connections");
        for secret in &self.ended_before {
            client.use_token(secret);
            client.must("GET", "/user", None).assert_status(401);
        }
    }
}
