//! The rules as plain structs in memory. It knows nothing of the store but the words of its
//! answers.

use counterfoil_domain::account::{LoginTaken, NoSuchUser, ReleaseRefused};
use counterfoil_domain::app::{AppCreationRefused, NoSuchApp};
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{CreationRefused, NameTaken};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::scope::ScopeSet;

use crate::model::step::{APPS_PER_USER, PER_SCOPE_SET, PER_USER, Step, Wish};
use crate::model::words::{Shown, refused};

/// What has ended: when and why.
type End = Option<(i64, EndReason)>;
/// An answer, in words: what was done, or why it was not.
type Answer = Result<String, String>;

/// Everything there is.
#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    pub(super) now: i64,
    pub(super) users: Vec<User>,
    pub(super) apps: Vec<App>,
    pub(super) tokens: Vec<Token>,
    pub(super) grants: Vec<Grant>,
    /// What became of each secret that a token has or had, by its number.
    pub(super) secrets: Vec<(usize, usize, End)>,
    pub(super) actions: Vec<Action>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    pub(super) login: usize,
    pub(super) suspended: bool,
    pub(super) ended: bool,
    pub(super) released: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct App {
    pub(super) owner: usize,
    pub(super) client_id: usize,
    pub(super) secret: usize,
    pub(super) ended: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) shown: Shown,
    pub(super) owner: usize,
    pub(super) app: Option<usize>,
    pub(super) grant: Option<usize>,
    pub(super) ended: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) owner: usize,
    pub(super) app: usize,
    pub(super) scopes: ScopeSet,
    pub(super) updated: i64,
    pub(super) ended: bool,
}

impl Oracle {
    /// Does what is asked for, or nothing at all.
    pub(super) fn apply(&mut self, step: &Step) -> String {
        let before = self.clone();
        match self.answer(step) {
            Ok(done) => {
                let ended = self.ended() - before.ended();
                let told = self.actions.len() + ended;
                self.actions.resize(told, Action::TokenEnded);
                done
            }
            Err(reason) => {
                *self = before;
                reason
            }
        }
    }

    /// How many tokens have ended, each of which has an event of its own.
    fn ended(&self) -> usize {
        let ended = |(_, _, end): &&(usize, usize, End)| end.is_some();
        self.secrets.iter().filter(ended).count()
    }

    fn answer(&mut self, step: &Step) -> Answer {
        match step {
            Step::Pass(seconds) => {
                self.now += seconds;
                Ok(String::new())
            }
            Step::CreateAccount(login) => self.create_account(*login),
            Step::Suspend(user, wanted) => self.suspend(*user, *wanted),
            Step::SetPassword(user, revoke) => self.set_password(*user, *revoke),
            Step::DeleteAccount(user) => self.delete_account(*user),
            Step::Release(login) => self.release(*login),
            Step::CreateApp(app) => self.create_app(*app),
            Step::DeleteApp(app) => self.delete_app(*app),
            Step::Rotate(app, secret) => self.rotate(*app, *secret),
            Step::Create(wish) => self.create(wish),
            Step::GetOrCreate(wish) => self.get_or_create(wish),
            Step::Change(token, change) => self.change(*token, change),
            Step::Revoke(token, by) => self.revoke(*token, *by),
            Step::RevokeGrant(owner, app, by) => self.revoke_grant(*owner, *app, *by),
            Step::Reset(app, proof, old, new) => self.reset((*app, *proof), *old, *new),
            Step::RevokeByApp(app, proof, token) => self.revoke_by_app((*app, *proof), *token),
            Step::RevokeGrantByApp(app, proof, token) => {
                let token = self.own((*app, *proof), *token)?;
                let grant = self.tokens[token].grant.expect("it is an app's");
                Ok(format!("{} ended", self.end_grant(grant)))
            }
            Step::RevokeAllOf(user) => {
                let count =
                    self.end_all(|token| token.owner == *user, EndReason::RevokedByOperator);
                self.actions.push(Action::AuthorizationRevoked);
                Ok(format!("{count} ended"))
            }
            Step::RevokeAllOfApp(app) => {
                let of_app = |token: &Token| token.app == Some(*app);
                let count = self.end_all(of_app, EndReason::RevokedByOperator);
                self.actions.push(Action::AuthorizationRevoked);
                Ok(format!("{count} ended"))
            }
            Step::EndExpired(limit) => Ok(self.end_expired(*limit)),
            Step::Inspect(secret) => Ok(self.inspect(*secret)),
        }
    }

