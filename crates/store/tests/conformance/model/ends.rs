//! How things end, and what that does to what they hang on.

use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{
    AuthorizationChangeRefused, CreationRefused, NameTaken, NoSuchToken,
};
use counterfoil_domain::grant::GrantRefused;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::scope::ScopeSet;

use crate::model::oracle::{Grant, Oracle, Token};
use crate::model::step::Change;
use crate::model::words::{Shown, refused};

type Answer = Result<String, String>;

impl Oracle {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "what was done is an answer, as what was refused is"
    )]
    pub(super) fn done(&mut self, action: Action, told: String) -> Answer {
        self.actions.push(action);
        Ok(told)
    }

    pub(super) fn is_live(&self, token: &Token) -> bool {
        !token.ended && token.shown.expires.is_none_or(|expires| expires > self.now)
    }

    fn live_token(&self, token: usize) -> Result<&Token, String> {
        let found = self.tokens.get(token).filter(|it| self.is_live(it));
        found.ok_or_else(|| refused::<()>(NoSuchToken).unwrap_err())
    }

    /// How many tokens ended for this reason.
    pub(super) fn count_ended(&self, reason: EndReason) -> usize {
        let ended = self.secrets.iter().filter_map(|(_, _, end)| *end);
        ended.filter(|(_, why)| *why == reason).count()
    }

    /// Ends a token that has not ended.
    pub(super) fn end(&mut self, token: usize, reason: EndReason) {
        let now = self.now;
        let token = &mut self.tokens[token];
        token.ended = true;
        token.shown.updated = token.shown.updated.max(now);
        let secret = token.shown.secret;
        let secret = self
            .secrets
            .iter_mut()
            .find(|(number, ..)| *number == secret);
        secret.expect("every token has a secret").2 = Some((now, reason));
    }

    /// Ends what is over of these tokens.
    pub(super) fn lapse(&mut self, which: impl Fn(&Token) -> bool) {
        self.end_all(
            |token| which(token) && token.shown.expires.is_some(),
            EndReason::Expired,
        );
    }

    /// Ends these tokens, those that are over for that reason, and says how many were not.
    pub(super) fn end_all(&mut self, which: impl Fn(&Token) -> bool, reason: EndReason) -> usize {
        let mut count = 0;
        let mut touched = Vec::new();
        for number in 0..self.tokens.len() {
            let token = &self.tokens[number];
            if token.ended || !which(token) {
                continue;
            }
            let is_live = self.is_live(token);
            if is_live && reason == EndReason::Expired {
                continue;
            }
            touched.extend(token.grant);
            count += usize::from(is_live);
            self.end(number, if is_live { reason } else { EndReason::Expired });
        }
        for grant in touched {
            self.recompute(Some(grant));
        }
        count
    }

    pub(super) fn end_expired(&mut self, limit: u32) -> String {
        let over = |token: &&Token| !token.ended && !self.is_live(token);
        let mut over: Vec<_> = self.tokens.iter().filter(over).collect();
        over.sort_by_key(|token| (token.shown.expires, token.shown.number));
        let over = over.iter().take(limit as usize);
        let over: Vec<_> = over
            .map(|token| (token.shown.number, token.grant))
            .collect();
        for (token, _) in &over {
            self.end(*token, EndReason::Expired);
        }
        for (_, grant) in &over {
            self.recompute(*grant);
        }
        if !over.is_empty() {
            self.actions.push(Action::AuthorizationsLapsed);
        }
        format!("{} ended", over.len())
    }

    pub(super) fn end_app(&mut self, app: usize) -> (usize, usize) {
        self.apps[app].ended = true;
        let tokens = self.end_all(|token| token.app == Some(app), EndReason::AppDeleted);
        (tokens, self.end_grants(|grant| grant.app == app))
    }

    pub(super) fn end_grants(&mut self, which: impl Fn(&Grant) -> bool) -> usize {
        let live = self
            .grants
            .iter_mut()
            .filter(|grant| !grant.ended && which(grant));
        live.map(|grant| grant.ended = true).count()
    }

    pub(super) fn end_grant(&mut self, grant: usize) -> usize {
        let (owner, app) = (self.grants[grant].owner, self.grants[grant].app);
        let under = |token: &Token| token.owner == owner && token.app == Some(app);
        let count = self.end_all(under, EndReason::GrantDeleted);
        self.grants[grant].ended = true;
        self.actions.push(Action::GrantRevoked);
        count
    }

    /// The live grant of a pair, or a new one.
    pub(super) fn grant_of(&mut self, owner: usize, app: usize, scopes: &ScopeSet) -> usize {
        if let Some(grant) = self.live_grant(owner, app) {
            self.grants[grant].updated = self.grants[grant].updated.max(self.now);
            return grant;
        }
        self.grants.push(Grant {
            owner,
            app,
            scopes: scopes.clone(),
            updated: self.now,
            ended: false,
        });
        self.grants.len() - 1
    }

    fn live_grant(&self, owner: usize, app: usize) -> Option<usize> {
        let of_pair = |grant: &Grant| grant.owner == owner && grant.app == app && !grant.ended;
        self.grants.iter().position(of_pair)
    }

    /// The scopes that a grant has now: those of its live tokens together, or else those it had
    /// last.
    pub(super) fn scopes_of(&self, grant: &Grant) -> ScopeSet {
        let under = |token: &&Token| {
            token.owner == grant.owner && token.app == Some(grant.app) && self.is_live(token)
        };
        let live: Vec<_> = self.tokens.iter().filter(under).collect();
        if live.is_empty() {
            return grant.scopes.clone();
        }
        let none = ScopeSet::default();
        live.iter()
            .fold(none, |all, token| all.with(&token.shown.scopes))
    }

    pub(super) fn recompute(&mut self, grant: Option<usize>) {
        let Some(number) = grant.filter(|grant| !self.grants[*grant].ended) else {
            return;
        };
        let scopes = self.scopes_of(&self.grants[number]);
        let grant = &mut self.grants[number];
        if grant.scopes != scopes {
            grant.scopes = scopes;
            grant.updated = grant.updated.max(self.now);
        }
    }

    pub(super) fn change(&mut self, token: usize, change: &Change) -> Answer {
        let held = self.live_token(token)?.clone();
        let note = change.note.unwrap_or(held.shown.note);
        let mut fingerprint = held.shown.fingerprint;
        let own = Some(token);
        match held.app {
            None if note.is_none() => return refused(AuthorizationChangeRefused::NoteMissing),
            None => self.refuse_taken(held.owner, None, note, own, NameTaken::Note)?,
            Some(_) => {
                fingerprint = change.fingerprint.unwrap_or(fingerprint);
                let reason = NameTaken::Fingerprint;
                self.refuse_taken(held.owner, held.app, fingerprint, own, reason)?;
            }
        }
        let now = self.now;
        let shown = &mut self.tokens[token].shown;
        *shown = Shown {
            note,
            fingerprint,
            scopes: change.scopes.apply(&shown.scopes),
            updated: shown.updated.max(now),
            ..shown.clone()
        };
        let told = format!("changed {shown:?}");
        self.recompute(held.grant);
        self.done(Action::AuthorizationChanged, told)
    }

    pub(super) fn revoke(&mut self, token: usize, by: Option<usize>) -> Answer {
        let held = self.live_token(token)?;
        if by.is_some_and(|by| by != held.owner) {
            return refused(NoSuchToken);
        }
        let grant = held.grant;
        self.end(token, EndReason::DeletedByOwner);
        self.recompute(grant);
        self.done(Action::AuthorizationRevoked, "revoked".to_owned())
    }

    pub(super) fn revoke_grant(&mut self, owner: usize, app: usize, by: Option<usize>) -> Answer {
        let grant = self.live_grant(owner, app);
        let grant = grant.filter(|_| by.is_none_or(|by| by == owner));
        match grant {
            Some(grant) => Ok(format!("{} ended", self.end_grant(grant))),
            None => refused(GrantRefused::NotFound),
        }
    }

    /// An app's own live token, if the app proves who it is.
    pub(super) fn own(&self, (app, proof): (usize, usize), secret: usize) -> Result<usize, String> {
        let held = self.apps.get(app).filter(|app| !app.ended);
        if held.is_none_or(|app| app.secret != proof || self.users[app.owner].suspended) {
            return refused(CreationRefused::AppGone);
        }
        let is_it = |token: &&Token| token.shown.secret == secret && self.is_live(token);
        let found = self.tokens.iter().find(is_it);
        match found.filter(|token| token.app == Some(app)) {
            Some(token) => Ok(token.shown.number),
            None => refused(NoSuchToken),
        }
    }

    pub(super) fn reset(&mut self, proof: (usize, usize), old: usize, new: usize) -> Answer {
        let token = self.own(proof, old)?;
        if self.users[self.tokens[token].owner].suspended {
            return refused(NoSuchToken);
        }
        let now = self.now;
        let ended = self.secrets.iter_mut().find(|(number, ..)| *number == old);
        ended.expect("it was made").2 = Some((now, EndReason::Reset));
        self.secrets.push((new, token, None));
        let shown = &mut self.tokens[token].shown;
        shown.secret = new;
        shown.updated = shown.updated.max(now);
        let told = format!("reset {shown:?}");
        self.done(Action::AuthorizationReset, told)
    }

    pub(super) fn revoke_by_app(&mut self, proof: (usize, usize), secret: usize) -> Answer {
        let token = self.own(proof, secret)?;
        let grant = self.tokens[token].grant;
        self.end(token, EndReason::RevokedByApp);
        self.recompute(grant);
        self.done(Action::AuthorizationRevoked, "revoked".to_owned())
    }

    /// What became of a secret.
    pub(super) fn inspect(&self, secret: usize) -> String {
        let Some((_, token, end)) = self.secrets.iter().find(|(number, ..)| *number == secret)
        else {
            return "unknown".to_owned();
        };
        let expires = self.tokens[*token].shown.expires;
        let over = match end {
            Some((at, EndReason::Expired)) => Some((expires.unwrap_or(*at).min(*at), "expired")),
            Some((at, reason)) => Some((*at, reason.as_str())),
            None => expires
                .filter(|at| *at <= self.now)
                .map(|at| (at, "expired")),
        };
        format!("token {token} over {over:?}")
    }
}
