//! What apps have of flows: a request that waits, a code, a refresh token.

use counterfoil_domain::app::{AppChange, ExpiringTokens};
use counterfoil_domain::authorization::TokenLimits;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AppId;
use counterfoil_domain::key::DigestKey;
use counterfoil_domain::oauth::{
    AppRequest, AuthorizationCode, CodeDigest, CodeReplay, Proofs, RedirectUri, RequestHandle,
};
use counterfoil_store::{CodeRedemption, NewCode, Redeemed};

use super::Scene;
use crate::world::set;

impl Scene<'_> {
    /// An app waits for an answer, and another one has a code.
    pub(super) async fn prepare_flow(&self) {
        let (store, asked) = (self.store, self.app_request(self.app.summary.id));
        let kept = store.keep_app_request(self.handle().digest(), asked, self.world.now());
        kept.await.expect("it can be kept");
        let new = NewCode {
            digest: self.code("issued"),
            consented_at: self.world.now(),
        };
        let asked = self.app_request(self.robot.summary.id);
        let issued = store.reuse_consent(asked, new, self.world.operator()).await;
        issued.expect("the app is there");
        self.prepare_refresh().await;
    }

    /// The app has a refresh token.
    async fn prepare_refresh(&self) {
        let (store, robot, operator) =
            (self.store, self.robot.summary.id, || self.world.operator());
        let change = AppChange {
            expiring_tokens: Some(ExpiringTokens::Enabled),
            ..AppChange::default()
        };
        let changed = store.change_app(robot, change, operator()).await;
        changed.expect("the app is there");
        let code = self.code("exchanged");
        let new = NewCode {
            digest: code,
            consented_at: self.world.now(),
        };
        let issued = store.reuse_consent(self.app_request(robot), new, operator());
        issued.await.expect("the app is there");
        let redeemed = store.redeem_code(self.redemption(code), operator()).await;
        let redeemed = redeemed.expect("it can be exchanged");
        assert!(matches!(redeemed, Redeemed::Issued(made) if made.life.is_some()));
    }

    /// What the app brings with a code.
    pub(super) fn redemption(&self, code: CodeDigest) -> CodeRedemption {
        CodeRedemption {
            code,
            app: self.robot.summary.id,
            proofs: Proofs::default(),
            by_published: false,
            replay: CodeReplay::Tolerated,
            token: self.world.secret(),
            refresh: self.refresh(),
            expires_at: None,
            limits: TokenLimits::default(),
        }
    }

    /// What is kept of the app's refresh token.
    pub(super) fn refresh(&self) -> SecretDigest {
        SecretDigest::of(&format!("refresh {}", self.mona.id))
    }

    pub(super) fn app_request(&self, app: AppId) -> AppRequest {
        AppRequest {
            app,
            account: self.mona.id,
            session: self.of_mona,
            redirect: RedirectUri::from_stored("https://app.example.com/".to_owned()),
            scopes: set("gist"),
            state: None,
            challenge: None,
            query: String::new(),
        }
    }

    /// What the form carries that an app waits behind.
    pub(super) fn handle(&self) -> RequestHandle {
        let text = format!("{:0>21}A", self.mona.id.0);
        RequestHandle::parse(&text).expect("22 letters")
    }

    /// What is kept of a code of this scene.
    pub(super) fn code(&self, name: &str) -> CodeDigest {
        let key = DigestKey::from_bytes(&[7; 32]).expect("32 bytes");
        AuthorizationCode::claimed(&format!("{name}{}", self.mona.id)).digest(&key)
    }
}