    fn create_account(&mut self, login: usize) -> Answer {
        if self
            .users
            .iter()
            .any(|user| user.login == login && !user.released)
        {
            return refused(LoginTaken);
        }
        self.users.push(User {
            login,
            suspended: false,
            ended: false,
            released: false,
        });
        self.done(Action::UserCreated, "made".to_owned())
    }

    fn living(&mut self, user: usize) -> Result<&mut User, String> {
        let found = self.users.get_mut(user).filter(|user| !user.ended);
        found.ok_or_else(|| refused::<()>(NoSuchUser).unwrap_err())
    }

    fn suspend(&mut self, user: usize, wanted: bool) -> Answer {
        let user = self.living(user)?;
        if user.suspended == wanted {
            return Ok("false".to_owned());
        }
        user.suspended = wanted;
        let action = if wanted {
            Action::UserSuspended
        } else {
            Action::UserUnsuspended
        };
        self.done(action, "true".to_owned())
    }

    fn set_password(&mut self, user: usize, revoke: bool) -> Answer {
        self.living(user)?;
        let of_user = |token: &Token| revoke && token.owner == user;
        let count = self.end_all(of_user, EndReason::PasswordChanged);
        self.done(Action::UserPasswordChanged, format!("{count} ended"))
    }

    fn delete_account(&mut self, user: usize) -> Answer {
        self.living(user)?.ended = true;
        let reason = EndReason::AccountDeleted;
        let mut tokens = self.end_all(|token| token.owner == user, reason);
        let mut grants = self.end_grants(|grant| grant.owner == user);
        let mut apps = 0;
        for app in 0..self.apps.len() {
            if self.apps[app].owner == user && !self.apps[app].ended {
                let ended = self.end_app(app);
                tokens += ended.0;
                grants += ended.1;
                apps += 1;
            }
        }
        let told = format!("{tokens} tokens, {grants} grants, {apps} apps");
        self.done(Action::UserDeleted, told)
    }

    fn release(&mut self, login: usize) -> Answer {
        let taken = |user: &&mut User| user.login == login && !user.released;
        match self.users.iter_mut().find(taken) {
            None => refused(ReleaseRefused::NotTaken),
            Some(user) if !user.ended => refused(ReleaseRefused::Live),
            Some(user) => {
                user.released = true;
                self.done(Action::LoginReleased, "released".to_owned())
            }
        }
    }

    fn create_app(&mut self, app: App) -> Answer {
        let owner = self.users.get(app.owner);
        if owner.is_none_or(|owner| owner.ended || owner.suspended) {
            return refused(AppCreationRefused::OwnerGone);
        }
        if self
            .apps
            .iter()
            .any(|other| other.client_id == app.client_id)
        {
            return refused(AppCreationRefused::ClientIdTaken);
        }
        let live = |other: &&App| other.owner == app.owner && !other.ended;
        if self.apps.iter().filter(live).count() >= APPS_PER_USER as usize {
            return refused(AppCreationRefused::TooManyApps);
        }
        self.apps.push(app);
        self.done(Action::AppCreated, "made".to_owned())
    }

    fn living_app(&mut self, app: usize) -> Result<&mut App, String> {
        let found = self.apps.get_mut(app).filter(|app| !app.ended);
        found.ok_or_else(|| refused::<()>(NoSuchApp).unwrap_err())
    }

    fn delete_app(&mut self, app: usize) -> Answer {
        self.living_app(app)?;
        let (tokens, grants) = self.end_app(app);
        self.done(
            Action::AppDeleted,
            format!("{tokens} tokens, {grants} grants"),
        )
    }

    fn rotate(&mut self, app: usize, secret: usize) -> Answer {
        self.living_app(app)?.secret = secret;
        self.done(Action::AppSecretRotated, "rotated".to_owned())
    }

