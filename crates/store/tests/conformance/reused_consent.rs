//! What a user agreed to before, between a page that looks at it and the code that is issued for
//! it.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{App, AppChange, AppSwitch, NoSuchApp, SwitchChange};
use counterfoil_domain::authorization::TokenLimits;
use counterfoil_domain::id::{AuthorizationId, SessionId};
use counterfoil_domain::key::DigestKey;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::oauth::{
    AppRequest, AuthorizationCode, CodeDigest, CodeReplay, Proofs, RedirectUri,
};
use counterfoil_store::{
    AnswerRefused, CodeRedemption, Redeemed, ReuseRefused, ReusedConsent, Transfer,
};

use crate::world::{World, refusal, set, url};

on_each_engine! {
    a_code_without_a_question_is_issued_only_for_what_stands_when_it_is_committed,
    a_question_about_an_app_that_was_changed_meanwhile_is_not_kept,
}

/// The session that everything happens in.
const SESSION: SessionId = SessionId(1);

/// What somebody changes after the page was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meanwhile {
    Nothing,
    Callbacks,
    Owner,
    ExactMatch,
    Pkce,
    PublishedSecret,
    TokenRevoked,
    Suspended,
    Deleted,
}

impl Meanwhile {
    const ALL: [Self; 9] = [
        Self::Nothing,
        Self::Callbacks,
        Self::Owner,
        Self::ExactMatch,
        Self::Pkce,
        Self::PublishedSecret,
        Self::TokenRevoked,
        Self::Suspended,
        Self::Deleted,
    ];
}

/// A user, and whose apps are.
struct Scene {
    world: World,
    mona: Account,
    hubot: Account,
}

impl Scene {
    async fn on(world: World) -> Self {
        let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
        Self { world, mona, hubot }
    }

    fn request(&self, app: &App) -> AppRequest {
        AppRequest {
            app: app.summary.id,
            account: self.mona.id,
            session: SESSION,
            redirect: RedirectUri::from_stored("https://app.example.com/callback".to_owned()),
            scopes: set("gist"),
            state: None,
            challenge: None,
            query: String::new(),
        }
    }

    fn code(&self) -> CodeDigest {
        let key = DigestKey::from_bytes(&[7; 32]).expect("32 bytes");
        let text = self.world.secret().last_eight;
        AuthorizationCode::claimed(&text).digest(&key)
    }

    /// Mona lets the app in on a page, and it exchanges the code.
    async fn let_in(&self, app: &App) -> AuthorizationId {
        let (store, operator) = (&self.world.store, || self.world.operator());
        let (handle, code) = (self.world.secret().digest, self.code());
        let asked = self.request(app);
        let kept = store.keep_app_request(handle, asked, app.clone(), self.world.now());
        assert!(kept.await.unwrap());
        let allowed = store.allow_app(handle, SESSION, code, operator()).await;
        allowed.expect("it waits for an answer");
        let redemption = CodeRedemption {
            code,
            app: app.summary.id,
            proofs: Proofs::default(),
            by_published: false,
            replay: CodeReplay::Tolerated,
            token: self.world.secret(),
            refresh: self.world.secret().digest,
            expires_at: None,
            limits: TokenLimits::default(),
        };
        match store.redeem_code(redemption, operator()).await.unwrap() {
            Redeemed::Issued(made) => made.authorization.id,
            other => panic!("{other:?}"),
        }
    }

    /// The request as a page takes it to be allowed.
    fn reused(&self, app: &App) -> ReusedConsent {
        ReusedConsent {
            request: self.request(app),
            app: app.clone(),
            callback: app.callback_urls[0].clone(),
            asked: set("gist"),
        }
    }

