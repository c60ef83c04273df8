//! Refresh tokens: what a refresh leaves as it was, who may without a secret, and many at once.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{App, AppChange, ExpiringTokens};
use counterfoil_domain::authorization::TokenLimits;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AuthorizationId, SessionId};
use counterfoil_domain::key::DigestKey;
use counterfoil_domain::oauth::{
    AppRequest, AuthorizationCode, ClientStanding, CodeReplay, Proofs, RedirectUri,
};
use counterfoil_store::{
    CodeRedemption, FlowResult, Redeemed, Refreshed, Store, TokenRefresh, Whose,
};
use futures_util::future::join_all;

use crate::world::{World, set};

on_each_engine! {
    a_refresh_leaves_everything_but_the_tokens_and_the_times_as_it_was,
    a_program_without_a_secret_refreshes_what_a_device_flow_gave_it_and_nothing_else,
    of_two_processes_that_refresh_at_once_one_does,
    a_refresh_token_ends_with_all_tokens_of_its_user_or_app,
}

/// A user who let an app in whose tokens expire.
struct Scene {
    world: World,
    mona: Account,
    app: App,
}

impl Scene {
    async fn on(world: World) -> Self {
        let mona = world.user("mona").await;
        let app = world.app(&mona, "Deployer").await;
        let change = AppChange {
            expiring_tokens: Some(ExpiringTokens::Enabled),
            ..AppChange::default()
        };
        let changed = world
            .store
            .change_app(app.summary.id, change, world.operator());
        let app = changed.await.expect("the app is there");
        Self { world, mona, app }
    }

    /// What a flow gives the app, and what is kept of its refresh token.
    async fn begin(&self, scopes: &str) -> (FlowResult, SecretDigest) {
        let (store, now) = (&self.world.store, self.world.now());
        let key = DigestKey::from_bytes(&[7; 32]).expect("32 bytes");
        let code = self.world.secret().last_eight;
        let code = AuthorizationCode::claimed(&code).digest(&key);
        let request = AppRequest {
            app: self.app.summary.id,
            account: self.mona.id,
            session: SessionId(1),
            redirect: RedirectUri::from_stored("https://app.example.org/".to_owned()),
            scopes: set(scopes),
            state: None,
            challenge: None,
            query: String::new(),
        };
        let app = store.find_app(&self.app.summary.client_id).await;
        let app = app.expect("it can be read").expect("it is there");
        let handle = self.world.secret().digest;
        let kept = store.keep_app_request(handle, request, app, now).await;
        assert!(kept.expect("it can be kept"));
        let allowed = store.allow_app(handle, SessionId(1), code, self.world.operator());
        allowed.await.expect("the app is there");
        let refresh = self.world.secret().digest;
        let redemption = CodeRedemption {
            code,
            app: self.app.summary.id,
            proofs: Proofs::default(),
            by_published: false,
            replay: CodeReplay::Tolerated,
            token: self.world.secret(),
            refresh,
            expires_at: None,
            limits: TokenLimits::default(),
        };
        let redeemed = store.redeem_code(redemption, self.world.operator()).await;
        match redeemed.expect("it can be exchanged") {
            Redeemed::Issued(made) => (*made, refresh),
            other => panic!("{other:?}"),
        }
    }

    /// Refreshes; gives what is kept of the next refresh token.
    async fn refresh(
        &self,
        store: &Store,
        refresh: SecretDigest,
        client: ClientStanding,
    ) -> Option<(FlowResult, SecretDigest)> {
        let next = self.world.secret().digest;
        let asked = TokenRefresh {
            refresh,
            app: self.app.summary.id,
            client,
            token: self.world.secret(),
            next,
        };
        let refreshed = store.refresh_token(asked, self.world.operator()).await;
        match refreshed.expect("the database answers") {
            Refreshed::Issued(made) => Some((*made, next)),
            Refreshed::Refused => None,
        }
    }

    /// The columns of an authorization that no refresh touches.
    fn lasting(&self, id: AuthorizationId) -> Vec<String> {
        let columns = [
            "account_id",
            "app_id",
            "grant_id",
            "provenance",
            "scopes",
            "consented_scopes",
            "created_at",
            "administrator_epoch",
        ];
        let column = |column: &str| {
            let text = format!("coalesce(CAST({column} AS TEXT), '-')");
            let sought = format!("SELECT {text} FROM authorizations WHERE id = {id}");
            self.world.look_up(&sought).remove(0)
        };
        columns.map(column).to_vec()
    }

    fn count(&self, what: &str) -> String {
        let count = format!("SELECT CAST(count(*) AS TEXT) FROM {what}");
        self.world.look_up(&count).remove(0)
    }
}

