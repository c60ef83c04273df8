//! What apps have of flows: a request that waits, a code, a refresh token.

use counterfoil_domain::app::{App, AppChange, ExpiringTokens};
use counterfoil_domain::authorization::TokenLimits;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AppId;
use counterfoil_domain::key::DigestKey;
use counterfoil_domain::oauth::{
    AppRequest, AuthorizationCode, CodeDigest, CodeReplay, Proofs, RedirectUri, RequestHandle,
};
use counterfoil_store::{CodeRedemption, Redeemed, ReusedConsent};

use super::Scene;
use crate::world::set;

impl Scene<'_> {
    /// An app waits for an answer, and another one has a code.
    pub(super) async fn prepare_flow(&self) {
        self.ask(&self.app, self.handle().digest()).await;
        self.prepare_refresh().await;
        self.allow(&self.robot_now().await, "issued").await;
    }

    /// An app asks for what [`Scene::app_request`] says.
    async fn ask(&self, app: &App, handle: SecretDigest) {
        let (asked, app) = (self.app_request(app.summary.id), app.clone());
        let kept = self
            .store
            .keep_app_request(handle, asked, app, self.world.now());
        assert!(kept.await.expect("it can be kept"));
    }

    /// An app asks, and gets the code of this name.
    async fn allow(&self, app: &App, code: &str) {
        let handle = self.world.secret().digest;
        self.ask(app, handle).await;
        let (code, by) = (self.code(code), self.world.operator());
        let allowed = self.store.allow_app(handle, self.of_mona, code, by).await;
        allowed.expect("it waits for an answer");
    }

    /// The app of the flows as it is by now.
    async fn robot_now(&self) -> App {
        let found = self.store.find_app(&self.robot.summary.client_id).await;
        found.expect("it can be read").expect("it is there")
    }

    /// What the app gets without a question, since mona let it in before.
    pub(super) async fn reused(&self) -> ReusedConsent {
        let app = self.robot_now().await;
        ReusedConsent {
            request: self.app_request(app.summary.id),
            callback: app.callback_urls[0].clone(),
            app,
            asked: set("gist"),
        }
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
        let robot = changed.expect("the app is there");
        self.allow(&robot, "exchanged").await;
        let redemption = self.redemption(self.code("exchanged"));
        let redeemed = store.redeem_code(redemption, operator()).await;
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
            redirect: RedirectUri::from_stored("https://app.example.com/callback".to_owned()),
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
