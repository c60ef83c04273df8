//! Random steps over few users, apps, notes, fingerprints and scopes, so that they meet.

use counterfoil_domain::authorization::ScopeChange;
use counterfoil_domain::scope::{Scope, ScopeSet};

use crate::model::oracle::{App, Oracle, User};

/// The limits of the model, so low that they are reached.
pub(super) const APPS_PER_USER: u32 = 3;
pub(super) const PER_SCOPE_SET: u32 = 2;
pub(super) const PER_USER: u32 = 8;

const LOGINS: usize = 6;
/// Fewer active users or living apps than these are too few.
const USERS: usize = 3;
const APPS: usize = 3;
const NOTES: usize = 4;
const FINGERPRINTS: usize = 3;
const SCOPES: [&str; 4] = ["repo", "gist", "user", "notifications"];
const LIFETIMES: [i64; 4] = [30, 300, 3_000, 30_000];

/// Something that is asked for. Users, apps and tokens are named by the order in which they were
/// made, secrets by numbers.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Pass(i64),
    CreateAccount(usize),
    Suspend(usize, bool),
    SetPassword(usize, bool),
    DeleteAccount(usize),
    Release(usize),
    CreateApp(App),
    DeleteApp(usize),
    Rotate(usize, usize),
    Create(Wish),
    GetOrCreate(Wish),
    Change(usize, Change),
    Revoke(usize, Option<usize>),
    RevokeGrant(usize, usize, Option<usize>),
    Reset(usize, usize, usize, usize),
    RevokeByApp(usize, usize, usize),
    RevokeGrantByApp(usize, usize, usize),
    RevokeAllOf(usize),
    RevokeAllOfApp(usize),
    EndExpired(u32),
    Inspect(usize),
}

/// A token that is wished for: of an app, or personal.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) owner: usize,
    pub(super) app: Option<usize>,
    /// The secret that speaks for the app.
    pub(super) proof: Option<usize>,
    pub(super) note: Option<usize>,
    pub(super) fingerprint: Option<usize>,
    pub(super) scopes: ScopeSet,
    pub(super) expires: Option<i64>,
    pub(super) secret: usize,
}

/// A change of a token; nothing stays as it is, `Some(None)` takes away.
#[derive(Clone, Debug)]
#[expect(clippy::option_option, reason = "the domain's change has this form")]
pub(super) struct Change {
    pub(super) scopes: ScopeChange,
    pub(super) note: Option<Option<usize>>,
    pub(super) fingerprint: Option<Option<usize>>,
}

/// Numbers that repeat for a seed (the generator of Marsaglia, shifts 13, 7 and 17).
#[derive(Debug)]
pub(super) struct Dice {
    state: u64,
    /// The last number of a secret or client id that was given.
    drawn: usize,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            drawn: 0,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let bound = u64::try_from(bound.max(1)).expect("small");
        usize::try_from((self.state >> 11) % bound).expect("below a small bound")
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn new_number(&mut self) -> usize {
        self.drawn += 1;
        self.drawn
    }

    fn scopes(&mut self) -> ScopeSet {
        // Mostly the same ones, so that the bound on tokens with the same scopes is reached.
        let chosen = if self.one_in(4) {
            SCOPES.into_iter().filter(|_| self.one_in(2)).collect()
        } else {
            vec![SCOPES[self.below(2)]]
        };
        ScopeSet::parse(chosen).expect("they are known")
    }

    /// The next step. What it needs that is not there yet is made first.
    pub(super) fn step(&mut self, there: &Oracle) -> Step {
        let (users, apps) = (there.users.len(), there.apps.len());
        if users == 0 {
            return Step::CreateAccount(self.below(LOGINS));
        }
        if let Some(step) = self.revival(there) {
            return step;
        }
        let user = self.mostly(users, |user| {
            !there.users[user].ended && !there.users[user].suspended
        });
        let living = there.apps.iter().filter(|app| !app.ended).count();
        if apps == 0 || living < APPS {
            return self.create_app(user);
        }
        let app = self.mostly(apps, |app| !there.apps[app].ended);
        match self.below(100) {
            0..5 => Step::CreateAccount(self.below(LOGINS)),
            5..8 => Step::Suspend(user, self.one_in(3)),
            8..9 => Step::DeleteAccount(user),
            9..11 => Step::Release(self.below(LOGINS)),
            11..13 => Step::SetPassword(user, self.one_in(2)),
            13..16 => self.create_app(user),
            16..17 => Step::DeleteApp(app),
            17..19 => Step::Rotate(app, self.new_number()),
            19..37 => Step::Create(self.wish(there, user, None)),
            37..53 => Step::Create(self.wish(there, user, Some(app))),
            53..65 => Step::GetOrCreate(self.wish(there, user, Some(app))),
            65..73 => self.change(there),
            73..77 => {
                let by = self.one_in(2).then_some(user);
                Step::Revoke(self.token(there), by)
            }
            77..79 => {
                let by = self.one_in(3).then(|| self.below(users));
                Step::RevokeGrant(user, app, by)
            }
            79..87 => self.by_app(there, app),
            87 => Step::RevokeAllOf(user),
            88 => Step::RevokeAllOfApp(app),
            89..91 => Step::EndExpired(1 + u32::try_from(self.below(4)).expect("small")),
            91..95 => Step::Inspect(self.below(self.drawn + 2)),
            _ => Step::Pass(i64::try_from(self.below(200)).expect("small")),
        }
    }

