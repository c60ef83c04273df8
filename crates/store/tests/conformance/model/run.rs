//! The same steps on a store.

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{App, ClientId, KeptSecret};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, CreationRefused, ForApp, NewAuthorization, NoSuchToken,
    Provenance, Purpose, TokenLimits,
};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AuthorizationId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::Page;
use counterfoil_domain::principal::{Attribution, ClientProof, Lapsed};
use counterfoil_domain::text::{Fingerprint, Note};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{ChangeError, GotOrCreated, RevokeTokens, Whose};

use crate::model::oracle;
use crate::model::step::{APPS_PER_USER, Change, PER_SCOPE_SET, PER_USER, Step, Wish};
use crate::model::words::Shown;
use crate::world::{EVERYTHING, World, login, new_account, password};

const LIMITS: TokenLimits = TokenLimits {
    live_per_scope_set: PER_SCOPE_SET,
    per_hour: 0,
    live_per_user: PER_USER,
    on_pages_per_hour: u32::MAX,
};

/// A store, and what things are called in it.
#[derive(Debug)]
pub(super) struct Runner {
    pub(super) world: World,
    users: Vec<Account>,
    apps: Vec<App>,
    tokens: Vec<AuthorizationId>,
}

impl Runner {
    pub(super) fn new(world: World) -> Self {
        Self {
            world,
            users: Vec::new(),
            apps: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// Does what is asked for, and says what came of it.
    pub(super) async fn apply(&mut self, step: &Step) -> String {
        match step {
            Step::Create(_) | Step::GetOrCreate(_) | Step::Change(..) | Step::Revoke(..) => {
                self.tokens(step).await
            }
            Step::Reset(..) | Step::RevokeByApp(..) | Step::RevokeGrantByApp(..) => {
                self.by_app(step).await
            }
            Step::CreateApp(_)
            | Step::DeleteApp(_)
            | Step::Rotate(..)
            | Step::RevokeGrant(..)
            | Step::RevokeAllOf(_)
            | Step::RevokeAllOfApp(_) => self.apps(step).await,
            _ => self.rest(step).await,
        }
    }

    async fn rest(&mut self, step: &Step) -> String {
        let (store, by) = (self.world.store.clone(), self.world.operator());
        match step {
            Step::Pass(seconds) => {
                let seconds = u64::try_from(*seconds).expect("time goes on");
                self.world.pass(std::time::Duration::from_secs(seconds));
                String::new()
            }
            Step::CreateAccount(login) => {
                let new = new_account(&format!("user{login}"));
                let made = store.create_account(new, by).await;
                told(made, |account| {
                    self.users.push(account);
                    "made".to_owned()
                })
            }
            Step::Suspend(user, true) => {
                told(store.suspend_account(self.users[*user].id, by).await, said)
            }
            Step::Suspend(user, false) => told(
                store.unsuspend_account(self.users[*user].id, by).await,
                said,
            ),
            Step::SetPassword(user, revoke) => {
                let tokens = if *revoke {
                    RevokeTokens::Revoke
                } else {
                    RevokeTokens::Keep
                };
                let set = store.set_password(self.users[*user].id, password("new"), tokens, by);
                told(set.await, |set| format!("{} ended", set.tokens_revoked))
            }
            Step::DeleteAccount(user) => {
                told(store.delete_account(self.users[*user].id, by).await, |it| {
                    format!(
                        "{} tokens, {} grants, {} apps",
                        it.tokens, it.grants, it.apps
                    )
                })
            }
            Step::Release(name) => {
                let name = login(&format!("user{name}"));
                let released = store.release_login(&name, by).await;
                told(released, |()| "released".to_owned())
            }
            Step::EndExpired(limit) => {
                ended(store.end_expired(*limit, by).await.expect("it answers"))
            }
            Step::Inspect(secret) => self.inspect(*secret).await,
            other => unreachable!("{other:?} is done elsewhere"),
        }
    }

    async fn apps(&mut self, step: &Step) -> String {
        let (store, by) = (self.world.store.clone(), self.world.operator());
        match step {
            Step::CreateApp(app) => self.create_app(*app).await,
            Step::DeleteApp(app) => {
                let deleted = store.delete_app(self.apps[*app].summary.id, by);
                told(deleted.await, |it| {
                    format!("{} tokens, {} grants", it.tokens, it.grants)
                })
            }
            Step::Rotate(app, secret) => {
                let app = self.apps[*app].summary.id;
                let rotated = store.rotate_app_secret(app, kept(*secret), by);
                told(rotated.await, |()| "rotated".to_owned())
            }
            Step::RevokeGrant(owner, app, by) => self.revoke_grant(*owner, *app, *by).await,
            Step::RevokeAllOf(user) => {
                let whose = Whose::Account(self.users[*user].id);
                told(store.revoke_all(whose, by).await, ended)
            }
            Step::RevokeAllOfApp(app) => {
                let whose = Whose::App(self.apps[*app].summary.id);
                told(store.revoke_all(whose, by).await, ended)
            }
            other => unreachable!("{other:?} is done elsewhere"),
        }
    }

    async fn tokens(&mut self, step: &Step) -> String {
        let (store, by) = (self.world.store.clone(), self.world.operator());
        match step {
            Step::Create(wish) => {
                let by = self.wisher(wish).await;
                let made = store
                    .create_authorization(self.wished(wish), LIMITS, by)
                    .await;
                told(made, |token| self.made(&token))
            }
            Step::GetOrCreate(wish) => {
                let app = wish.app.expect("it is of an app");
                let (new, by) = (self.wished_of(app, wish), self.wisher(wish).await);
                let got = store.get_or_create_authorization(new, LIMITS, by).await;
                told(got, |got| match got {
                    GotOrCreated::Created(token) => self.made(&token),
                    GotOrCreated::Existing(token) => format!("found {:?}", self.shown(&token)),
                })
            }
            Step::Change(token, change) => {
                let Some(id) = self.tokens.get(*token) else {
                    return format!("refused {NoSuchToken}");
                };
                // Whoever changes it is its owner; whose it is the store tells.
                let owner = self.world.look_up(&format!(
                    "SELECT account_id FROM authorizations WHERE id = {id}"
                ));
                let owner = AccountId(owner[0].parse().expect("a number"));
                let changed = store.change_authorization(owner, *id, changed(change), by);
                told(changed.await, |token| {
                    format!("changed {:?}", self.shown(&token))
                })
            }
            Step::Revoke(token, owner) => {
                let id = self.tokens.get(*token).copied();
                let id = id.unwrap_or(AuthorizationId(i64::MAX));
                let owner = owner.map(|owner| self.users[owner].id);
                let reason = EndReason::DeletedByOwner;
                let revoked = store.revoke_authorization(owner, id, reason, by).await;
                told(revoked, |_| "revoked".to_owned())
            }
            other => unreachable!("{other:?} is done elsewhere"),
        }
    }

    async fn by_app(&self, step: &Step) -> String {
        let store = self.world.store.clone();
        let by = |app: usize, secret| {
            let proof = self.client(app, secret);
            (proof.app, self.world.by_app(proof))
        };
        match step {
            Step::Reset(app, secret, old, new) => {
                let ((app, by), old) = (by(*app, *secret), kept(*old).digest);
                let reset = store.reset_token_of_app(app, old, kept(*new), by).await;
                told(reset, |owner| {
                    format!("reset {:?}", self.shown(&owner.authorization))
                })
            }
            Step::RevokeByApp(app, secret, token) => {
                let ((app, by), token) = (by(*app, *secret), kept(*token).digest);
                let revoked = store.revoke_token_of_app(app, token, by).await;
                told(revoked, |()| "revoked".to_owned())
            }
            Step::RevokeGrantByApp(app, secret, token) => {
                let ((app, by), token) = (by(*app, *secret), kept(*token).digest);
                told(store.revoke_grant_of_app(app, token, by).await, ended)
            }
            other => unreachable!("{other:?} is done elsewhere"),
        }
    }

    async fn create_app(&mut self, app: oracle::App) -> String {
        let mut new = self.world.new_app(&self.users[app.owner], "app");
        new.client_id = ClientId::parse(&format!("{:020x}", app.client_id)).expect("20 digits");
        new.secret = kept(app.secret);
        let by = self.world.operator();
        let made = self.world.store.create_app(new, APPS_PER_USER, by).await;
        told(made, |app| {
            self.apps.push(app);
            "made".to_owned()
        })
    }

    async fn revoke_grant(&self, owner: usize, app: usize, by: Option<usize>) -> String {
        let (store, now) = (&self.world.store, self.world.now());
        let client_id = self.apps[app].summary.client_id.to_string();
        let listed = store.list_grants(self.users[owner].id, Some(client_id), page(), now);
        let listed = listed.await.expect("it answers").items;
        let id = listed.first().map_or(GrantId(i64::MAX), |grant| grant.id);
        let by = by.map(|by| self.users[by].id);
        let operator = self.world.operator();
        told(store.revoke_grant(by, id, operator).await, ended)
    }

    async fn inspect(&self, secret: usize) -> String {
        let (digest, now) = (kept(secret).digest, self.world.now());
        let found = self.world.store.inspect_token(digest, now).await;
        let Some(record) = found.expect("it answers") else {
            return "unknown".to_owned();
        };
        let number = self.number(record.owned.authorization.id);
        let over = record
            .over
            .map(|(at, reason)| (seconds(at), reason.as_str()));
        format!("token {number} over {over:?}")
    }

    fn wished(&self, wish: &Wish) -> NewAuthorization {
        match wish.app {
            None => {
                let note = wish.note.map(note).expect("a personal token has one");
                self.new_one(wish, Purpose::Personal { note })
            }
            Some(app) => self.wished_of(app, wish).into(),
        }
    }

    fn wished_of(&self, app: usize, wish: &Wish) -> NewAuthorization<ForApp> {
        let purpose = ForApp {
            app: self.apps[app].summary.id,
            note: wish.note.map(note),
            fingerprint: wish.fingerprint.map(fingerprint),
        };
        self.new_one(wish, purpose)
    }

    fn new_one<P>(&self, wish: &Wish, purpose: P) -> NewAuthorization<P> {
        NewAuthorization {
            owner: self.users[wish.owner].id,
            purpose,
            scopes: wish.scopes.clone(),
            note_url: None,
            provenance: Provenance::PasswordApi,
            expires_at: wish.expires.map(Timestamp::from_seconds),
            token: kept(wish.secret),
        }
    }

    /// Who wishes: the owner through the app whose secret speaks for it, or the operator.
    async fn wisher(&self, wish: &Wish) -> Attribution {
        let (Some(app), Some(secret)) = (wish.app, wish.proof) else {
            return self.world.operator();
        };
        let known = &self.users[wish.owner];
        let found = self.world.store.account_by_id(known.id).await;
        let owner = found.expect("it answers");
        let client = self.client(app, secret);
        self.world
            .by_user_and_app(owner.as_ref().unwrap_or(known), client)
    }

    /// What speaks for an app.
    fn client(&self, app: usize, secret: usize) -> ClientProof {
        ClientProof {
            app: self.apps[app].summary.id,
            secret: kept(secret).digest,
        }
    }

    fn made(&mut self, token: &Authorization) -> String {
        self.tokens.push(token.id);
        format!("made {:?}", self.shown(token))
    }

    fn number(&self, id: AuthorizationId) -> usize {
        let found = self.tokens.iter().rposition(|known| *known == id);
        found.expect("a token that was made here")
    }

    pub(super) fn shown(&self, token: &Authorization) -> Shown {
        Shown {
            number: self.number(token.id),
            secret: token.token.last_eight.parse().expect("digits"),
            scopes: token.scopes.clone(),
            note: token.note.as_ref().map(|note| last_number(note.as_str())),
            fingerprint: token
                .fingerprint
                .as_ref()
                .map(|it| last_number(it.as_str())),
            updated: seconds(token.updated_at),
            expires: token.expires_at.map(seconds),
        }
    }

    /// Everything that can be listed.
    pub(super) async fn listing(&self) -> Vec<String> {
        let (store, now) = (&self.world.store, self.world.now());
        let mut lines = Vec::new();
        for account in store.list_accounts().await.expect("it answers") {
            lines.push(format!("{} {}", account.login, account.is_suspended()));
        }
        for app in store.list_apps(None).await.expect("it answers") {
            lines.push(format!("app {}", app.summary.client_id));
        }
        for (number, user) in self.users.iter().enumerate() {
            let tokens = store.list_authorizations(user.id, None, page(), now).await;
            for token in tokens.expect("it answers").items {
                lines.push(format!("{number} {:?}", self.shown(&token)));
            }
            let grants = store.list_grants(user.id, None, page(), now).await;
            for grant in grants.expect("it answers").items {
                let (app, updated) = (grant.app.client_id, seconds(grant.updated_at));
                lines.push(format!("{number} grant {app} {} {updated}", grant.scopes));
            }
        }
        lines
    }
}

fn page() -> Page {
    Page::new(EVERYTHING.0, EVERYTHING.1)
}

/// What is kept of the secret of a number.
fn kept(number: usize) -> KeptSecret {
    let text = format!("secret-{number:08}");
    KeptSecret {
        digest: SecretDigest::of(&text),
        last_eight: text[text.len() - 8..].to_owned(),
    }
}

fn note(number: usize) -> Note {
    Note::parse(&format!("note {number}")).expect("a short note")
}

fn fingerprint(number: usize) -> Fingerprint {
    Fingerprint::parse(&format!("print {number}")).expect("short")
}

fn last_number(text: &str) -> usize {
    let number = text.rsplit(' ').next().expect("it has words");
    number.parse().expect("the last word is a number")
}

fn changed(change: &Change) -> AuthorizationChange {
    AuthorizationChange {
        scopes: change.scopes.clone(),
        note: change.note.map(|wanted| wanted.map(note)),
        note_url: None,
        fingerprint: change.fingerprint.map(|wanted| wanted.map(fingerprint)),
    }
}

fn seconds(at: Timestamp) -> i64 {
    at.microseconds() / 1_000_000
}

fn said(value: bool) -> String {
    value.to_string()
}

fn ended(count: u64) -> String {
    format!("{count} ended")
}

fn told<T, R: std::fmt::Display>(
    outcome: Result<T, ChangeError<R>>,
    done: impl FnOnce(T) -> String,
) -> String {
    match outcome {
        Ok(value) => done(value),
        Err(ChangeError::Refused(reason)) => format!("refused {reason}"),
        Err(ChangeError::Lapsed(Lapsed::Account)) => {
            format!("refused {}", CreationRefused::OwnerGone)
        }
        Err(ChangeError::Lapsed(Lapsed::Client)) => format!("refused {}", CreationRefused::AppGone),
        Err(ChangeError::Lapsed(lapsed)) => panic!("the proof lapsed: {lapsed:?}"),
        Err(ChangeError::Store(error)) => panic!("the store failed: {error}: {error:?}"),
    }
}
