//! An app asks a user for access: whether the user is asked, and what becomes of the answer.

use counterfoil_domain::app::{App, AppUrl, ClientId};
use counterfoil_domain::id::AppId;
use counterfoil_domain::oauth::{
    AppRequest, AuthorizationCode, ChosenRedirect, CodeChallenge, ConsentNeed, GivenScopes,
    RequestHandle, State, WhatWasAsked, allowed_before, consent_need,
};
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_store::{
    AnswerRefused, AskingApp, FoundRequest, ReuseRefused, ReusedConsent, StoreError,
};

use crate::authority::Authority;
use crate::sessions::person::Person;
use crate::use_case::UseCaseError;

/// What an app asks for, once it was found to be well-formed.
#[derive(Clone, Debug)]
pub struct AppWish {
    /// Where the answer is to go.
    pub redirect: ChosenRedirect,
    /// The scopes; none if the app names none.
    pub scopes: Option<ScopeSet>,
    /// What the app wants back.
    pub state: Option<State>,
    /// What the redemption of the code will have to prove.
    pub challenge: Option<CodeChallenge>,
    /// Whether the user is to choose who they are.
    pub wants_choice: bool,
    /// Whether anybody can claim to be the app.
    pub is_public: bool,
    /// The query that the app sent.
    pub query: String,
}

/// What an app asks for, held against what the user gave it before.
#[derive(Clone, Debug)]
pub struct ConsideredRequest {
    /// What the app would get.
    pub request: AppRequest,
    /// The callback that allows where the answer goes.
    callback: AppUrl,
    /// All scopes that are asked for.
    asked: ScopeSet,
    /// Whether the user is asked.
    pub need: ConsentNeed,
    /// Scopes for administrators that it does not get.
    pub withheld: Vec<Scope>,
    /// What the app may do already; nothing if the user never agreed to anything.
    pub allowed: Option<ScopeSet>,
}

impl Authority {
    /// The live app of a client id, as a page shows it.
    pub async fn asking_app(&self, client_id: &ClientId) -> Result<Option<AskingApp>, StoreError> {
        self.store().find_asking_app(client_id).await
    }

    /// Whether the signed-in user has a live grant for this app.
    pub async fn has_granted(&self, person: &Person, app: AppId) -> Result<bool, StoreError> {
        self.store().has_grant(person.account().id, app).await
    }

    /// Holds a wish against what the user gave the app before.
    #[tracing::instrument(name = "oauth.consider", level = "debug", skip_all)]
    pub async fn consider(
        &self,
        person: &Person,
        app: AppId,
        wish: AppWish,
    ) -> Result<ConsideredRequest, StoreError> {
        let (account, now) = (person.account(), self.now());
        let ChosenRedirect { uri, callback } = wish.redirect;
        let pair = (account.id, app);
        let stands = self
            .store()
            .what_stands(pair, callback.clone(), wish.scopes, now);
        let stands = stands.await?;
        let asked = WhatWasAsked {
            scopes: &stands.asked,
            redirect: &uri,
            stands_since: stands.stands_since,
            wants_choice: wish.wants_choice,
            redeemed_lately: stands.redeemed_lately,
            is_public: wish.is_public,
        };
        let need = consent_need(asked, &stands.earlier);
        let proved_lately = person.session().is_fresh_for_administrators(now);
        let may_give_all = proved_lately && !wish.is_public;
        let scopes = GivenScopes::of(&stands.asked, account.standing, may_give_all);
        let had_consented = !stands.earlier.is_empty();
        Ok(ConsideredRequest {
            request: AppRequest {
                app,
                account: account.id,
                session: person.session().id,
                redirect: uri,
                scopes: scopes.given,
                state: wish.state,
                challenge: wish.challenge,
                query: wish.query,
            },
            callback,
            need,
            withheld: scopes.withheld,
            allowed: had_consented.then(|| allowed_before(&stands.earlier)),
            asked: stands.asked,
        })
    }

    /// A code for what the user agreed to before. It is issued only if the app is still as it was
    /// read, and the user would not be asked now.
    #[tracing::instrument(name = "oauth.reuse_consent", level = "debug", skip_all)]
    pub async fn reuse_consent(
        &self,
        person: &Person,
        app: App,
        considered: ConsideredRequest,
    ) -> Result<AuthorizationCode, UseCaseError<ReuseRefused>> {
        let code = AuthorizationCode::generate(self.entropy());
        let reused = ReusedConsent {
            request: considered.request,
            app,
            callback: considered.callback,
            asked: considered.asked,
        };
        let digest = code.digest(self.digest_key());
        let by = self.attribute_to(person.caller().principal());
        self.store().reuse_consent(reused, digest, by).await?;
        Ok(code)
    }

    /// Keeps a request that is shown to the user, and gives what its form carries; nothing if the
    /// app is not as it was read any more.
    pub async fn keep_app_request(
        &self,
        request: AppRequest,
        app: App,
    ) -> Result<Option<RequestHandle>, StoreError> {
        let handle = RequestHandle::generate(self.entropy());
        let kept = self
            .store()
            .keep_app_request(handle.digest(), request, app, self.now());
        Ok(kept.await?.then_some(handle))
    }

    /// The pending authorization request of a consent form's handle, of any user and session,
    /// unless it has expired.
    pub async fn app_request(
        &self,
        handle: &RequestHandle,
    ) -> Result<Option<FoundRequest>, StoreError> {
        let digest = handle.digest();
        self.store().find_app_request(digest, self.now()).await
    }

    /// Whether the user may still give all that a request shows: scopes for administrators want a
    /// proof that may have grown old while the page was read.
    pub fn may_still_give(&self, person: &Person, request: &AppRequest) -> bool {
        let proved_lately = person.session().is_fresh_for_administrators(self.now());
        let standing = person.account().standing;
        GivenScopes::of(&request.scopes, standing, proved_lately)
            .withheld
            .is_empty()
    }

    /// Lets an app in that asked in this session, with a code for it.
    #[tracing::instrument(name = "oauth.allow", level = "debug", skip_all)]
    pub async fn allow_app(
        &self,
        person: &Person,
        handle: &RequestHandle,
    ) -> Result<(AppRequest, AuthorizationCode), UseCaseError<AnswerRefused>> {
        let code = AuthorizationCode::generate(self.entropy());
        let digest = code.digest(self.digest_key());
        let by = self.attribute_to(person.caller().principal());
        let session = person.session().id;
        let allowed = self.store().allow_app(handle.digest(), session, digest, by);
        Ok((allowed.await?, code))
    }

    /// Turns an app away that asked in this session.
    #[tracing::instrument(name = "oauth.deny", level = "debug", skip_all)]
    pub async fn deny_app(
        &self,
        person: &Person,
        handle: &RequestHandle,
    ) -> Result<AppRequest, UseCaseError<AnswerRefused>> {
        let by = self.attribute_to(person.caller().principal());
        let session = person.session().id;
        Ok(self.store().deny_app(handle.digest(), session, by).await?)
    }
}