    /// Where too few are left to do anything, somebody comes.
    fn revival(&mut self, there: &Oracle) -> Option<Step> {
        let active = |user: &&User| !user.ended && !user.suspended;
        if there.users.iter().filter(active).count() >= USERS {
            return None;
        }
        let login = self.below(LOGINS);
        let holder = there
            .users
            .iter()
            .position(|user| user.login == login && !user.released);
        Some(match holder {
            None => Step::CreateAccount(login),
            Some(user) if there.users[user].ended => Step::Release(login),
            Some(user) => Step::Suspend(user, false),
        })
    }

    fn create_app(&mut self, owner: usize) -> Step {
        let client_id = if self.one_in(10) {
            1 + self.below(self.drawn)
        } else {
            self.new_number()
        };
        Step::CreateApp(App {
            owner,
            client_id,
            secret: self.new_number(),
            ended: false,
        })
    }

    fn wish(&mut self, there: &Oracle, owner: usize, app: Option<usize>) -> Wish {
        let proof = app.filter(|_| self.one_in(3));
        let lifetime = self
            .one_in(3)
            .then(|| LIFETIMES[self.below(LIFETIMES.len())]);
        let note = (app.is_none() || self.one_in(2)).then(|| self.below(NOTES));
        let fingerprint = app
            .filter(|_| self.one_in(2))
            .map(|_| self.below(FINGERPRINTS));
        Wish {
            owner,
            app,
            proof: proof.map(|app| self.proof(there, app)),
            note,
            fingerprint,
            scopes: self.scopes(),
            expires: lifetime.map(|lifetime| there.now + lifetime),
            secret: self.new_number(),
        }
    }

    /// The secret of an app, or now and then a wrong one.
    fn proof(&mut self, there: &Oracle, app: usize) -> usize {
        if self.one_in(6) {
            self.below(self.drawn + 1)
        } else {
            there.apps[app].secret
        }
    }

    /// A token, most often one that lives.
    fn token(&mut self, there: &Oracle) -> usize {
        let tokens = there.tokens.len();
        self.mostly(tokens, |token| there.is_live(&there.tokens[token]))
    }

    /// One of so many, most often a good one.
    fn mostly(&mut self, count: usize, is_good: impl Fn(usize) -> bool) -> usize {
        let good: Vec<_> = (0..count).filter(|one| is_good(*one)).collect();
        if good.is_empty() || self.one_in(12) {
            self.below(count)
        } else {
            good[self.below(good.len())]
        }
    }

    fn change(&mut self, there: &Oracle) -> Step {
        let scopes = match self.below(3) {
            0 => ScopeChange::Keep,
            1 => ScopeChange::Replace(self.scopes()),
            _ => ScopeChange::Amend {
                add: self.scopes(),
                remove: Scope::find(SCOPES[self.below(4)]).into_iter().collect(),
            },
        };
        let mut some = |count: usize| match self.below(4) {
            0 => Some(None),
            1 => None,
            _ => Some(Some(self.below(count))),
        };
        let (note, fingerprint) = (some(NOTES), some(FINGERPRINTS));
        let change = Change {
            scopes,
            note,
            fingerprint,
        };
        Step::Change(self.token(there), change)
    }

    /// What an app does with a token: mostly its own app.
    fn by_app(&mut self, there: &Oracle, app: usize) -> Step {
        let token = self.token(there);
        let Some(token) = there.tokens.get(token) else {
            return Step::Pass(1);
        };
        let app = token.app.filter(|_| !self.one_in(6)).unwrap_or(app);
        let (proof, secret) = (self.proof(there, app), token.shown.secret);
        match self.below(4) {
            0 => Step::RevokeByApp(app, proof, secret),
            1 if self.one_in(3) => Step::RevokeGrantByApp(app, proof, secret),
            _ => Step::Reset(app, proof, secret, self.new_number()),
        }
    }
}