    fn get_or_create(&mut self, wish: &Wish) -> Answer {
        let fits = |token: &&Token| {
            token.owner == wish.owner
                && token.app == wish.app
                && token.shown.fingerprint == wish.fingerprint
                && self.is_live(token)
        };
        match self.tokens.iter().find(fits) {
            Some(token) => Ok(format!("found {:?}", token.shown)),
            None => self.create(wish),
        }
    }

    fn create(&mut self, wish: &Wish) -> Answer {
        let owner = self.users.get(wish.owner);
        if owner.is_none_or(|owner| owner.ended || owner.suspended) {
            return refused(CreationRefused::OwnerGone);
        }
        let grant = match wish.app {
            None => {
                self.refuse_taken(wish.owner, None, wish.note, None, NameTaken::Note)?;
                self.refuse_one_too_many(wish.owner)?;
                None
            }
            Some(app) => {
                let held = self.apps.get(app).filter(|app| !app.ended);
                let acts = |app: &App| !self.users[app.owner].suspended;
                let proven = |app: &App| {
                    wish.proof
                        .is_none_or(|proof| proof == app.secret && acts(app))
                };
                if !held.is_some_and(proven) {
                    return refused(CreationRefused::AppGone);
                }
                let taken = NameTaken::Fingerprint;
                self.refuse_taken(wish.owner, Some(app), wish.fingerprint, None, taken)?;
                self.make_room(wish);
                let grant = self.grant_of(wish.owner, app, &wish.scopes);
                self.refuse_one_too_many(wish.owner)?;
                Some(grant)
            }
        };
        let number = self.tokens.len();
        let shown = Shown {
            number,
            secret: wish.secret,
            scopes: wish.scopes.clone(),
            note: wish.note,
            fingerprint: wish.fingerprint,
            updated: self.now,
            expires: wish.expires,
        };
        let told = format!("made {shown:?}");
        self.secrets.push((wish.secret, number, None));
        self.tokens.push(Token {
            shown,
            owner: wish.owner,
            app: wish.app,
            grant,
            ended: false,
        });
        self.recompute(grant);
        self.done(Action::AuthorizationCreated, told)
    }

    /// The oldest with the same scopes end until there is room for one more.
    fn make_room(&mut self, wish: &Wish) {
        self.lapse(|token| token.owner == wish.owner);
        let same = |token: &&Token| {
            token.owner == wish.owner
                && token.app == wish.app
                && !token.ended
                && token.shown.scopes.sorted_names() == wish.scopes.sorted_names()
        };
        let live: Vec<_> = self.tokens.iter().filter(same).collect();
        let surplus = (live.len() + 1).saturating_sub(PER_SCOPE_SET as usize);
        let oldest: Vec<_> = live
            .iter()
            .take(surplus)
            .map(|it| it.shown.number)
            .collect();
        for token in oldest {
            self.end(token, EndReason::MaxForApp);
        }
    }

    fn refuse_one_too_many(&mut self, owner: usize) -> Result<(), String> {
        for look in 0..2 {
            let own = |token: &&Token| token.owner == owner && !token.ended;
            if self.tokens.iter().filter(own).count() < PER_USER as usize {
                return Ok(());
            }
            if look == 0 {
                self.lapse(|token| token.owner == owner);
            }
        }
        refused(CreationRefused::TooManyTokens { limit: PER_USER })
    }

    /// Refuses a note (of personal tokens) or a fingerprint (of an app's) that another token has
    /// that has not ended. One that is over ends.
    pub(super) fn refuse_taken(
        &mut self,
        owner: usize,
        app: Option<usize>,
        wanted: Option<usize>,
        own: Option<usize>,
        reason: NameTaken,
    ) -> Result<(), String> {
        for look in 0..2 {
            let same = |token: &Token| {
                let held = if app.is_some() {
                    token.shown.fingerprint
                } else {
                    token.shown.note
                };
                let is_other = own != Some(token.shown.number);
                token.owner == owner
                    && token.app == app
                    && is_other
                    && !token.ended
                    && held == wanted
            };
            if wanted.is_none() || !self.tokens.iter().any(same) {
                return Ok(());
            }
            if look == 0 {
                self.lapse(|token| token.owner == owner);
            }
        }
        refused(reason)
    }
}