use ClientStanding::{Named, Proved};

async fn a_refresh_leaves_everything_but_the_tokens_and_the_times_as_it_was(world: World) {
    let scene = Scene::on(world).await;
    let (made, refresh) = scene.begin("repo gist").await;
    let id = made.authorization.id;
    // Given by an administrator, who is none any more by the time of the refresh.
    scene.world.run(&format!(
        "UPDATE authorizations SET administrator_epoch = 5 WHERE id = {id}"
    ));
    let before = scene.lasting(id);
    let store = &scene.world.store;
    scene.world.pass(Duration::from_hours(1));
    let refreshed = scene.refresh(store, refresh, Proved).await;
    let (refreshed, _) = refreshed.expect("it counts");
    assert_eq!(scene.lasting(id), before);
    let (old, new) = (&made.authorization, &refreshed.authorization);
    assert_eq!((new.id, new.created_at), (old.id, old.created_at));
    assert!(new.updated_at > old.updated_at && new.expires_at > old.expires_at);
    let now = scene.world.now();
    let found = store.find_token(old.token.digest, now).await;
    assert_eq!(found.expect("it can be read"), None);
    let found = store.find_token(new.token.digest, now).await;
    assert_eq!(found.expect("it can be read").as_ref(), Some(new));
    assert_eq!(scene.count("authorizations"), "1");
    assert_eq!(scene.world.tokens_whose_end_is_not_told_once(), ["0"]);
}

async fn a_program_without_a_secret_refreshes_what_a_device_flow_gave_it_and_nothing_else(
    world: World,
) {
    let scene = Scene::on(world).await;
    let store = &scene.world.store;
    let (of_web, refresh) = scene.begin("repo").await;
    assert!(scene.refresh(store, refresh, Named).await.is_none());
    let (next, _) = scene
        .refresh(store, refresh, Proved)
        .await
        .expect("it counts");
    assert!(scene.refresh(store, refresh, Named).await.is_none());
    // Who has no secret ends nothing where one is needed.
    let live = store.find_token(next.authorization.token.digest, scene.world.now());
    assert!(live.await.expect("it can be read").is_some());

    let (of_device, first) = scene.begin("gist").await;
    assert_ne!(of_device.authorization.id, of_web.authorization.id);
    scene.world.run(&format!(
        "UPDATE authorizations SET provenance = 'device_flow' WHERE id = {}",
        of_device.authorization.id
    ));
    let (_, second) = scene.refresh(store, first, Named).await.expect("it counts");
    let (third, _) = scene
        .refresh(store, second, Named)
        .await
        .expect("it counts");
    // A repetition without a secret is nobody's mistake.
    assert!(scene.refresh(store, second, Named).await.is_none());
    let ended = store.find_token(third.authorization.token.digest, scene.world.now());
    assert_eq!(ended.await.expect("it can be read"), None);
    let reason = "SELECT end_reason FROM authorizations WHERE ended_at IS NOT NULL";
    assert_eq!(scene.world.look_up(reason), ["refresh_repeated"]);
}

async fn of_two_processes_that_refresh_at_once_one_does(world: World) {
    let scene = Scene::on(world).await;
    let other = scene.world.another_process();
    let (_, mut refresh) = scene.begin("repo").await;
    for _ in 0..10 {
        let stores = [&scene.world.store, &other, &scene.world.store, &other];
        let asked = stores.map(|store| scene.refresh(store, refresh, Proved));
        let mut won: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
        assert_eq!(won.len(), 1);
        (_, refresh) = won.remove(0);
        assert_eq!(scene.count("refresh_tokens WHERE ended_at IS NULL"), "1");
        assert_eq!(scene.count("token_digests WHERE ended_at IS NULL"), "1");
    }
    assert_eq!(scene.world.deadlocks(), "0");
}

async fn a_refresh_token_ends_with_all_tokens_of_its_user_or_app(world: World) {
    let scene = Scene::on(world).await;
    let store = &scene.world.store;
    for whose in [
        Whose::Account(scene.mona.id),
        Whose::App(scene.app.summary.id),
    ] {
        let (_, refresh) = scene.begin("repo").await;
        let revoked = store.revoke_all(whose, scene.world.operator()).await;
        assert_eq!(revoked.expect("it can be done"), 1);
        assert!(scene.refresh(store, refresh, Proved).await.is_none());
    }
    let (_, refresh) = scene.begin("repo").await;
    let deleted = store.delete_account(scene.mona.id, scene.world.operator());
    deleted.await.expect("the user is there");
    assert!(scene.refresh(store, refresh, Proved).await.is_none());
}
