//! Witnesses that somebody is signed in. Each is made once for a request, from what the store holds
//! at that moment: a session that ended on another node is over here too.

use std::ops::Deref;
use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::form::{FormCookie, OnceValue};
use counterfoil_domain::preferences::Preferences;
use counterfoil_domain::principal::{Origin, SessionProof};
use counterfoil_domain::session::{CookieSecret, Session};
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::principal::{Caller, Operator};

/// Somebody who is signed in by a session.
#[derive(Clone, Debug)]
pub struct Person {
    caller: Caller,
    session: Session,
    preferences: Preferences,
    status: Option<String>,
}

/// Somebody who proved a short while ago, in the session that they use, who they are.
#[derive(Clone, Debug)]
pub struct FreshPerson(Person);

/// What a change led to that its user made in the session that they use, which goes on under
/// another secret.
pub struct GoneOn<T> {
    /// What it led to.
    pub value: T,
    /// For the session's cookie. The one before opens nothing any more.
    pub cookie: CookieSecret,
}

impl Person {
    /// What use cases take.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What a use case takes whose form counts once: the change is refused as repeated if one was
    /// made with the same value.
    pub fn caller_once(&self, once: OnceValue) -> Caller {
        self.caller.once(once)
    }

    /// The user, as the account stood when the session was read.
    pub fn account(&self) -> &Account {
        self.caller.account()
    }

    /// What use cases of operators take, if they are a site administrator.
    pub fn as_operator(&self) -> Option<Operator> {
        Operator::signed_in(&self.caller)
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// How pages speak to them.
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// What they are to be told at the next page, see [`Authority::was_told`].
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// What tokens of forms are bound to.
    pub fn form_cookie(&self) -> FormCookie {
        FormCookie::Session(self.session.digest)
    }
}

impl Deref for FreshPerson {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl Authority {
    /// Who is signed in by the session of this cookie, if anybody is.
    pub async fn person(
        &self,
        secret: &CookieSecret,
        origin: Origin,
    ) -> Result<Option<Person>, StoreError> {
        let (life, now) = (self.settings().session_life, self.now());
        let found = self.store().find_session(secret.digest(), life, now);
        let Some(found) = found.await? else {
            return Ok(None);
        };
        let session = found.session;
        self.session_uses().note(&session, &origin, now);
        let proof = SessionProof {
            id: session.id,
            digest: session.digest,
            ends_at: session.ends_at,
            once: None,
            next: None,
            administers: false,
        };
        Ok(Some(Person {
            caller: Caller::by_session(Arc::new(found.account), proof, origin),
            session,
            preferences: found.preferences,
            status: found.status,
        }))
    }

    /// The caller with another secret for their session, which goes on under it when the change is
    /// made.
    pub(crate) fn going_on(&self, caller: &Caller) -> (Caller, CookieSecret) {
        let cookie = CookieSecret::generate(self.entropy());
        (caller.going_on(cookie.digest()), cookie)
    }

    /// The same person, if they proved a short while ago who they are.
    pub fn fresh(&self, person: Person) -> Result<FreshPerson, Box<Person>> {
        if person.session.is_fresh(self.now()) {
            Ok(FreshPerson(person))
        } else {
            Err(Box::new(person))
        }
    }
}