    async fn change(&self, app: &App, what: Meanwhile, token: AuthorizationId) {
        let (store, id) = (&self.world.store, app.summary.id);
        let operator = || self.world.operator();
        let turned = |switch| AppChange {
            switches: SwitchChange::default().turning(switch, true),
            ..AppChange::default()
        };
        let change = match what {
            Meanwhile::Nothing => return,
            Meanwhile::Callbacks => AppChange {
                callback_urls: Some(vec![url("https://evil.example/callback")]),
                ..AppChange::default()
            },
            Meanwhile::ExactMatch => turned(AppSwitch::ExactMatch),
            Meanwhile::Pkce => turned(AppSwitch::RequirePkce),
            Meanwhile::Owner => {
                let transfer = Transfer {
                    from: self.hubot.id,
                    to: self.mona.id,
                    per_user_limit: 100,
                };
                store.transfer_app(id, transfer, operator()).await.unwrap();
                return;
            }
            Meanwhile::PublishedSecret => {
                let secret = store.list_app_secrets(id).await.unwrap()[0].id;
                let published = store.publish_app_secret(id, secret, operator());
                published.await.unwrap();
                return;
            }
            Meanwhile::TokenRevoked => {
                let reason = EndReason::DeletedByOwner;
                let owner = Some(self.mona.id);
                let revoked = store.revoke_authorization(owner, token, reason, operator());
                revoked.await.unwrap();
                return;
            }
            Meanwhile::Suspended => {
                assert!(store.suspend_app(id, operator()).await.unwrap());
                return;
            }
            Meanwhile::Deleted => {
                store.delete_app(id, operator()).await.unwrap();
                return;
            }
        };
        store.change_app(id, change, operator()).await.unwrap();
    }
}

async fn a_code_without_a_question_is_issued_only_for_what_stands_when_it_is_committed(
    world: World,
) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    for what in Meanwhile::ALL {
        let app = world.app(&scene.hubot, "app").await;
        let token = scene.let_in(&app).await;
        let reused = scene.reused(&app);
        world.pass(Duration::from_secs(1));
        scene.change(&app, what, token).await;
        let events = world.events().await.len();
        let codes = world.look_up("SELECT count(*) FROM authorization_codes");
        let issued = store.reuse_consent(reused, scene.code(), world.operator());
        let expected = match what {
            Meanwhile::Nothing => {
                issued.await.unwrap();
                assert_eq!(world.actions_since(events).await, ["consent.reused"]);
                continue;
            }
            Meanwhile::Suspended | Meanwhile::Deleted => ReuseRefused::AppGone(NoSuchApp),
            Meanwhile::Callbacks
            | Meanwhile::Owner
            | Meanwhile::ExactMatch
            | Meanwhile::Pkce
            | Meanwhile::PublishedSecret
            | Meanwhile::TokenRevoked => ReuseRefused::ChangedMeanwhile,
        };
        assert_eq!(refusal(issued.await), expected, "{what:?}");
        assert_eq!(world.events().await.len(), events, "{what:?}");
        let left = world.look_up("SELECT count(*) FROM authorization_codes");
        assert_eq!(left, codes, "{what:?}");
    }
}

async fn a_question_about_an_app_that_was_changed_meanwhile_is_not_kept(world: World) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    for what in Meanwhile::ALL {
        let app = world.app(&scene.hubot, "app").await;
        let token = scene.let_in(&app).await;
        world.pass(Duration::from_secs(1));
        scene.change(&app, what, token).await;
        let (handle, asked) = (world.secret().digest, scene.request(&app));
        let kept = store.keep_app_request(handle, asked, app.clone(), world.now());
        // What is asked about is the app, and not the token that it has.
        let is_asked = matches!(
            what,
            Meanwhile::Nothing | Meanwhile::PublishedSecret | Meanwhile::TokenRevoked
        );
        assert_eq!(kept.await.unwrap(), is_asked, "{what:?}");
        let allowed = store.allow_app(handle, SESSION, scene.code(), world.operator());
        match allowed.await {
            Ok(_) => assert!(is_asked, "{what:?}"),
            refused => assert_eq!(refusal(refused), AnswerRefused::NotWaiting, "{what:?}"),
        }
    }
}
